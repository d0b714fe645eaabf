-- One row per area of a delivered file of boundaries whose outline can be read.

with

delivered as (

    select * from {{ readable('boundaries', 'areas') }}

),

renamed as (

    select
        -- identity
        {{ lsoa_code('delivered.lsoa_code') }} as lsoa_code,
        nullif(trim(delivered.lsoa_name), '') as lsoa_name,

        -- the outline
        delivered.geometry_type,
        delivered.coordinates,

        -- provenance
        delivered._collection_year as collection_year,
        delivered._file_id as file_id,
        delivered._row as row_number,
        delivered._line as line_number,

        -- what did not convert: a feature is read whole or set aside
        cast(null as string) as unread_columns

    from delivered

)

select * from renamed
