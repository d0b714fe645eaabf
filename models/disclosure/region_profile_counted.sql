-- One row per region, measure, 31 March, dimension, category and area: the region itself, and of
-- what is broken down by nothing, each of its authorities beside it; with small counts as they are.

with

members as (

    select * from {{ ref('region_members') }}

),

regions as (

    select
        region_code,
        region_name,
        measure,
        at_date,
        dimension,
        category_code,
        max(category_name) as category_name,
        'region' as area_level,
        region_code as area_code,
        region_name as area_name,
        cast(null as string) as la_code,
        cast(count(*) as integer) as authorities,
        {{ joined_in_order('la_code', 'la_code', "', '") }} as la_codes,
        cast(sum(children) as integer) as children,
        case
            when count(population_0_17) = count(*) then cast(sum(population_0_17) as integer)
        end as population_0_17,
        region_count_id as count_id
    from members
    group by
        region_code, region_name, measure, at_date, dimension, category_code, region_count_id

),

authorities as (

    select
        region_code,
        region_name,
        measure,
        at_date,
        dimension,
        category_code,
        category_name,
        'la' as area_level,
        ons_code as area_code,
        la_name as area_name,
        la_code,
        cast(1 as integer) as authorities,
        la_code as la_codes,
        children,
        cast(population_0_17 as integer) as population_0_17,
        count_id
    from members
    where dimension = 'all'

)

select * from regions

union all

select * from authorities
