-- One row per authority of a region and count of it that goes into a total of the region: measure,
-- 31 March, dimension and category. Where fewer authorities count something than the policy asks
-- for, the region has no total of it, and nobody is here.

with

counts as (

    select
        *,
        case mart
            when 'children_rates' then replace(statistic, 'plans', 'plan')
            when 'returns_to_care' then 'started'
            else 'first_episodes'
        end as counted_measure
    from {{ ref('disclosure_counts') }}
    where
        role = 'shown'
        and (
            mart = 'children_rates'
            or (mart = 'returns_to_care' and column_name = 'started_children')
            or (
                mart = 'first_episode_profile'
                and (
                    dimension in ('all', 'sex', 'ethnic_group', 'category_of_need', 'entry_year')
                    or (dimension = 'age_band' and parent = 'dfe')
                )
            )
        )

),

authorities as (

    select * from {{ ref('local_authorities') }}
    where is_main_code and region_code is not null

),

-- of children who started in a year, too, per 10,000 of those whom the rates are of
rates as (

    select * from {{ ref('children_rates_counted') }}

),

members as (

    select
        authorities.region_code,
        authorities.region_name,
        counts.counted_measure as measure,
        counts.at_date,
        coalesce(counts.dimension, 'all') as dimension,
        counts.category as category_code,
        counts.category_name,
        counts.la_code,
        authorities.la_name,
        authorities.ons_code,
        counts.count_id,
        counts.counted as children,
        rates.population_0_17
    from counts
    inner join authorities on counts.la_code = authorities.la_code
    left join rates
        on
            counts.la_code = rates.la_code
            and counts.at_date = rates.at_date
            and case counts.counted_measure
                when 'started' then 'looked_after' else counts.counted_measure
            end = rates.measure

),

with_totals as (

    select
        *,
        concat_ws(
            '|',
            'region_profile',
            'children',
            {{ row_key(['region_code', 'measure', 'at_date', 'dimension', 'category_code']) }}
        ) as region_count_id
    from members

)

select *
from with_totals
qualify
    count(*) over (partition by region_count_id) >= {{ var('region_fewest_authorities') }}
