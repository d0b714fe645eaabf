-- One row per area, series and year: LSOAs and wards of the authorities served, every
-- authority, the regions and England.

with

child_poverty_delivered as (

    select * from {{ ref('int_child_poverty_delivered') }}

),

all_series as (

    select * from {{ ref('child_poverty_series') }}

),

vintages as (

    select * from {{ ref('int_lsoa_vintages_chosen') }}

),

served as (

    select * from {{ ref('int_authorities_served') }}

),

areas as (

    select * from {{ ref('dim_areas') }}

),

wards as (

    select * from {{ ref('dim_wards') }}

),

authorities_of_lsoas as (

    select
        lsoa_code,
        min(la_code) as la_code,
        max(lsoa_vintage) as lsoa_vintage
    from areas
    group by lsoa_code

),

with_authorities as (

    select
        child_poverty_delivered.*,
        authorities_of_lsoas.lsoa_vintage as latest_lsoa_vintage,
        coalesce(
            authorities_of_lsoas.la_code, wards.la_code, child_poverty_delivered.la_code
        ) as known_la_code
    from child_poverty_delivered
    left join authorities_of_lsoas
        on
            child_poverty_delivered.area_level = 'lsoa'
            and child_poverty_delivered.area_code = authorities_of_lsoas.lsoa_code
    left join wards
        on
            child_poverty_delivered.area_level = 'ward'
            and child_poverty_delivered.area_code = wards.ward_code

),

-- A district of a county is not an authority with children's services.
kept as (

    select
        with_authorities.*,
        case
            when with_authorities.area_level in ('lsoa', 'ward') then served.la_code
            when with_authorities.area_level = 'la' then with_authorities.known_la_code
        end as area_la_code
    from with_authorities
    left join served
        on with_authorities.known_la_code = served.la_code
    where
        (with_authorities.area_level = 'lsoa' and with_authorities.latest_lsoa_vintage is not null)
        or (with_authorities.area_level = 'ward' and served.la_code is not null)
        or (
            with_authorities.area_level = 'la'
            and substr(with_authorities.area_code, 1, 3) <> 'E07'
            and with_authorities.known_la_code is not null
        )
        or with_authorities.area_level in ('region', 'country')

),

dated as (

    select
        kept.area_la_code as la_code,
        kept.area_level,
        kept.area_code,
        kept.series,
        kept.child_poverty_year,
        make_date(
            kept.child_poverty_year,
            cast(all_series.snapshot_month as integer),
            cast(all_series.snapshot_day as integer)
        ) as child_poverty_date,
        kept.children_in_poverty,
        kept.children,
        kept.child_poverty_percent,
        vintages.lsoa_vintage,
        coalesce(vintage_areas.lsoa_code is not null, false) as is_additive
    from kept
    inner join all_series
        on kept.series = all_series.series
    left join vintages
        on
            kept.area_level = 'lsoa'
            and kept.series = vintages.dataset
            and kept.child_poverty_year = vintages.dataset_year
            and kept.area_la_code = vintages.la_code
    left join areas as vintage_areas
        on
            vintages.la_code = vintage_areas.la_code
            and vintages.lsoa_vintage = vintage_areas.lsoa_vintage
            and kept.area_code = vintage_areas.lsoa_code

)

select * from dated
