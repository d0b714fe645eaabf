-- One row per adopted child per return, as returned.

with

returned as (

    select * from {{ delivered('ssda903', 'ad1') }}

),

renamed as (

    select
        -- whose it is
        _la_code as la_code,
        _collection_year as collection_year,
        _child_key as child_key,
        nullif(trim(child), '') as la_child_id,

        -- the adoption
        {{ returned_date('dob') }} as birth_date,
        {{ returned_date('date_int') }} as decision_date,
        {{ returned_date('date_match') }} as matching_date,
        {{ returned_flag('foster_care') }} as is_by_foster_carer,

        -- the adopters
        try_cast(nullif(trim(nb_adoptr), '') as integer) as number_of_adopters,
        {{ returned_code('sex_adoptr') }} as adopters_sex_code,
        {{ returned_code('ls_adoptr') }} as adopters_legal_status_code,

        -- provenance
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from returned

)

select * from renamed
