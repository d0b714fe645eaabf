-- One row per rule of what Ofsted's register says of an SSDA903 placement and row that does not
-- meet it.

with

episodes as (

    select * from {{ ref('judged_episodes') }}

),

places as (

    select * from {{ ref('episode_places') }}

),

registered as (

    select * from {{ ref('registered_places') }}

),

-- A provider may have several places: what is true of one of them is true of it.
of_urn as (

    select
        episodes.file_id,
        episodes.row_number,
        max(
            case
                when registered.placement_codes like '%,' || episodes.place || ',%' then 1 else 0
            end
        ) = 1 as is_of_placement,
        max(
            case
                when registered.provider_codes like '%,' || episodes.place_provider || ',%' then 1
                else 0
            end
        ) = 1 as is_of_provider,
        max(
            case
                when registered.postcode_key = episodes.placement_postcode_key then 1 else 0
            end
        ) = 1 as is_at_postcode,
        -- it has closed when all of its places have
        case
            when count(*) = count(registered.registration_end_date)
                then max(registered.registration_end_date)
        end as closed_date,
        max(case when registered.la_code is not null then 1 else 0 end) = 1 as is_la_known,
        max(case when registered.la_code = episodes.la_code then 1 else 0 end) = 1
            as is_in_own_la,
        max(case when registered.la_code = places.pl_la then 1 else 0 end) = 1 as is_in_pl_la
    from episodes
    inner join registered
        on episodes.urn = registered.urn
    left join places
        on episodes.file_id = places.file_id and episodes.row_number = places.row_number
    group by episodes.file_id, episodes.row_number

),

numbered as (

    select
        episodes.*,
        of_urn.file_id is not null as is_registered,
        coalesce(of_urn.is_of_placement, false) as is_of_placement,
        coalesce(of_urn.is_of_provider, false) as is_of_provider,
        coalesce(of_urn.is_at_postcode, false) as is_at_postcode,
        of_urn.closed_date,
        coalesce(of_urn.is_la_known, false) as is_la_known,
        coalesce(of_urn.is_in_own_la, false) as is_in_own_la,
        coalesce(of_urn.is_in_pl_la, false) as is_in_pl_la,
        places.pl_la
    from episodes
    left join of_urn
        on episodes.file_id = of_urn.file_id and episodes.row_number = of_urn.row_number
    left join places
        on episodes.file_id = places.file_id and episodes.row_number = places.row_number
    -- a regional adoption agency has no number, and is on no list
    where episodes.urn <> {{ adoption_agency_urn() }}

),

judged as (

    select
        *,

        -- The provider is not registered for placements of the kind.
        not is_of_placement as fails_219,

        -- The provider has no place at the placement's postcode.
        not is_short_break and pl_post is not null and not is_at_postcode
        and (
            place in ('K1', 'K2', 'R3', 'S1')
            or (place = 'H5' and collection_year = 2024)
            or (place = 'K3' and collection_year >= 2025)
        ) as fails_221,

        -- The provider is not of the kind that the placement says.
        not is_of_provider as fails_224,

        -- The provider had closed when the episode began.
        decom_date >= closed_date as fails_227,

        -- The provider closed before the episode ended.
        case when dec is null then year_end_date else dec_date end > closed_date as fails_228,

        -- The authority's own provision in another, or another's in this one.
        is_la_known
        and (
            (place_provider = 'PR1' and not is_in_own_la)
            or (place_provider = 'PR2' and is_in_own_la)
        )
        and not (
            collection_year >= 2026
            and (
                placement_group in ('temporary', 'other')
                or coalesce(place in ('K3', 'P1', 'P3', 'R1', 'R2', 'R5'), false)
            )
        ) as fails_229,

        -- Supported accommodation in an authority in which the provider has no place.
        place = 'K3' and is_la_known and pl_la is not null and not is_in_pl_la as fails_241,

        -- No provider has the number.
        not is_registered as fails_1008

    from numbered

)

{{ failures_in('judged') }}
