-- One row per stitched episode: the settled account of an episode across annual returns.

with

episodes as (

    select * from {{ ref('int_episodes_stitched') }}

),

told as (

    select
        -- key
        child_key,
        la_code,
        episode_number,
        period_number,

        -- the episode
        start_date,
        end_date,
        start_reason_code,
        legal_status_code,
        category_of_need_code,
        placement_code,
        placement_provider_code,
        end_reason_code,
        home_postcode_key,
        placement_postcode_key,
        urn,
        is_short_break,

        -- how it was returned
        first_returned_year,
        last_returned_year,
        repair_code

    from episodes

)

select * from told
