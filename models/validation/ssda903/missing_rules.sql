-- One row per rule of the SSDA903 return and spell missing that does not meet it.

with

spells as (

    select * from {{ ref('judged_missing') }}

),

episodes as (

    select * from {{ ref('judged_episodes') }}

),

periods as (

    select * from {{ ref('periods_in_return') }}

),

children as (

    select * from {{ ref('children_with_episodes') }}

),

codes as (

    select * from {{ ref('ssda903_codes') }}

),

joined as (

    select
        spells.*,
        children.child_key is not null as has_episodes
    from spells
    left join children on {{ is_same_child('spells', 'children') }}

),

judged as (

    select
        *,

        -- Missing or away, and no first day.
        missing in ('M', 'A') and mis_start is null as fails_564,

        -- A first day, and neither missing nor away.
        missing is null and mis_start is not null as fails_565,

        -- A last day, and neither missing nor away.
        missing is null and mis_end is not null as fails_566,

        -- It ends before it begins.
        mis_end_date < mis_start_date as fails_567,

        -- It begins after the year.
        mis_start_date > year_end_date as fails_570,

        -- It ends before or after the year.
        mis_end_date not between year_start_date and year_end_date as fails_571,

        -- It begins before an earlier spell has ended.
        exists(
            select 1 from spells
            where
                {{ is_same_child('joined', 'spells') }}
                and {{
                    begins_within_earlier(
                        'joined', 'spells', 'mis_start_date', 'mis_end_date', 'mis_end'
                    )
                }}
        ) as fails_574,

        -- It is open, and the episode has ended in which it began.
        mis_end is null
        and exists (
            select 1 from episodes
            where
                {{ is_same_child('joined', 'episodes') }}
                and joined.mis_start_date between episodes.decom_date and episodes.dec_date
        ) as fails_575,

        -- No period of care holds its end, or lasts as it does.
        has_episodes
        and mis_start_date is not null
        and (mis_end is null or mis_end_date is not null)
        and not exists (
            select 1 from periods
            where
                {{ is_same_child('joined', 'periods') }}
                and periods.start_date <= coalesce(joined.mis_end_date, joined.mis_start_date)
                and (periods.end_date is null or periods.end_date >= joined.mis_end_date)
        ) as fails_577,

        -- No period of care holds its first day.
        has_episodes
        and mis_start_date is not null
        and not exists (
            select 1 from periods
            where
                {{ is_same_child('joined', 'periods') }}
                and periods.start_date <= joined.mis_start_date
                and (periods.end_date is null or periods.end_date >= joined.mis_start_date)
        ) as fails_578,

        -- No episode holds its first day.
        has_episodes
        and mis_start_date is not null
        and not exists (
            select 1 from episodes
            where
                {{ is_same_child('joined', 'episodes') }}
                and episodes.decom_date <= joined.mis_start_date
                and (episodes.dec is null or episodes.dec_date >= joined.mis_start_date)
        ) as fails_581,

        -- It begins no later than the child.
        mis_start_date <= birth_date as fails_586,

        -- Its first day is missing or no date.
        mis_start_date is null as fails_1004,

        -- Its last day is no date.
        mis_end is not null and mis_end_date is null as fails_1005,

        -- It is neither missing nor away.
        missing is not null
        and not {{ is_code_of('codes', 'MISSING', 'missing', 'joined') }} as fails_1006

    from joined

)

{{ failures_in('judged') }}
