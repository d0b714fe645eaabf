-- One row per child per return, as returned.

with

returned as (

    select * from {{ readable('ssda903', 'headers') }}

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
        {{ code_in_force('ethnic_origins') }} as ethnic_code,
        {{ returned_code('returned.upn') }} as upn,

        -- parenthood
        {{ returned_flag('returned.mother') }} as is_mother,
        {{ returned_date('returned.mc_dob') }} as own_child_birth_date,

        -- provenance
        returned._file_id as file_id,
        returned._row as row_number,
        returned._line as line_number,
        {{ unread([
            returned_date_read('dob'),
            returned_date_read('mc_dob'),
            returned_flag_read('mother'),
            {'column': 'sex', 'codes': 'sexes'},
            {'column': 'ethnic', 'codes': 'ethnic_origins'},
        ]) }} as unread_columns

    from returned
    {{ join_ssda903_codes('sexes', 'SEX', 'sex') }}
    {{ join_ssda903_codes('ethnic_origins', 'ETHNIC', 'ethnic') }}

)

select * from renamed
