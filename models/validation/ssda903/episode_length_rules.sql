-- One row per rule of how long children stay, and how often, and row that does not meet it.

with

episodes as (

    select * from {{ ref('judged_episodes') }}

),

-- An episode that is open lasts until the year ends.
until as (

    select
        *,
        case when dec is null then year_end_date else dec_date end as until_date
    from episodes

),

-- Episodes of one legal status follow on when one begins by the day another has ended.
with_previous as (

    select
        file_id,
        row_number,
        la_code,
        collection_year,
        child_key,
        ls,
        decom_date,
        until_date,
        episode_number,
        case
            when
                decom_date <= lag(until_date) over (
                    partition by la_code, collection_year, child_key, ls
                    order by episode_number
                )
                then 0
            else 1
        end as begins_anew
    from until
    where episode_number is not null and ls in ('L1', 'L2', 'L3', 'J2')

),

with_stay_number as (

    select
        *,
        sum(begins_anew) over (
            partition by la_code, collection_year, child_key, ls
            order by episode_number
            rows between unbounded preceding and current row
        ) as stay_number
    from with_previous

),

stays as (

    select
        file_id,
        row_number,
        {{ days_between(
            'min(decom_date) over (partition by la_code, collection_year, child_key, ls, '
            ~ 'stay_number)',
            'max(until_date) over (partition by la_code, collection_year, child_key, ls, '
            ~ 'stay_number)'
        ) }} as days
    from with_stay_number

),

-- Days of short breaks within the year, child by child.
short_breaks as (

    select
        la_code,
        collection_year,
        child_key,
        sum(
            case
                when ls = 'V3' and until_date >= year_start_date and decom_date <= year_end_date
                    then {{ days_between(
                        'greatest(decom_date, year_start_date)',
                        'least(until_date, year_end_date)'
                    ) }}
            end
        ) as days,
        max(case when ls = 'V3' then 1 else 0 end) = 1
        and max(case when ls = 'V4' then 1 else 0 end) = 1 as is_of_both_kinds
    from until
    where ls in ('V3', 'V4') and child_key is not null
    group by la_code, collection_year, child_key

),

-- The start of the holiday two before, among those of the carers.
carers_holidays as (

    select
        file_id,
        row_number,
        lag(decom_date, 2) over (
            partition by la_code, collection_year, child_key
            order by episode_number
        ) as two_before_date
    from episodes
    where place = 'T3' and episode_number is not null

),

judged as (

    select
        until.*,

        -- Under police protection for more than 72 hours.
        until.ls = 'L1' and stays.days > 3 as fails_361,

        -- Under an emergency protection order for more than 21 days.
        until.ls = 'L2' and stays.days > 21 as fails_362,

        -- Under a child assessment order for more than seven days.
        until.ls = 'L3' and stays.days > 7 as fails_363,

        -- Detained by the police for more than 21 days.
        until.ls = 'J2' and stays.days > 21 as fails_364,

        -- A short break of more than 17 days.
        until.ls = 'V3' and until.until_date > {{ add_days('until.decom_date', 17) }}
            as fails_365,

        -- A short break that does not begin as the start of being looked after.
        until.ls = 'V3' and (until.rne is distinct from 'S') as fails_366,

        -- More than 75 days of short breaks in the year.
        until.ls = 'V3' and short_breaks.days > 75 as fails_367,

        -- In hospital for more than six weeks.
        until.place = 'T1' and until.until_date > {{ add_days('until.decom_date', 42) }}
            as fails_375,

        -- Elsewhere for the carer's holiday for more than three weeks.
        until.place = 'T3' and until.until_date > {{ add_days('until.decom_date', 21) }}
            as fails_376,

        -- Elsewhere for a carer's holiday for the third time in twelve months.
        until.place = 'T3'
        and {{ is_within_12_months('carers_holidays.two_before_date', 'until.decom_date') }}
            as fails_377,

        -- On a temporary move of no known kind for more than seven days.
        until.place = 'T4' and until.until_date > {{ add_days('until.decom_date', 7) }}
            as fails_379,

        -- Both kinds of short breaks in one year.
        until.ls in ('V3', 'V4') and short_breaks.is_of_both_kinds as fails_426

    from until
    left join stays
        on until.file_id = stays.file_id and until.row_number = stays.row_number
    left join short_breaks
        on
            until.la_code = short_breaks.la_code
            and until.collection_year = short_breaks.collection_year
            and until.child_key = short_breaks.child_key
    left join carers_holidays
        on
            until.file_id = carers_holidays.file_id
            and until.row_number = carers_holidays.row_number

)

{{ failures_in('judged') }}
