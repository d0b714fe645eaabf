-- One row per authority and year to 31 March: how many of the children whose care ended in the
-- year came back within 12 months, and how many of those who started in it had been looked
-- after before; unsuppressed.
--
-- A return is known where both its ends are in returns that we hold. Whether children came back
-- is told of years after which there is a return; whether they had been here before, of years
-- before which there is one. A year with neither has no row.

with

collections as (

    select * from {{ ref('dim_collections') }}
    where source = 'ssda903'

),

end_reasons as (

    select * from {{ ref('end_reasons') }}

),

-- short breaks are neither care that ends nor a return to it
periods as (

    select * from {{ ref('fct_periods_of_care') }}
    where not is_short_break

),

years as (

    select
        la_code,
        at_date,
        coalesce(
            lag(at_date) over (partition by la_code order by at_date asc nulls last)
            = {{ add_years('at_date', -1) }},
            false
        ) as is_year_before_held,
        coalesce(
            lead(at_date) over (partition by la_code order by at_date asc nulls last)
            = {{ add_years('at_date', 1) }},
            false
        ) as is_year_after_held,
        min(at_date) over (partition by la_code) as first_at_date
    from collections

),

-- each period beside the child's care before it and after it
in_order as (

    select
        periods.*,
        lag(periods.end_date) over (
            partition by periods.la_code, periods.child_key
            order by periods.period_number asc nulls last
        ) as previous_end_date,
        lead(periods.start_date) over (
            partition by periods.la_code, periods.child_key
            order by periods.period_number asc nulls last
        ) as next_date,
        row_number() over (
            partition by periods.la_code, periods.child_key
            order by periods.period_number asc nulls last
        ) > 1 as is_after_earlier_care
    from periods

),

-- Care that goes on the same day has not ended, nor started: the department lets no start be
-- returned on that day. Nor may a child come back who was adopted, died, went to another
-- authority or is an adult; an end that no return gave may have been any of these.
judged as (

    select
        in_order.*,
        in_order.is_start_known
        and coalesce(in_order.previous_end_date < in_order.start_date, true) as is_start,
        in_order.end_date is not null
        and coalesce(in_order.next_date > in_order.end_date, true)
        and not {{ is_end_supplied('in_order.last_repair_code') }}
        and coalesce(end_reasons.is_return_possible, true)
        and coalesce(in_order.age_at_end < 18, true) as is_end_to_return_from
    from in_order
    left join end_reasons on in_order.end_reason_code = end_reasons.end_reason_code

),

followed as (

    select
        judged.*,
        min(case when judged.is_start then judged.start_date end) over (
            partition by judged.la_code, judged.child_key
            order by judged.period_number asc nulls last
            rows between 1 following and unbounded following
        ) as next_start_date
    from judged

),

ends as (

    select
        la_code,
        child_key,
        {{ year_end(financial_year('end_date')) }} as at_date,
        {{ is_within_12_months('end_date', 'next_start_date') }} as has_returned
    from followed
    where is_end_to_return_from

),

starts as (

    select
        la_code,
        child_key,
        {{ year_end(financial_year('start_date')) }} as at_date,
        is_after_earlier_care,
        {{ is_within_12_months('previous_end_date', 'start_date') }} as is_within_12_months
    from followed
    where is_start

),

-- a child counts once in a year, with whichever of the year's ends or starts tells of a return
children_ceased as (

    select
        la_code,
        at_date,
        child_key,
        bool_or(has_returned) as has_returned
    from ends
    group by la_code, at_date, child_key

),

children_started as (

    select
        la_code,
        at_date,
        child_key,
        bool_or(is_after_earlier_care) as is_again,
        bool_or(is_within_12_months) as is_within_12_months
    from starts
    group by la_code, at_date, child_key

),

ceased as (

    select
        la_code,
        at_date,
        cast(count(*) as integer) as children,
        cast(count(*) filter (where has_returned) as integer) as returned
    from children_ceased
    group by la_code, at_date

),

started as (

    select
        la_code,
        at_date,
        cast(count(*) as integer) as children,
        cast(count(*) filter (where is_again) as integer) as again,
        cast(count(*) filter (where is_within_12_months) as integer) as within_12_months
    from children_started
    group by la_code, at_date

),

counted as (

    select
        -- key
        years.la_code,
        years.at_date,
        {{ add_days(add_years('years.first_at_date', -1), 1) }} as records_start_date,

        -- ceased
        coalesce(ceased.children, 0) as ceased_children,
        case when years.is_year_after_held then coalesce(ceased.returned, 0) end
            as returned_children,

        -- started: not told before it can be told who had been here before, for then both what was
        -- told and the cohort would tell that
        case when years.is_year_before_held then coalesce(started.children, 0) end
            as started_children,
        case when years.is_year_before_held then coalesce(started.again, 0) end
            as started_again_children,
        case when years.is_year_before_held then coalesce(started.within_12_months, 0) end
            as started_within_12_months_children

    from years
    left join ceased
        on
            years.la_code = ceased.la_code
            and years.at_date = ceased.at_date
    left join started
        on
            years.la_code = started.la_code
            and years.at_date = started.at_date
    where years.is_year_before_held or years.is_year_after_held

),

measured as (

    select
        la_code,
        at_date,
        records_start_date,
        ceased_children,
        returned_children,
        {{ percentage_with_limits('returned_percent', 'returned_children', 'ceased_children') }},
        started_children,
        started_again_children,
        {{ percentage_with_limits(
            'started_again_percent', 'started_again_children', 'started_children'
        ) }},
        started_within_12_months_children,
        {{ percentage_with_limits(
            'started_within_12_months_percent',
            'started_within_12_months_children',
            'started_children'
        ) }}
    from counted

)

select * from measured
