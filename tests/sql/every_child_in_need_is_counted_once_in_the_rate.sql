-- The rate counts the children of core.fct_children_at_31_march: a measure, day and
-- authority with children and no row, or with another number, has lost or doubled some.

with

children_at_31_march as (

    select
        la_code,
        at_date,
        measure,
        count(*) as children
    from {{ ref('fct_children_at_31_march') }}
    group by la_code, at_date, measure

),

rates as (

    select * from {{ ref('children_rates_counted') }}

)

select
    children_at_31_march.la_code,
    children_at_31_march.at_date,
    children_at_31_march.measure,
    children_at_31_march.children,
    rates.children as children_in_rate
from children_at_31_march
left join rates
    on
        children_at_31_march.la_code = rates.la_code
        and children_at_31_march.at_date = rates.at_date
        and children_at_31_march.measure = rates.measure
where rates.children is null or rates.children <> children_at_31_march.children
