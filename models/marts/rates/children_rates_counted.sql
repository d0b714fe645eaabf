-- One row per authority per 31 March per measure, with small counts as they are. A measure
-- has a row where we hold the return that tells it: the SSDA903 return for looked after, the
-- CIN census for children in need, and for child protection plans a census that holds plans
-- (the first censuses did not).

with

collections as (

    select * from {{ ref('dim_collections') }}

),

measures as (

    select * from {{ ref('measures') }}

),

children_at_31_march as (

    select * from {{ ref('fct_children_at_31_march') }}

),

plans as (

    select * from {{ ref('fct_child_protection_plans') }}

),

populations as (

    select * from {{ ref('fct_populations') }}
    where area_level = 'la' and children_0_17 is not null

),

comparators as (

    select * from {{ ref('fct_comparators') }}
    where
        lower(area_name) = lower('{{ var("comparator") | replace("'", "''") }}')
        and rate_per_10000 is not null

),

censuses_with_plans as (

    select distinct
        la_code,
        collection_year
    from plans

),

known as (

    select
        collections.la_code,
        collections.la_name,
        collections.at_date,
        measures.measure
    from collections
    inner join measures on collections.source = measures.source
    left join censuses_with_plans
        on
            collections.la_code = censuses_with_plans.la_code
            and collections.collection_year = censuses_with_plans.collection_year
    where
        measures.measure <> 'child_protection_plan'
        or censuses_with_plans.la_code is not null

),

counts as (

    select
        la_code,
        at_date,
        measure,
        cast(count(distinct child_key) as integer) as children
    from children_at_31_march
    group by la_code, at_date, measure

),

-- the estimate of the June before the day, else the nearest earlier one
population_on_day as (

    select
        known.la_code,
        known.at_date,
        known.measure,
        populations.children_0_17,
        populations.population_year
    from known
    inner join populations
        on
            known.la_code = populations.la_code
            and year(known.at_date) - 1 >= populations.population_year
    qualify
        row_number() over (
            partition by known.la_code, known.at_date, known.measure
            order by populations.population_year desc nulls last
        ) = 1

),

-- the latest at or before the day
comparator_on_day as (

    select
        known.la_code,
        known.at_date,
        known.measure,
        comparators.area_name,
        comparators.at_date as comparator_date,
        comparators.rate_per_10000
    from known
    inner join comparators
        on
            known.measure = comparators.measure
            and known.at_date >= comparators.at_date
    qualify
        row_number() over (
            partition by known.la_code, known.at_date, known.measure
            order by comparators.at_date desc nulls last
        ) = 1

),

joined as (

    select
        known.la_code,
        known.la_name,
        known.at_date,
        known.measure,
        coalesce(counts.children, 0) as children,
        population_on_day.children_0_17 as population_0_17,
        population_on_day.population_year,
        comparator_on_day.area_name as comparator_name,
        comparator_on_day.comparator_date,
        comparator_on_day.rate_per_10000 as comparator_rate_per_10000
    from known
    left join counts
        on
            known.la_code = counts.la_code
            and known.at_date = counts.at_date
            and known.measure = counts.measure
    left join population_on_day
        on
            known.la_code = population_on_day.la_code
            and known.at_date = population_on_day.at_date
            and known.measure = population_on_day.measure
    left join comparator_on_day
        on
            known.la_code = comparator_on_day.la_code
            and known.at_date = comparator_on_day.at_date
            and known.measure = comparator_on_day.measure

),

bounded as (

    select
        *,
        {{ rate_lower_95('children', 'population_0_17') }} as lower_95,
        {{ rate_upper_95('children', 'population_0_17') }} as upper_95
    from joined

),

rated as (

    select
        la_code,
        la_name,
        at_date,
        measure,
        children,
        population_0_17,
        population_year,
        {{ rate_per_10000('children', 'population_0_17') }} as rate_per_10000,
        {{ to_one_decimal('lower_95') }} as rate_lower_95,
        {{ to_one_decimal('upper_95') }} as rate_upper_95,
        comparator_name,
        comparator_date,
        comparator_rate_per_10000,
        {{ comparison('lower_95', 'upper_95', 'comparator_rate_per_10000') }} as comparison
    from bounded

)

select * from rated
