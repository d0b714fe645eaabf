-- One row per section 47 enquiry per census, as returned.

with

returned as (

    select * from {{ delivered('cin_census', 'section_47s') }}

),

renamed as (

    select
        -- whose it is
        _la_code as la_code,
        _collection_year as collection_year,
        _child_key as child_key,
        child_row,
        referral_row,

        -- the enquiry
        {{ iso_date('s47_actual_start_date') }} as enquiry_start_date,
        {{ iso_date('initial_cpc_target') }} as conference_target_date,
        {{ iso_date('date_of_initial_cpc') }} as conference_date,
        {{ yes_no('icpc_not_required') }} as is_conference_not_required,

        -- provenance
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from returned

)

select * from renamed
