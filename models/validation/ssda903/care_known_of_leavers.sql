-- One row per care leaver (OC3) of an SSDA903 return and its child: what this return and those
-- before it tell of the time that the child was looked after.

with

episodes as (

    select * from {{ ref('judged_episodes') }}
    where child_key is not null and decom_date is not null

),

leavers as (

    select
        la_code,
        collection_year,
        child_key,
        min(birth_date) as birth_date,
        min(year_end_date) as year_end_date
    from {{ ref('judged_oc3') }}
    where child_key is not null
    group by la_code, collection_year, child_key

),

returns as (

    select distinct
        la_code,
        collection_year
    from episodes

),

-- Those before which the authority delivered none.
firsts as (

    select
        returns.la_code,
        returns.collection_year
    from returns
    left join returns as before
        on
            returns.la_code = before.la_code
            and returns.collection_year - 1 = before.collection_year
    where before.la_code is null

),

-- How far back the returns of an authority reach without a gap.
reaches as (

    select
        returns.la_code,
        returns.collection_year,
        max(firsts.collection_year) as first_year
    from returns
    inner join firsts
        on
            returns.la_code = firsts.la_code
            and returns.collection_year >= firsts.collection_year
    group by returns.la_code, returns.collection_year

),

-- An episode as the returns tell it together: open in one of them, it may have ended in the next.
told as (

    select
        leavers.la_code,
        leavers.collection_year,
        leavers.child_key,
        leavers.birth_date,
        leavers.year_end_date,
        episodes.decom_date,
        min(episodes.dec_date) as dec_date,
        max(episodes.rec) as rec,
        max(case when episodes.is_short_break then 1 else 0 end) = 1 as is_short_break
    from leavers
    inner join episodes
        on
            leavers.la_code = episodes.la_code
            and leavers.child_key = episodes.child_key
            and leavers.collection_year >= episodes.collection_year
    group by
        leavers.la_code,
        leavers.collection_year,
        leavers.child_key,
        leavers.birth_date,
        leavers.year_end_date,
        episodes.decom_date

),

-- One of which no return tells the end lasts until the next, and the latest until the year's end.
bounded as (

    select
        *,
        coalesce(
            dec_date,
            lead(decom_date) over (
                partition by la_code, collection_year, child_key
                order by decom_date
            ),
            year_end_date
        ) as until_date,
        row_number() over (
            partition by la_code, collection_year, child_key
            order by decom_date desc
        ) as number_from_latest
    from told

),

summed as (

    select
        la_code,
        collection_year,
        child_key,
        sum({{ days_since_birthday(14) }}) as days_since_14,
        sum({{ days_since_birthday(16) }}) as days_since_16,
        max(case when number_from_latest = 1 and {{ is_adopted('rec') }} then 1 else 0 end) = 1
            as is_adopted
    from bounded
    group by la_code, collection_year, child_key

)

select
    leavers.la_code,
    leavers.collection_year,
    leavers.child_key,
    summed.child_key is not null as has_episodes,
    cast(coalesce(summed.days_since_14, 0) as integer) as days_since_14,
    cast(coalesce(summed.days_since_16, 0) as integer) as days_since_16,
    coalesce(summed.is_adopted, false) as is_adopted,
    -- Whether all that would qualify the child could stand in the returns that are held.
    coalesce(
        {{ add_years('leavers.birth_date', 18) }}
        > {{ year_end('coalesce(reaches.first_year, leavers.collection_year) - 1') }},
        false
    ) as is_within_reach
from leavers
left join summed on {{ is_same_child('leavers', 'summed') }}
left join reaches
    on
        leavers.la_code = reaches.la_code
        and leavers.collection_year = reaches.collection_year
