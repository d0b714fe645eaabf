-- One row per time a child was allocated to a social worker per return, as returned.

with

returned as (

    select * from {{ readable('ssda903', 'social_worker_episodes') }}

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

        -- the allocation
        {{ returned_date('returned.dob') }} as birth_date,
        {{ returned_code('returned.sw_id') }} as social_worker_id,
        {{ returned_date('returned.sw_decom') }} as start_date,
        {{ returned_date('returned.sw_dec') }} as end_date,
        {{ code_in_force('change_reasons') }} as change_reason_code,

        -- provenance
        returned._file_id as file_id,
        returned._row as row_number,
        returned._line as line_number,
        {{ unread([
            returned_date_read('dob'),
            returned_date_read('sw_dec'),
            {'column': 'sw_reason', 'codes': 'change_reasons'},
        ]) }} as unread_columns

    from returned
    {{ join_ssda903_codes('change_reasons', 'SW_REASON', 'sw_reason') }}

)

select * from renamed
