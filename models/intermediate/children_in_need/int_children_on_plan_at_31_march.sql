-- One row per child on a child protection plan on the 31 March of a census, from that
-- census alone: started by the day and not ended by it.

with

plans as (

    select
        *,
        {{ year_end('collection_year') }} as at_date
    from {{ ref('int_child_protection_plans_numbered') }}

),

on_plan as (

    select
        la_code,
        child_key,
        at_date,
        min(birth_date) as birth_date,
        min(expected_birth_date) as expected_birth_date
    from plans
    where {{ is_on_plan_on('at_date', 'start_date', 'end_date') }}
    group by la_code, child_key, at_date

)

select * from on_plan
