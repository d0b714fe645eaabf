-- One row per LSOA of a delivered lookup, with its best-fit ward where the lookup gives one.

with

delivered as (

    select * from {{ delivered('lookups', 'lsoa_wards') }}

),

renamed as (

    select
        -- identity
        nullif(trim(lsoa01_code), '') as lsoa01_code,
        nullif(trim(lsoa11_code), '') as lsoa11_code,
        nullif(trim(lsoa21_code), '') as lsoa21_code,
        nullif(trim(lsoa_name), '') as lsoa_name,

        -- where it lies
        nullif(trim(ward_code), '') as ward_code,
        nullif(trim(ward_name), '') as ward_name,
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
