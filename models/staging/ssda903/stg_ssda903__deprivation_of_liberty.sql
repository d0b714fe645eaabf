-- One row per deprivation of liberty order of a child per return, as returned.

with

returned as (

    select * from {{ delivered('ssda903', 'deprivation_of_liberty') }}

),

renamed as (

    select
        -- whose it is
        _la_code as la_code,
        _collection_year as collection_year,
        _child_key as child_key,
        nullif(trim(child), '') as la_child_id,

        -- the order
        {{ returned_date('dob') }} as birth_date,
        {{ returned_date('dolo_start') }} as start_date,
        {{ returned_date('dolo_end') }} as end_date,

        -- provenance
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from returned

)

select * from renamed
