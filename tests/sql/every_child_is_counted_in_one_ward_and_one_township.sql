-- Out of area and unknown are rows of the profiles, so the wards of an authority, and its
-- townships, add up to all the children whom it looked after, or who were in need or on a
-- plan, on the day. A difference means that a child was lost between two places or counted
-- in both.

with

children as (

    select
        la_code,
        at_date,
        count(distinct case when measure = 'looked_after' then child_key end) as looked_after,
        count(distinct case when measure = 'children_in_need' then child_key end)
            as children_in_need,
        count(distinct case when measure = 'child_protection_plan' then child_key end)
            as child_protection_plans
    from {{ ref('fct_children_at_31_march') }}
    group by la_code, at_date

),

wards as (

    select
        la_code,
        at_date,
        sum(looked_after) as looked_after,
        sum(children_in_need) as children_in_need,
        sum(child_protection_plans) as child_protection_plans
    from {{ ref('ward_profile_counted') }}
    group by la_code, at_date

),

townships as (

    select
        la_code,
        at_date,
        sum(looked_after) as looked_after,
        sum(children_in_need) as children_in_need,
        sum(child_protection_plans) as child_protection_plans
    from {{ ref('township_profile_counted') }}
    group by la_code, at_date

)

select
    children.la_code,
    children.at_date
from children
left join wards
    on children.la_code = wards.la_code and children.at_date = wards.at_date
left join townships
    on children.la_code = townships.la_code and children.at_date = townships.at_date
where
    children.looked_after <> coalesce(wards.looked_after, 0)
    or children.looked_after <> coalesce(townships.looked_after, 0)
    or children.children_in_need <> coalesce(wards.children_in_need, 0)
    or children.children_in_need <> coalesce(townships.children_in_need, 0)
    or children.child_protection_plans <> coalesce(wards.child_protection_plans, 0)
    or children.child_protection_plans <> coalesce(townships.child_protection_plans, 0)
