-- One row per child with an earlier permanence arrangement per return, as returned.

with

returned as (

    select * from {{ delivered('ssda903', 'previous_permanence') }}

),

renamed as (

    select
        -- whose it is
        _la_code as la_code,
        _collection_year as collection_year,
        _child_key as child_key,
        nullif(trim(child), '') as la_child_id,

        -- the arrangement
        {{ returned_date('dob') }} as birth_date,
        {{ returned_code('prev_perm') }} as previous_permanence_code,
        {{ returned_code('la_perm') }} as previous_la_code,
        {{ returned_date('date_perm') }} as order_date,
        {{ returned_code('date_perm') }} as order_date_text,

        -- provenance
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from returned

)

select * from renamed
