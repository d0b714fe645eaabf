-- One row per authority, dimension and category of the first-episode cohort; unsuppressed.
-- Every dimension counts every child of the cohort once, unknown and out of area shown, save
-- `age_band`, which also has the plan's band 0-4 (parent `plan`) beside the department's
-- bands (parent `dfe`), of which it overlaps two.

with

cohort as (

    select * from {{ ref('cohort_first_episodes') }}

),

ethnic_origins as (

    select * from {{ ref('ethnic_origins') }}
    where scheme = '{{ var("ethnic_group_scheme") }}'

),

ethnic_comparators as (

    select * from {{ ref('fct_ethnic_comparators') }}

),

categories_of_need as (

    select * from {{ ref('categories_of_need') }}

),

age_bands as (

    select * from {{ ref('age_bands') }}

),

sexes as (

    select distinct
        sex_code,
        sex_name,
        sort_order

    from {{ ref('sexes') }}
    where sex_code <> 'U'

),

wards as (

    select * from {{ ref('dim_wards') }}

),

deprivation as (

    select * from {{ ref('fct_deprivation') }}
    where is_selected

),

authorities as (

    select
        la_code,
        cohort_start_date,
        cohort_end_date,
        cast(sum(case when is_in_cohort then 1 else 0 end) as integer) as cohort_children

    from cohort
    group by la_code, cohort_start_date, cohort_end_date

),

townships as (

    select distinct
        la_code,
        township_name

    from wards
    where township_name is not null

),

-- the children counted, with a category in every dimension
children as (

    select
        cohort.la_code,
        cohort.entry_year,
        cohort.age_at_entry,
        coalesce(sexes.sex_code, 'unknown') as sex_category,
        case
            when coalesce(ethnic_origins.group_code, 'unknown') = 'unknown' then 'unknown'
            else ethnic_origins.ethnic_code
        end as ethnic_origin_category,
        coalesce(ethnic_origins.group_code, 'unknown') as ethnic_group_category,
        coalesce(categories_of_need.category_of_need_code, 'unknown') as need_category,
        case
            when cohort.age_at_entry is null then 'unknown'
            when cohort.age_at_entry > 17 then '18+'
            else cast(cohort.age_at_entry as string)
        end as age_category,
        case
            when cohort.place_status = 'out of area' then 'out of area'
            else coalesce(townships.township_name, 'unknown')
        end as township_category,
        case
            when cohort.place_status = 'out of area' then 'out of area'
            else coalesce(wards.ward_code, 'unknown')
        end as ward_category,
        case
            when cohort.place_status = 'out of area' then 'out of area'
            else coalesce(cast(deprivation.deprivation_decile as string), 'unknown')
        end as decile_category

    from cohort
    left join sexes
        on cohort.sex_code = sexes.sex_code
    left join ethnic_origins
        on cohort.ethnic_code = ethnic_origins.ethnic_code
    left join categories_of_need
        on cohort.category_of_need_code = categories_of_need.category_of_need_code
    left join townships
        on
            cohort.la_code = townships.la_code
            and cohort.township_name = townships.township_name
    left join wards
        on
            cohort.la_code = wards.la_code
            and cohort.ward_code = wards.ward_code
    left join deprivation
        on
            cohort.la_code = deprivation.la_code
            and deprivation.lsoa_code = case deprivation.lsoa_vintage
                when '2001' then cohort.lsoa01_code
                when '2011' then cohort.lsoa11_code
                when '2021' then cohort.lsoa21_code
            end
    where cohort.is_in_cohort

),

