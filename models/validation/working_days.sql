-- One row per working day of England, Monday to Friday but for bank holidays, in the calendar
-- years that the seed of bank holidays covers, numbered in their order.

with

bank_holidays as (

    select * from {{ ref('bank_holidays') }}

),

years_covered as (

    select
        min(make_date(year(holiday_date), 1, 1)) as first_date,
        max(make_date(year(holiday_date), 12, 31)) as last_date
    from bank_holidays

),

-- More days than a century has, of which those covered are taken.
numbers as (

    select number from {{ numbers(0, 40000) }} as counted -- noqa: AL05

),

days as (

    select {{ add_days('years_covered.first_date', 'numbers.number') }} as calendar_date
    from years_covered
    inner join numbers
        on
            numbers.number
            <= {{ days_between('years_covered.first_date', 'years_covered.last_date') }}

)

select
    days.calendar_date as working_date,
    cast(row_number() over (order by days.calendar_date) as integer) as working_day_number
from days
left join bank_holidays on days.calendar_date = bank_holidays.holiday_date
where
    bank_holidays.holiday_date is null
    and not {{ is_weekend('days.calendar_date') }}
