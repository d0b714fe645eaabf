-- One row per LSOA of a delivered lookup, with its best-fit ward where the lookup gives one.

with

delivered as (

    select * from {{ readable('lookups', 'lsoa_wards') }}

),

renamed as (

    select
        -- identity
        {{ area_code('delivered.lsoa01_code') }} as lsoa01_code,
        {{ area_code('delivered.lsoa11_code') }} as lsoa11_code,
        {{ area_code('delivered.lsoa21_code') }} as lsoa21_code,
        nullif(trim(delivered.lsoa_name), '') as lsoa_name,

        -- where it lies
        {{ area_code('delivered.ward_code') }} as ward_code,
        nullif(trim(delivered.ward_name), '') as ward_name,
        {{ area_code('delivered.la_code') }} as delivered_la_code,
        nullif(trim(delivered.la_name), '') as la_name,

        -- provenance
        delivered._collection_year as collection_year,
        delivered._file_id as file_id,
        delivered._row as row_number,
        delivered._line as line_number,

        -- what did not convert
        {{ unread([
            area_code_read('lsoa01_code'),
            area_code_read('lsoa11_code'),
            area_code_read('lsoa21_code'),
            area_code_read('ward_code'),
            area_code_read('la_code'),
        ], rows='delivered') }} as unread_columns

    from delivered

)

select * from renamed
