-- One row per collection year of which all working days are known: the days that lie so many
-- working days before the year begins or ends. The day counted from does not count itself.

with

working_days as (

    select * from {{ ref('working_days') }}

),

-- A collection year lies in two calendar years. Of the first that is known, the days before it
-- begins are not, so that it falls away below.
years as (

    select distinct
        year(working_date) as collection_year,
        {{ add_days(year_end('year(working_date) - 1'), 1) }} as year_start_date,
        {{ year_end('year(working_date)') }} as year_end_date
    from working_days

),

-- The last working day before the year begins, and the last before the day on which it ends.
last_days as (

    select
        years.collection_year,
        max(
            case
                when working_days.working_date < years.year_start_date
                    then working_days.working_day_number
            end
        ) as last_number_before_start,
        max(working_days.working_day_number) as last_number_before_end
    from years
    inner join working_days on years.year_end_date > working_days.working_date
    group by years.collection_year

)

select
    cast(last_days.collection_year as integer) as collection_year,
    one_before_start.working_date as one_before_start_date,
    fifteen_before_end.working_date as fifteen_before_end_date,
    forty_five_before_end.working_date as forty_five_before_end_date
from last_days
inner join working_days as one_before_start
    on last_days.last_number_before_start = one_before_start.working_day_number
inner join working_days as fifteen_before_end
    on last_days.last_number_before_end - 14 = fifteen_before_end.working_day_number
inner join working_days as forty_five_before_end
    on last_days.last_number_before_end - 44 = forty_five_before_end.working_day_number
