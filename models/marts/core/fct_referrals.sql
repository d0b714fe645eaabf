-- One row per referral per census that mentions it, with where the child lived on the day
-- of the referral. Counts of a year take its own census; `is_latest_account` marks the
-- account of the latest census that mentions the referral.

with

referrals as (

    select * from {{ ref('int_referrals_numbered') }}

),

settled as (

    select * from {{ ref('int_referrals_settled') }}

),

homes as (

    select * from {{ ref('int_homes_found') }}

),

postcodes as (

    select * from {{ ref('dim_postcodes') }}

),

placed as (

    select
        -- whose it is
        referrals.child_key,
        referrals.la_code,
        referrals.collection_year,

        -- the referral
        referrals.referral_number,
        referrals.referral_date,
        referrals.closure_date,
        referrals.closure_reason_code,
        referrals.referral_source_code,
        referrals.primary_need_code,
        referrals.is_no_further_action,
        coalesce(settled.is_rereferral, false) as is_rereferral,
        coalesce(settled.collection_year = referrals.collection_year, true) as is_latest_account,

        -- where the child lived that day
        {{ place_status('referrals.la_code', 'postcodes.la_code') }} as place_status,
        case when postcodes.la_code = referrals.la_code then postcodes.lsoa01_code end
            as lsoa01_code,
        case when postcodes.la_code = referrals.la_code then postcodes.lsoa11_code end
            as lsoa11_code,
        case when postcodes.la_code = referrals.la_code then postcodes.lsoa21_code end
            as lsoa21_code,
        case when postcodes.la_code = referrals.la_code then postcodes.ward_code end as ward_code,
        case when postcodes.la_code = referrals.la_code then postcodes.township_name end
            as township_name,

        -- how long the case was open
        cast({{ days_between('referrals.referral_date', 'referrals.closure_date') }} as integer)
            as duration_days

    from referrals
    left join settled
        on
            referrals.la_code = settled.la_code
            and referrals.child_key = settled.child_key
            and referrals.referral_date = settled.referral_date
            and referrals.referral_number = settled.referral_number
    left join homes
        on
            referrals.la_code = homes.la_code
            and referrals.child_key = homes.child_key
            and referrals.referral_date = homes.on_date
    left join postcodes on homes.postcode_key = postcodes.postcode_key

)

select * from placed
