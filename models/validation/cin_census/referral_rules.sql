-- One row per rule of the CIN census and referral that does not meet it.

with

codes as (

    select * from {{ ref('cin_census_codes') }}

),

limits as (

    select * from {{ ref('working_day_limits') }}

),

children as (

    select * from {{ ref('judged_children') }}

),

-- The referrals of a child beside each other.
referrals as (

    select
        *,
        coalesce(cin_closure_date is null and not is_no_further_action, false) as is_open_case,
        sum(case when cin_closure_date is null and not is_no_further_action then 1 else 0 end)
            over (partition by file_id, child_row) as open_cases,
        max(cin_referral_date_date) over (partition by file_id, child_row) as last_referral_date
    from {{ ref('judged_referrals') }}

),

-- Those that began while another one of the child was open. The day on which a case closes is
-- free for the next; an open one counts to the end of the year.
referrals_within_another as (

    select distinct
        referrals.file_id,
        referrals.row_number
    from referrals
    inner join referrals as others
        on
            referrals.file_id = others.file_id
            and referrals.child_row = others.child_row
            and referrals.row_number <> others.row_number
            and referrals.cin_referral_date_date >= others.cin_referral_date_date
    where
        referrals.cin_referral_date_date < others.cin_closure_date_date
        or (
            others.is_open_case
            and referrals.cin_referral_date_date < referrals.year_end_date
        )

),

-- What belongs to each referral: how much there is of it, and its first and last dates.
assessments as (

    select
        file_id,
        referral_row,
        count(*) as assessments,
        sum(
            case
                when assessment_actual_start_date is not null then 1
                when assessment_authorisation_date is not null then 1
                else 0
            end
        ) as dated_assessments,
        sum(case when assessment_authorisation_date is null then 1 else 0 end) as open_assessments,
        greatest(
            max(assessment_actual_start_date_date), max(assessment_authorisation_date_date)
        ) as last_date
    from {{ ref('judged_assessments') }}
    group by
        file_id,
        referral_row

),

section_47s as (

    select
        file_id,
        referral_row,
        count(*) as enquiries,
        count(s47_actual_start_date) as dated_enquiries,
        sum(case when is_waiting_for_conference then 1 else 0 end) as waiting_enquiries,
        min(date_of_initial_cpc_date) as first_conference_date,
        sum(case when {{ is_weekend('date_of_initial_cpc_date') }} then 1 else 0 end)
            as conferences_at_weekend,
        greatest(max(s47_actual_start_date_date), max(date_of_initial_cpc_date)) as last_date
    from {{ ref('judged_section_47s') }}
    group by
        file_id,
        referral_row

),

cin_plans as (

    select
        file_id,
        referral_row,
        count(*) as plans,
        greatest(max(cin_plan_start_date_date), max(cin_plan_end_date_date)) as last_date
    from {{ ref('judged_cin_plans') }}
    group by
        file_id,
        referral_row

),

child_protection_plans as (

    select
        file_id,
        referral_row,
        count(*) as plans,
        max(cpp_end_date_date) as last_date
    from {{ ref('judged_child_protection_plans') }}
    group by
        file_id,
        referral_row

),

-- What a rule looks at beside the referral itself, nought where there is nothing.
referrals_seen as (

    select
        referrals.*,

        -- the child
        children.person_birth_date_date,
        children.expected_person_birth_date_date,
        children.person_death_date,
        children.person_death_date_date,

        -- the other referrals
        referrals_within_another.row_number is not null as is_within_another,

        -- what followed
        coalesce(assessments.assessments, 0) as assessments,
        coalesce(assessments.dated_assessments, 0) as dated_assessments,
        coalesce(assessments.open_assessments, 0) as open_assessments,
        coalesce(section_47s.enquiries, 0) as enquiries,
        coalesce(section_47s.dated_enquiries, 0) as dated_enquiries,
        coalesce(section_47s.waiting_enquiries, 0) as waiting_enquiries,
        coalesce(section_47s.conferences_at_weekend, 0) as conferences_at_weekend,
        section_47s.first_conference_date,
        coalesce(cin_plans.plans, 0) as cin_plans,
        coalesce(child_protection_plans.plans, 0) as child_protection_plans,
        greatest(
            referrals.date_of_initial_cpc_date,
            assessments.last_date,
            section_47s.last_date,
            cin_plans.last_date,
            child_protection_plans.last_date
        ) as last_date_of_what_followed,

        -- the calendar
        limits.one_before_start_date

    from referrals
    left join children
        on
            referrals.file_id = children.file_id
            and referrals.child_row = children.row_number
    left join referrals_within_another
        on
            referrals.file_id = referrals_within_another.file_id
            and referrals.row_number = referrals_within_another.row_number
    left join assessments
        on
            referrals.file_id = assessments.file_id
            and referrals.row_number = assessments.referral_row
    left join section_47s
        on
            referrals.file_id = section_47s.file_id
            and referrals.row_number = section_47s.referral_row
    left join cin_plans
        on
            referrals.file_id = cin_plans.file_id
            and referrals.row_number = cin_plans.referral_row
    left join child_protection_plans
        on
            referrals.file_id = child_protection_plans.file_id
            and referrals.row_number = child_protection_plans.referral_row
    left join limits on referrals.collection_year = limits.collection_year

),

