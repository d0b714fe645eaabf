-- One row per time a child was placed for adoption per return, as returned.

with

returned as (

    select * from {{ delivered('ssda903', 'placed_for_adoption') }}

),

renamed as (

    select
        -- whose it is
        _la_code as la_code,
        _collection_year as collection_year,
        _child_key as child_key,
        nullif(trim(child), '') as la_child_id,

        -- the placing
        {{ returned_date('dob') }} as birth_date,
        {{ returned_date('date_placed') }} as placed_date,
        {{ returned_date('date_placed_ceased') }} as ceased_date,
        {{ returned_code('reason_placed_ceased') }} as ceased_reason_code,

        -- provenance
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from returned

)

select * from renamed
