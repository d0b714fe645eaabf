-- One row per ward of an authority at each 31 March of its returns, not yet fit to publish;
-- homes outside the area and unknown homes are two rows more.

with

wards_at_dates as (

    select * from {{ ref('wards_at_dates') }}

),

with_totals as (

    select
        *,
        sum(looked_after) over (partition by la_code, at_date) as all_looked_after,
        sum(first_episodes) over (partition by la_code, at_date) as all_first_episodes,
        sum(referrals) over (partition by la_code, at_date) as all_referrals
    from wards_at_dates

),

profiled as (

    select
        la_code,
        ward_code,
        ward_name,
        township_name,
        at_date,
        is_ward,
        children_0_17,
        population_year,
        lsoas,
        lsoas_top_10_percent,
        lsoas_top_20_percent,
        coalesce(
            published_percent,
            {{ percentage('children_in_poverty', 'children_of_child_poverty') }}
        ) as child_poverty_percent,
        child_poverty_year,
        looked_after,
        {{ percentage('looked_after', 'all_looked_after') }} as looked_after_share,
        {{ rate_per_10000('looked_after', 'children_0_17') }} as looked_after_rate,
        first_episodes,
        {{ percentage('first_episodes', 'all_first_episodes') }} as first_episode_share,
        children_in_need,
        {{ rate_per_10000('children_in_need', 'children_0_17') }} as children_in_need_rate,
        child_protection_plans,
        referrals,
        {{ percentage('referrals', 'all_referrals') }} as referral_share
    from with_totals

)

select * from profiled
