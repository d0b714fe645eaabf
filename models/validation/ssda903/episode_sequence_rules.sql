-- One row per rule of how SSDA903 episodes follow each other and row that does not meet it.

with

episodes as (

    select * from {{ ref('judged_episodes') }}

),

end_reasons as (

    select * from {{ ref('end_reasons') }}

),

-- When each child was adopted first, as any return of its authority tells.
adopted as (

    select
        la_code,
        child_key,
        min(decom_date) as decom_date
    from episodes
    where rec in ('E11', 'E12') and child_key is not null
    group by la_code, child_key

),

-- An episode beside the one before it: what changed, two blanks being the same.
compared as (

    select
        episodes.*,
        previous.episode_number is not null as has_previous,
        previous.dec_date as previous_dec_date,
        previous.rec as previous_rec,
        previous.place as previous_place,
        previous.placement_group as previous_placement_group,
        previous.reason_place_change as previous_reason_place_change,
        (episodes.cin is distinct from previous.cin) as is_other_need,
        (episodes.ls is distinct from previous.ls) as is_other_status,
        (episodes.place is distinct from previous.place)
        or (episodes.place_provider is distinct from previous.place_provider)
        or (episodes.placement_postcode_key is distinct from previous.placement_postcode_key)
        or (episodes.urn is distinct from previous.urn) as is_other_placement,
        end_reasons.is_end_of_care as has_previous_ended_care,
        following.episode_number is not null as has_next,
        following.decom_date as next_decom_date,
        following.rne as next_rne,
        following.placement_group as next_placement_group,
        before_previous.episode_number is not null as has_before_previous,
        (episodes.place is distinct from before_previous.place) as is_other_place_than_before,
        (episodes.placement_postcode_key is distinct from before_previous.placement_postcode_key)
            as is_elsewhere_than_before,
        adopted.decom_date as adopted_decom_date
    from episodes
    left join episodes as previous
        on
            episodes.la_code = previous.la_code
            and episodes.collection_year = previous.collection_year
            and episodes.child_key = previous.child_key
            and episodes.episode_number = previous.episode_number + 1
    left join episodes as before_previous
        on
            episodes.la_code = before_previous.la_code
            and episodes.collection_year = before_previous.collection_year
            and episodes.child_key = before_previous.child_key
            and episodes.episode_number = before_previous.episode_number + 2
    left join episodes as following
        on
            episodes.la_code = following.la_code
            and episodes.collection_year = following.collection_year
            and episodes.child_key = following.child_key
            and episodes.episode_number = following.episode_number - 1
    left join end_reasons
        on previous.rec = end_reasons.end_reason_code
    left join adopted
        on
            episodes.la_code = adopted.la_code
            and episodes.child_key = adopted.child_key

),

judged as (

    select
        *,

        -- Left open, and another episode follows.
        has_next and (dec is null or rec is null) as fails_142,

        -- The child was adopted from care before.
        adopted_decom_date < decom_date as fails_199,

        -- The placement changed after it, and it does not say why.
        rec = 'X1' and reason_place_change is null and placement_group <> 'temporary'
        and next_rne in ('P', 'B', 'T', 'U') and next_placement_group <> 'temporary'
            as fails_225,

        -- A reason for a change into or out of a temporary placement.
        placement_group = 'temporary'
        and (reason_place_change is not null or previous_reason_place_change is not null)
            as fails_226,

        -- Moved because of custody before ten.
        reason_place_change = 'CUSTOD'
        and next_decom_date < {{ add_years('dob_date', 10) }} as fails_234,

        -- For adoption with a foster carer, and not fostered or placed for adoption before.
        place in ('A3', 'A5') and has_previous
        and previous_placement_group not in ('adoption', 'fostering') as fails_336,

        -- The first episode, begun in the year, does not start care.
        is_first and decom_date >= year_start_date and (rne is distinct from 'S') as fails_357,

        -- After a temporary placement the child is not back where it was.
        previous_placement_group = 'temporary' and has_before_previous
        and (
            (rne is distinct from 'P')
            or is_other_place_than_before
            or (collection_year >= 2026 and is_elsewhere_than_before)
        ) as fails_383,

        -- Ends because another begins, and none does that day; or one does, and it ends otherwise.
        case
            when rec = 'X1' and dec_date is not null
                then (next_decom_date is distinct from dec_date)
            when rec is not null then next_decom_date = dec_date
        end as fails_388,

        -- Starts care on the day the episode before ended, or earlier.
        rne = 'S' and decom_date <= previous_dec_date as fails_431,

        -- The episode before ended care, and this one does not start it.
        has_previous_ended_care and (rne is distinct from 'S') as fails_432,

        -- Goes on from the episode before, which did not end that day.
        rne in ('P', 'L', 'T', 'U', 'B') and has_previous
        and (previous_dec_date is distinct from decom_date) as fails_433,

        -- Only the legal status is to have changed: it did not, or the placement did.
        rne = 'L' and has_previous and (not is_other_status or is_other_placement) as fails_434,

        -- Only the placement is to have changed: it did not, or the legal status did.
        rne in ('P', 'T') and has_previous and (is_other_status or not is_other_placement)
            as fails_435,

        -- Both are to have changed, and one did not.
        rne in ('U', 'B') and has_previous and not (is_other_status and is_other_placement)
            as fails_436,

        -- The child died, or was found to be 18, and another episode follows.
        rec in ('E2', 'E15') and has_next as fails_437,

        -- Begins before the episode before it has ended.
        decom_date < previous_dec_date as fails_501,

        -- The category of need changed within one period of care.
        previous_rec = 'X1' and previous_dec_date = decom_date and is_other_need as fails_504

    from compared

)

{{ failures_in('judged') }}
