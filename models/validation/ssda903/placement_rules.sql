-- One row per rule of what an SSDA903 placement may be, and with whom, and row that does not meet
-- it.

with

episodes as (

    select * from {{ ref('judged_episodes') }}

),

judged as (

    select
        *,

        -- A provider of a temporary placement, or since 2025-26 of any other placement.
        place_provider is not null
        and (
            placement_group = 'temporary'
            or (placement_group = 'other' and collection_year >= 2026)
        ) as fails_213,

        -- For adoption with the present foster carer, and the carer has changed.
        place in ('A3', 'A5') and decom_date >= date '2015-04-01'
        and coalesce(rne not in ('S', 'T', 'U'), true) as fails_217,

        -- A reason for a change of placement, and the episode is open.
        dec is null and reason_place_change is not null as fails_233,

        -- Placed with parents while accommodated by agreement.
        place = 'P1' and ls = 'V2' as fails_378,

        -- Care begins, or goes on with the same carer, in a temporary placement.
        placement_group = 'temporary' and coalesce(rne not in ('P', 'B'), true) as fails_380,

        -- Care ends from a temporary placement.
        placement_group = 'temporary' and rec <> 'X1' as fails_381,

        -- A short break in a temporary placement.
        is_short_break and placement_group = 'temporary' as fails_382,

        -- A short break in a long-term foster placement.
        is_short_break and place in ('U1', 'U4') as fails_384,

        -- Adopted, and was not placed for adoption.
        rec in ('E11', 'E12') and placement_group <> 'adoption' as fails_390,

        -- Placed for adoption by order, and there is no placement order.
        place in ('A5', 'A6') and (ls is distinct from 'E1') as fails_408,

        -- A special guardianship order to the former foster carer, and was not fostered.
        rec in ('E45', 'E46') and placement_group <> 'fostering' as fails_516,

        -- No provider.
        place_provider is null and placement_group not in ('temporary', 'other') as fails_526,

        -- The authority's own provision, where the placement cannot be.
        place_provider = 'PR1' and place in ('P1', 'R2', 'R5') as fails_527,

        -- Another authority's provision, where the placement cannot be.
        place_provider = 'PR2' and place in ('P1', 'R2', 'R5') as fails_528,

        -- Other public provision, where the placement cannot be.
        place_provider = 'PR3'
        and (placement_group in ('adoption', 'fostering') or place in ('K1', 'K2', 'P1'))
            as fails_529,

        -- Private provision by the child's parents.
        place_provider = 'PR4' and place = 'P1' as fails_530,

        -- Voluntary provision by the child's parents.
        place_provider = 'PR5' and place = 'P1' as fails_531,

        -- Provided by the parents, and the child is not with them.
        place_provider = 'PR0' and (place is distinct from 'P1') as fails_550

    from episodes

)

{{ failures_in('judged') }}
