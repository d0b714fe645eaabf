-- One row per audience, authority, 31 March and measure, as the audience may see it. Rates are of
-- the counts shown.

{%- set key = ['la_code', 'at_date', 'measure'] %}

with

counted as (

    select * from {{ ref('children_rates_counted') }}

),

withheld as (

    {{ withheld_of('children_rates', ['children']) }}

),

safe as (

    select
        policies.audience,
        counted.*,
        {{ shown('children') }} as children_shown,
        {{ shown_marker('children') }} as children_marker
    {{ from_counted_for_all(key) }}

),

bounded as (

    select
        *,
        {{ rate_lower_95('children_shown', 'population_0_17') }} as lower_95,
        {{ rate_upper_95('children_shown', 'population_0_17') }} as upper_95
    from safe

)

select
    audience,
    la_code,
    la_name,
    at_date,
    measure,
    children_shown as children,
    children_marker,
    cast(population_0_17 as integer) as population_0_17,
    {{ public_count_marker('population_0_17') }} as population_0_17_marker,
    cast(population_year as integer) as population_year,
    {{ rate_per_10000('children_shown', 'population_0_17') }} as rate_per_10000,
    {{ to_one_decimal('lower_95') }} as rate_lower_95,
    {{ to_one_decimal('upper_95') }} as rate_upper_95,
    comparator_name,
    comparator_date,
    comparator_rate_per_10000,
    {{ comparison('lower_95', 'upper_95', 'comparator_rate_per_10000') }} as comparison
from bounded
