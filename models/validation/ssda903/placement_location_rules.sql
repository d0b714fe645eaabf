-- One row per rule of where an SSDA903 placement lies, by the postcode directory, and row that does
-- not meet it.

with

episodes as (

    select * from {{ ref('judged_episodes') }}

),

places as (

    select * from {{ ref('episode_places') }}

),

unaccompanied as (

    select * from {{ ref('unaccompanied_children') }}

),

located as (

    select
        episodes.*,
        places.has_unknown_postcode,
        places.pl_la,
        places.is_in_england,
        places.pl_location,
        places.pl_distance,
        unaccompanied.child_key is not null as is_unaccompanied
    from episodes
    left join places
        on episodes.file_id = places.file_id and episodes.row_number = places.row_number
    left join unaccompanied
        on
            episodes.la_code = unaccompanied.la_code
            and episodes.collection_year = unaccompanied.collection_year
            and episodes.child_key = unaccompanied.child_key

),

judged as (

    select
        *,

        -- Placed further away than the country is long.
        not is_unaccompanied and not is_short_break and pl_distance > 999.9 as fails_164,

        -- The authority in which the child is placed is not known.
        not is_short_break and pl_la is null as fails_169,

        -- Whether the child is placed within its authority is not known.
        not is_short_break and pl_location is null as fails_179,

        -- No number with Ofsted, which inspects placements of the kind in England.
        urn is null and (dec is null or dec_date >= year_start_date) and is_in_england
        and placement_group not in ('temporary', 'other')
        and coalesce(place not in ('P1', 'P3', 'R1', 'R2', 'R5'), true)
        and not coalesce(place in ('H5', 'P2') and collection_year <= 2024, false)
            as fails_218,

        -- Semi-independent living in England without a number with Ofsted after 28 October 2023.
        place = 'H5' and (dec is null or dec_date >= date '2023-10-29')
        and coalesce(urn = {{ adoption_agency_urn() }}, true) and is_in_england as fails_230,

        -- A number with Ofsted of a placement outside England.
        urn is not null and pl_la is not null and not is_in_england as fails_243,

        -- How far from home the child is placed is not known.
        not is_unaccompanied and not is_short_break and pl_distance is null as fails_392a,

        -- A postcode that is in no directory.
        has_unknown_postcode as fails_392c,

        -- An unaccompanied child has a distance from home.
        is_unaccompanied and pl_distance is not null as fails_406,

        -- A short break has an authority in which the child is placed.
        is_short_break and pl_la is not null as fails_420,

        -- Placed more than 350 miles from home.
        pl_distance > 350 and pl_distance <> 999.9 as fails_454,

        -- The authority's own provision, and it lies in another; foster carers may.
        place_provider = 'PR1' and ls is not null and not is_short_break and place is not null
        and placement_group not in ('adoption', 'fostering')
        and not (place = 'K3' and collection_year >= 2026)
        and pl_location = 'OUT' as fails_1015

    from located

)

{{ failures_in('judged') }}
