-- One row per rule of what SSDA903 episodes were in the return before and row that does not meet
-- it: a child's first episode of the year beside its latest of last year's return.

with

episodes as (

    select * from {{ ref('judged_episodes') }}

),

places as (

    select * from {{ ref('episode_places') }}

),

located as (

    select
        episodes.*,
        places.pl_la,
        places.pl_location,
        places.pl_distance
    from episodes
    left join places
        on episodes.file_id = places.file_id and episodes.row_number = places.row_number

),

compared as (

    select
        first_ones.*,
        last_ones.dec_date is null as was_left_open,
        last_ones.decom_date as last_decom_date,
        (first_ones.rne is distinct from last_ones.rne) as is_other_rne,
        (first_ones.ls is distinct from last_ones.ls) as is_other_ls,
        (first_ones.cin is distinct from last_ones.cin) as is_other_cin,
        (first_ones.place is distinct from last_ones.place) as is_other_place,
        last_ones.place as last_place,
        (first_ones.place_provider is distinct from last_ones.place_provider) as is_other_provider,
        (first_ones.urn is distinct from last_ones.urn) as is_other_urn,
        (first_ones.pl_la is distinct from last_ones.pl_la) as is_other_pl_la,
        (first_ones.pl_location is distinct from last_ones.pl_location) as is_other_pl_location,
        -- by two tenths of a mile or more, or known in one year only
        coalesce(
            abs(first_ones.pl_distance - last_ones.pl_distance) > 0.15,
            (first_ones.pl_distance is distinct from last_ones.pl_distance)
        ) as is_other_pl_distance
    from located as first_ones
    inner join located as last_ones
        on
            first_ones.la_code = last_ones.la_code
            and first_ones.collection_year = last_ones.collection_year + 1
            and first_ones.child_key = last_ones.child_key
    where first_ones.is_first and last_ones.is_latest

),

first_episodes as (

    select
        located.*,
        compared.was_left_open,
        compared.last_decom_date,
        compared.is_other_rne,
        compared.is_other_ls,
        compared.is_other_cin,
        compared.is_other_place,
        compared.last_place,
        compared.is_other_provider,
        compared.is_other_urn,
        compared.is_other_pl_la,
        compared.is_other_pl_location,
        compared.is_other_pl_distance
    from located
    left join compared
        on located.file_id = compared.file_id and located.row_number = compared.row_number
    where located.is_first

),

judged as (

    select
        *,

        -- Of an episode begun for the same reason, the authority of the placement has changed.
        was_left_open and not is_other_rne and is_other_pl_la as fails_452,

        -- Of an episode begun for the same reason, the distance has changed.
        was_left_open and not is_other_rne and is_other_pl_distance as fails_453,

        -- An episode was left open last year, and this year's first does not begin when it did.
        was_left_open and (decom_date is distinct from last_decom_date) as fails_502,

        -- Of the episode that was left open, the reason it began has changed.
        was_left_open and is_other_rne as fails_503a,

        -- Its legal status has changed.
        was_left_open and is_other_ls as fails_503b,

        -- Its category of need has changed.
        was_left_open and is_other_cin as fails_503c,

        -- Its placement has changed, other than from an old code to the new one of the year.
        was_left_open and is_other_place
        and not coalesce(collection_year = 2025 and place = 'K3' and last_place = 'H5', false)
        and not coalesce(
            collection_year >= 2026 and place in ('Z11', 'Z12', 'Z13', 'Z14')
            and last_place = 'Z1', false
        ) as fails_503d,

        -- Its provider has changed.
        was_left_open and is_other_provider as fails_503e,

        -- Its number with Ofsted has changed.
        was_left_open and is_other_urn as fails_503f,

        -- Its distance from home has changed.
        was_left_open and is_other_pl_distance as fails_503g,

        -- The authority of its placement has changed.
        was_left_open and is_other_pl_la as fails_503h,

        -- Whether it lies within the authority has changed.
        was_left_open and is_other_pl_location as fails_503j,

        -- Began before the year, and last year's return does not end with it.
        decom_date < year_start_date and (last_decom_date is distinct from decom_date)
            as fails_562

    from first_episodes

)

{{ failures_in('judged') }}
