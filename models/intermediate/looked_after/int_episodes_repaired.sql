-- One row per episode as its latest return tells it, kept or dropped by the repairs.
-- What no later return explains is repaired by a named rule (seed episode_repair_rules), in
-- four steps. Dropped rows stay here, marked: windows that take neighbours afresh leave
-- them out by having them in a partition of their own.

with

accounts as (

    select * from {{ ref('int_episodes_returned') }}
    where account = 'latest'

),

positioned as (

    select
        la_code,
        child_key,
        start_date,
        number_on_day,
        collection_year,
        first_returned_year,
        end_date,
        start_reason_code,
        end_reason_code,
        likeness_key,
        file_id,
        row_number,
        end_date is null and is_old_return as is_left_open,
        row_number() over (
            partition by la_code, child_key
            order by start_date asc nulls last, number_on_day desc nulls last
        ) as position

    from accounts

),

-- Step 1, `duplicate`. A run is an unbroken row of left-open episodes that are alike. All
-- in it fall that were returned before the latest of the run and of the like episodes on
-- either side, which is what dropping one at a time until nothing falls comes to.
beside_others as (

    select
        *,
        lag(is_left_open) over (
            partition by la_code, child_key order by position asc nulls last
        ) as is_previous_left_open,
        lag(likeness_key) over (
            partition by la_code, child_key order by position asc nulls last
        ) as previous_likeness_key,
        lag(collection_year) over (
            partition by la_code, child_key order by position asc nulls last
        ) as previous_collection_year,
        lead(likeness_key) over (
            partition by la_code, child_key order by position asc nulls last
        ) as next_likeness_key,
        lead(collection_year) over (
            partition by la_code, child_key order by position asc nulls last
        ) as following_collection_year

    from positioned

),

beside_like as (

    select
        *,
        coalesce(
            is_left_open and is_previous_left_open and likeness_key = previous_likeness_key,
            false
        ) as is_in_run_of_previous,
        greatest(
            collection_year,
            case
                when likeness_key = previous_likeness_key then previous_collection_year
                else collection_year
            end,
            case
                when likeness_key = next_likeness_key then following_collection_year
                else collection_year
            end
        ) as latest_like_year

    from beside_others

),

in_runs as (

    select
        *,
        sum(case when is_in_run_of_previous then 0 else 1 end) over (
            partition by la_code, child_key
            order by position asc nulls last
            rows between unbounded preceding and current row
        ) as run_number

    from beside_like

),

without_duplicates as (

    select
        *,
        {{ is_repair_applied('duplicate') }}
        and is_left_open
        and collection_year < max(latest_like_year) over (
            partition by la_code, child_key, run_number
        ) as is_duplicate

    from in_runs

),

-- Step 2, `replaced`. A stretch is an episode that was not left open and the left-open ones
-- after it. Read from its beginning, an episode falls to the last one kept before it when
-- that was returned later and runs past its start. That is either the one that heads the
-- stretch or a left-open one, which runs past everything after it.
in_stretches as (

    select
        *,
        sum(case when is_left_open then 0 else 1 end) over (
            partition by la_code, child_key, is_duplicate
            order by position asc nulls last
            rows between unbounded preceding and current row
        ) as stretch_number

    from without_duplicates

),

beside_heads as (

    select
        *,
        coalesce(
            is_left_open
            and max(case when not is_left_open then collection_year end) over (
                partition by la_code, child_key, is_duplicate, stretch_number
            ) > collection_year
            and max(
                case
                    when not is_left_open then coalesce(end_date, make_date(9999, 12, 31))
                end
            ) over (
                partition by la_code, child_key, is_duplicate, stretch_number
            ) > start_date,
            false
        ) as is_outlived_by_head

    from in_stretches

),

without_replaced as (

    select
        *,
        {{ is_repair_applied('replaced') }}
        and not is_duplicate
        and is_left_open
        and (
            is_outlived_by_head
            or collection_year < coalesce(
                max(
                    case
                        when is_left_open and not is_outlived_by_head then collection_year
                    end
                ) over (
                    partition by la_code, child_key, is_duplicate, stretch_number
                    order by position asc nulls last
                    rows between unbounded preceding and 1 preceding
                ), 0
            )
        ) as is_replaced

    from beside_heads

),

-- Steps 3 and 4 drop nothing and move no start, so what follows an episode is the same in both.
before_next as (

    select
        *,
        lead(start_date) over (
            partition by la_code, child_key, is_duplicate or is_replaced
            order by position asc nulls last
        ) as next_start_date,
        coalesce(lead(start_reason_code) over (
            partition by la_code, child_key, is_duplicate or is_replaced
            order by position asc nulls last
        ) = 'S', false) as is_next_start_of_care,
        lead(collection_year) over (
            partition by la_code, child_key, is_duplicate or is_replaced
            order by position asc nulls last
        ) as next_collection_year

    from without_replaced

),

named as (

    select
        *,
        is_duplicate or is_replaced as is_dropped,
        case
            when is_duplicate then 'duplicate'
            when is_replaced then 'replaced'
            when
                {{ is_repair_applied('vanished') }}
                and is_left_open and next_start_date is null
                then 'vanished'
            when
                {{ is_repair_applied('restarted') }}
                and is_left_open and is_next_start_of_care
                then 'restarted'
            when
                {{ is_repair_applied('continued') }}
                and is_left_open and next_start_date is not null
                and not is_next_start_of_care
                then 'continued'
            when
                {{ is_repair_applied('overlap') }}
                and next_start_date < coalesce(end_date, make_date(9999, 12, 31))
                then 'overlap'
            when
                {{ is_repair_applied('gap') }}
                and end_reason_code = 'X1'
                and end_date < next_start_date
                and next_collection_year > collection_year
                then 'gap'
        end as repair_code

    from before_next

),

repaired as (

    select
        -- key
        la_code,
        child_key,
        start_date,
        number_on_day,

        -- the repair
        is_dropped,
        repair_code,
        case
            when not is_dropped then
                cast(
                    row_number() over (
                        partition by la_code, child_key, is_dropped
                        order by position asc nulls last
                    ) as integer
                )
        end as episode_number,

        -- its beginning and end
        start_reason_code,
        end_date as returned_end_date,
        end_reason_code as returned_end_reason_code,
        case
            when is_dropped then null
            when repair_code = 'vanished'
                then greatest(start_date, {{ year_end('collection_year') }})
            when repair_code = 'restarted'
                then
                    greatest(
                        start_date,
                        least(
                            {{ year_end('collection_year') }},
                            {{ add_days('next_start_date', -1) }}
                        )
                    )
            when repair_code in ('continued', 'overlap', 'gap') then next_start_date
            else end_date
        end as end_date,
        case
            when is_dropped then null
            when {{ is_end_supplied('repair_code') }} then null
            when repair_code = 'continued' then 'X1'
            when repair_code = 'overlap' and not is_next_start_of_care then 'X1'
            else end_reason_code
        end as end_reason_code,

        -- provenance
        collection_year,
        first_returned_year,
        file_id,
        row_number

    from named

)

select * from repaired
