-- One row per LSOA that an authority calls by a name of its own.

with

delivered as (

    select * from {{ delivered('townships', 'area_names') }}

),

renamed as (

    select
        -- identity
        nullif(trim(lsoa_code), '') as lsoa_code,
        nullif(trim(area_name), '') as area_name,

        -- provenance
        _collection_year as collection_year,
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from delivered

)

select * from renamed
