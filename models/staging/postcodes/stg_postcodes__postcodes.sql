-- One row per postcode of a delivered directory, live or terminated.

with

delivered as (

    select * from {{ delivered('postcodes', 'postcodes') }}

),

renamed as (

    select
        -- identity
        {{ postcode_key('pcds') }} as postcode_key,

        -- where it lies
        nullif(trim(la_code), '') as delivered_la_code,
        nullif(trim(ward_code), '') as ward_code,
        nullif(trim(lsoa01_code), '') as lsoa01_code,
        nullif(trim(lsoa11_code), '') as lsoa11_code,
        nullif(trim(lsoa21_code), '') as lsoa21_code,

        -- its life
        nullif(trim(introduced_month), '') as introduced_month,
        nullif(trim(terminated_month), '') as terminated_month,
        nullif(trim(terminated_month), '') is not null as is_terminated,

        -- provenance
        _collection_year as collection_year,
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from delivered

)

select * from renamed
