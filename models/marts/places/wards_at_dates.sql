-- One row per ward of an authority at each 31 March of its returns, with what may be added up
-- to townships. Homes outside the area and unknown homes have rows of their own, so that
-- every child is in one row. Null where the authority made no such return for the day.

with

collections as (

    select * from {{ ref('dim_collections') }}

),

wards as (

    select * from {{ ref('dim_wards') }}

),

areas as (

    select * from {{ ref('dim_areas') }}

),

populations as (

    select * from {{ ref('fct_populations') }}
    where area_level = 'lsoa'

),

deprivation as (

    select * from {{ ref('fct_deprivation') }}
    where is_selected

),

child_poverty as (

    select * from {{ ref('fct_child_poverty') }}
    where series = '{{ var("child_poverty_series") }}' and area_level in ('lsoa', 'ward')

),

children_at_31_march as (

    select * from {{ ref('fct_children_at_31_march') }}

),

first_episodes as (

    select * from {{ ref('cohort_first_episodes') }}
    where is_in_cohort

),

plans as (

    select * from {{ ref('fct_child_protection_plans') }}

),

referrals as (

    select * from {{ ref('fct_referrals') }}
    where is_latest_account

),

days as (

    select
        la_code,
        at_date,
        max(case when source = 'ssda903' then 1 else 0 end) = 1 as has_ssda903,
        max(case when source = 'cin_census' then 1 else 0 end) = 1 as has_cin_census
    from collections
    where at_date is not null
    group by la_code, at_date

),

-- The first censuses held no plans: that is not to say that there were none.
days_with_plans as (

    select distinct
        la_code,
        {{ year_end('collection_year') }} as at_date
    from plans

),

places as (

    select
        la_code,
        ward_code,
        ward_name,
        township_name,
        true as is_ward
    from wards

    union all

    select distinct
        la_code,
        'out of area' as ward_code,
        'Out of area' as ward_name,
        'Out of area' as township_name,
        false as is_ward
    from days

    union all

    select distinct
        la_code,
        'unknown' as ward_code,
        'Unknown' as ward_name,
        'Unknown' as township_name,
        false as is_ward
    from days

),

-- Populations: of the LSOAs of one vintage, and only where all of a ward's have an estimate.
population_years as (

    select distinct
        la_code,
        population_year,
        lsoa_vintage
    from populations
    where is_additive and children_0_17 is not null

),

population_years_of_days as (

    select
        days.la_code,
        days.at_date,
        population_years.population_year,
        population_years.lsoa_vintage
    from days
    inner join population_years
        on days.la_code = population_years.la_code
    qualify row_number() over (
        partition by days.la_code, days.at_date
        order by {{ nearest_first(
            'make_date(population_years.population_year, 6, 30)', 'days.at_date'
        ) }}
    ) = 1

),

populations_of_wards as (

    select
        population_years.la_code,
        population_years.population_year,
        areas.ward_code,
        sum(populations.children_0_17) as children_0_17,
        count(*) as lsoas_of_population,
        count(populations.children_0_17) as lsoas_with_population
    from population_years
    inner join areas
        on
            population_years.la_code = areas.la_code
            and population_years.lsoa_vintage = areas.lsoa_vintage
    left join populations
        on
            population_years.la_code = populations.la_code
            and population_years.population_year = populations.population_year
            and areas.lsoa_code = populations.area_code
    where areas.ward_code is not null
    group by population_years.la_code, population_years.population_year, areas.ward_code

),

-- LSOAs: of the vintage that the selected release of deprivation ranks.
selected_vintages as (

    select distinct
        la_code,
        lsoa_vintage
    from deprivation

),

deprivation_of_wards as (

    select
        areas.la_code,
        areas.ward_code,
        cast(count(*) as integer) as lsoas,
        sum(case when deprivation.deprivation_decile <= 1 then 1 else 0 end)
            as lsoas_top_10_percent,
        sum(case when deprivation.deprivation_decile <= 2 then 1 else 0 end)
            as lsoas_top_20_percent
    from selected_vintages
    inner join areas
        on
            selected_vintages.la_code = areas.la_code
            and selected_vintages.lsoa_vintage = areas.lsoa_vintage
    left join deprivation
        on
            areas.la_code = deprivation.la_code
            and areas.lsoa_code = deprivation.lsoa_code
    where areas.ward_code is not null
    group by areas.la_code, areas.ward_code

),

