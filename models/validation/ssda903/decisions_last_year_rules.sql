-- One row per rule of the SSDA903 return and decision to place for adoption that does not meet it
-- beside the return of the year before.

with

decisions as (

    select * from {{ ref('judged_placed_for_adoption') }}

),

judged as (

    select
        *,

        -- The decision is older than the year, and the return before did not tell one.
        child_key is not null
        and date_placed_date < year_start_date
        and not exists (
            select 1 from decisions as earlier
            where
                {{ is_same_child_last_year('decisions', 'earlier') }}
                and earlier.date_placed is not null
        ) as fails_559,

        -- A decision stood when the last year ended, and is told with another date or none.
        exists(
            select 1 from decisions as earlier
            where
                {{ is_same_child_last_year('decisions', 'earlier') }}
                and earlier.date_placed_date is not null
                and earlier.date_placed_ceased is null
                and not exists (
                    select 1 from decisions as told
                    where
                        {{ is_same_child_last_year('told', 'earlier') }}
                        and told.date_placed_date = earlier.date_placed_date
                )
        ) as fails_560,

        -- The decision is told as it was told last year, when it had been reversed.
        exists(
            select 1 from decisions as earlier
            where
                {{ is_same_child_last_year('decisions', 'earlier') }}
                and coalesce(earlier.date_placed_ceased, earlier.reason_placed_ceased) is not null
                and earlier.date_placed_date = decisions.date_placed_date
        ) as fails_561,

        -- The decision is no later than one that had been reversed last year, or has no date.
        exists(
            select 1 from decisions as earlier
            where
                {{ is_same_child_last_year('decisions', 'earlier') }}
                and coalesce(earlier.date_placed_ceased, earlier.reason_placed_ceased) is not null
                and (
                    decisions.date_placed is null
                    or decisions.date_placed_date <= earlier.date_placed_date
                )
        ) as fails_584

    from decisions

)

{{ failures_in('judged') }}
