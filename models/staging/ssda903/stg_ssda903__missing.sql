-- One row per time a child was missing or away without authorisation per return, as returned.

with

returned as (

    select * from {{ delivered('ssda903', 'missing') }}

),

renamed as (

    select
        -- whose it is
        _la_code as la_code,
        _collection_year as collection_year,
        _child_key as child_key,
        nullif(trim(child), '') as la_child_id,

        -- the time missing
        {{ returned_date('dob') }} as birth_date,
        {{ returned_code('missing') }} as missing_code,
        {{ returned_date('mis_start') }} as start_date,
        {{ returned_date('mis_end') }} as end_date,

        -- provenance
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from returned

)

select * from renamed
