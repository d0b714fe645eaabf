-- One row per authority per 31 March per measure.

with

counted as (

    select * from {{ ref('children_rates_counted') }}

),

published as (

    select
        la_code,
        la_name,
        at_date,
        measure,
        {{ safe_count('children') }} as children,
        {{ count_marker('children') }} as children_marker,
        cast(population_0_17 as integer) as population_0_17,
        {{ public_count_marker('population_0_17') }} as population_0_17_marker,
        cast(population_year as integer) as population_year,
        {{ safe_number('rate_per_10000', 'children') }} as rate_per_10000,
        {{ safe_number('rate_lower_95', 'children') }} as rate_lower_95,
        {{ safe_number('rate_upper_95', 'children') }} as rate_upper_95,
        comparator_name,
        comparator_date,
        comparator_rate_per_10000,
        {{ safe_number('comparison', 'children') }} as comparison
    from counted

)

select * from published
