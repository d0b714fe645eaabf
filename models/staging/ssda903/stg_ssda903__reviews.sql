-- One row per review of a child per return, as returned.

with

returned as (

    select * from {{ delivered('ssda903', 'reviews') }}

),

renamed as (

    select
        -- whose it is
        _la_code as la_code,
        _collection_year as collection_year,
        _child_key as child_key,
        nullif(trim(child), '') as la_child_id,

        -- the review
        {{ returned_date('dob') }} as birth_date,
        {{ returned_date('review') }} as review_date,
        {{ returned_code('review_code') }} as participation_code,

        -- provenance
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from returned

)

select * from renamed
