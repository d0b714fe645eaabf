-- One row per rule of the SSDA903 return and episode that does not meet it, of the rules that hold
-- episodes on the way to adoption against what is told of decisions and adoptions.

with

episodes as (

    select * from {{ ref('judged_episodes') }}

),

decisions as (

    select * from {{ ref('judged_placed_for_adoption') }}

),

summed_decisions as (

    select * from {{ ref('adoption_decisions') }}

),

adoptions as (

    select
        *,
        {{ fields_given('judged_ad1', adoption_fields()) }} as fields_given
    from {{ ref('judged_ad1') }} as judged_ad1

),

joined as (

    select
        episodes.*,
        summed_decisions.child_key is not null as has_decisions,
        coalesce(summed_decisions.is_every_decision_dated, false) as is_every_decision_dated,
        coalesce(summed_decisions.is_every_decision_reversed, false) as is_every_decision_reversed,
        coalesce(summed_decisions.is_latest_reversed, false) as is_latest_reversed
    from episodes
    left join summed_decisions on {{ is_same_child('episodes', 'summed_decisions') }}
    where episodes.child_key is not null

),

judged as (

    select
        *,

        -- A placement for adoption without the date of a decision.
        placement_group = 'adoption' and not is_every_decision_dated as fails_551,

        -- A placement order without a decision, or one that stands though the decision does not.
        ls = 'E1' and (not has_decisions or (dec is null and is_latest_reversed)) as fails_553,

        -- The same of an order that frees for adoption.
        ls = 'D1' and (not has_decisions or (dec is null and is_latest_reversed)) as fails_555,

        -- A child was freed for adoption before the decision.
        ls = 'D1'
        and exists (
            select 1 from decisions
            where
                {{ is_same_child('joined', 'decisions') }}
                and decisions.date_placed_date > joined.decom_date
        ) as fails_556,

        -- A child on the way to adoption left care without it, and the decision was not reversed.
        (placement_group = 'adoption' or ls = 'E1' or (ls = 'D1' and collection_year <= 2024))
        and rec <> 'X1'
        and not {{ is_adopted('rec') }}
        and not is_every_decision_reversed as fails_557,

        -- A child was adopted whose latest decision had been reversed.
        {{ is_adopted('rec') }} and is_latest_reversed as fails_558,

        -- A child was adopted on the day it was matched.
        {{ is_adopted('rec') }}
        and exists (
            select 1 from adoptions
            where
                {{ is_same_child('joined', 'adoptions') }}
                and adoptions.date_match_date = joined.dec_date
        ) as fails_582,

        -- A child was adopted in the year, and no row of AD1 tells all about it.
        {{ is_adopted('rec') }}
        and dec_date between year_start_date and year_end_date
        and not exists (
            select 1 from adoptions
            where {{ is_same_child('joined', 'adoptions') }} and adoptions.fields_given = 6
        ) as fails_601

    from joined

)

{{ failures_in('judged') }}
