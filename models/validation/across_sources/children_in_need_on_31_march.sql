-- One row per child of a CIN census that is in need on the 31 March that ends its year.

with

referrals as (

    select * from {{ ref('judged_referrals') }}

)

select distinct
    la_code,
    collection_year,
    child_key
from referrals
where
    child_key is not null
    and {{ is_in_need_on(
        'year_end_date', 'cin_referral_date_date', 'cin_closure_date_date', 'is_no_further_action'
    ) }}
