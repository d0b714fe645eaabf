-- One row per pair of LSOAs of a delivered change lookup, an earlier and a later vintage.

with

delivered as (

    select * from {{ delivered('lookups', 'lsoa_changes') }}

),

renamed as (

    select
        -- identity
        nullif(trim(lsoa01_code), '') as lsoa01_code,
        nullif(trim(lsoa11_code), '') as lsoa11_code,
        nullif(trim(lsoa21_code), '') as lsoa21_code,

        -- the change
        upper(nullif(trim(change_code), '')) as change_code,
        nullif(trim(la_code), '') as delivered_la_code,
        nullif(trim(la_name), '') as la_name,

        -- provenance
        _collection_year as collection_year,
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from delivered

)

select * from renamed
