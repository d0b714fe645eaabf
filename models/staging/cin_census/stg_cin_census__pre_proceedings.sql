-- One row per set of pre-proceedings per census, as returned.

with

returned as (

    select * from {{ delivered('cin_census', 'pre_proceedings') }}

),

renamed as (

    select
        -- whose it is
        _la_code as la_code,
        _collection_year as collection_year,
        _child_key as child_key,
        child_row,
        referral_row,

        -- the proceedings
        {{ iso_date('pp_start_date') }} as start_date,
        {{ iso_date('lbp_sent_date') }} as letter_sent_date,
        {{ yes_no('fgdm_meeting_offer') }} as is_family_meeting_offered,
        {{ yes_no('fgdm_meeting_fac') }} as is_family_meeting_held,
        {{ iso_date('initial_pp_meeting_date') }} as first_meeting_date,
        try_cast(trim(review_meetings_count) as integer) as review_meetings,
        {{ iso_date('step_decision_date') }} as decision_date,
        nullif(upper(trim(pp_outcome)), '') as outcome_code,
        {{ iso_date('court_app_date') }} as court_application_date,
        {{ iso_date('letter_init_cp_date') }} as care_proceedings_letter_date,

        -- provenance
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from returned

)

select * from renamed
