-- One row per period of care of a child, an unbroken run of stitched episodes.
-- What is said of its beginning is said of its entry: its first episode that is not a short
-- break (its first, where all are).

with

periods as (

    select * from {{ ref('int_periods_of_care') }}

),

postcodes as (

    select * from {{ ref('dim_postcodes') }}

),

age_bands as (

    select * from {{ ref('age_bands') }}
    where scheme = 'dfe'

),

aged as (

    select
        *,
        {{ age_on('birth_date', 'start_date') }} as age_at_start,
        {{ age_on('birth_date', 'end_date') }} as age_at_end

    from periods

),

placed as (

    select
        -- key
        aged.child_key,
        aged.la_code,
        aged.period_number,

        -- its beginning and end
        aged.start_date,
        aged.end_date,
        aged.opened_date,
        aged.is_start_known,
        aged.is_short_break,
        aged.episodes,

        -- at entry
        aged.age_at_start,
        case when aged.is_start_known then age_bands.age_band end as entry_age_band,
        aged.category_of_need_code,
        aged.legal_status_code,
        aged.placement_code,

        -- the home the child came from
        aged.home_postcode_key,
        {{ place_status('aged.la_code', 'postcodes.la_code') }} as place_status,
        case when postcodes.la_code = aged.la_code then postcodes.lsoa01_code end as lsoa01_code,
        case when postcodes.la_code = aged.la_code then postcodes.lsoa11_code end as lsoa11_code,
        case when postcodes.la_code = aged.la_code then postcodes.lsoa21_code end as lsoa21_code,
        case when postcodes.la_code = aged.la_code then postcodes.ward_code end as ward_code,
        case when postcodes.la_code = aged.la_code then postcodes.township_name end
            as township_name,

        -- at its end
        aged.age_at_end,
        aged.end_reason_code,
        aged.last_repair_code,
        aged.last_returned_year

    from aged
    left join postcodes
        on aged.home_postcode_key = postcodes.postcode_key
    left join age_bands
        on aged.age_at_start between age_bands.from_age and coalesce(age_bands.to_age, 999)

)

select * from placed
