-- One row per rule of the SSDA903 return and row of the yearly health and offending facts (OC2)
-- that does not meet it.

with

health as (

    select
        *,
        {{ fields_given('judged_oc2', health_fields()) }} as asked_of_all_given,
        {{ fields_given('judged_oc2', further_health_fields()) }} as asked_of_some_given,
        {{ returned_integer('sdq_score') }} as score,
        {{ age_on('birth_date', 'year_end_date') }} as age_at_year_end,
        {{ add_years('birth_date', 4) }} as fourth_birthday,
        {{ add_years('birth_date', 16) }} as sixteenth_birthday,
        {{ add_years('birth_date', 17) }} as seventeenth_birthday
    from {{ ref('judged_oc2') }} as judged_oc2

),

looked_after_12_months as (

    select * from {{ ref('looked_after_12_months') }}

),

codes as (

    select * from {{ ref('ssda903_codes') }}

),

joined as (

    select
        health.*,
        looked_after_12_months.child_key is not null as is_looked_after_12_months
    from health
    left join looked_after_12_months
        on {{ is_same_child('health', 'looked_after_12_months') }}

),

judged as (

    select
        *,

        -- Without a score for the child's age, which is one at which it is asked for.
        is_looked_after_12_months
        and fourth_birthday <= year_start_date
        and sixteenth_birthday >= year_end_date
        and sdq_score is null
        and sdq_reason = 'SDQ1' as fails_157,

        -- The score is no whole number from 0 to 40.
        sdq_score is not null and not coalesce(score between 0 and 40, false) as fails_180,

        -- A score of a child that was not looked after all year.
        sdq_score is not null and not is_looked_after_12_months as fails_185,

        -- Neither a score nor a reason at an age at which one is asked for.
        is_looked_after_12_months
        and fourth_birthday <= year_start_date
        and seventeenth_birthday > year_end_date
        and coalesce(sdq_score, sdq_reason) is null as fails_186,

        -- A score or a reason before the child is four.
        age_at_year_end < 4 and coalesce(sdq_score, sdq_reason) is not null as fails_188,

        -- A score or a reason after the child was seventeen.
        seventeenth_birthday < year_start_date
        and coalesce(sdq_score, sdq_reason) is not null as fails_189,

        -- The reason is no code.
        sdq_reason is not null
        and not {{ is_code_of('codes', 'SDQ_REASON', 'sdq_reason', 'joined') }} as fails_196,

        -- A score, and a reason why there is none.
        sdq_score is not null and sdq_reason is not null as fails_197a,

        -- Neither a score nor a reason in the year in which the child became four or seventeen.
        is_looked_after_12_months
        and (
            fourth_birthday between year_start_date and year_end_date
            or seventeenth_birthday between year_start_date and year_end_date
        )
        and coalesce(sdq_score, sdq_reason) is null as fails_197b,

        -- A reason for no score of a child that was not looked after all year.
        sdq_reason is not null and not is_looked_after_12_months as fails_198,

        -- A yes or no is neither 0 nor 1.
        {{ is_any_no_flag(further_health_fields() + health_fields()) }} as fails_181,

        -- What is asked of some is told, and what is asked of all is not.
        asked_of_some_given > 0 and asked_of_all_given < 4 as fails_182,

        -- Told of a child that was not looked after all year.
        asked_of_some_given + asked_of_all_given > 0
        and not is_looked_after_12_months as fails_190,

        -- An intervention was received, and yet it is told whether one was offered and refused.
        intervention_received = '1' and intervention_offered is not null as fails_158,

        -- None was received, and it is not told whether one was offered.
        substance_misuse = '1'
        and intervention_received = '0'
        and intervention_offered is null as fails_159,

        -- Misuse, and it is not told whether an intervention was received.
        substance_misuse = '1' and intervention_received is null as fails_192,

        -- No misuse, and yet an intervention.
        coalesce(substance_misuse = '0', true)
        and coalesce(intervention_received, intervention_offered) is not null as fails_193,

        -- Convictions of a child under ten.
        age_at_year_end < 10 and convicted is not null as fails_542,

        -- Nothing on convictions of a child of ten or older.
        age_at_year_end >= 10 and is_looked_after_12_months and convicted is null as fails_543,

        -- Convictions are told, and what is asked of all is not.
        convicted is not null and asked_of_all_given < 4 as fails_544,

        -- Nothing on health checks of a child under five.
        age_at_year_end < 5 and is_looked_after_12_months and health_check is null as fails_545,

        -- Health checks of a child of five or older.
        age_at_year_end >= 5
        and is_looked_after_12_months
        and health_check is not null as fails_546,

        -- Health checks are told, and what is asked of all is not.
        health_check is not null and asked_of_all_given < 4 as fails_547

    from joined

)

{{ failures_in('judged') }}
