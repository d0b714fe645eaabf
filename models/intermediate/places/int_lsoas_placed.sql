-- One row per LSOA and vintage of the authorities served, with its ward and township.
-- The ward is the best fit of that vintage where the authority's list of townships has it;
-- a ward of another vintage than the list's says nothing, so then the counterparts of the
-- LSOA in other vintages are asked; what nobody can place stays without a ward.

with

lsoas_delivered as (

    select * from {{ ref('int_lsoas_delivered') }}

),

lsoas_linked as (

    select * from {{ ref('int_lsoas_linked') }}

),

served as (

    select * from {{ ref('int_authorities_served') }}

),

wards as (

    select * from {{ ref('int_wards_settled') }}

),

lsoa_wards as (

    select * from {{ ref('stg_lookups__lsoa_wards') }}

),

area_names as (

    select * from {{ ref('stg_townships__area_names') }}

),

files as (

    select * from {{ ref('stg_landing__extract_files') }}

),

-- The authority as the most trusted source says it.
lsoas as (

    select
        lsoa_vintage,
        lsoa_code,
        min_by(la_code, case when la_code is not null then trust end) as la_code,
        min_by(lsoa_name, case when lsoa_name is not null then trust end) as lsoa_name
    from lsoas_delivered
    group by lsoa_vintage, lsoa_code

),

-- An LSOA of which no source says the authority lies where its counterparts do.
authorities_of_counterparts as (

    select
        lsoas_linked.lsoa_vintage,
        lsoas_linked.lsoa_code,
        min(others.la_code) as la_code
    from lsoas_linked
    inner join lsoas as others
        on
            lsoas_linked.other_vintage = others.lsoa_vintage
            and lsoas_linked.other_lsoa_code = others.lsoa_code
    group by lsoas_linked.lsoa_vintage, lsoas_linked.lsoa_code

),

names_of_lsoas as (

    select
        lsoa_code,
        max_by(lsoa_name, case when lsoa_name is not null then lsoa_vintage end) as lsoa_name
    from lsoas
    group by lsoa_code

),

lsoas_served as (

    select
        lsoas.lsoa_vintage,
        lsoas.lsoa_code,
        coalesce(lsoas.lsoa_name, names_of_lsoas.lsoa_name) as lsoa_name,
        served.la_code
    from lsoas
    left join authorities_of_counterparts
        on
            lsoas.lsoa_vintage = authorities_of_counterparts.lsoa_vintage
            and lsoas.lsoa_code = authorities_of_counterparts.lsoa_code
    left join names_of_lsoas
        on lsoas.lsoa_code = names_of_lsoas.lsoa_code
    inner join served
        on coalesce(lsoas.la_code, authorities_of_counterparts.la_code) = served.la_code

),

best_fits_delivered as (

    select
        case
            when lsoa01_code is not null then '2001'
            when lsoa11_code is not null then '2011'
            else '2021'
        end as lsoa_vintage,
        coalesce(lsoa01_code, lsoa11_code, lsoa21_code) as lsoa_code,
        ward_code,
        collection_year,
        file_id,
        row_number
    from lsoa_wards
    where ward_code is not null

),

best_fits as (

    select
        lsoas_served.la_code,
        lsoas_served.lsoa_vintage,
        lsoas_served.lsoa_code,
        wards.ward_code
    from best_fits_delivered
    inner join lsoas_served
        on
            best_fits_delivered.lsoa_vintage = lsoas_served.lsoa_vintage
            and best_fits_delivered.lsoa_code = lsoas_served.lsoa_code
    inner join wards
        on
            lsoas_served.la_code = wards.la_code
            and best_fits_delivered.ward_code = wards.ward_code
    left join files
        on
            best_fits_delivered.file_id = files.file_id
            and files.table_name = 'lookups__lsoa_wards'
    qualify row_number() over (
        partition by lsoas_served.lsoa_vintage, lsoas_served.lsoa_code
        order by
            best_fits_delivered.collection_year desc nulls last,
            files.landed_at desc nulls last,
            best_fits_delivered.file_id desc nulls last,
            best_fits_delivered.row_number desc nulls last
    ) = 1

),

wards_of_counterparts as (

    select
        lsoas_linked.lsoa_vintage,
        lsoas_linked.lsoa_code,
        best_fits.la_code,
        best_fits.ward_code,
        count(*) as counterparts,
        min(
            abs(
                cast(lsoas_linked.other_vintage as integer)
                - cast(lsoas_linked.lsoa_vintage as integer)
            )
        ) as years_apart
    from lsoas_linked
    inner join best_fits
        on
            lsoas_linked.other_vintage = best_fits.lsoa_vintage
            and lsoas_linked.other_lsoa_code = best_fits.lsoa_code
    group by
        lsoas_linked.lsoa_vintage,
        lsoas_linked.lsoa_code,
        best_fits.la_code,
        best_fits.ward_code

),

-- Of several counterparts, the ward that most of them have; then the nearest vintage.
best_fits_of_counterparts as (

    select
        lsoa_vintage,
        lsoa_code,
        la_code,
        ward_code
    from wards_of_counterparts
    qualify row_number() over (
        partition by lsoa_vintage, lsoa_code, la_code
        order by counterparts desc, years_apart asc, ward_code asc
    ) = 1

),

settled_area_names as (

    select
        area_names.lsoa_code,
        area_names.area_name
    from area_names
    left join files
        on area_names.file_id = files.file_id and files.table_name = 'townships__area_names'
    qualify row_number() over (
        partition by area_names.lsoa_code
        order by
            area_names.collection_year desc nulls last,
            files.landed_at desc nulls last,
            area_names.file_id desc nulls last,
            area_names.row_number desc nulls last
    ) = 1

),

placed as (

    select
        lsoas_served.la_code,
        lsoas_served.lsoa_code,
        lsoas_served.lsoa_vintage,
        lsoas_served.lsoa_name,
        coalesce(settled_area_names.area_name, lsoas_served.lsoa_name) as area_name,
        wards.ward_code,
        wards.ward_name,
        wards.township_name
    from lsoas_served
    left join best_fits
        on
            lsoas_served.lsoa_vintage = best_fits.lsoa_vintage
            and lsoas_served.lsoa_code = best_fits.lsoa_code
    left join best_fits_of_counterparts
        on
            lsoas_served.la_code = best_fits_of_counterparts.la_code
            and lsoas_served.lsoa_vintage = best_fits_of_counterparts.lsoa_vintage
            and lsoas_served.lsoa_code = best_fits_of_counterparts.lsoa_code
    left join wards
        on
            lsoas_served.la_code = wards.la_code
            and coalesce(best_fits.ward_code, best_fits_of_counterparts.ward_code)
            = wards.ward_code
    left join settled_area_names
        on lsoas_served.lsoa_code = settled_area_names.lsoa_code

)

select * from placed
