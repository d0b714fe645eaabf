-- One row per rule of the postcodes and the number with Ofsted that an SSDA903 episode gives, and
-- row that does not meet it.

with

episodes as (

    select * from {{ ref('judged_episodes') }}

),

unaccompanied as (

    select * from {{ ref('unaccompanied_children') }}

),

judged as (

    select
        episodes.*,

        -- A short break with the postcode of the placement or a number with Ofsted.
        episodes.is_short_break
        and (episodes.pl_post is not null or episodes.urn is not null) as fails_214,

        -- A number with Ofsted, which inspects no placement of the kind.
        episodes.urn <> {{ adoption_agency_urn() }}
        and (
            episodes.placement_group in ('temporary', 'other')
            or episodes.place in ('P1', 'P3', 'R1', 'R2', 'R5')
            or (episodes.place = 'P2' and episodes.collection_year <= 2024)
            or (episodes.place = 'H5' and episodes.collection_year <= 2023)
        ) as fails_222,

        -- The number of a regional adoption agency, and not placed for adoption or fostered.
        episodes.urn = {{ adoption_agency_urn() }}
        and episodes.placement_group not in ('adoption', 'fostering') as fails_242,

        -- No postcode of the home, or none of the placement.
        not episodes.is_short_break and unaccompanied.child_key is null
        and (episodes.home_post is null or episodes.pl_post is null) as fails_392b,

        -- Placed at home, and not with the parents.
        episodes.home_postcode_key = episodes.placement_postcode_key
        and (episodes.place is distinct from 'P1') as fails_392d,

        -- A short break with postcodes.
        episodes.is_short_break
        and (episodes.home_post is not null or episodes.pl_post is not null) as fails_398

    from episodes
    left join unaccompanied
        on
            episodes.la_code = unaccompanied.la_code
            and episodes.collection_year = unaccompanied.collection_year
            and episodes.child_key = unaccompanied.child_key

)

{{ failures_in('judged') }}
