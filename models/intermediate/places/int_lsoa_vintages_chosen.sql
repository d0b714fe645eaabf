-- One row per dataset, authority and year: the vintage of LSOAs that its figures are on.
-- Files do not say it, but the codes do: it is the vintage whose LSOAs of the authority the
-- figures cover best, and of equals the latest. Adding up the LSOAs of one vintage counts
-- every child once, even where two files on two vintages were delivered.

with

lsoas_placed as (

    select * from {{ ref('int_lsoas_placed') }}

),

populations_summed as (

    select * from {{ ref('int_populations_summed') }}

),

child_poverty_delivered as (

    select * from {{ ref('int_child_poverty_delivered') }}

),

figures as (

    select
        'population' as dataset,
        population_year as dataset_year,
        area_code as lsoa_code
    from populations_summed
    where area_level = 'lsoa'

    union all

    select
        series as dataset,
        child_poverty_year as dataset_year,
        area_code as lsoa_code
    from child_poverty_delivered
    where area_level = 'lsoa'

),

vintages as (

    select
        la_code,
        lsoa_vintage,
        count(*) as lsoas
    from lsoas_placed
    group by la_code, lsoa_vintage

),

covered as (

    select
        figures.dataset,
        figures.dataset_year,
        lsoas_placed.la_code,
        lsoas_placed.lsoa_vintage,
        cast(count(*) as integer) as lsoas_with_figures
    from figures
    inner join lsoas_placed
        on figures.lsoa_code = lsoas_placed.lsoa_code
    group by
        figures.dataset,
        figures.dataset_year,
        lsoas_placed.la_code,
        lsoas_placed.lsoa_vintage

),

chosen as (

    select
        covered.dataset,
        covered.dataset_year,
        covered.la_code,
        covered.lsoa_vintage,
        covered.lsoas_with_figures = vintages.lsoas as is_complete
    from covered
    inner join vintages
        on
            covered.la_code = vintages.la_code
            and covered.lsoa_vintage = vintages.lsoa_vintage
    qualify row_number() over (
        partition by covered.dataset, covered.dataset_year, covered.la_code
        order by
            covered.lsoas_with_figures / cast(vintages.lsoas as double) desc nulls last,
            covered.lsoa_vintage desc
    ) = 1

)

select * from chosen
