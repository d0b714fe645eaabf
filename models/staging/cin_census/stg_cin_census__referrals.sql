-- One row per referral of a child per census, as returned.

with

returned as (

    select * from {{ delivered('cin_census', 'referrals') }}

),

renamed as (

    select
        -- whose it is
        _la_code as la_code,
        _collection_year as collection_year,
        _child_key as child_key,
        child_row,

        -- the referral
        {{ iso_date('cin_referral_date') }} as referral_date,
        nullif(upper(trim(referral_source)), '') as referral_source_code,
        nullif(upper(trim(primary_need_code)), '') as primary_need_code,
        {{ yes_no('referral_nfa') }} as is_no_further_action,
        {{ iso_date('date_of_initial_cpc') }} as transfer_in_conference_date,

        -- its end
        {{ iso_date('cin_closure_date') }} as closure_date,
        nullif(upper(trim(reason_for_closure)), '') as closure_reason_code,

        -- provenance
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from returned

)

select * from renamed
