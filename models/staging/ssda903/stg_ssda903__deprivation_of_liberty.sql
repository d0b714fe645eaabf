-- One row per deprivation of liberty order of a child per return, as returned.

with

returned as (

    select * from {{ readable('ssda903', 'deprivation_of_liberty') }}

),

renamed as (

    select
        -- whose it is
        returned._la_code as la_code,
        returned._collection_year as collection_year,
        returned._child_key as child_key,
        nullif(trim(returned.child), '') as la_child_id,

        -- the order
        {{ returned_date('returned.dob') }} as birth_date,
        {{ returned_date('returned.dolo_start') }} as start_date,
        {{ returned_date('returned.dolo_end') }} as end_date,

        -- provenance
        returned._file_id as file_id,
        returned._row as row_number,
        returned._line as line_number,
        {{ unread([
            returned_date_read('dob'),
            returned_date_read('dolo_end'),
        ]) }} as unread_columns

    from returned

)

select * from renamed
