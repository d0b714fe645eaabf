-- One row per unaccompanied asylum-seeking child per return, as returned.

with

returned as (

    select * from {{ delivered('ssda903', 'uasc') }}

),

renamed as (

    select
        -- whose it is
        _la_code as la_code,
        _collection_year as collection_year,
        _child_key as child_key,
        nullif(trim(child), '') as la_child_id,

        -- the child
        {{ returned_code('sex') }} as sex_code,
        {{ returned_date('dob') }} as birth_date,
        {{ returned_date('duc') }} as status_ceased_date,

        -- provenance
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from returned

)

select * from renamed
