-- One row per rule of the CIN census and review of a child protection plan that does not meet it.

with

reviews as (

    select * from {{ ref('judged_plan_reviews') }}

),

plans as (

    select * from {{ ref('judged_child_protection_plans') }}

),

cin_plans as (

    select * from {{ ref('judged_cin_plans') }}

),

-- Those that fall into a child in need plan of the same referral, its last day not included; an
-- open one counts to the end of the year.
reviews_within_cin_plan as (

    select distinct
        reviews.file_id,
        reviews.row_number
    from reviews
    inner join cin_plans
        on
            reviews.file_id = cin_plans.file_id
            and reviews.referral_row = cin_plans.referral_row
            and reviews.cpp_review_date_date >= cin_plans.cin_plan_start_date_date
    where
        reviews.cpp_review_date_date < cin_plans.cin_plan_end_date_date
        or (
            cin_plans.cin_plan_end_date is null
            and reviews.cpp_review_date_date <= reviews.year_end_date
        )

),

judged as (

    select
        reviews.*,

        -- The review has no date.
        reviews.cpp_review_date is null as fails_8842q,

        -- The plan was reviewed before it began, or on the day.
        reviews.cpp_review_date_date <= plans.cpp_start_date_date as fails_8841,

        -- The plan was reviewed during a child in need plan, and not on its own last day.
        reviews_within_cin_plan.row_number is not null
        and coalesce(reviews.cpp_review_date_date <> plans.cpp_end_date_date, true) as fails_4003

    from reviews
    left join plans
        on
            reviews.file_id = plans.file_id
            and reviews.plan_row = plans.row_number
    left join reviews_within_cin_plan
        on
            reviews.file_id = reviews_within_cin_plan.file_id
            and reviews.row_number = reviews_within_cin_plan.row_number

)

{{ failures_in('judged') }}
