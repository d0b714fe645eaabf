-- One row per spell of a child at an address per delivery, as delivered.

with

delivered as (

    select * from {{ delivered('addresses', 'addresses') }}

),

renamed as (

    select
        -- whose it is
        _la_code as la_code,
        _collection_year as collection_year,
        _child_key as child_key,
        nullif(trim(la_child_id), '') as la_child_id,

        -- the spell
        {{ postcode_key('postcode') }} as postcode_key,
        {{ returned_date('from_date') }} as from_date,
        {{ returned_date('to_date') }} as to_date,
        nullif(trim(to_date), '') is not null as has_to_date,

        -- provenance
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from delivered

)

select * from renamed
