-- One row per rule of the SSDA903 return and deprivation of liberty order that does not meet it.

with

orders as (

    select * from {{ ref('judged_deprivation_of_liberty') }}

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

-- The placements that a child had while an order was in force; on a day of change, neither tells.
placed as (

    select
        orders.file_id,
        orders.row_number,
        max(case when episodes.place not in ('K2', 'Z12', 'Z13') then 1 else 0 end) = 1
            as is_in_unexpected_placement,
        max(case when episodes.place in ('K1', 'P1', 'R5', 'K3') then 1 else 0 end) = 1
            as is_in_impossible_placement
    from orders
    inner join episodes
        on
            {{ is_same_child('orders', 'episodes') }}
            and (orders.dolo_end is null or orders.dolo_end_date > episodes.decom_date)
            and (episodes.dec is null or orders.dolo_start_date < episodes.dec_date)
    where orders.dolo_start_date is not null
    group by orders.file_id, orders.row_number

),

joined as (

    select
        orders.*,
        children.child_key is not null as has_episodes,
        coalesce(placed.is_in_unexpected_placement, false) as is_in_unexpected_placement,
        coalesce(placed.is_in_impossible_placement, false) as is_in_impossible_placement
    from orders
    left join children on {{ is_same_child('orders', 'children') }}
    left join placed
        on orders.file_id = placed.file_id and orders.row_number = placed.row_number

),

judged as (

    select
        *,

        -- The first day is missing or no date.
        dolo_start_date is null as fails_700,

        -- The last day is no date.
        dolo_end is not null and dolo_end_date is null as fails_701,

        -- It does not end after its first day.
        dolo_end_date <= dolo_start_date as fails_702,

        -- It begins after the year.
        dolo_start_date > year_end_date as fails_703,

        -- It ends before or after the year.
        dolo_end_date not between year_start_date and year_end_date as fails_704,

        -- It begins before an earlier one has ended.
        exists(
            select 1 from orders
            where
                {{ is_same_child('joined', 'orders') }}
                and {{
                    begins_within_earlier(
                        'joined', 'orders', 'dolo_start_date', 'dolo_end_date', 'dolo_end'
                    )
                }}
        ) as fails_705,

        -- No period of care holds its end, or lasts as it does.
        has_episodes
        and dolo_start_date is not null
        and (dolo_end is null or dolo_end_date is not null)
        and not exists (
            select 1 from periods
            where
                {{ is_same_child('joined', 'periods') }}
                and periods.start_date <= coalesce(joined.dolo_end_date, joined.dolo_start_date)
                and (periods.end_date is null or periods.end_date >= joined.dolo_end_date)
        ) as fails_707,

        -- It begins no later than the child.
        dolo_start_date <= birth_date as fails_708,

        -- The child was placed where such an order is not expected.
        is_in_unexpected_placement as fails_709,

        -- The child was placed where such an order cannot be.
        is_in_impossible_placement as fails_710

    from joined

)

{{ failures_in('judged') }}
