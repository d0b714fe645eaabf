-- One row per rule of the CIN census and child protection plan that does not meet it.

with

codes as (

    select * from {{ ref('cin_census_codes') }}

),

children as (

    select * from {{ ref('judged_children') }}

),

referrals as (

    select * from {{ ref('judged_referrals') }}

),

cin_plans as (

    select * from {{ ref('judged_cin_plans') }}

),

-- The plans of a child beside each other, in all of its referrals.
plans as (

    select
        *,
        sum(case when cpp_end_date is null then 1 else 0 end)
            over (partition by file_id, child_row) as open_plans_of_child
    from {{ ref('judged_child_protection_plans') }}

),

-- Those that began while another one of the child ran, its last day included; an open one
-- counts to the end of the year.
plans_within_another as (

    select distinct
        plans.file_id,
        plans.row_number
    from plans
    inner join plans as others
        on
            plans.file_id = others.file_id
            and plans.child_row = others.child_row
            and plans.row_number <> others.row_number
            and plans.cpp_start_date_date >= others.cpp_start_date_date
    where
        plans.cpp_start_date_date <= others.cpp_end_date_date
        or (others.cpp_end_date is null and plans.cpp_start_date_date <= plans.year_end_date)

),

-- Those that began while the child had a child in need plan. On its last day a child protection
-- plan may begin.
plans_within_cin_plan as (

    select distinct
        plans.file_id,
        plans.row_number
    from plans
    inner join cin_plans
        on
            plans.file_id = cin_plans.file_id
            and plans.child_row = cin_plans.child_row
            and plans.cpp_start_date_date >= cin_plans.cin_plan_start_date_date
    where
        plans.cpp_start_date_date < cin_plans.cin_plan_end_date_date
        or (
            cin_plans.cin_plan_end_date is null
            and plans.cpp_start_date_date <= plans.year_end_date
        )

),

-- The conferences of the enquiries of a referral, and whether any enquiry called for one.
conferences as (

    select distinct
        file_id,
        referral_row,
        date_of_initial_cpc_date
    from {{ ref('judged_section_47s') }}

),

referrals_with_call_for_conference as (

    select distinct
        file_id,
        referral_row
    from {{ ref('judged_section_47s') }}
    where not coalesce(is_conference_not_required, false)

),

plans_seen as (

    select
        plans.*,
        plans.cpp_end_date is null as is_open,
        plans_within_another.row_number is not null as is_within_another,
        plans_within_cin_plan.row_number is not null as is_within_cin_plan,
        conferences.referral_row is not null as is_from_conference_of_enquiry,
        called_for.referral_row is not null as is_conference_called_for,
        coalesce(referrals.date_of_initial_cpc_date = plans.cpp_start_date_date, false)
            as is_from_conference_of_referral,
        children.person_death_date_date,
        referrals.cin_referral_date_date
    from plans
    left join children
        on
            plans.file_id = children.file_id
            and plans.child_row = children.row_number
    left join referrals
        on
            plans.file_id = referrals.file_id
            and plans.referral_row = referrals.row_number
    left join conferences
        on
            plans.file_id = conferences.file_id
            and plans.referral_row = conferences.referral_row
            and plans.cpp_start_date_date = conferences.date_of_initial_cpc_date
    left join referrals_with_call_for_conference as called_for
        on
            plans.file_id = called_for.file_id
            and plans.referral_row = called_for.referral_row
    left join plans_within_another
        on
            plans.file_id = plans_within_another.file_id
            and plans.row_number = plans_within_another.row_number
    left join plans_within_cin_plan
        on
            plans.file_id = plans_within_cin_plan.file_id
            and plans.row_number = plans_within_cin_plan.row_number

),

judged as (

    select
        seen.*,

        -- The plan has no start, or starts after the year.
        coalesce(seen.cpp_start_date_date > seen.year_end_date, true) as fails_8720,

        -- The plan began before the referral.
        seen.cpp_start_date_date < seen.cin_referral_date_date as fails_1105,

        -- The plan began in the year on a day without conference. Where an enquiry called for
        -- one, it is that enquiry's; else one that is told beside the referral will do.
        {{ is_in_year('seen.cpp_start_date_date', 'seen') }}
        and not seen.is_from_conference_of_enquiry
        and (seen.is_conference_called_for or not seen.is_from_conference_of_referral)
            as fails_2885,

        -- The plan ended before it began,
        seen.cpp_end_date_date < seen.cpp_start_date_date as fails_8925,

        -- or on the same day,
        seen.cpp_end_date_date = seen.cpp_start_date_date as fails_8840,

        -- or outside of the year.
        {{ is_outside_of_year('seen.cpp_end_date_date', 'seen') }} as fails_8930,

        -- The plan began after the child died,
        seen.cpp_start_date_date > seen.person_death_date_date as fails_8915,

        -- or ended after that.
        seen.cpp_end_date_date > seen.person_death_date_date as fails_8920,

        -- The plan is open, and so is another one of the child.
        seen.is_open and seen.open_plans_of_child > 1 as fails_8935,

        -- The plan began while another one of the child ran,
        seen.is_within_another as fails_8940,

        -- or a child in need plan.
        seen.is_within_cin_plan as fails_4017,

        -- The number of earlier plans is missing or no number.
        {{ returned_integer('seen.number_of_previous_cpp') }} is null as fails_8730,

        -- The first category of abuse is missing or no code,
        not {{ is_code_of('codes', 'category_of_abuse', 'initial_category_of_abuse', 'seen') }}
            as fails_8905,

        -- or the latest one.
        not {{ is_code_of('codes', 'category_of_abuse', 'latest_category_of_abuse', 'seen') }}
            as fails_8910

    from plans_seen as seen

)

{{ failures_in('judged') }}
