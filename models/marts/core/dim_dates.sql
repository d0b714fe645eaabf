-- One row per day, from the first day of the year of the first collection known to the last
-- 31 March known.

with

collections as (

    select * from {{ ref('dim_collections') }}

),

span as (

    select
        make_date(cast(year(min(at_date)) as integer) - 1, 4, 1) as first_date,
        max(at_date) as last_date
    from collections

),

days as (

    select {{ add_days('span.first_date', 'numbers.number') }} as calendar_date
    from span
    cross join {{ numbers(0, 36600) }} as numbers
    where numbers.number <= {{ days_between('span.first_date', 'span.last_date') }}

),

described as (

    select
        calendar_date,
        cast(year(calendar_date) as integer) as calendar_year,
        cast(month(calendar_date) as integer) as calendar_month,
        {{ financial_year('calendar_date') }} as financial_year,
        {{ year_end(financial_year('calendar_date')) }} as financial_year_end_date,
        month(calendar_date) = 3 and day(calendar_date) = 31 as is_31_march
    from days

)

select * from described
