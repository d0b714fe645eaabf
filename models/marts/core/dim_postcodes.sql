-- One row per postcode of the latest directory that has it, live or terminated, with the
-- authority, LSOAs, ward and township it lies in.

with

postcodes as (

    select * from {{ ref('stg_postcodes__postcodes') }}

),

files as (

    select * from {{ ref('stg_landing__extract_files') }}

),

la_codes as (

    select * from {{ ref('int_la_codes_known') }}

),

lsoas_linked as (

    select * from {{ ref('int_lsoas_linked') }}

),

areas as (

    select * from {{ ref('dim_areas') }}

),

wards as (

    select * from {{ ref('dim_wards') }}

),

latest as (

    select
        postcodes.postcode_key,
        coalesce(la_codes.la_code, postcodes.delivered_la_code) as la_code,
        postcodes.lsoa01_code,
        postcodes.lsoa11_code,
        postcodes.lsoa21_code,
        postcodes.ward_code as directory_ward_code,
        postcodes.easting,
        postcodes.northing,
        postcodes.is_terminated
    from postcodes
    left join files
        on
            postcodes.file_id = files.file_id
            and files.table_name = 'postcodes__postcodes'
    left join la_codes
        on postcodes.delivered_la_code = la_codes.delivered_code
    where postcodes.postcode_key is not null
    qualify row_number() over (
        partition by postcodes.postcode_key
        order by
            postcodes.collection_year desc nulls last,
            files.landed_at desc nulls last,
            postcodes.file_id desc nulls last,
            postcodes.row_number desc nulls last
    ) = 1

),

-- A directory of one generation has LSOAs of one or two vintages. The others follow where an
-- LSOA has one counterpart only; one that was split or merged away is not guessed.
counterparts as (

    select
        lsoa_vintage,
        lsoa_code,
        max(case when other_vintage = '2001' then other_lsoa_code end) as lsoa01_code,
        max(case when other_vintage = '2011' then other_lsoa_code end) as lsoa11_code,
        max(case when other_vintage = '2021' then other_lsoa_code end) as lsoa21_code
    from lsoas_linked
    where is_only_counterpart
    group by lsoa_vintage, lsoa_code

),

with_lsoas as (

    select
        latest.postcode_key,
        latest.la_code,
        latest.directory_ward_code,
        latest.easting,
        latest.northing,
        latest.is_terminated,
        coalesce(latest.lsoa01_code, from_2011.lsoa01_code, from_2021.lsoa01_code)
            as lsoa01_code,
        coalesce(latest.lsoa11_code, from_2021.lsoa11_code, from_2001.lsoa11_code)
            as lsoa11_code,
        coalesce(latest.lsoa21_code, from_2011.lsoa21_code, from_2001.lsoa21_code)
            as lsoa21_code
    from latest
    left join counterparts as from_2001
        on latest.lsoa01_code = from_2001.lsoa_code and from_2001.lsoa_vintage = '2001'
    left join counterparts as from_2011
        on latest.lsoa11_code = from_2011.lsoa_code and from_2011.lsoa_vintage = '2011'
    left join counterparts as from_2021
        on latest.lsoa21_code = from_2021.lsoa_code and from_2021.lsoa_vintage = '2021'

),

-- The ward of the directory where the authority's list has it (postcodes of one LSOA may lie
-- in several wards); otherwise the best fit of the LSOA.
with_ward_codes as (

    select
        with_lsoas.*,
        coalesce(
            directory_wards.ward_code, areas21.ward_code, areas11.ward_code, areas01.ward_code
        ) as ward_code
    from with_lsoas
    left join wards as directory_wards
        on
            with_lsoas.la_code = directory_wards.la_code
            and with_lsoas.directory_ward_code = directory_wards.ward_code
    left join areas as areas21
        on
            with_lsoas.la_code = areas21.la_code
            and with_lsoas.lsoa21_code = areas21.lsoa_code
            and areas21.lsoa_vintage = '2021'
    left join areas as areas11
        on
            with_lsoas.la_code = areas11.la_code
            and with_lsoas.lsoa11_code = areas11.lsoa_code
            and areas11.lsoa_vintage = '2011'
    left join areas as areas01
        on
            with_lsoas.la_code = areas01.la_code
            and with_lsoas.lsoa01_code = areas01.lsoa_code
            and areas01.lsoa_vintage = '2001'

),

placed as (

    select
        with_ward_codes.postcode_key,
        with_ward_codes.la_code,
        with_ward_codes.lsoa01_code,
        with_ward_codes.lsoa11_code,
        with_ward_codes.lsoa21_code,
        wards.ward_code,
        wards.ward_name,
        wards.township_name,
        with_ward_codes.easting,
        with_ward_codes.northing,
        with_ward_codes.is_terminated
    from with_ward_codes
    left join wards
        on
            with_ward_codes.la_code = wards.la_code
            and with_ward_codes.ward_code = wards.ward_code

)

select * from placed
