-- One row per stitched episode, told which period of care it belongs to.
-- A period opens with a start of care (RNE S), with a child's first episode on record, and
-- with an episode after one that ended care (any REC but X1).

with

repaired as (

    select * from {{ ref('int_episodes_repaired') }}
    where not is_dropped

),

returned as (

    select * from {{ ref('stg_ssda903__episodes') }}

),

legal_statuses as (

    select * from {{ ref('legal_statuses') }}

),

linked as (

    select
        la_code,
        child_key,
        episode_number,
        coalesce(
            coalesce(start_reason_code, '') <> 'S'
            and lag(end_reason_code) over (
                partition by la_code, child_key
                order by episode_number asc nulls last
            ) = 'X1',
            false
        ) as is_linked_to_previous

    from repaired

),

grouped as (

    select
        la_code,
        child_key,
        episode_number,
        cast(
            sum(case when is_linked_to_previous then 0 else 1 end) over (
                partition by la_code, child_key
                order by episode_number asc nulls last
                rows between unbounded preceding and current row
            ) as integer
        ) as period_number

    from linked

),

joined as (

    select
        -- key
        repaired.la_code,
        repaired.child_key,
        repaired.episode_number,
        grouped.period_number,

        -- its beginning and end
        repaired.start_date,
        repaired.end_date,
        repaired.start_reason_code,
        repaired.end_reason_code,

        -- the episode
        returned.legal_status_code,
        returned.category_of_need_code,
        returned.placement_code,
        returned.placement_provider_code,
        returned.home_postcode_key,
        returned.placement_postcode_key,
        returned.urn,
        coalesce(legal_statuses.is_short_break, false) as is_short_break,

        -- how it was returned
        repaired.first_returned_year,
        repaired.collection_year as last_returned_year,
        repaired.repair_code

    from repaired
    inner join grouped
        on
            repaired.la_code = grouped.la_code
            and repaired.child_key = grouped.child_key
            and repaired.episode_number = grouped.episode_number
    inner join returned
        on
            repaired.file_id = returned.file_id
            and repaired.row_number = returned.row_number
    left join legal_statuses
        on returned.legal_status_code = legal_statuses.legal_status_code

)

select * from joined
