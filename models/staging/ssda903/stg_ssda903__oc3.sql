-- One row per care leaver per return, as returned.

with

returned as (

    select * from {{ delivered('ssda903', 'oc3') }}

),

renamed as (

    select
        -- whose it is
        _la_code as la_code,
        _collection_year as collection_year,
        _child_key as child_key,
        nullif(trim(child), '') as la_child_id,

        -- the care leaver
        {{ returned_date('dob') }} as birth_date,
        {{ returned_code('in_touch') }} as in_touch_code,
        {{ returned_code('activ') }} as activity_code,
        {{ returned_code('accom') }} as accommodation_code,

        -- provenance
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from returned

)

select * from renamed
