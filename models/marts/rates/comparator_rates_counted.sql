-- One row per authority per measure per 31 March per area that it can be compared with, as
-- publishers print the area's figures, and per the authority itself, without any figure: its own
-- are in children_rates, and the department's of it are nowhere. A day is here when our count of
-- it can be set beside a published table of the same day.

with

our_rates as (

    select * from {{ ref('children_rates_counted') }}

),

comparators as (

    select * from {{ ref('fct_comparators') }}

),

neighbours as (

    select * from {{ ref('fct_statistical_neighbours') }}

),

populations as (

    select * from {{ ref('fct_populations') }}
    where area_level = 'la'

),

authorities as (

    select * from {{ ref('local_authorities') }}
    where is_main_code

),

days_published as (

    select
        measure,
        at_date,
        max(case when area_level = 'england' then rate_per_10000 end) as england_rate
    from comparators
    group by measure, at_date

),

days as (

    select
        our_rates.la_code,
        our_rates.la_name,
        our_rates.at_date,
        our_rates.measure,
        our_rates.population_0_17,
        coalesce(authorities.ons_code, our_rates.la_code) as area_code,
        authorities.region_code,
        days_published.england_rate
    from our_rates
    inner join days_published
        on
            our_rates.measure = days_published.measure
            and our_rates.at_date = days_published.at_date
    left join authorities on our_rates.la_code = authorities.la_code

),

-- England, the region and every other authority of the published tables
published_areas as (

    select
        days.la_code,
        days.la_name,
        days.at_date,
        days.measure,
        days.england_rate,
        comparators.area_level,
        comparators.area_code,
        comparators.area_name,
        comparators.la_code as compared_la_code,
        comparators.children,
        comparators.rate_per_10000,
        comparators.is_rate_derived,
        comparators.children_0_17
    from days
    inner join comparators
        on
            days.measure = comparators.measure
            and days.at_date = comparators.at_date
    where
        comparators.area_level = 'england'
        or (comparators.area_level = 'region' and comparators.area_code = days.region_code)
        or (comparators.area_level = 'la' and comparators.la_code <> days.la_code)

),

-- a neighbour of which the tables say nothing is missed, not forgotten
silent_neighbours as (

    select
        days.la_code,
        days.la_name,
        days.at_date,
        days.measure,
        days.england_rate,
        'la' as area_level,
        authorities.ons_code as area_code,
        authorities.la_name as area_name,
        neighbours.neighbour_la_code as compared_la_code,
        cast(null as integer) as children,
        cast(null as double) as rate_per_10000,
        false as is_rate_derived,
        cast(null as integer) as children_0_17
    from days
    inner join neighbours on days.la_code = neighbours.la_code
    inner join authorities on neighbours.neighbour_la_code = authorities.la_code
    left join published_areas
        on
            days.la_code = published_areas.la_code
            and days.at_date = published_areas.at_date
            and days.measure = published_areas.measure
            and neighbours.neighbour_la_code = published_areas.compared_la_code
    where published_areas.la_code is null

),

areas as (

    select * from published_areas

    union all

    select * from silent_neighbours

),

-- The population that the publisher divided by, else the estimate of the June before the day,
-- else what children and rate come to.
peopled as (

    select
        areas.la_code,
        areas.la_name,
        areas.at_date,
        areas.measure,
        areas.area_level,
        areas.area_code,
        areas.area_name,
        areas.compared_la_code,
        neighbours.neighbour_rank,
        neighbours.closeness_name,
        areas.children,
        areas.rate_per_10000,
        areas.is_rate_derived,
        coalesce(
            areas.children_0_17,
            populations.children_0_17,
            cast(
                floor(areas.children * 10000e0 / nullif(areas.rate_per_10000, 0) + 0.5) as integer
            )
        ) as population_0_17,
        (
            areas.children_0_17 is null
            and populations.children_0_17 is null
            and areas.children is not null
            and areas.rate_per_10000 > 0
        ) as is_population_derived,
        areas.england_rate
    from areas
    left join neighbours
        on
            areas.la_code = neighbours.la_code
            and areas.compared_la_code = neighbours.neighbour_la_code
    left join populations
        on
            areas.compared_la_code = populations.la_code
            and year(areas.at_date) - 1 = populations.population_year

),

own as (

    select
        la_code,
        la_name,
        at_date,
        measure,
        'own' as area_level,
        area_code,
        la_name as area_name,
        la_code as compared_la_code,
        cast(null as integer) as neighbour_rank,
        cast(null as string) as closeness_name,
        cast(null as integer) as children,
        cast(null as double) as rate_per_10000,
        false as is_rate_derived,
        population_0_17,
        false as is_population_derived,
        england_rate
    from days

)

select * from peopled

union all

select * from own
