-- One row per LSOA of an authority, of the vintage that the selected release of deprivation
-- ranks. Public sources only: nothing here counts children known to services.

with

areas as (

    select * from {{ ref('dim_areas') }}

),

deprivation as (

    select * from {{ ref('fct_deprivation') }}
    where is_selected

),

child_poverty as (

    select * from {{ ref('fct_child_poverty') }}
    where series = '{{ var("child_poverty_series") }}' and area_level = 'lsoa'

),

populations as (

    select * from {{ ref('fct_populations') }}
    where area_level = 'lsoa' and children_0_17 is not null

),

vintages as (

    select
        la_code,
        min(lsoa_vintage) as lsoa_vintage
    from deprivation
    group by la_code

),

-- One year for the whole map; the code of an LSOA that has changed since is not in it, and
-- its share is then left unknown rather than guessed.
latest_child_poverty_years as (

    select
        la_code,
        max(child_poverty_year) as child_poverty_year
    from child_poverty
    group by la_code

),

latest_child_poverty as (

    select
        child_poverty.la_code,
        child_poverty.area_code as lsoa_code,
        child_poverty.child_poverty_year,
        child_poverty.child_poverty_percent
    from child_poverty
    inner join latest_child_poverty_years
        on
            child_poverty.la_code = latest_child_poverty_years.la_code
            and child_poverty.child_poverty_year = latest_child_poverty_years.child_poverty_year

),

-- A code is the same area for as long as it stands, so its latest estimate is of this area.
latest_populations as (

    select
        la_code,
        area_code as lsoa_code,
        population_year,
        children_0_17
    from populations
    qualify row_number() over (
        partition by la_code, area_code
        order by population_year desc nulls last
    ) = 1

),

profiled as (

    select
        areas.la_code,
        areas.lsoa_code,
        areas.lsoa_vintage,
        areas.lsoa_name,
        areas.area_name,
        areas.ward_code,
        areas.ward_name,
        areas.township_name,
        deprivation.deprivation_index,
        deprivation.deprivation_release,
        deprivation.deprivation_rank,
        deprivation.deprivation_areas,
        deprivation.deprivation_decile,
        deprivation.deprivation_band,
        latest_child_poverty.child_poverty_percent,
        latest_child_poverty.child_poverty_year,
        latest_populations.children_0_17,
        latest_populations.population_year
    from areas
    inner join vintages
        on
            areas.la_code = vintages.la_code
            and areas.lsoa_vintage = vintages.lsoa_vintage
    left join deprivation
        on
            areas.la_code = deprivation.la_code
            and areas.lsoa_code = deprivation.lsoa_code
    left join latest_child_poverty
        on
            areas.la_code = latest_child_poverty.la_code
            and areas.lsoa_code = latest_child_poverty.lsoa_code
    left join latest_populations
        on
            areas.la_code = latest_populations.la_code
            and areas.lsoa_code = latest_populations.lsoa_code

)

select * from profiled
