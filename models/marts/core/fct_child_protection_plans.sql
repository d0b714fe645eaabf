-- One row per child protection plan per census that mentions it. `is_latest_account` marks
-- the account of the latest census that mentions the plan, known by the day it began.

with

plans as (

    select * from {{ ref('int_child_protection_plans_numbered') }}

),

described as (

    select
        child_key,
        la_code,
        collection_year,
        plan_number,
        start_date,
        end_date,
        initial_category_code,
        latest_category_code,
        number_of_previous_plans,
        cast({{ days_between('start_date', 'end_date') }} as integer) as duration_days,
        collection_year = max(collection_year) over (
            partition by la_code, child_key, start_date, number_on_day
        ) as is_latest_account
    from plans

)

select * from described
