-- One row per township of an authority at each 31 March of its returns, not yet fit to
-- publish; homes outside the area and unknown homes are two rows more.

with

wards_at_dates as (

    select * from {{ ref('wards_at_dates') }}

),

added as (

    select
        la_code,
        township_name,
        at_date,
        max(case when is_ward then 1 else 0 end) = 1 as is_township,
        case
            when max(case when is_population_short then 1 else 0 end) = 0
                then cast(sum(children_0_17) as integer)
        end as children_0_17,
        max(population_year) as population_year,
        cast(sum(lsoas) as integer) as lsoas,
        cast(sum(lsoas_top_10_percent) as integer) as lsoas_top_10_percent,
        cast(sum(lsoas_top_20_percent) as integer) as lsoas_top_20_percent,
        sum(children_in_poverty) as children_in_poverty,
        sum(children_of_child_poverty) as children_of_child_poverty,
        max(child_poverty_year) as child_poverty_year,
        cast(sum(looked_after) as integer) as looked_after,
        cast(sum(first_episodes) as integer) as first_episodes,
        cast(sum(children_in_need) as integer) as children_in_need,
        cast(sum(child_protection_plans) as integer) as child_protection_plans
    from wards_at_dates
    group by la_code, township_name, at_date

),

with_totals as (

    select
        *,
        sum(looked_after) over (partition by la_code, at_date) as all_looked_after,
        sum(first_episodes) over (partition by la_code, at_date) as all_first_episodes
    from added

),

profiled as (

    select
        la_code,
        township_name,
        at_date,
        is_township,
        children_0_17,
        population_year,
        lsoas,
        lsoas_top_10_percent,
        lsoas_top_20_percent,
        {{ percentage('children_in_poverty', 'children_of_child_poverty') }}
            as child_poverty_percent,
        child_poverty_year,
        looked_after,
        {{ percentage('looked_after', 'all_looked_after') }} as looked_after_share,
        {{ rate_per_10000('looked_after', 'children_0_17') }} as looked_after_rate,
        first_episodes,
        {{ percentage('first_episodes', 'all_first_episodes') }} as first_episode_share,
        children_in_need,
        {{ rate_per_10000('children_in_need', 'children_0_17') }} as children_in_need_rate,
        child_protection_plans
    from with_totals

)

select * from profiled
