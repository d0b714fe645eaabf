-- One row per child with an earlier permanence arrangement per return, as returned.

with

returned as (

    select * from {{ readable('ssda903', 'previous_permanence') }}

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

        -- the arrangement
        {{ returned_date('returned.dob') }} as birth_date,
        {{ code_in_force('arrangements') }} as previous_permanence_code,
        {{ permanence_la_code('returned.la_perm') }} as previous_la_code,
        {{ returned_date('returned.date_perm') }} as order_date,
        {{ date_or_its_parts('returned.date_perm') }} as order_date_text,

        -- provenance
        returned._file_id as file_id,
        returned._row as row_number,
        returned._line as line_number,
        {{ unread([
            returned_date_read('dob'),
            {'column': 'prev_perm', 'codes': 'arrangements'},
            {
                'column': 'la_perm',
                'read': permanence_la_code('returned.la_perm'),
                'reason': 'code_unknown',
            },
            {
                'column': 'date_perm',
                'read': date_or_its_parts('returned.date_perm'),
                'reason': 'date_unreadable',
            },
        ]) }} as unread_columns

    from returned
    {{ join_ssda903_codes('arrangements', 'PREV_PERM', 'prev_perm') }}

)

select * from renamed