-- Child poverty: the latest release at or before the day, else the earliest after it.
child_poverty_dates as (

    select distinct
        la_code,
        child_poverty_year,
        child_poverty_date
    from child_poverty

),

child_poverty_dates_of_days as (

    select
        days.la_code,
        days.at_date,
        child_poverty_dates.child_poverty_year
    from days
    inner join child_poverty_dates
        on days.la_code = child_poverty_dates.la_code
    qualify row_number() over (
        partition by days.la_code, days.at_date
        order by {{ nearest_first('child_poverty_dates.child_poverty_date', 'days.at_date') }}
    ) = 1

),

child_poverty_of_lsoas as (

    select
        child_poverty.la_code,
        child_poverty.child_poverty_year,
        areas.ward_code,
        sum(child_poverty.children_in_poverty) as children_in_poverty,
        sum(child_poverty.children) as children
    from child_poverty
    inner join areas
        on
            child_poverty.la_code = areas.la_code
            and child_poverty.lsoa_vintage = areas.lsoa_vintage
            and child_poverty.area_code = areas.lsoa_code
    where
        child_poverty.is_additive
        and child_poverty.children_in_poverty is not null
        and child_poverty.children is not null
        and areas.ward_code is not null
    group by child_poverty.la_code, child_poverty.child_poverty_year, areas.ward_code

),

child_poverty_years as (

    select distinct
        la_code,
        child_poverty_year
    from child_poverty

),

-- A publisher's own row for the ward is exact where a sum of rounded LSOAs is not.
child_poverty_of_wards as (

    select
        wards.la_code,
        child_poverty_years.child_poverty_year,
        wards.ward_code,
        coalesce(
            case when published.children is not null then published.children_in_poverty end,
            child_poverty_of_lsoas.children_in_poverty
        ) as children_in_poverty,
        coalesce(
            case when published.children_in_poverty is not null then published.children end,
            child_poverty_of_lsoas.children
        ) as children_of_child_poverty,
        published.child_poverty_percent as published_percent
    from wards
    inner join child_poverty_years
        on wards.la_code = child_poverty_years.la_code
    left join child_poverty as published
        on
            wards.la_code = published.la_code
            and wards.ward_code = published.area_code
            and child_poverty_years.child_poverty_year = published.child_poverty_year
            and published.area_level = 'ward'
    left join child_poverty_of_lsoas
        on
            wards.la_code = child_poverty_of_lsoas.la_code
            and wards.ward_code = child_poverty_of_lsoas.ward_code
            and child_poverty_years.child_poverty_year = child_poverty_of_lsoas.child_poverty_year

),

-- Children known to services, by where their home is.
measures_of_wards as (

    select
        la_code,
        at_date,
        {{ ward_or_elsewhere('place_status', 'ward_code') }} as ward_code,
        count(distinct case when measure = 'looked_after' then child_key end) as looked_after,
        count(distinct case when measure = 'children_in_need' then child_key end)
            as children_in_need,
        count(distinct case when measure = 'child_protection_plan' then child_key end)
            as child_protection_plans
    from children_at_31_march
    group by la_code, at_date, {{ ward_or_elsewhere('place_status', 'ward_code') }}

),

-- The cohort's children up to the day.
first_episodes_of_wards as (

    select
        days.la_code,
        days.at_date,
        {{ ward_or_elsewhere('first_episodes.place_status', 'first_episodes.ward_code') }}
            as ward_code,
        count(distinct first_episodes.child_key) as first_episodes
    from days
    inner join first_episodes
        on
            days.la_code = first_episodes.la_code
            and days.at_date >= first_episodes.first_episode_date
    group by
        days.la_code,
        days.at_date,
        {{ ward_or_elsewhere('first_episodes.place_status', 'first_episodes.ward_code') }}

),

-- Referrals in the year that ends on the day.
referrals_of_wards as (

    select
        days.la_code,
        days.at_date,
        {{ ward_or_elsewhere('referrals.place_status', 'referrals.ward_code') }} as ward_code,
        count(*) as referrals
    from days
    inner join referrals
        on
            days.la_code = referrals.la_code
            and days.at_date >= referrals.referral_date
            and {{ add_years('days.at_date', -1) }} < referrals.referral_date
    group by
        days.la_code,
        days.at_date,
        {{ ward_or_elsewhere('referrals.place_status', 'referrals.ward_code') }}

),

