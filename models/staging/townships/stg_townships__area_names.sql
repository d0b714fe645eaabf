-- One row per LSOA that an authority calls by a name of its own.

with

delivered as (

    select * from {{ readable('townships', 'area_names') }}

),

renamed as (

    select
        -- identity
        {{ area_code('delivered.lsoa_code') }} as lsoa_code,
        nullif(trim(delivered.area_name), '') as area_name,

        -- provenance
        delivered._collection_year as collection_year,
        delivered._file_id as file_id,
        delivered._row as row_number,
        delivered._line as line_number,

        -- what did not convert
        {{ unread([
            area_code_read('lsoa_code'),
        ], rows='delivered') }} as unread_columns

    from delivered

)

select * from renamed
