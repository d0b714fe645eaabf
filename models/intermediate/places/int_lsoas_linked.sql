-- One row per pair of LSOAs of two vintages that cover the same ground, or part of it, both
-- ways round. A code that stands in two vintages is the same area in both: the Office for
-- National Statistics gives a new code whenever the boundary changes.

with

lsoa_changes as (

    select * from {{ ref('stg_lookups__lsoa_changes') }}

),

lsoas_delivered as (

    select * from {{ ref('int_lsoas_delivered') }}

),

from_2001_to_2011 as (

    select distinct
        lsoa01_code,
        lsoa11_code
    from lsoa_changes
    where lsoa01_code is not null and lsoa11_code is not null

),

from_2011_to_2021 as (

    select distinct
        lsoa11_code,
        lsoa21_code
    from lsoa_changes
    where lsoa11_code is not null and lsoa21_code is not null

),

forward as (

    select
        '2001' as lsoa_vintage,
        lsoa01_code as lsoa_code,
        '2011' as other_vintage,
        lsoa11_code as other_lsoa_code
    from from_2001_to_2011

    union all

    select
        '2011' as lsoa_vintage,
        lsoa11_code as lsoa_code,
        '2021' as other_vintage,
        lsoa21_code as other_lsoa_code
    from from_2011_to_2021

    union all

    select
        '2001' as lsoa_vintage,
        from_2001_to_2011.lsoa01_code as lsoa_code,
        '2021' as other_vintage,
        from_2011_to_2021.lsoa21_code as other_lsoa_code
    from from_2001_to_2011
    inner join from_2011_to_2021
        on from_2001_to_2011.lsoa11_code = from_2011_to_2021.lsoa11_code

),

known as (

    select distinct
        lsoa_code,
        lsoa_vintage
    from lsoas_delivered

),

linked as (

    select
        cast(lsoa_vintage as string) as lsoa_vintage,
        lsoa_code,
        cast(other_vintage as string) as other_vintage,
        other_lsoa_code
    from forward

    union

    select
        cast(other_vintage as string) as lsoa_vintage,
        other_lsoa_code as lsoa_code,
        cast(lsoa_vintage as string) as other_vintage,
        lsoa_code as other_lsoa_code
    from forward

    union

    select
        known.lsoa_vintage,
        known.lsoa_code,
        others.lsoa_vintage as other_vintage,
        others.lsoa_code as other_lsoa_code
    from known
    inner join known as others
        on
            known.lsoa_code = others.lsoa_code
            and known.lsoa_vintage <> others.lsoa_vintage

),

counted as (

    select
        *,
        count(*) over (partition by lsoa_vintage, lsoa_code, other_vintage) = 1
            as is_only_counterpart
    from linked

)

select * from counted
