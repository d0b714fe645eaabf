-- One row per child per 31 March per measure: in need, on a child protection plan, looked
-- after. A child known to two authorities counts in each.

with

in_need as (

    select * from {{ ref('int_children_in_need_at_31_march') }}

),

on_plan as (

    select * from {{ ref('int_children_on_plan_at_31_march') }}

),

looked_after as (

    select * from {{ ref('int_children_looked_after_at_31_march') }}

),

homes as (

    select * from {{ ref('int_homes_found') }}

),

postcodes as (

    select * from {{ ref('dim_postcodes') }}

),

from_the_census as (

    select
        la_code,
        child_key,
        at_date,
        'children_in_need' as measure,
        birth_date,
        expected_birth_date
    from in_need

    union all

    select
        la_code,
        child_key,
        at_date,
        'child_protection_plan' as measure,
        birth_date,
        expected_birth_date
    from on_plan

),

counted as (

    select
        from_the_census.la_code,
        from_the_census.child_key,
        from_the_census.at_date,
        from_the_census.measure,
        {{ age_on('from_the_census.birth_date', 'from_the_census.at_date') }} as age,
        coalesce(
            from_the_census.birth_date > from_the_census.at_date,
            from_the_census.expected_birth_date is not null
        ) as is_unborn,
        homes.postcode_key
    from from_the_census
    left join homes
        on
            from_the_census.la_code = homes.la_code
            and from_the_census.child_key = homes.child_key
            and from_the_census.at_date = homes.on_date

    union all

    select
        la_code,
        child_key,
        at_date,
        'looked_after' as measure,
        age,
        false as is_unborn,
        home_postcode_key as postcode_key
    from looked_after

),

placed as (

    select
        counted.la_code,
        counted.child_key,
        counted.at_date,
        counted.measure,
        counted.age,
        case
            when counted.is_unborn then 'unborn'
            else {{ age_band('counted.age') }}
        end as age_band,
        {{ place_status('counted.la_code', 'postcodes.la_code') }} as place_status,
        case when postcodes.la_code = counted.la_code then postcodes.lsoa01_code end
            as lsoa01_code,
        case when postcodes.la_code = counted.la_code then postcodes.lsoa11_code end
            as lsoa11_code,
        case when postcodes.la_code = counted.la_code then postcodes.lsoa21_code end
            as lsoa21_code,
        case when postcodes.la_code = counted.la_code then postcodes.ward_code end as ward_code,
        case when postcodes.la_code = counted.la_code then postcodes.township_name end
            as township_name
    from counted
    left join postcodes on counted.postcode_key = postcodes.postcode_key

)

select * from placed
