-- One row per rule of the CIN census and child in need plan that does not meet it.

with

children as (

    select * from {{ ref('judged_children') }}

),

referrals as (

    select * from {{ ref('judged_referrals') }}

),

cin_plans as (

    select
        *,
        sum(case when cin_plan_end_date is null then 1 else 0 end)
            over (partition by file_id, referral_row) as open_plans_of_referral
    from {{ ref('judged_cin_plans') }}

),

child_protection_plans as (

    select * from {{ ref('judged_child_protection_plans') }}

),

referrals_with_open_protection_plan as (

    select distinct
        file_id,
        referral_row
    from child_protection_plans
    where cpp_end_date is null

),

-- Those that began while another one of the child ran, its last day included; an open one
-- counts to the end of the year.
cin_plans_within_another as (

    select distinct
        cin_plans.file_id,
        cin_plans.row_number
    from cin_plans
    inner join cin_plans as others
        on
            cin_plans.file_id = others.file_id
            and cin_plans.child_row = others.child_row
            and cin_plans.row_number <> others.row_number
            and cin_plans.cin_plan_start_date_date >= others.cin_plan_start_date_date
    where
        cin_plans.cin_plan_start_date_date <= others.cin_plan_end_date_date
        or (
            others.cin_plan_end_date is null
            and cin_plans.cin_plan_start_date_date <= cin_plans.year_end_date
        )

),

-- Those that began while the child was on a child protection plan. On its last day a child in
-- need plan may begin.
cin_plans_within_protection as (

    select distinct
        cin_plans.file_id,
        cin_plans.row_number
    from cin_plans
    inner join child_protection_plans
        on
            cin_plans.file_id = child_protection_plans.file_id
            and cin_plans.child_row = child_protection_plans.child_row
            and cin_plans.cin_plan_start_date_date >= child_protection_plans.cpp_start_date_date
    where
        cin_plans.cin_plan_start_date_date < child_protection_plans.cpp_end_date_date
        or (
            child_protection_plans.cpp_end_date is null
            and cin_plans.cin_plan_start_date_date <= cin_plans.year_end_date
        )

),

cin_plans_seen as (

    select
        cin_plans.*,
        cin_plans.cin_plan_end_date is null as is_open,
        cin_plans_within_another.row_number is not null as is_within_another,
        cin_plans_within_protection.row_number is not null as is_within_protection,
        protected.referral_row is not null as is_beside_open_protection_plan,
        children.person_death_date_date,
        referrals.cin_referral_date_date
    from cin_plans
    left join children
        on
            cin_plans.file_id = children.file_id
            and cin_plans.child_row = children.row_number
    left join referrals
        on
            cin_plans.file_id = referrals.file_id
            and cin_plans.referral_row = referrals.row_number
    left join referrals_with_open_protection_plan as protected
        on
            cin_plans.file_id = protected.file_id
            and cin_plans.referral_row = protected.referral_row
    left join cin_plans_within_another
        on
            cin_plans.file_id = cin_plans_within_another.file_id
            and cin_plans.row_number = cin_plans_within_another.row_number
    left join cin_plans_within_protection
        on
            cin_plans.file_id = cin_plans_within_protection.file_id
            and cin_plans.row_number = cin_plans_within_protection.row_number

),

judged as (

    select
        seen.*,

        -- The plan has no start, or starts after the year.
        coalesce(seen.cin_plan_start_date_date > seen.year_end_date, true) as fails_4010,

        -- The plan began before the referral.
        seen.cin_plan_start_date_date < seen.cin_referral_date_date as fails_4015,

        -- The plan ended before it began,
        seen.cin_plan_end_date_date < seen.cin_plan_start_date_date as fails_4011,

        -- or on the same day,
        seen.cin_plan_end_date_date = seen.cin_plan_start_date_date as fails_4012q,

        -- or outside of the year.
        {{ is_outside_of_year('seen.cin_plan_end_date_date', 'seen') }} as fails_4013,

        -- The plan began after the child died,
        seen.cin_plan_start_date_date > seen.person_death_date_date as fails_4008,

        -- or ended after that.
        seen.cin_plan_end_date_date > seen.person_death_date_date as fails_4009q,

        -- The plan is open, and so is another one of the referral,
        seen.is_open and seen.open_plans_of_referral > 1 as fails_4004,

        -- or a child protection plan.
        seen.is_open
        and seen.cin_plan_start_date is not null
        and seen.is_beside_open_protection_plan as fails_4001,

        -- The plan began while another one of the child ran,
        seen.is_within_another as fails_4014,

        -- or a child protection plan.
        seen.is_within_protection as fails_4016

    from cin_plans_seen as seen

)

{{ failures_in('judged') }}
