-- One row per time a child was allocated to a social worker per return, as returned.

with

returned as (

    select * from {{ delivered('ssda903', 'social_worker_episodes') }}

),

renamed as (

    select
        -- whose it is
        _la_code as la_code,
        _collection_year as collection_year,
        _child_key as child_key,
        nullif(trim(child), '') as la_child_id,

        -- the allocation
        {{ returned_date('dob') }} as birth_date,
        {{ returned_code('sw_id') }} as social_worker_id,
        {{ returned_date('sw_decom') }} as start_date,
        {{ returned_date('sw_dec') }} as end_date,
        {{ returned_code('sw_reason') }} as change_reason_code,

        -- provenance
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from returned

)

select * from renamed
