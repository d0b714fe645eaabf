-- One row per check of a child of a CIN census against other returns, or against what its own
-- census tells of it, that it does not meet.

with

children as (

    select * from {{ ref('judged_children') }}

),

told as (

    select * from {{ ref('children_in_returns') }}

),

referrals as (

    select * from {{ ref('judged_referrals') }}

),

-- Cases that were open at the end of the last year and of which this year's census, which has
-- the child, knows nothing.
children_with_vanished_case as (

    select distinct
        cases.la_code,
        cases.collection_year,
        cases.child_key
    from {{ ref('cases_open_last_year') }} as cases
    left join referrals
        on
            cases.la_code = referrals.la_code
            and cases.collection_year = referrals.collection_year
            and cases.child_key = referrals.child_key
            and cases.cin_referral_date_date = referrals.cin_referral_date_date
    where referrals.child_key is null

),

-- The latest day on which something of a child is dated.
events as (

    select
        file_id,
        child_row,
        greatest(
            max(assessment_actual_start_date_date), max(assessment_authorisation_date_date)
        ) as last_date
    from {{ ref('judged_assessments') }}
    group by
        file_id,
        child_row

    union all

    select
        file_id,
        child_row,
        greatest(max(s47_actual_start_date_date), max(date_of_initial_cpc_date)) as last_date
    from {{ ref('judged_section_47s') }}
    group by
        file_id,
        child_row

    union all

    select
        file_id,
        child_row,
        greatest(max(cin_plan_start_date_date), max(cin_plan_end_date_date)) as last_date
    from {{ ref('judged_cin_plans') }}
    group by
        file_id,
        child_row

    union all

    select
        file_id,
        child_row,
        greatest(max(cpp_start_date_date), max(cpp_end_date_date)) as last_date
    from {{ ref('judged_child_protection_plans') }}
    group by
        file_id,
        child_row

    union all

    select
        file_id,
        child_row,
        max(cin_referral_date_date) as last_date
    from referrals
    group by
        file_id,
        child_row

),

last_events as (

    select
        file_id,
        child_row,
        max(last_date) as last_date
    from events
    group by
        file_id,
        child_row

),

judged as (

    select
        children.*,

        -- The SSDA903 return of the year tells another sex of the child,
        own.sex_code <> looked_after.sex_code as fails_x01,

        -- another date of birth,
        own.birth_date <> looked_after.birth_date as fails_x02,

        -- or another ethnic origin.
        own.ethnic_code <> looked_after.ethnic_code as fails_x03,

        -- The census of the year before told another sex,
        own.sex_code <> last_year.sex_code as fails_x04,

        -- another date of birth,
        own.birth_date <> last_year.birth_date as fails_x05,

        -- or another ethnic origin.
        own.ethnic_code <> last_year.ethnic_code as fails_x06,

        -- A case that was open a year ago is no more among those of the child.
        children_with_vanished_case.child_key is not null as fails_x08,

        -- The child is not born yet by this census, and something of it happened long after the
        -- day on which it was expected.
        children.person_birth_date is null
        and last_events.last_date
        > {{ add_days('children.expected_person_birth_date_date', var('days_born_late')) }}
            as fails_x13

    from children
    left join told as own
        on
            own.source = 'cin_census'
            and children.la_code = own.la_code
            and children.collection_year = own.collection_year
            and children.child_key = own.child_key
    left join told as looked_after
        on
            looked_after.source = 'ssda903'
            and children.la_code = looked_after.la_code
            and children.collection_year = looked_after.collection_year
            and children.child_key = looked_after.child_key
    left join told as last_year
        on
            last_year.source = 'cin_census'
            and children.la_code = last_year.la_code
            and children.collection_year = last_year.collection_year + 1
            and children.child_key = last_year.child_key
    left join children_with_vanished_case
        on
            children.la_code = children_with_vanished_case.la_code
            and children.collection_year = children_with_vanished_case.collection_year
            and children.child_key = children_with_vanished_case.child_key
    left join last_events
        on
            children.file_id = last_events.file_id
            and children.row_number = last_events.child_row

)

{{ failures_in('judged') }}
