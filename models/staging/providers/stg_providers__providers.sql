-- One row per registered provider and place of its, as delivered.

with

delivered as (

    select * from {{ readable('providers', 'providers') }}

),

renamed as (

    select
        -- identity
        {{ returned_code('delivered.urn') }} as urn,

        -- what it is registered for, by commas without spaces
        {{ returned_code("replace(delivered.place_codes, ' ', '')") }} as placement_codes,
        {{ returned_code("replace(delivered.provider_codes, ' ', '')") }} as provider_codes,
        {{ returned_date('delivered.registration_end_date') }} as registration_end_date,

        -- where it lies
        {{ readable_postcode_key('delivered.postcode') }} as postcode_key,
        {{ dfe_la_code('delivered.la_code') }} as la_code,

        -- provenance
        delivered._collection_year as collection_year,
        delivered._file_id as file_id,
        delivered._row as row_number,
        delivered._line as line_number,

        -- what did not convert
        {{ unread([
            delivered_date_read('registration_end_date'),
            {
                'column': 'postcode',
                'read': readable_postcode_key('delivered.postcode'),
                'reason': 'postcode_unreadable',
            },
            {
                'column': 'la_code',
                'read': dfe_la_code('delivered.la_code'),
                'reason': 'code_unknown',
            },
        ], rows='delivered') }} as unread_columns

    from delivered

)

select * from renamed
