-- One row per rule of the CIN census and factor of an assessment that does not meet it.

with

-- Each factor, and what else the assessment found.
factors as (

    select
        *,
        count(*) over (partition by file_id, assessment_row, assessment_factor) as times_found,
        max(case when assessment_factor = '21' then 1 else 0 end)
            over (partition by file_id, assessment_row) as is_none_found
    from {{ ref('judged_assessment_factors') }}

),

judged as (

    select
        factors.*,

        -- The assessment found this factor and none.
        factors.is_none_found = 1 and factors.assessment_factor <> '21' as fails_8869,

        -- The assessment found this factor twice.
        factors.assessment_factor is not null and factors.times_found > 1 as fails_8898,

        -- The factor has been split: physical abuse,
        upper(factors.assessment_factor) = '18A' as fails_8945q,

        -- and sexual abuse.
        upper(factors.assessment_factor) = '19A' as fails_8950q

    from factors

)

{{ failures_in('judged') }}
