-- One row per LSOA, vintage and source that says in which authority it lies, for all of
-- England: the lookups, the change lookups, the deprivation files and the postcode directory.

with

lsoa_wards as (

    select * from {{ ref('stg_lookups__lsoa_wards') }}

),

lsoa_changes as (

    select * from {{ ref('stg_lookups__lsoa_changes') }}

),

postcodes as (

    select * from {{ ref('stg_postcodes__postcodes') }}

),

deprivation_cells as (

    select * from {{ ref('stg_deprivation__cells') }}

),

deprivation_releases as (

    select * from {{ ref('deprivation_releases') }}

),

la_codes as (

    select * from {{ ref('int_la_codes_known') }}

),

from_lookups as (

    select
        lsoa01_code as lsoa_code,
        '2001' as lsoa_vintage,
        lsoa_name,
        delivered_la_code,
        collection_year
    from lsoa_wards
    where lsoa01_code is not null

    union all

    select
        lsoa11_code as lsoa_code,
        '2011' as lsoa_vintage,
        lsoa_name,
        delivered_la_code,
        collection_year
    from lsoa_wards
    where lsoa11_code is not null

    union all

    select
        lsoa21_code as lsoa_code,
        '2021' as lsoa_vintage,
        lsoa_name,
        delivered_la_code,
        collection_year
    from lsoa_wards
    where lsoa21_code is not null

),

from_changes as (

    select
        lsoa01_code as lsoa_code,
        '2001' as lsoa_vintage,
        delivered_la_code,
        collection_year
    from lsoa_changes
    where lsoa01_code is not null

    union all

    select
        lsoa11_code as lsoa_code,
        '2011' as lsoa_vintage,
        delivered_la_code,
        collection_year
    from lsoa_changes
    where lsoa11_code is not null

    union all

    select
        lsoa21_code as lsoa_code,
        '2021' as lsoa_vintage,
        delivered_la_code,
        collection_year
    from lsoa_changes
    where lsoa21_code is not null

),

-- A row of a deprivation file: its LSOA by the code in it, its authority likewise, its name
-- by the heading. Most package tables give neither authority nor name.
deprivation_rows as (

    select
        cells.collection_year,
        max(case when {{ area_level('cells.value_text') }} = 'lsoa' then cells.value_text end)
            as lsoa_code,
        max(la_codes.delivered_code) as delivered_la_code,
        max(
            case
                when {{ matches("cells.heading_key", "'^lsoa([0-9]{2})?[ _]name'") }}
                    then cells.value_text
            end
        ) as lsoa_name
    from deprivation_cells as cells
    left join la_codes
        on cells.value_text = la_codes.delivered_code and length(la_codes.delivered_code) > 3
    where cells.column_number <= 6
    group by cells.file_id, cells.row_number, cells.collection_year

),

from_deprivation as (

    select
        deprivation_rows.lsoa_code,
        deprivation_releases.lsoa_vintage,
        deprivation_rows.lsoa_name,
        deprivation_rows.delivered_la_code,
        deprivation_rows.collection_year
    from deprivation_rows
    inner join deprivation_releases
        on deprivation_rows.collection_year = deprivation_releases.deprivation_release
    where deprivation_rows.lsoa_code is not null

),

-- An LSOA lies where most of its postcodes do.
lsoas_of_postcodes as (

    select
        lsoa01_code as lsoa_code,
        '2001' as lsoa_vintage,
        delivered_la_code
    from postcodes
    where lsoa01_code is not null

    union all

    select
        lsoa11_code as lsoa_code,
        '2011' as lsoa_vintage,
        delivered_la_code
    from postcodes
    where lsoa11_code is not null

    union all

    select
        lsoa21_code as lsoa_code,
        '2021' as lsoa_vintage,
        delivered_la_code
    from postcodes
    where lsoa21_code is not null

),

postcodes_of_lsoas as (

    select
        lsoa_code,
        lsoa_vintage,
        delivered_la_code,
        count(*) as postcodes
    from lsoas_of_postcodes
    group by lsoa_code, lsoa_vintage, delivered_la_code

),

from_postcodes as (

    select
        lsoa_code,
        lsoa_vintage,
        delivered_la_code
    from postcodes_of_lsoas
    qualify row_number() over (
        partition by lsoa_code, lsoa_vintage
        order by postcodes desc nulls last, delivered_la_code asc nulls last
    ) = 1

),

delivered as (

    select
        lsoa_code,
        cast(lsoa_vintage as string) as lsoa_vintage,
        lsoa_name,
        delivered_la_code,
        collection_year,
        1 as trust
    from from_lookups

    union all

    select
        lsoa_code,
        cast(lsoa_vintage as string) as lsoa_vintage,
        lsoa_name,
        delivered_la_code,
        collection_year,
        2 as trust
    from from_deprivation

    union all

    select
        lsoa_code,
        cast(lsoa_vintage as string) as lsoa_vintage,
        cast(null as string) as lsoa_name,
        delivered_la_code,
        collection_year,
        3 as trust
    from from_changes

    union all

    select
        lsoa_code,
        cast(lsoa_vintage as string) as lsoa_vintage,
        cast(null as string) as lsoa_name,
        delivered_la_code,
        cast(null as integer) as collection_year,
        4 as trust
    from from_postcodes

),

with_authority as (

    select
        delivered.lsoa_code,
        delivered.lsoa_vintage,
        delivered.trust,
        max(delivered.lsoa_name) as lsoa_name,
        max_by(
            la_codes.la_code,
            case when la_codes.la_code is not null then coalesce(delivered.collection_year, 0) end
        ) as la_code
    from delivered
    left join la_codes
        on delivered.delivered_la_code = la_codes.delivered_code
    where {{ area_level('delivered.lsoa_code') }} = 'lsoa'
    group by delivered.lsoa_code, delivered.lsoa_vintage, delivered.trust

)

select * from with_authority
