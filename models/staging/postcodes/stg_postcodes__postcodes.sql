-- One row per postcode of a delivered directory, live or terminated.

with

delivered as (

    select * from {{ readable('postcodes', 'postcodes') }}

),

renamed as (

    select
        -- identity
        {{ readable_postcode_key('delivered.pcds') }} as postcode_key,

        -- where it lies
        {{ area_code('delivered.la_code') }} as delivered_la_code,
        {{ area_code('delivered.ward_code') }} as ward_code,
        {{ area_code('delivered.lsoa01_code') }} as lsoa01_code,
        {{ area_code('delivered.lsoa11_code') }} as lsoa11_code,
        {{ area_code('delivered.lsoa21_code') }} as lsoa21_code,
        {{ returned_integer('delivered.easting') }} as easting,
        {{ returned_integer('delivered.northing') }} as northing,

        -- its life; a month that cannot be read is still a month of termination
        {{ directory_month('delivered.introduced_month') }} as introduced_month,
        {{ directory_month('delivered.terminated_month') }} as terminated_month,
        not {{ is_blank('delivered.terminated_month') }} as is_terminated,

        -- provenance
        delivered._collection_year as collection_year,
        delivered._file_id as file_id,
        delivered._row as row_number,
        delivered._line as line_number,

        -- what did not convert
        {{ unread([
            {
                'column': 'pcds',
                'read': readable_postcode_key('delivered.pcds'),
                'reason': 'postcode_unreadable',
            },
            area_code_read('la_code'),
            area_code_read('ward_code'),
            area_code_read('lsoa01_code'),
            area_code_read('lsoa11_code'),
            area_code_read('lsoa21_code'),
            {
                'column': 'easting',
                'read': returned_integer('delivered.easting'),
                'reason': 'number_unreadable',
            },
            {
                'column': 'northing',
                'read': returned_integer('delivered.northing'),
                'reason': 'number_unreadable',
            },
            directory_month_read('introduced_month'),
            directory_month_read('terminated_month'),
        ], rows='delivered') }} as unread_columns

    from delivered

)

select * from renamed
