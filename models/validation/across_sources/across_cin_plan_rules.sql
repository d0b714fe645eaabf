-- One row per check of a child in need plan against what else is known of the child that it does
-- not meet.

with

plans as (

    select * from {{ ref('judged_cin_plans') }}

),

in_need as (

    select * from {{ ref('children_in_need_on_31_march') }}

),

judged as (

    select
        plans.*,

        -- The child is on the plan on 31 March and not in need: no referral of it is open.
        plans.child_key is not null
        and in_need.child_key is null
        and {{ is_on_plan_on(
            'plans.year_end_date', 'plans.cin_plan_start_date_date', 'plans.cin_plan_end_date_date'
        ) }} as fails_x11

    from plans
    left join in_need
        on
            plans.la_code = in_need.la_code
            and plans.collection_year = in_need.collection_year
            and plans.child_key = in_need.child_key

)

{{ failures_in('judged') }}
