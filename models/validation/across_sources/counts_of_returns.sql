-- One row per return that stands and count that is held against that of the year before:
-- children in need on 31 March, referrals in the year, children looked after on 31 March.

with

referrals as (

    select
        *,
        {{ is_in_need_on(
            'year_end_date',
            'cin_referral_date_date',
            'cin_closure_date_date',
            'is_no_further_action'
        ) }} as is_in_need
    from {{ ref('judged_referrals') }}

),

episodes as (

    select
        *,
        {{ is_open_on('decom_date', 'dec_date', 'cast(null as string)', 'year_end_date') }}
            as is_looked_after
    from {{ ref('judged_episodes') }}

)

select
    'cin_census' as source,
    'in_need' as counted,
    la_code,
    collection_year,
    count(distinct case when is_in_need then child_key end) as number_counted
from referrals
group by
    la_code,
    collection_year

union all

select
    'cin_census' as source,
    'referrals' as counted,
    la_code,
    collection_year,
    sum(case when {{ is_in_year('cin_referral_date_date', 'referrals') }} then 1 else 0 end)
        as number_counted
from referrals
group by
    la_code,
    collection_year

union all

select
    'ssda903' as source,
    'looked_after' as counted,
    la_code,
    collection_year,
    count(distinct case when is_looked_after then child_key end) as number_counted
from episodes
group by
    la_code,
    collection_year
