-- One row per spell of a child at an address per delivery whose child, postcode and first day
-- can be read, as delivered.

with

delivered as (

    select * from {{ readable('addresses', 'addresses') }}

),

renamed as (

    select
        -- whose it is
        delivered._la_code as la_code,
        delivered._collection_year as collection_year,
        delivered._child_key as child_key,
        nullif(trim(delivered.la_child_id), '') as la_child_id,

        -- the spell
        {{ readable_postcode_key('delivered.postcode') }} as postcode_key,
        {{ returned_date('delivered.from_date') }} as from_date,
        {{ returned_date('delivered.to_date') }} as to_date,
        nullif(trim(delivered.to_date), '') is not null as has_to_date,

        -- provenance
        delivered._file_id as file_id,
        delivered._row as row_number,
        delivered._line as line_number,

        -- what did not convert
        {{ unread([
            delivered_date_read('to_date'),
        ], rows='delivered') }} as unread_columns

    from delivered

)

select * from renamed
