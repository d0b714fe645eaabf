-- One row per referral of a child per census whose child and date can be read, as returned.

with

returned as (

    select * from {{ readable('cin_census', 'referrals') }}

),

census_codes as (

    select * from {{ ref('cin_census_codes') }}

),

renamed as (

    select
        -- whose it is
        returned._la_code as la_code,
        returned._collection_year as collection_year,
        returned._child_key as child_key,
        returned.child_row,

        -- the referral
        {{ iso_date('returned.cin_referral_date') }} as referral_date,
        {{ code_in_force('referral_sources') }} as referral_source_code,
        {{ code_in_force('primary_needs') }} as primary_need_code,
        {{ yes_no('returned.referral_nfa') }} as is_no_further_action,
        {{ iso_date('returned.date_of_initial_cpc') }} as transfer_in_conference_date,

        -- its end
        {{ iso_date('returned.cin_closure_date') }} as closure_date,
        {{ code_in_force('closure_reasons') }} as closure_reason_code,

        -- by what a child's referrals of one day are told apart: as delivered, for a code that
        -- nobody knows is still the same code when a later census repeats it
        {{ returned_code('returned.referral_source') }} as returned_referral_source,
        {{ returned_code('returned.primary_need_code') }} as returned_primary_need,

        -- provenance
        returned._file_id as file_id,
        returned._row as row_number,
        returned._line as line_number,

        -- what did not convert
        {{ unread([
            census_date_read('date_of_initial_cpc'),
            census_date_read('cin_closure_date'),
            {'column': 'referral_source', 'codes': 'referral_sources'},
            {'column': 'primary_need_code', 'codes': 'primary_needs'},
            yes_no_read('referral_nfa'),
            {'column': 'reason_for_closure', 'codes': 'closure_reasons'},
        ]) }} as unread_columns

    from returned
    {{ join_census_codes('referral_sources', 'referral_source', 'referral_source') }}
    {{ join_census_codes('primary_needs', 'primary_need', 'primary_need_code') }}
    {{ join_census_codes('closure_reasons', 'closure_reason', 'reason_for_closure') }}

)

select * from renamed
