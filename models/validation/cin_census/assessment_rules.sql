-- One row per rule of the CIN census and assessment that does not meet it.

with

codes as (

    select * from {{ ref('cin_census_codes') }}

),

limits as (

    select * from {{ ref('working_day_limits') }}

),

referrals as (

    select * from {{ ref('judged_referrals') }}

),

-- The assessments of a referral beside each other.
assessments as (

    select
        *,
        count(*) over (partition by file_id, referral_row) as assessments_of_referral,
        sum(case when assessment_authorisation_date is null then 1 else 0 end)
            over (partition by file_id, referral_row) as open_assessments_of_referral
    from {{ ref('judged_assessments') }}

),

-- Those that began while another one of the referral was going on, its last day included; an
-- open one counts to the end of the year.
assessments_within_another as (

    select distinct
        assessments.file_id,
        assessments.row_number
    from assessments
    inner join assessments as others
        on
            assessments.file_id = others.file_id
            and assessments.referral_row = others.referral_row
            and assessments.row_number <> others.row_number
            and assessments.assessment_actual_start_date_date
            >= others.assessment_actual_start_date_date
    where
        assessments.assessment_actual_start_date_date <= others.assessment_authorisation_date_date
        or (
            others.assessment_authorisation_date is null
            and assessments.assessment_actual_start_date_date <= assessments.year_end_date
        )

),

factors as (

    select
        judged_rows.file_id,
        judged_rows.assessment_row,
        count(*) as factors,
        sum(case when judged_rows.assessment_factor = '21' then 1 else 0 end) as none_found,
        sum(
            case
                when {{ is_code_of('codes', 'assessment_factor', 'assessment_factor') }} then 0
                else 1
            end
        ) as unknown_factors
    from {{ ref('judged_assessment_factors') }} as judged_rows
    where judged_rows.assessment_factor is not null
    group by
        judged_rows.file_id,
        judged_rows.assessment_row

),

assessments_seen as (

    select
        assessments.*,
        assessments.assessment_authorisation_date is null as is_open,
        assessments_within_another.row_number is not null as is_within_another,
        referrals.cin_referral_date_date,
        referrals.reason_for_closure,
        coalesce(factors.factors, 0) as factors,
        coalesce(factors.none_found, 0) as none_found,
        coalesce(factors.unknown_factors, 0) as unknown_factors,
        limits.forty_five_before_end_date
    from assessments
    left join referrals
        on
            assessments.file_id = referrals.file_id
            and assessments.referral_row = referrals.row_number
    left join assessments_within_another
        on
            assessments.file_id = assessments_within_another.file_id
            and assessments.row_number = assessments_within_another.row_number
    left join factors
        on
            assessments.file_id = factors.file_id
            and assessments.row_number = factors.assessment_row
    left join limits on assessments.collection_year = limits.collection_year

),

judged as (

    select
        seen.*,

        -- The assessment began before the referral.
        seen.assessment_actual_start_date_date < seen.cin_referral_date_date as fails_1103,

        -- The assessment ended before it began.
        seen.assessment_authorisation_date_date < seen.assessment_actual_start_date_date
            as fails_8608,

        -- The assessment ended outside of the year.
        {{ is_outside_of_year('seen.assessment_authorisation_date_date', 'seen') }} as fails_8696,

        -- The assessment is open and did not begin in the year.
        seen.is_open
        and coalesce(
            {{ is_outside_of_year('seen.assessment_actual_start_date_date', 'seen') }}, true
        ) as fails_8736,

        -- The assessment is open after more than 45 working days.
        seen.is_open
        and seen.assessment_actual_start_date_date < seen.forty_five_before_end_date as fails_8670q,

        -- Another one of the referral is open, too.
        seen.is_open and seen.open_assessments_of_referral > 1 as fails_8896,

        -- The assessment began while another one was going on.
        seen.is_within_another as fails_8863q,

        -- The assessment is open and has factors.
        seen.is_open and seen.factors > 0 as fails_8614,

        -- The assessment is done and has no factor, or one that is no code of the year.
        seen.assessment_authorisation_date_date >= seen.year_start_date
        and (seen.factors = 0 or seen.unknown_factors > 0) as fails_8897q,

        -- The only assessment found no factor, and the case did not close after assessment.
        seen.assessments_of_referral = 1
        and seen.none_found > 0
        and coalesce(seen.reason_for_closure not in ('RC8', 'RC9'), true) as fails_8873q

    from assessments_seen as seen

)

{{ failures_in('judged') }}
