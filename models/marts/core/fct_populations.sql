-- One row per area and year: the LSOAs of the authorities served, and every authority.
-- Where no file gives an authority's children in a year, they are the sum of its LSOAs,
-- provided that all of them have an estimate.

with

populations_summed as (

    select * from {{ ref('int_populations_summed') }}

),

vintages as (

    select * from {{ ref('int_lsoa_vintages_chosen') }}
    where dataset = 'population'

),

areas as (

    select * from {{ ref('dim_areas') }}

),

local_authorities as (

    select * from {{ ref('local_authorities') }}

),

authorities_of_lsoas as (

    select
        lsoa_code,
        min(la_code) as la_code
    from areas
    group by lsoa_code

),

lsoas as (

    select
        authorities_of_lsoas.la_code,
        'lsoa' as area_level,
        populations_summed.area_code,
        populations_summed.population_year,
        populations_summed.children_0_16,
        populations_summed.children_0_17,
        vintages.lsoa_vintage,
        vintages.is_complete,
        coalesce(vintage_areas.lsoa_code is not null, false) as is_additive
    from populations_summed
    inner join authorities_of_lsoas
        on populations_summed.area_code = authorities_of_lsoas.lsoa_code
    left join vintages
        on
            populations_summed.population_year = vintages.dataset_year
            and authorities_of_lsoas.la_code = vintages.la_code
    left join areas as vintage_areas
        on
            vintages.la_code = vintage_areas.la_code
            and vintages.lsoa_vintage = vintage_areas.lsoa_vintage
            and populations_summed.area_code = vintage_areas.lsoa_code
    where populations_summed.area_level = 'lsoa'

),

-- An authority whose ONS code has changed may be given under both codes: the later code.
authorities as (

    select
        la_code,
        'la' as area_level,
        area_code,
        population_year,
        children_0_16,
        children_0_17
    from populations_summed
    where
        area_level = 'la'
        and la_code is not null
        and substr(area_code, 1, 3) <> 'E07'
    qualify row_number() over (
        partition by la_code, population_year
        order by
            case when children_0_17 is null then 1 else 0 end asc,
            area_code desc
    ) = 1

),

codes_of_authorities as (

    select
        cast(la_code as string) as la_code,
        max(ons_code) as ons_code
    from local_authorities
    where is_main_code
    group by cast(la_code as string)

),

-- All its LSOAs, or null: a number short of some would look like a fall.
sums_of_lsoas as (

    select
        lsoas.la_code,
        codes_of_authorities.ons_code,
        lsoas.population_year,
        case when count(*) = count(lsoas.children_0_16) then sum(lsoas.children_0_16) end
            as children_0_16,
        case when count(*) = count(lsoas.children_0_17) then sum(lsoas.children_0_17) end
            as children_0_17
    from lsoas
    inner join codes_of_authorities
        on lsoas.la_code = codes_of_authorities.la_code
    where lsoas.is_additive and lsoas.is_complete
    group by lsoas.la_code, codes_of_authorities.ons_code, lsoas.population_year

),

-- A delivered number of the authority comes first, each band of ages for itself.
authorities_filled as (

    select
        coalesce(authorities.la_code, sums_of_lsoas.la_code) as la_code,
        'la' as area_level,
        coalesce(authorities.area_code, sums_of_lsoas.ons_code) as area_code,
        coalesce(authorities.population_year, sums_of_lsoas.population_year) as population_year,
        coalesce(authorities.children_0_16, sums_of_lsoas.children_0_16) as children_0_16,
        coalesce(authorities.children_0_17, sums_of_lsoas.children_0_17) as children_0_17,
        cast(null as string) as lsoa_vintage,
        false as is_additive
    from authorities
    full outer join sums_of_lsoas
        on
            authorities.la_code = sums_of_lsoas.la_code
            and authorities.population_year = sums_of_lsoas.population_year

),

every_level as (

    select
        la_code,
        area_level,
        area_code,
        population_year,
        children_0_16,
        children_0_17,
        lsoa_vintage,
        is_additive
    from lsoas

    union all

    select
        la_code,
        area_level,
        area_code,
        population_year,
        children_0_16,
        children_0_17,
        lsoa_vintage,
        is_additive
    from authorities_filled

)

select
    la_code,
    area_level,
    area_code,
    cast(population_year as integer) as population_year,
    cast(children_0_16 as integer) as children_0_16,
    cast(children_0_17 as integer) as children_0_17,
    lsoa_vintage,
    is_additive
from every_level
