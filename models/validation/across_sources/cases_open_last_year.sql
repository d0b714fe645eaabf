-- One row per case of need that was open at the end of a collection year, in the year after: what
-- a census is asked to tell of again.

with

referrals as (

    select * from {{ ref('judged_referrals') }}

)

select
    la_code,
    collection_year + 1 as collection_year,
    child_key,
    cin_referral_date_date,
    file_id as file_id_last_year,
    row_number as row_number_last_year
from referrals
where
    child_key is not null
    and {{ is_in_need_on(
        'year_end_date', 'cin_referral_date_date', 'cin_closure_date_date', 'is_no_further_action'
    ) }}
