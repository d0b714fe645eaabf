-- One row per child ever looked after by an authority, at the first episode on record that
-- began in the cohort's window.
-- Children are kept and marked rather than dropped, so that anyone may ask why a child is
-- missing from a count and be answered.

{{ config(schema='looked_after') }}

with

periods as (

    select * from {{ ref('fct_periods_of_care') }}

),

children as (

    select * from {{ ref('dim_children') }}

),

age_bands as (

    select * from {{ ref('age_bands') }}
    where scheme = 'dfe'

),

cohort_window as (

    select
        cast('{{ var("cohort_start_date") }}' as date) as cohort_start_date,
        cast('{{ var("cohort_end_date") }}' as date) as cohort_end_date

),

in_window as (

    select
        periods.*,
        cohort_window.cohort_start_date,
        cohort_window.cohort_end_date,
        (
            not periods.is_short_break
            and periods.is_start_known
            and periods.start_date >= cohort_window.cohort_start_date
            and periods.start_date <= cohort_window.cohort_end_date
        ) as is_candidate

    from periods
    cross join cohort_window

),

-- the period at which a child is counted or would be; for a child with no known start in the
-- window the earliest that is not a short break, or else the earliest
chosen as (

    select
        la_code,
        child_key,
        coalesce(
            min(period_number) filter (where is_candidate),
            min(period_number) filter (where not is_short_break),
            min(period_number)
        ) as period_number,
        bool_or(is_candidate) as has_candidate,
        bool_and(is_short_break) as is_short_breaks_only,
        bool_or(not is_short_break and not is_start_known) as has_unknown_start,
        coalesce(
            min(period_number) filter (where not is_short_break)
            < min(period_number) filter (where is_candidate),
            false
        ) as is_known_earlier

    from in_window
    group by la_code, child_key

),

judged as (

    select
        in_window.*,
        case
            when
                '{{ var("first_episode_scope") }}' = 'ever'
                and chosen.has_candidate
                and chosen.is_known_earlier
                then 'looked after before the window'
            when chosen.has_candidate then null
            when chosen.is_short_breaks_only then 'short breaks only'
            when chosen.has_unknown_start then 'care began before our records do'
            else 'outside the window'
        end as exclusion_reason

    from chosen
    inner join in_window
        on
            chosen.la_code = in_window.la_code
            and chosen.child_key = in_window.child_key
            and chosen.period_number = in_window.period_number

),

described as (

    select
        -- key
        judged.child_key,
        judged.la_code,

        -- whether the child is counted
        judged.cohort_start_date,
        judged.cohort_end_date,
        judged.exclusion_reason is null as is_in_cohort,
        judged.exclusion_reason,

        -- the first episode
        judged.period_number,
        judged.start_date as first_episode_date,
        {{ financial_year('judged.start_date') }} as entry_year,
        judged.age_at_start as age_at_entry,
        age_bands.age_band,
        judged.category_of_need_code,
        judged.legal_status_code,
        judged.placement_code,

        -- the child
        children.sex_code,
        children.ethnic_code,

        -- the home the child came from
        judged.place_status,
        judged.lsoa01_code,
        judged.lsoa11_code,
        judged.lsoa21_code,
        judged.ward_code,
        judged.township_name

    from judged
    left join children
        on
            judged.la_code = children.la_code
            and judged.child_key = children.child_key
    left join age_bands
        on judged.age_at_start between age_bands.from_age and coalesce(age_bands.to_age, 999)

)

select * from described
