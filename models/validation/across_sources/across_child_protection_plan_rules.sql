-- One row per check of a child protection plan against what else is known of the child that it
-- does not meet.

with

plans as (

    select * from {{ ref('judged_child_protection_plans') }}

),

children as (

    select * from {{ ref('judged_children') }}

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
            'plans.year_end_date', 'plans.cpp_start_date_date', 'plans.cpp_end_date_date'
        ) }} as fails_x10,

        -- The child was 18 or older when the plan began.
        {{ age_on('children.person_birth_date_date', 'plans.cpp_start_date_date') }} >= 18
            as fails_x14

    from plans
    left join children
        on
            plans.file_id = children.file_id
            and plans.child_row = children.row_number
    left join in_need
        on
            plans.la_code = in_need.la_code
            and plans.collection_year = in_need.collection_year
            and plans.child_key = in_need.child_key

)

{{ failures_in('judged') }}
