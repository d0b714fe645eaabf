-- One row per rule of a whole CIN census that it does not meet, told at its header.

with

headers as (

    select * from {{ ref('judged_header') }}

),

children as (

    select
        la_code,
        collection_year,
        count(*) as children,
        sum(
            case
                when expected_person_birth_date is not null then 0
                when collection_year >= 2025 and coalesce(sex, 'U') = 'U' then 1
                when collection_year < 2025 and coalesce(gender_current, '0') = '0' then 1
                else 0
            end
        ) as born_children_without_sex
    from {{ ref('judged_children') }}
    group by
        la_code,
        collection_year

),

disabilities_by_child as (

    select
        la_code,
        collection_year,
        file_id,
        child_row,
        count(*) as disabilities
    from {{ ref('judged_disabilities') }}
    where disability <> 'NONE'
    group by
        la_code,
        collection_year,
        file_id,
        child_row

),

most_disabilities as (

    select
        la_code,
        collection_year,
        max(disabilities) as disabilities
    from disabilities_by_child
    group by
        la_code,
        collection_year

),

kinds_of_disability as (

    select
        la_code,
        collection_year,
        count(distinct disability) as disabilities
    from {{ ref('judged_disabilities') }}
    where disability <> 'NONE'
    group by
        la_code,
        collection_year

),

plans_begun as (

    select
        plans.la_code,
        plans.collection_year,
        count(*) as plans
    from {{ ref('judged_child_protection_plans') }} as plans
    where {{ is_in_year('plans.cpp_start_date_date', 'plans') }}
    group by
        plans.la_code,
        plans.collection_year

),

conferences as (

    select
        referrals.la_code,
        referrals.collection_year
    from {{ ref('judged_referrals') }} as referrals
    where {{ is_in_year('referrals.date_of_initial_cpc_date', 'referrals') }}

    union all

    select
        section_47s.la_code,
        section_47s.collection_year
    from {{ ref('judged_section_47s') }} as section_47s
    where {{ is_in_year('section_47s.date_of_initial_cpc_date', 'section_47s') }}

),

conferences_held as (

    select
        la_code,
        collection_year,
        count(*) as conferences
    from conferences
    group by
        la_code,
        collection_year

),

judged as (

    select
        headers.*,

        -- The reference date is not the 31 March that ends the year.
        coalesce(headers.reference_date_date <> headers.year_end_date, true) as fails_100,

        -- More child protection plans began than initial conferences were held.
        plans_begun.plans > coalesce(conferences_held.conferences, 0) as fails_2883,

        -- Of more than 2 in 100 children who are not unborn the sex is not known.
        children.born_children_without_sex * 100 > children.children * 2 as fails_2886q,

        -- Not more than seven different disabilities are told of.
        coalesce(kinds_of_disability.disabilities, 0) <= 7 as fails_2887q,

        -- There are children with a disability, and none with two.
        most_disabilities.disabilities = 1 as fails_2888q

    from headers
    left join children
        on
            headers.la_code = children.la_code
            and headers.collection_year = children.collection_year
    left join most_disabilities
        on
            headers.la_code = most_disabilities.la_code
            and headers.collection_year = most_disabilities.collection_year
    left join kinds_of_disability
        on
            headers.la_code = kinds_of_disability.la_code
            and headers.collection_year = kinds_of_disability.collection_year
    left join plans_begun
        on
            headers.la_code = plans_begun.la_code
            and headers.collection_year = plans_begun.collection_year
    left join conferences_held
        on
            headers.la_code = conferences_held.la_code
            and headers.collection_year = conferences_held.collection_year

)

{{ failures_in('judged') }}