belonging as (

    select
        la_code,
        'all' as dimension,
        'all' as category_code
    from children

    union all

    select
        la_code,
        'sex' as dimension,
        sex_category as category_code
    from children

    union all

    select
        la_code,
        'ethnic_origin' as dimension,
        ethnic_origin_category as category_code
    from children

    union all

    select
        la_code,
        'ethnic_group' as dimension,
        ethnic_group_category as category_code
    from children

    union all

    select
        la_code,
        'category_of_need' as dimension,
        need_category as category_code
    from children

    union all

    select
        la_code,
        'age' as dimension,
        age_category as category_code
    from children

    union all

    select
        children.la_code,
        'age_band' as dimension,
        age_bands.age_band as category_code
    from children
    inner join age_bands
        on
            children.age_at_entry
            between age_bands.from_age and coalesce(age_bands.to_age, 999)

    union all

    select
        la_code,
        'age_band' as dimension,
        'unknown' as category_code
    from children
    where age_at_entry is null

    union all

    select
        la_code,
        'entry_year' as dimension,
        cast(entry_year as string) as category_code
    from children

    union all

    select
        la_code,
        'township' as dimension,
        township_category as category_code
    from children

    union all

    select
        la_code,
        'ward' as dimension,
        ward_category as category_code
    from children

    union all

    select
        la_code,
        'deprivation_decile' as dimension,
        decile_category as category_code
    from children

),

counts as (

    select
        la_code,
        dimension,
        category_code,
        cast(count(*) as integer) as children

    from belonging
    group by la_code, dimension, category_code

),

-- the categories that every authority shows, children or none
common_categories as (

    select
        'all' as dimension,
        'all' as category_code,
        'All children' as category_name,
        cast(null as string) as parent_category_name,
        1 as sort_order

    union all

    select
        'sex' as dimension,
        sex_code as category_code,
        sex_name as category_name,
        cast(null as string) as parent_category_name,
        sort_order
    from sexes

    union all

    select
        'ethnic_origin' as dimension,
        ethnic_code as category_code,
        origin_name as category_name,
        group_name as parent_category_name,
        sort_order
    from ethnic_origins
    where group_code <> 'unknown'

    union all

    select distinct
        'ethnic_group' as dimension,
        group_code as category_code,
        group_name as category_name,
        cast(null as string) as parent_category_name,
        group_sort_order as sort_order
    from ethnic_origins
    where group_code <> 'unknown'

    union all

    select
        'category_of_need' as dimension,
        category_of_need_code as category_code,
        category_of_need_name as category_name,
        cast(null as string) as parent_category_name,
        sort_order
    from categories_of_need

    union all

    select
        'age' as dimension,
        case when ages.number = 18 then '18+' else cast(ages.number as string) end
            as category_code,
        case
            when ages.number = 0 then 'Under 1'
            when ages.number = 18 then '18 and over'
            else cast(ages.number as string)
        end as category_name,
        age_bands.age_band_name as parent_category_name,
        ages.number + 1 as sort_order
    from {{ numbers(0, 18) }} as ages
    inner join age_bands
        on
            ages.number between age_bands.from_age and coalesce(age_bands.to_age, 999)
            and age_bands.scheme = 'dfe'

    union all

    select
        'age_band' as dimension,
        age_band as category_code,
        age_band_name as category_name,
        scheme as parent_category_name,
        sort_order
    from age_bands

    union all

    select
        'deprivation_decile' as dimension,
        cast(deciles.number as string) as category_code,
        case deciles.number
            when 1 then 'Decile 1, most deprived'
            when 10 then 'Decile 10, least deprived'
            else 'Decile ' || cast(deciles.number as string)
        end as category_name,
        cast(null as string) as parent_category_name,
        deciles.number as sort_order
    from {{ numbers(1, 10) }} as deciles

    union all

    select
        dimension,
        'unknown' as category_code,
        'Unknown' as category_name,
        case dimension
            when 'ethnic_origin' then 'Unknown'
            when 'age_band' then 'dfe'
        end as parent_category_name,
        999 as sort_order
    from (
        values
        ('sex'), ('ethnic_origin'), ('ethnic_group'), ('category_of_need'), ('age'),
        ('age_band'), ('township'), ('ward'), ('deprivation_decile')
    ) as with_unknown (dimension) -- noqa: AL05

    union all

    select
        dimension,
        'out of area' as category_code,
        'Out of area' as category_name,
        cast(null as string) as parent_category_name,
        998 as sort_order
    from (
        values ('township'), ('ward'), ('deprivation_decile')
    ) as with_places (dimension) -- noqa: AL05

),

