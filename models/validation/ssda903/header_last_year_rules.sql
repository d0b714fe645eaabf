-- One row per rule of what SSDA903 headers were in the return before and row that does not meet it.

with

headers as (

    select * from {{ ref('judged_headers') }}

),

uasc as (

    select
        la_code,
        collection_year,
        child_key,
        max(duc) as duc,
        max(duc_date) as duc_date
    from {{ ref('judged_uasc') }}
    where child_key is not null
    group by la_code, collection_year, child_key

),

episodes as (

    select distinct
        la_code,
        collection_year,
        child_key
    from {{ ref('judged_episodes') }}

),

compared as (

    select
        headers.*,
        last_headers.child_key is not null as was_returned,
        last_headers.sex_code as last_sex_code,
        last_headers.dob_date as last_dob_date,
        last_headers.ethnic as last_ethnic,
        last_headers.upn as last_upn,
        last_headers.mother as last_mother,
        last_headers.mc_dob as last_mc_dob,
        last_headers.mc_dob_date as last_mc_dob_date,
        coalesce(last_headers.is_unaccompanied, false) as was_unaccompanied,
        uasc.duc,
        last_uasc.duc as last_duc,
        coalesce(
            last_uasc.duc_date between last_headers.year_start_date
            and last_headers.year_end_date,
            false
        ) as has_ceased_last_year,
        episodes.child_key is not null as has_episodes
    from headers
    left join headers as last_headers
        on
            headers.la_code = last_headers.la_code
            and headers.collection_year = last_headers.collection_year + 1
            and headers.child_key = last_headers.child_key
            and last_headers.is_first_of_child
    left join uasc
        on
            headers.la_code = uasc.la_code
            and headers.collection_year = uasc.collection_year
            and headers.child_key = uasc.child_key
    left join uasc as last_uasc
        on
            headers.la_code = last_uasc.la_code
            and headers.collection_year = last_uasc.collection_year + 1
            and headers.child_key = last_uasc.child_key
    left join episodes
        on
            headers.la_code = episodes.la_code
            and headers.collection_year = episodes.collection_year
            and headers.child_key = episodes.child_key

),

judged as (

    select
        *,

        -- The sex has changed; a code of the new list that means the same is no change.
        was_returned and (sex_code is distinct from last_sex_code) as fails_202,

        -- The date of birth has changed.
        was_returned and (dob_date is distinct from last_dob_date) as fails_203,

        -- The ethnic origin has changed.
        was_returned and (ethnic is distinct from last_ethnic) as fails_204,

        -- Unaccompanied last year and not now, and did not cease to be in that year.
        was_unaccompanied and not is_unaccompanied
        and (duc is not null or not has_ceased_last_year) as fails_205a,

        -- Unaccompanied in neither year, and ceased to be.
        not was_unaccompanied and not is_unaccompanied
        and (duc is not null or last_duc is not null) as fails_205c,

        -- Unaccompanied now, and was not last year.
        was_returned and is_unaccompanied and not was_unaccompanied as fails_205d,

        -- Was a mother last year and is told to be none.
        last_mother = '1' and (mother is distinct from '1') and has_episodes as fails_207,

        -- The pupil number has changed, other than to a first one or a later reason for none.
        was_returned and (upn is distinct from last_upn)
        and not (
            coalesce(last_upn = 'UN1', true)
            and coalesce(upn in ('UN2', 'UN3', 'UN4', 'UN5'), false)
        )
        and not (
            coalesce(last_upn in ('UN1', 'UN2', 'UN3', 'UN4', 'UN5'), true)
            and upn is not null and upn not in ('UN1', 'UN2', 'UN3', 'UN4', 'UN5')
        ) as fails_208,

        -- The date of birth of the own child has changed.
        last_mc_dob is not null
        and case
            when mc_dob_date is not null and last_mc_dob_date is not null
                then mc_dob_date <> last_mc_dob_date
            else (mc_dob is distinct from last_mc_dob)
        end as fails_624,

        -- A mother now and not last year, of a child born before this year.
        mother = '1' and last_mother = '0' and mc_dob_date < year_start_date as fails_626

    from compared

)

{{ failures_in('judged') }}
