-- One row per set of pre-proceedings per census, as returned.

with

returned as (

    select * from {{ readable('cin_census', 'pre_proceedings') }}

),

renamed as (

    select
        -- whose it is
        returned._la_code as la_code,
        returned._collection_year as collection_year,
        returned._child_key as child_key,
        returned.child_row,
        returned.referral_row,

        -- the proceedings
        {{ iso_date('returned.pp_start_date') }} as start_date,
        {{ iso_date('returned.lbp_sent_date') }} as letter_sent_date,
        {{ yes_no('returned.fgdm_meeting_offer') }} as is_family_meeting_offered,
        {{ yes_no('returned.fgdm_meeting_fac') }} as is_family_meeting_held,
        {{ iso_date('returned.initial_pp_meeting_date') }} as first_meeting_date,
        {{ returned_integer('returned.review_meetings_count') }} as review_meetings,
        {{ iso_date('returned.step_decision_date') }} as decision_date,
        nullif(upper(trim(returned.pp_outcome)), '') as outcome_code,
        {{ iso_date('returned.court_app_date') }} as court_application_date,
        {{ iso_date('returned.letter_init_cp_date') }} as care_proceedings_letter_date,

        -- provenance
        returned._file_id as file_id,
        returned._row as row_number,
        returned._line as line_number,

        -- what did not convert
        {{ unread([
            census_date_read('pp_start_date'),
            census_date_read('lbp_sent_date'),
            census_date_read('initial_pp_meeting_date'),
            census_date_read('step_decision_date'),
            census_date_read('court_app_date'),
            census_date_read('letter_init_cp_date'),
            yes_no_read('fgdm_meeting_offer'),
            yes_no_read('fgdm_meeting_fac'),
            census_number_read('review_meetings_count'),
        ]) }} as unread_columns

    from returned

)

select * from renamed
