-- One row per rule of the CIN census and Section 47 enquiry that does not meet it.

with

limits as (

    select * from {{ ref('working_day_limits') }}

),

referrals as (

    select * from {{ ref('judged_referrals') }}

),

referrals_assessed as (

    select distinct
        file_id,
        referral_row
    from {{ ref('judged_assessments') }}

),

-- Conferences that are told beside a referral of the child.
conferences_of_referrals as (

    select distinct
        file_id,
        child_row,
        date_of_initial_cpc_date
    from referrals

),

section_47s as (

    select
        *,
        sum(case when is_waiting_for_conference then 1 else 0 end)
            over (partition by file_id, referral_row) as waiting_enquiries_of_referral
    from {{ ref('judged_section_47s') }}

),

-- Those that began while another one of the referral was going on, which is to its conference;
-- one that waits for it counts to the end of the year.
section_47s_within_another as (

    select distinct
        section_47s.file_id,
        section_47s.row_number
    from section_47s
    inner join section_47s as others
        on
            section_47s.file_id = others.file_id
            and section_47s.referral_row = others.referral_row
            and section_47s.row_number <> others.row_number
            and section_47s.s47_actual_start_date_date >= others.s47_actual_start_date_date
    where
        section_47s.s47_actual_start_date_date <= others.date_of_initial_cpc_date
        or (
            others.is_waiting_for_conference
            and section_47s.s47_actual_start_date_date <= section_47s.year_end_date
        )

),

section_47s_seen as (

    select
        section_47s.*,
        coalesce(
            section_47s.date_of_initial_cpc is null and not section_47s.is_conference_not_required,
            false
        ) as is_without_conference,
        section_47s_within_another.row_number is not null as is_within_another,
        referrals_assessed.referral_row is not null as is_referral_assessed,
        conferences_of_referrals.child_row is not null as is_conference_told_twice,
        referrals.cin_referral_date_date,
        limits.fifteen_before_end_date
    from section_47s
    left join referrals
        on
            section_47s.file_id = referrals.file_id
            and section_47s.referral_row = referrals.row_number
    left join referrals_assessed
        on
            section_47s.file_id = referrals_assessed.file_id
            and section_47s.referral_row = referrals_assessed.referral_row
    left join conferences_of_referrals
        on
            section_47s.file_id = conferences_of_referrals.file_id
            and section_47s.child_row = conferences_of_referrals.child_row
            and section_47s.date_of_initial_cpc_date
            = conferences_of_referrals.date_of_initial_cpc_date
    left join section_47s_within_another
        on
            section_47s.file_id = section_47s_within_another.file_id
            and section_47s.row_number = section_47s_within_another.row_number
    left join limits on section_47s.collection_year = limits.collection_year

),

judged as (

    select
        seen.*,

        -- The enquiry began before the referral.
        seen.s47_actual_start_date_date < seen.cin_referral_date_date as fails_2889,

        -- The referral was never assessed.
        not seen.is_referral_assessed as fails_2991q,

        -- The enquiry has a conference, and began after it or at no time.
        seen.date_of_initial_cpc is not null
        and coalesce(
            seen.s47_actual_start_date_date > seen.date_of_initial_cpc_date,
            seen.s47_actual_start_date_date is null
        ) as fails_8615,

        -- The conference was held outside of the year.
        {{ is_outside_of_year('seen.date_of_initial_cpc_date', 'seen') }} as fails_8715,

        -- The conference is told beside a referral of the child, too.
        seen.is_conference_told_twice as fails_2884,

        -- The enquiry calls for a conference that was not held, and did not begin in the year,
        seen.is_without_conference
        and coalesce(
            {{ is_outside_of_year('seen.s47_actual_start_date_date', 'seen') }}, true
        ) as fails_8740,

        -- or began more than 15 working days ago.
        seen.is_without_conference
        and seen.s47_actual_start_date_date < seen.fifteen_before_end_date as fails_8675q,

        -- Another one of the referral waits for a conference, too.
        seen.is_waiting_for_conference
        and seen.waiting_enquiries_of_referral > 1 as fails_8839,

        -- The enquiry began while another one was going on.
        seen.is_within_another as fails_8890,

        -- The conference was due on a Saturday or Sunday.
        {{ is_weekend('seen.initial_cpc_target_date') }} as fails_8870q

    from section_47s_seen as seen

)

{{ failures_in('judged') }}
