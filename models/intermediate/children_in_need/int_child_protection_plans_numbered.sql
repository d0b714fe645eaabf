-- One row per child protection plan per census that mentions it, numbered in the child's
-- plans of that census by the day they began.

with

plans as (

    select * from {{ ref('stg_cin_census__child_protection_plans') }}

),

children as (

    select * from {{ ref('stg_cin_census__children') }}

),

-- through the child of the same file, so that no row of a superseded file slips in
joined as (

    select
        -- whose it is
        children.la_code,
        children.child_key,
        children.collection_year,

        -- the plan
        cast(
            row_number() over (
                partition by children.la_code, children.child_key, children.collection_year
                order by
                    plans.plan_start_date asc nulls last,
                    plans.plan_end_date asc nulls last,
                    plans.row_number asc nulls last
            ) as integer
        ) as plan_number,
        cast(
            row_number() over (
                partition by
                    children.la_code,
                    children.child_key,
                    children.collection_year,
                    plans.plan_start_date
                order by
                    plans.plan_end_date asc nulls last,
                    plans.row_number asc nulls last
            ) as integer
        ) as number_on_day,
        plans.plan_start_date as start_date,
        plans.plan_end_date as end_date,
        plans.initial_category_code,
        plans.latest_category_code,
        plans.number_of_previous_plans,

        -- the child, as this census describes it
        children.birth_date,
        children.expected_birth_date,

        -- provenance
        plans.file_id,
        plans.row_number,
        plans.line_number

    from plans
    inner join children
        on
            plans.file_id = children.file_id
            and plans.child_row = children.row_number

)

select * from joined
