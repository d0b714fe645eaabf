-- One row per rule of the SSDA903 return and header that does not meet it, of the rules on what the
-- tables of one child say together, and on rows that are not there.

with

headers as (

    select * from {{ ref('judged_headers') }}
    where is_first_of_child

),

children as (

    select * from {{ ref('children_with_episodes') }}

),

looked_after_12_months as (

    select * from {{ ref('looked_after_12_months') }}

),

adoptions as (

    select * from {{ ref('judged_ad1') }}

),

leavers as (

    select * from {{ ref('judged_oc3') }}

),

health as (

    select
        *,
        {{ fields_given('judged_oc2', health_fields()) }} as asked_of_all_given
    from {{ ref('judged_oc2') }} as judged_oc2

),

reviews as (

    select * from {{ ref('judged_looked_after_reviews') }}

),

decisions as (

    select * from {{ ref('judged_placed_for_adoption') }}

),

arrangements as (

    select * from {{ ref('judged_previous_permanence') }}

),

spells_missing as (

    select * from {{ ref('judged_missing') }}

),

orders as (

    select * from {{ ref('judged_deprivation_of_liberty') }}

),

rows_elsewhere as (

    select
        la_code,
        collection_year,
        child_key
    from adoptions

    union all

    select
        la_code,
        collection_year,
        child_key
    from arrangements

    union all

    select
        la_code,
        collection_year,
        child_key
    from decisions

    union all

    select
        la_code,
        collection_year,
        child_key
    from health

    union all

    select
        la_code,
        collection_year,
        child_key
    from reviews

    union all

    select
        la_code,
        collection_year,
        child_key
    from spells_missing

),

joined as (

    select
        headers.*,
        children.child_key is not null as has_episodes,
        coalesce(children.is_short_breaks_only, false) as is_short_breaks_only,
        looked_after_12_months.child_key is not null as is_looked_after_12_months
    from headers
    left join children on {{ is_same_child('headers', 'children') }}
    left join looked_after_12_months
        on {{ is_same_child('headers', 'looked_after_12_months') }}

),

judged as (

    select
        *,

        -- Looked after all year, and adopted in it or a care leaver.
        is_looked_after_12_months
        and (
            exists (
                select 1 from adoptions
                where
                    {{ is_same_child('joined', 'adoptions') }}
                    and coalesce({{ adoption_fields() | join(', ') }}) is not null
            )
            or exists (
                select 1 from leavers
                where
                    {{ is_same_child('joined', 'leavers') }}
                    and coalesce({{ leaver_fields() | join(', ') }}) is not null
            )
        ) as fails_187,

        -- Looked after all year, and no row of OC2 has all that is asked of everyone.
        is_looked_after_12_months
        and not exists (
            select 1 from health
            where
                {{ is_same_child('joined', 'health') }}
                and health.asked_of_all_given = 4
        ) as fails_191,

        -- On short breaks only, and yet a review, or whether she is a mother.
        is_short_breaks_only
        and (
            mother is not null
            or exists (
                select 1 from reviews
                where
                    {{ is_same_child('joined', 'reviews') }}
                    and coalesce(reviews.review, reviews.review_code) is not null
            )
        ) as fails_399,

        -- A spell missing that was open when the last year ended is not told.
        exists(
            select 1 from spells_missing as earlier
            where
                {{ is_same_child_last_year('joined', 'earlier') }}
                and earlier.mis_start_date is not null
                and earlier.mis_end is null
                and not exists (
                    select 1 from spells_missing as told
                    where
                        {{ is_same_child_last_year('told', 'earlier') }}
                        and told.mis_start_date = earlier.mis_start_date
                )
        ) as fails_576,

        -- A deprivation of liberty order that was open when the last year ended is not told.
        exists(
            select 1 from orders as earlier
            where
                {{ is_same_child_last_year('joined', 'earlier') }}
                and earlier.dolo_start_date is not null
                and earlier.dolo_end is null
                and not exists (
                    select 1 from orders as told
                    where
                        {{ is_same_child_last_year('told', 'earlier') }}
                        and told.dolo_start_date = earlier.dolo_start_date
                )
        ) as fails_706,

        -- Rows of other tables, and no episode.
        not has_episodes
        and exists (
            select 1 from rows_elsewhere
            where {{ is_same_child('joined', 'rows_elsewhere') }}
        ) as fails_1012

    from joined

)

{{ failures_in('judged') }}
