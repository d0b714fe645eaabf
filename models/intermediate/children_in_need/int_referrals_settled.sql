-- One row per referral: the account of the latest census that mentions it, told whether it
-- is a re-referral. The referral before it may stand in an earlier census only, so the
-- child's referrals of all censuses are looked at together.

with

numbered as (

    select * from {{ ref('int_referrals_numbered') }}

),

latest as (

    select
        la_code,
        child_key,
        referral_date,
        referral_number,
        max(collection_year) as collection_year
    from numbered
    where referral_date is not null
    group by la_code, child_key, referral_date, referral_number

),

referral_days as (

    select distinct
        la_code,
        child_key,
        referral_date
    from latest

),

-- days, not rows: a second referral on the same day does not follow the first
days_before as (

    select
        la_code,
        child_key,
        referral_date,
        lag(referral_date) over (
            partition by la_code, child_key order by referral_date asc nulls last
        ) as previous_referral_date
    from referral_days

),

settled as (

    select
        latest.la_code,
        latest.child_key,
        latest.referral_date,
        latest.referral_number,
        latest.collection_year,
        days_before.previous_referral_date,
        {{ is_within_12_months(
            'days_before.previous_referral_date', 'latest.referral_date'
        ) }} as is_rereferral
    from latest
    inner join days_before
        on
            latest.la_code = days_before.la_code
            and latest.child_key = days_before.child_key
            and latest.referral_date = days_before.referral_date

)

select * from settled
