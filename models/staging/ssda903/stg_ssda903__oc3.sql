-- One row per care leaver per return, as returned.

with

returned as (

    select * from {{ readable('ssda903', 'oc3') }}

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

        -- the care leaver
        {{ returned_date('returned.dob') }} as birth_date,
        {{ code_in_force('contacts') }} as in_touch_code,
        {{ code_in_force('activities') }} as activity_code,
        {{ code_in_force('accommodations') }} as accommodation_code,

        -- provenance
        returned._file_id as file_id,
        returned._row as row_number,
        returned._line as line_number,
        {{ unread([
            returned_date_read('dob'),
            {'column': 'in_touch', 'codes': 'contacts'},
            {'column': 'activ', 'codes': 'activities'},
            {'column': 'accom', 'codes': 'accommodations'},
        ]) }} as unread_columns

    from returned
    {{ join_ssda903_codes('contacts', 'IN_TOUCH', 'in_touch') }}
    {{ join_ssda903_codes('activities', 'ACTIV', 'activ') }}
    {{ join_ssda903_codes('accommodations', 'ACCOM', 'accom') }}

)

select * from renamed