judged as (

    select
        seen.*,

        -- The date is missing or after the year.
        coalesce(seen.cin_referral_date_date > seen.year_end_date, true) as fails_8600,

        -- The child was referred more than 280 days before its birth.
        seen.cin_referral_date_date < {{ add_days('seen.person_birth_date_date', -280) }}
        or seen.cin_referral_date_date
        < {{ add_days('seen.expected_person_birth_date_date', -280) }}
            as fails_8606,

        -- The child was referred after its death.
        seen.cin_referral_date_date > seen.person_death_date_date as fails_8555q,

        -- The source is missing or no code of the year.
        seen.cin_referral_date_date >= make_date(2013, 4, 1)
        and not {{ is_code_of('codes', 'referral_source', 'referral_source', 'seen') }}
            as fails_8866,

        -- It is not told whether action followed.
        seen.is_no_further_action is null as fails_8568,

        -- Nothing followed, and the referral is older than the working day before the year.
        seen.is_no_further_action
        and seen.cin_referral_date_date < seen.one_before_start_date as fails_8569q,

        -- Nothing was to follow, and something did: a child in need plan,
        seen.is_no_further_action and seen.cin_plans > 0 as fails_4000,

        -- a child protection plan,
        seen.is_no_further_action and seen.child_protection_plans > 0 as fails_8832,

        -- a conference, an assessment or an enquiry.
        seen.is_no_further_action
        and (
            seen.date_of_initial_cpc is not null
            or seen.dated_assessments > 0
            or seen.dated_enquiries > 0
        ) as fails_8831,

        -- Something followed, and there is no primary need.
        not seen.is_no_further_action and seen.primary_need_code is null as fails_8610,

        -- The primary need is no code of the year.
        seen.primary_need_code is not null
        and not {{ is_code_of('codes', 'primary_need', 'primary_need_code', 'seen') }}
            as fails_8650,

        -- A conference was held before the referral.
        least(seen.date_of_initial_cpc_date, seen.first_conference_date)
        < seen.cin_referral_date_date as fails_1104,

        -- A conference was held on a Saturday or Sunday.
        coalesce({{ is_weekend('seen.date_of_initial_cpc_date') }}, false)
        or seen.conferences_at_weekend > 0 as fails_8875,

        -- The case closed outside of the year.
        {{ is_outside_of_year('seen.cin_closure_date_date', 'seen') }} as fails_8620,

        -- The case closed before the referral.
        seen.cin_closure_date_date < seen.cin_referral_date_date as fails_8630,

        -- The case closed without a reason.
        seen.cin_closure_date is not null and seen.reason_for_closure is null as fails_8805,

        -- There is a reason for the closure, and no date.
        seen.reason_for_closure is not null and seen.cin_closure_date is null as fails_8810,

        -- The reason for the closure is no code of the year.
        seen.reason_for_closure is not null
        and not {{ is_code_of('codes', 'closure_reason', 'reason_for_closure', 'seen') }}
            as fails_8640,

        -- The case closed because the child died, of whose death there is no date.
        seen.reason_for_closure = 'RC2' and seen.person_death_date is null as fails_8585q,

        -- The case closed after assessment, and more than an assessment followed.
        seen.reason_for_closure in ('RC8', 'RC9')
        and (
            seen.date_of_initial_cpc is not null
            or seen.enquiries > 0
            or seen.cin_plans > 0
            or seen.child_protection_plans > 0
        ) as fails_2990,

        -- The case closed after assessment, of which there is none.
        seen.reason_for_closure in ('RC8', 'RC9') and seen.assessments = 0 as fails_8825q,

        -- Something is dated after the case closed.
        seen.last_date_of_what_followed > seen.cin_closure_date_date as fails_8565,

        -- The case closed with an assessment open.
        seen.cin_closure_date is not null and seen.open_assessments > 0 as fails_8867,

        -- The case closed with an enquiry waiting for its conference.
        seen.cin_closure_date is not null and seen.waiting_enquiries > 0 as fails_8868,

        -- Another case of the child is open, too.
        seen.is_open_case and seen.open_cases > 1 as fails_8815,

        -- The case is open, and the child was referred later.
        seen.is_open_case
        and seen.cin_referral_date_date < seen.last_referral_date as fails_8816,

        -- The child was referred while another case was open.
        seen.is_within_another as fails_8820

    from referrals_seen as seen

)

{{ failures_in('judged') }}