categories as (

    select
        authorities.la_code,
        common_categories.*
    from authorities
    cross join common_categories

    union all

    select
        authorities.la_code,
        'entry_year' as dimension,
        cast(years.number as string) as category_code,
        cast(years.number - 1 as string) || '-' || substr(cast(years.number as string), 3, 2)
            as category_name,
        cast(null as string) as parent_category_name,
        years.number as sort_order
    from authorities
    inner join {{ numbers(1990, 2100) }} as years
        on
            years.number
            between {{ financial_year('authorities.cohort_start_date') }}
            and {{ financial_year('authorities.cohort_end_date') }}

    union all

    select
        townships.la_code,
        'township' as dimension,
        townships.township_name as category_code,
        townships.township_name as category_name,
        cast(null as string) as parent_category_name,
        cast(
            row_number() over (
                partition by townships.la_code order by townships.township_name asc nulls last
            ) as integer
        ) as sort_order
    from townships

    union all

    select
        wards.la_code,
        'ward' as dimension,
        wards.ward_code as category_code,
        wards.ward_name as category_name,
        wards.township_name as parent_category_name,
        cast(
            row_number() over (
                partition by wards.la_code
                order by wards.ward_name asc nulls last, wards.ward_code asc nulls last
            ) as integer
        ) as sort_order
    from wards

),

compared_with as (

    select
        ethnic_comparators.la_code,
        'ethnic_origin' as dimension,
        ethnic_comparators.ethnic_code as category_code,
        ethnic_comparators.comparator_name,
        ethnic_comparators.children,
        ethnic_comparators.all_children
    from ethnic_comparators

    union all

    select
        ethnic_comparators.la_code,
        'ethnic_group' as dimension,
        ethnic_origins.group_code as category_code,
        max(ethnic_comparators.comparator_name) as comparator_name,
        sum(ethnic_comparators.children) as children,
        max(ethnic_comparators.all_children) as all_children
    from ethnic_comparators
    inner join ethnic_origins
        on ethnic_comparators.ethnic_code = ethnic_origins.ethnic_code
    group by ethnic_comparators.la_code, ethnic_origins.group_code

),

counted as (

    select
        authorities.la_code,
        authorities.cohort_start_date,
        authorities.cohort_end_date,
        categories.dimension,
        categories.category_code,
        categories.category_name,
        categories.parent_category_name,
        cast(categories.sort_order as integer) as sort_order,
        coalesce(counts.children, 0) as children,
        authorities.cohort_children,
        compared_with.comparator_name,
        compared_with.children as comparator_children,
        compared_with.all_children as comparator_all_children

    from authorities
    inner join categories
        on authorities.la_code = categories.la_code
    left join counts
        on
            categories.la_code = counts.la_code
            and categories.dimension = counts.dimension
            and categories.category_code = counts.category_code
    left join compared_with
        on
            categories.la_code = compared_with.la_code
            and categories.dimension = compared_with.dimension
            and categories.category_code = compared_with.category_code

),

measured as (

    select
        -- key
        la_code,
        cohort_start_date,
        cohort_end_date,
        dimension,
        category_code,
        category_name,
        parent_category_name,
        sort_order,

        -- the children
        children,
        cohort_children,
        {{ percentage('children', 'cohort_children') }} as percent,
        {{ to_one_decimal(wilson_lower('children', 'cohort_children')) }} as percent_lower_95,
        {{ to_one_decimal(wilson_upper('children', 'cohort_children')) }} as percent_upper_95,

        -- beside all children of the area
        comparator_name,
        {{ percentage('comparator_children', 'comparator_all_children') }}
            as comparator_percent,
        100 * cast(comparator_children as double) / comparator_all_children as comparator_share,
        {{ comparison(
            wilson_lower('children', 'cohort_children'),
            wilson_upper('children', 'cohort_children'),
            '(100 * cast(comparator_children as double) / comparator_all_children)'
        ) }} as comparison

    from counted

)

select * from measured
