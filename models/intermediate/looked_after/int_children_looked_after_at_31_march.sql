-- One row per child looked after per 31 March for which the authority delivered a return.
-- Open on the day, not in a short break, under 18 on the day. A child whose age nobody can
-- tell is counted.

with

returned as (

    select * from {{ ref('int_episodes_returned') }}

),

episodes as (

    select * from {{ ref('int_episodes_stitched') }}

),

periods as (

    select * from {{ ref('int_periods_of_care') }}

),

days as (

    select distinct
        la_code,
        {{ year_end('collection_year') }} as at_date

    from returned

),

open_episodes as (

    select
        episodes.la_code,
        episodes.child_key,
        days.at_date,
        max(episodes.period_number) as period_number

    from days
    inner join episodes
        on
            days.la_code = episodes.la_code
            and {{ is_open_on(
                'episodes.start_date', 'episodes.end_date', 'episodes.repair_code', 'days.at_date'
            ) }}
    where not episodes.is_short_break
    group by episodes.la_code, episodes.child_key, days.at_date

),

aged as (

    select
        open_episodes.la_code,
        open_episodes.child_key,
        open_episodes.at_date,
        periods.birth_date,
        {{ age_on('periods.birth_date', 'open_episodes.at_date') }} as age,
        open_episodes.period_number,
        periods.home_postcode_key,
        periods.category_of_need_code

    from open_episodes
    inner join periods
        on
            open_episodes.la_code = periods.la_code
            and open_episodes.child_key = periods.child_key
            and open_episodes.period_number = periods.period_number

)

select * from aged
where coalesce(age < 18, true)
