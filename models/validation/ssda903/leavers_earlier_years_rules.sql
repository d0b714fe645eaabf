-- One row per rule of the SSDA903 return and care leaver (OC3) that does not meet it beside the
-- returns of the years before.

with

leavers as (

    select * from {{ ref('judged_oc3') }}

),

care_known as (

    select * from {{ ref('care_known_of_leavers') }}

),

children as (

    select * from {{ ref('children_with_episodes') }}

),

joined as (

    select
        leavers.*,
        this_year.child_key is not null as has_episodes,
        coalesce(this_year.has_died, false) or coalesce(last_year.has_died, false) as has_died,
        coalesce(last_year.is_latest_open, false) as was_open_last_year,
        care_known.has_episodes as has_episodes_in_any_year,
        care_known.days_since_14,
        care_known.days_since_16,
        care_known.is_adopted,
        care_known.is_within_reach
    from leavers
    left join care_known on {{ is_same_child('leavers', 'care_known') }}
    left join children as this_year on {{ is_same_child('leavers', 'this_year') }}
    left join children as last_year on {{ is_same_child_last_year('leavers', 'last_year') }}
    where leavers.child_key is not null

),

judged as (

    select
        *,

        -- Told last year to have died.
        coalesce(in_touch <> 'DIED', true)
        and exists (
            select 1 from leavers as earlier
            where
                {{ is_same_child_last_year('joined', 'earlier') }}
                and earlier.in_touch = 'DIED'
        ) as fails_348,

        -- Died in care.
        has_died as fails_1000,

        -- Not looked after for 13 weeks since 14 and for a day since 16, or adopted since.
        is_within_reach
        and (days_since_14 < 91 or days_since_16 < 1 or is_adopted) as fails_1001,

        -- No return tells that the child was ever looked after.
        is_within_reach and not has_episodes_in_any_year as fails_1002,

        -- Looked after when the last year ended, and no episode tells when that ended.
        not has_episodes and was_open_last_year as fails_1010

    from joined

)

{{ failures_in('judged') }}
