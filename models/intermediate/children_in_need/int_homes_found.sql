-- One row per child in need per day on which we ask where the child lived: the days of its
-- referrals and the 31 Marches on which it was in need or on a plan. The address spell that
-- covers the day tells, else the HOME_POST of the period of care open on the day, else that
-- of the latest period begun before it. A spell or period without a postcode tells nothing.

with

referrals as (

    select * from {{ ref('int_referrals_numbered') }}

),

in_need as (

    select * from {{ ref('int_children_in_need_at_31_march') }}

),

on_plan as (

    select * from {{ ref('int_children_on_plan_at_31_march') }}

),

addresses as (

    select * from {{ ref('int_addresses_settled') }}

),

periods as (

    select * from {{ ref('int_periods_of_care') }}

),

days as (

    select
        la_code,
        child_key,
        referral_date as on_date
    from referrals
    where referral_date is not null

    union

    select
        la_code,
        child_key,
        at_date as on_date
    from in_need

    union

    select
        la_code,
        child_key,
        at_date as on_date
    from on_plan

),

-- the spell that began last; of two that began together the open one, then the longer
address_on_day as (

    select
        days.la_code,
        days.child_key,
        days.on_date,
        addresses.postcode_key
    from days
    inner join addresses
        on
            days.la_code = addresses.la_code
            and days.child_key = addresses.child_key
            and days.on_date >= addresses.from_date
            and (addresses.to_date is null or days.on_date <= addresses.to_date)
    qualify
        row_number() over (
            partition by days.la_code, days.child_key, days.on_date
            order by
                addresses.from_date desc nulls last,
                addresses.to_date desc nulls first,
                addresses.postcode_key asc nulls last
        ) = 1

),

periods_begun as (

    select
        days.la_code,
        days.child_key,
        days.on_date,
        periods.home_postcode_key as postcode_key,
        periods.start_date,
        periods.period_number,
        {{ is_open_on(
            'periods.start_date', 'periods.end_date', 'periods.last_repair_code', 'days.on_date'
        ) }} as is_open
    from days
    inner join periods
        on
            days.la_code = periods.la_code
            and days.child_key = periods.child_key
            and days.on_date >= periods.start_date
    where periods.home_postcode_key is not null

),

period_by_day as (

    select
        la_code,
        child_key,
        on_date,
        postcode_key,
        is_open
    from periods_begun
    qualify
        row_number() over (
            partition by la_code, child_key, on_date
            order by
                is_open desc nulls last,
                start_date desc nulls last,
                period_number desc nulls last
        ) = 1

),

found as (

    select
        days.la_code,
        days.child_key,
        days.on_date,
        coalesce(address_on_day.postcode_key, period_by_day.postcode_key) as postcode_key,
        case
            when address_on_day.postcode_key is not null then 'address'
            when period_by_day.is_open then 'period of care open'
            when period_by_day.postcode_key is not null then 'period of care before'
            else 'none'
        end as postcode_source
    from days
    left join address_on_day
        on
            days.la_code = address_on_day.la_code
            and days.child_key = address_on_day.child_key
            and days.on_date = address_on_day.on_date
    left join period_by_day
        on
            days.la_code = period_by_day.la_code
            and days.child_key = period_by_day.child_key
            and days.on_date = period_by_day.on_date

)

select * from found
