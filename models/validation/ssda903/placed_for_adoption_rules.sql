-- One row per rule of the SSDA903 return and decision to place for adoption that does not meet it.

with

decisions as (

    select * from {{ ref('judged_placed_for_adoption') }}

),

adoptions as (

    select * from {{ ref('judged_ad1') }}
    where coalesce({{ adoption_fields() | join(', ') }}) is not null

),

children as (

    select * from {{ ref('children_with_episodes') }}

),

codes as (

    select * from {{ ref('ssda903_codes') }}

),

joined as (

    select
        decisions.*,
        children.first_care_date,
        children.first_start_date,
        children.first_adoptive_placement_date,
        children.placement_order_date,
        -- open is null
        case
            when coalesce(children.latest_end_reason <> 'X1', true) then children.latest_end_date
        end as care_end_date,
        max(decisions.date_placed_date) over (
            partition by decisions.la_code, decisions.collection_year, decisions.child_key
        ) as latest_decision_date
    from decisions
    left join children on {{ is_same_child('decisions', 'children') }}

),

judged as (

    select
        *,

        -- The date of the decision is no date.
        date_placed is not null and date_placed_date is null as fails_115,

        -- The date of the reversal is no date.
        date_placed_ceased is not null and date_placed_ceased_date is null as fails_116,

        -- The decision or its reversal is later than the year, or than the child's time in care.
        date_placed_date > year_end_date
        or date_placed_date > care_end_date
        or date_placed_ceased_date > year_end_date
        or date_placed_ceased_date > care_end_date as fails_117,

        -- The reversal is older than the year, or than the child's time in care.
        date_placed_ceased_date < year_start_date
        or date_placed_ceased_date < first_care_date as fails_118,

        -- A reversal without a reason, or a reason without a reversal.
        (date_placed_ceased is null) <> (reason_placed_ceased is null) as fails_119,

        -- The reason of the reversal is no code.
        reason_placed_ceased is not null
        and not {{
            is_code_of('codes', 'REASON_PLACED_CEASED', 'reason_placed_ceased', 'joined')
        }} as fails_120,

        -- The decision is older than the child.
        date_placed_date < birth_date as fails_184,

        -- The decision was reversed before it was made.
        date_placed_ceased_date < date_placed_date as fails_522,

        -- The decision was reversed, and the child adopted.
        date_placed_ceased is not null
        and exists (
            select 1 from adoptions
            where {{ is_same_child('joined', 'adoptions') }}
        ) as fails_525,

        -- The latest decision came after the child was placed for adoption.
        date_placed_date = latest_decision_date
        and date_placed_date > first_adoptive_placement_date as fails_552,

        -- The decision came after the placement order.
        date_placed_date > placement_order_date as fails_554,

        -- The decision was reversed, and its date is missing.
        date_placed is null
        and date_placed_ceased is not null
        and reason_placed_ceased is not null as fails_563,

        -- The decision was made while an earlier one stood.
        exists(
            select 1 from decisions
            where
                {{ is_same_child('joined', 'decisions') }}
                and {{
                    begins_within_earlier(
                        'joined', 'decisions',
                        'date_placed_date', 'date_placed_ceased_date', 'date_placed_ceased'
                    )
                }}
        ) as fails_579,

        -- A later decision was made, and this one was never reversed.
        date_placed_ceased is null and date_placed_date < latest_decision_date as fails_583,

        -- The decision is older than the child's time in care.
        date_placed_date < first_start_date as fails_1003

    from joined

)

{{ failures_in('judged') }}
