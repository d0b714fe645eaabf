-- One row per authority, 31 March and age band at entry (and `all`): how long children looked
-- after that day had been so, and how long those had been whose period ended in the year to
-- that day; unsuppressed.

with

collections as (

    select * from {{ ref('dim_collections') }}
    where source = 'ssda903'

),

looked_after as (

    select * from {{ ref('fct_children_at_31_march') }}
    where measure = 'looked_after'

),

periods as (

    select * from {{ ref('fct_periods_of_care') }}
    where not is_short_break

),

bands as (

    select
        age_band,
        sort_order
    from {{ ref('age_bands') }}
    where scheme = 'dfe'

    union all

    select
        'unknown' as age_band,
        999 as sort_order

),

days as (

    select distinct
        la_code,
        at_date
    from collections

),

-- the period that a child looked after on the day was in
open_periods as (

    select
        looked_after.la_code,
        looked_after.at_date,
        coalesce(periods.entry_age_band, 'unknown') as age_band,
        case
            when periods.is_start_known
                then {{ days_between('periods.start_date', 'looked_after.at_date') }}
        end as days_in_care,
        case
            when periods.is_start_known then
                {{ is_over_two_years('periods.start_date', 'looked_after.at_date') }}
        end as is_over_two_years

    from looked_after
    left join periods
        on
            looked_after.la_code = periods.la_code
            and looked_after.child_key = periods.child_key
            and {{ is_open_on(
                'periods.start_date', 'periods.end_date', 'periods.last_repair_code',
                'looked_after.at_date'
            ) }}
    qualify row_number() over (
        partition by looked_after.la_code, looked_after.child_key, looked_after.at_date
        order by periods.period_number desc nulls last
    ) = 1

),

-- of a child who ceased more than once in the year, the last occasion
ended_periods as (

    select
        days.la_code,
        days.at_date,
        coalesce(periods.entry_age_band, 'unknown') as age_band,
        case
            when periods.is_start_known
                then {{ days_between('periods.start_date', 'periods.end_date') }}
        end as days_in_care,
        case
            when periods.is_start_known then
                {{ is_over_two_years('periods.start_date', 'periods.end_date') }}
        end as is_over_two_years

    from days
    inner join periods
        on
            days.la_code = periods.la_code
            and {{ add_years('days.at_date', -1) }} < periods.end_date
            and days.at_date >= periods.end_date
            and not {{ is_end_supplied('periods.last_repair_code') }}
    qualify row_number() over (
        partition by periods.la_code, periods.child_key, days.at_date
        order by periods.period_number desc nulls last
    ) = 1

),

all_periods as (

    select
        la_code,
        at_date,
        age_band,
        true as is_open,
        days_in_care,
        is_over_two_years
    from open_periods

    union all

    select
        la_code,
        at_date,
        age_band,
        false as is_open,
        days_in_care,
        is_over_two_years
    from ended_periods

),

in_bands as (

    select * from all_periods

    union all

    select
        la_code,
        at_date,
        'all' as age_band,
        is_open,
        days_in_care,
        is_over_two_years
    from all_periods

),

summed as (

    select
        la_code,
        at_date,
        age_band,
        cast(count(*) filter (where is_open) as integer) as children,
        cast(count(days_in_care) filter (where is_open) as integer)
            as children_with_known_start,
        cast(median(days_in_care) filter (where is_open) as double) as median_days,
        cast(count(*) filter (where is_open and is_over_two_years) as integer)
            as children_over_2_years,
        cast(count(*) filter (where not is_open) as integer) as ended_children,
        cast(count(days_in_care) filter (where not is_open) as integer)
            as ended_children_with_known_start,
        cast(median(days_in_care) filter (where not is_open) as double) as ended_median_days,
        cast(count(*) filter (where not is_open and is_over_two_years) as integer)
            as ended_children_over_2_years

    from in_bands
    group by la_code, at_date, age_band

),

framed as (

    select
        days.la_code,
        days.at_date,
        'all' as age_band,
        0 as sort_order
    from days

    union all

    select
        days.la_code,
        days.at_date,
        bands.age_band,
        bands.sort_order
    from days
    cross join bands

),

measured as (

    select
        -- key
        framed.la_code,
        framed.at_date,
        framed.age_band as age_at_entry_band,
        framed.sort_order,

        -- looked after on the day
        coalesce(summed.children, 0) as children,
        coalesce(summed.children_with_known_start, 0) as children_with_known_start,
        coalesce(summed.children_over_2_years, 0) as children_over_2_years,
        summed.median_days,
        {{ percentage('summed.children_over_2_years', 'summed.children_with_known_start') }}
            as share_over_2_years,

        -- ended in the year
        coalesce(summed.ended_children, 0) as ended_children,
        coalesce(summed.ended_children_with_known_start, 0) as ended_children_with_known_start,
        coalesce(summed.ended_children_over_2_years, 0) as ended_children_over_2_years,
        summed.ended_median_days,
        {{ percentage(
            'summed.ended_children_over_2_years', 'summed.ended_children_with_known_start'
        ) }} as ended_share_over_2_years

    from framed
    left join summed
        on
            framed.la_code = summed.la_code
            and framed.at_date = summed.at_date
            and framed.age_band = summed.age_band

)

select * from measured
