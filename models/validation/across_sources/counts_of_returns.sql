-- One row per return that stands and count that is held against that of the year before:
-- children in need on 31 March, referrals in the year, children looked after on 31 March.

with

in_need as (

    select
        la_code,
        collection_year,
        count(*) as in_need
    from {{ ref('children_in_need_on_31_march') }}
    group by
        la_code,
        collection_year

),

referrals as (

    select
        judged_rows.la_code,
        judged_rows.collection_year,
        sum(
            case
                when {{ is_in_year('judged_rows.cin_referral_date_date', 'judged_rows') }} then 1
                else 0
            end
        ) as referrals
    from {{ ref('judged_referrals') }} as judged_rows
    group by
        judged_rows.la_code,
        judged_rows.collection_year

),

looked_after as (

    select
        la_code,
        collection_year,
        count(distinct child_key) as looked_after
    from {{ ref('judged_episodes') }}
    where {{ is_open_on('decom_date', 'dec_date', 'cast(null as string)', 'year_end_date') }}
    group by
        la_code,
        collection_year

),

returns as (

    select distinct
        source,
        la_code,
        collection_year
    from {{ source('landing', 'extract_files') }}
    where
        outcome = 'landed'
        and source in ('ssda903', 'cin_census')

)

select
    returns.source,
    'in_need' as counted,
    returns.la_code,
    returns.collection_year,
    coalesce(in_need.in_need, 0) as number_counted
from returns
left join in_need
    on
        returns.la_code = in_need.la_code
        and returns.collection_year = in_need.collection_year
where returns.source = 'cin_census'

union all

select
    returns.source,
    'referrals' as counted,
    returns.la_code,
    returns.collection_year,
    coalesce(referrals.referrals, 0) as number_counted
from returns
left join referrals
    on
        returns.la_code = referrals.la_code
        and returns.collection_year = referrals.collection_year
where returns.source = 'cin_census'

union all

select
    returns.source,
    'looked_after' as counted,
    returns.la_code,
    returns.collection_year,
    coalesce(looked_after.looked_after, 0) as number_counted
from returns
left join looked_after
    on
        returns.la_code = looked_after.la_code
        and returns.collection_year = looked_after.collection_year
where returns.source = 'ssda903'
