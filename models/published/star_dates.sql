-- One row per day of the financial years that figures are told of.

with

figures as (

    select at_date from {{ ref('children_rates_safe') }}
    union all
    select at_date from {{ ref('township_profile_safe') }}
    union all
    select at_date from {{ ref('ward_profile_safe') }}

),

span as (

    select
        make_date({{ financial_year('min(at_date)') }} - 1, 4, 1) as first_date,
        {{ year_end(financial_year('max(at_date)')) }} as last_date
    from figures

),

days as (

    select {{ add_days('span.first_date', 'numbers.number') }} as calendar_date
    from span
    cross join {{ numbers(0, 36600) }} as numbers
    where numbers.number <= {{ days_between('span.first_date', 'span.last_date') }}

)

select
    {{ date_key('calendar_date') }} as date_key,
    calendar_date,
    cast(year(calendar_date) as integer) as calendar_year,
    cast(month(calendar_date) as integer) as calendar_month,
    {{ financial_year('calendar_date') }} as financial_year,
    concat(
        {{ financial_year('calendar_date') }} - 1,
        '-',
        substr(cast({{ financial_year('calendar_date') }} as string), 3, 2)
    ) as financial_year_name,
    cast(floor((month(calendar_date) + 8) % 12 / 3) + 1 as integer) as financial_quarter,
    month(calendar_date) = 3 and day(calendar_date) = 31 as is_31_march
from days
