-- One row per review of a child per return, as returned.

with

returned as (

    select * from {{ readable('ssda903', 'reviews') }}

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

        -- the review
        {{ returned_date('returned.dob') }} as birth_date,
        {{ returned_date('returned.review') }} as review_date,
        {{ code_in_force('participations') }} as participation_code,

        -- provenance
        returned._file_id as file_id,
        returned._row as row_number,
        returned._line as line_number,
        {{ unread([
            returned_date_read('dob'),
            {'column': 'review_code', 'codes': 'participations'},
        ]) }} as unread_columns

    from returned
    {{ join_ssda903_codes('participations', 'REVIEW_CODE', 'review_code') }}

)

select * from renamed
