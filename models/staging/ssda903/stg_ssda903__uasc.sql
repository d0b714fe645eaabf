-- One row per unaccompanied asylum-seeking child per return, as returned.

with

returned as (

    select * from {{ readable('ssda903', 'uasc') }}

),

ssda903_codes as (

    select * from {{ ref('ssda903_codes') }}

),

renamed as (

    select
        -- whose it is
        returned._la_code as la_code,
        returned._collection_year as collection_year,
        returned._child_key as child_key,
        nullif(trim(returned.child), '') as la_child_id,

        -- the child
        {{ code_in_force('sexes') }} as sex_code,
        {{ returned_date('returned.dob') }} as birth_date,
        {{ returned_date('returned.duc') }} as status_ceased_date,

        -- provenance
        returned._file_id as file_id,
        returned._row as row_number,
        returned._line as line_number,
        {{ unread([
            returned_date_read('dob'),
            returned_date_read('duc'),
            {'column': 'sex', 'codes': 'sexes'},
        ]) }} as unread_columns

    from returned
    {{ join_ssda903_codes('sexes', 'SEX', 'sex') }}

)

select * from renamed
