-- One row per episode of a child per return, with its key across returns and whether it is
-- the latest account of that episode.
-- The key is (authority, child, start, number on the day). Episodes of one return that
-- begin on the same day are numbered from the last to end, open first, because it is the
-- last that later returns tell again: the one that ended that day keeps its own number.

with

episodes as (

    select * from {{ ref('stg_ssda903__episodes') }}

),

latest_returns as (

    select
        la_code,
        max(collection_year) as latest_collection_year

    from episodes
    group by la_code

),

narrowed as (

    select
        la_code,
        child_key,
        collection_year,
        start_date,
        end_date,
        start_reason_code,
        end_reason_code,
        file_id,
        row_number,
        case
            when has_unreadable_end_date then 'end date unreadable'
            when end_date < start_date then 'ends before it starts'
        end as unusable_reason,
        likeness_key,
        content_key

    from episodes

),

numbered as (

    select
        *,
        case
            when unusable_reason is null then
                cast(
                    dense_rank() over (
                        partition by
                            la_code, child_key, collection_year, start_date,
                            unusable_reason
                        order by end_date desc nulls first, content_key desc nulls last
                    ) as integer
                )
        end as number_on_day

    from narrowed

),

ranked as (

    select
        *,
        row_number() over (
            partition by la_code, child_key, start_date, number_on_day, unusable_reason
            order by
                collection_year desc nulls last, row_number asc nulls last,
                file_id asc nulls last
        ) as account_rank,
        max(collection_year) over (
            partition by la_code, child_key, start_date, number_on_day, unusable_reason
        ) as last_returned_year,
        min(collection_year) over (
            partition by la_code, child_key, start_date, number_on_day, unusable_reason
        ) as first_returned_year

    from numbered

),

judged as (

    select
        -- key
        ranked.la_code,
        ranked.child_key,
        ranked.start_date,
        ranked.number_on_day,
        ranked.collection_year,

        -- how it stands
        case
            when ranked.unusable_reason is not null then 'unusable'
            when ranked.account_rank = 1 then 'latest'
            when ranked.collection_year = ranked.last_returned_year then 'repeated'
            else 'superseded'
        end as account,
        ranked.unusable_reason,
        ranked.first_returned_year,
        ranked.collection_year < latest_returns.latest_collection_year as is_old_return,

        -- what stitching looks at
        ranked.end_date,
        ranked.start_reason_code,
        ranked.end_reason_code,
        ranked.likeness_key,

        -- provenance
        ranked.file_id,
        ranked.row_number

    from ranked
    left join latest_returns
        on ranked.la_code = latest_returns.la_code

)

select * from judged
