-- One row per period of care of a child.
-- A period is what its entry says it is: its first episode that is not a short break (or its
-- first episode, where all are).

with

episodes as (

    select * from {{ ref('int_episodes_stitched') }}

),

children as (

    select * from {{ ref('int_children_settled') }}

),

bounded as (

    select
        la_code,
        child_key,
        period_number,
        min(episode_number) as first_episode_number,
        coalesce(
            min(episode_number) filter (where not is_short_break), min(episode_number)
        ) as entry_episode_number,
        max(episode_number) as last_episode_number,
        bool_and(is_short_break) as is_short_break,
        cast(count(*) as integer) as episodes

    from episodes
    group by la_code, child_key, period_number

),

joined as (

    select
        -- key
        bounded.la_code,
        bounded.child_key,
        bounded.period_number,
        children.birth_date,

        -- its beginning and end
        entries.start_date,
        lasts.end_date,
        firsts.start_date as opened_date,
        coalesce(firsts.start_reason_code = 'S', false) as is_start_known,
        bounded.is_short_break,
        lasts.end_reason_code,
        lasts.repair_code as last_repair_code,
        lasts.last_returned_year,
        bounded.episodes,

        -- at entry
        entries.category_of_need_code,
        entries.legal_status_code,
        entries.placement_code,
        entries.home_postcode_key

    from bounded
    inner join episodes as firsts
        on
            bounded.la_code = firsts.la_code
            and bounded.child_key = firsts.child_key
            and bounded.first_episode_number = firsts.episode_number
    inner join episodes as entries
        on
            bounded.la_code = entries.la_code
            and bounded.child_key = entries.child_key
            and bounded.entry_episode_number = entries.episode_number
    inner join episodes as lasts
        on
            bounded.la_code = lasts.la_code
            and bounded.child_key = lasts.child_key
            and bounded.last_episode_number = lasts.episode_number
    left join children
        on
            bounded.la_code = children.la_code
            and bounded.child_key = children.child_key

)

select * from joined
