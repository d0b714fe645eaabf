-- One row per delivered referral of a CIN census that stands, as rules judge it.

with

referrals as (

    {{ rows_to_judge(
        'cin_census', 'referrals', ['cin_referral_date', 'cin_closure_date', 'date_of_initial_cpc']
    ) }}

)

select
    *,
    {{ yes_no('referral_nfa') }} as is_no_further_action
from referrals
