-- One row per pair of LSOAs of a delivered change lookup, an earlier and a later vintage.

with

delivered as (

    select * from {{ readable('lookups', 'lsoa_changes') }}

),

change_codes as (

    select * from {{ ref('lsoa_change_codes') }}

),

renamed as (

    select
        -- identity
        {{ area_code('delivered.lsoa01_code') }} as lsoa01_code,
        {{ area_code('delivered.lsoa11_code') }} as lsoa11_code,
        {{ area_code('delivered.lsoa21_code') }} as lsoa21_code,

        -- the change
        {{ code_in_force('change_codes', 'change_code', rows='delivered') }} as change_code,
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
            {'column': 'change_code', 'codes': 'change_codes', 'code': 'change_code'},
            area_code_read('la_code'),
        ], rows='delivered') }} as unread_columns

    from delivered
    left join change_codes
        on {{ returned_code('delivered.change_code') }} = change_codes.change_code

)

select * from renamed