counted as (

    select
        days.la_code,
        places.ward_code,
        places.ward_name,
        places.township_name,
        places.is_ward,
        days.at_date,
        population_years_of_days.population_year,
        case
            when
                populations_of_wards.lsoas_of_population
                = populations_of_wards.lsoas_with_population
                then cast(populations_of_wards.children_0_17 as integer)
        end as children_0_17,
        -- Wards of another vintage than the LSOAs' have none, and are no gap in a township.
        coalesce(
            populations_of_wards.lsoas_of_population
            > populations_of_wards.lsoas_with_population,
            false
        ) as is_population_short,
        case
            when places.is_ward and selected_vintages.la_code is not null
                then coalesce(deprivation_of_wards.lsoas, 0)
        end as lsoas,
        case
            when places.is_ward and selected_vintages.la_code is not null
                then cast(coalesce(deprivation_of_wards.lsoas_top_10_percent, 0) as integer)
        end as lsoas_top_10_percent,
        case
            when places.is_ward and selected_vintages.la_code is not null
                then cast(coalesce(deprivation_of_wards.lsoas_top_20_percent, 0) as integer)
        end as lsoas_top_20_percent,
        child_poverty_dates_of_days.child_poverty_year,
        child_poverty_of_wards.children_in_poverty,
        child_poverty_of_wards.children_of_child_poverty,
        child_poverty_of_wards.published_percent,
        case
            when days.has_ssda903 then cast(coalesce(measures_of_wards.looked_after, 0) as integer)
        end as looked_after,
        case
            when days.has_ssda903
                then cast(coalesce(first_episodes_of_wards.first_episodes, 0) as integer)
        end as first_episodes,
        case
            when days.has_cin_census
                then cast(coalesce(measures_of_wards.children_in_need, 0) as integer)
        end as children_in_need,
        case
            when days.has_cin_census and days_with_plans.la_code is not null
                then cast(coalesce(measures_of_wards.child_protection_plans, 0) as integer)
        end as child_protection_plans,
        case
            when days.has_cin_census
                then cast(coalesce(referrals_of_wards.referrals, 0) as integer)
        end as referrals
    from days
    inner join places
        on days.la_code = places.la_code
    left join days_with_plans
        on
            days.la_code = days_with_plans.la_code
            and days.at_date = days_with_plans.at_date
    left join population_years_of_days
        on
            days.la_code = population_years_of_days.la_code
            and days.at_date = population_years_of_days.at_date
    left join populations_of_wards
        on
            days.la_code = populations_of_wards.la_code
            and population_years_of_days.population_year = populations_of_wards.population_year
            and places.ward_code = populations_of_wards.ward_code
    left join selected_vintages
        on days.la_code = selected_vintages.la_code
    left join deprivation_of_wards
        on
            days.la_code = deprivation_of_wards.la_code
            and places.ward_code = deprivation_of_wards.ward_code
    left join child_poverty_dates_of_days
        on
            days.la_code = child_poverty_dates_of_days.la_code
            and days.at_date = child_poverty_dates_of_days.at_date
    left join child_poverty_of_wards
        on
            days.la_code = child_poverty_of_wards.la_code
            and child_poverty_dates_of_days.child_poverty_year
            = child_poverty_of_wards.child_poverty_year
            and places.ward_code = child_poverty_of_wards.ward_code
    left join measures_of_wards
        on
            days.la_code = measures_of_wards.la_code
            and days.at_date = measures_of_wards.at_date
            and places.ward_code = measures_of_wards.ward_code
    left join first_episodes_of_wards
        on
            days.la_code = first_episodes_of_wards.la_code
            and days.at_date = first_episodes_of_wards.at_date
            and places.ward_code = first_episodes_of_wards.ward_code
    left join referrals_of_wards
        on
            days.la_code = referrals_of_wards.la_code
            and days.at_date = referrals_of_wards.at_date
            and places.ward_code = referrals_of_wards.ward_code

)

select * from counted
