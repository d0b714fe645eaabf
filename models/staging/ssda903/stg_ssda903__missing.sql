-- One row per time a child was missing or away without authorisation per return, as returned.

with

returned as (

    select * from {{ readable('ssda903', 'missing') }}

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

        -- the time missing
        {{ returned_date('returned.dob') }} as birth_date,
        {{ code_in_force('missing_kinds') }} as missing_code,
        {{ returned_date('returned.mis_start') }} as start_date,
        {{ returned_date('returned.mis_end') }} as end_date,

        -- provenance
        returned._file_id as file_id,
        returned._row as row_number,
        returned._line as line_number,
        {{ unread([
            returned_date_read('dob'),
            returned_date_read('mis_end'),
            {'column': 'missing', 'codes': 'missing_kinds'},
        ]) }} as unread_columns

    from returned
    {{ join_ssda903_codes('missing_kinds', 'MISSING', 'missing') }}

)

select * from renamed
