-- One row per indicator per date of an authority, with the change since its baseline and
-- small counts as they are.

with

indicators as (

    select * from {{ ref('fct_indicators') }}

),

units as (

    select * from {{ ref('indicator_units') }}

),

compared as (

    select
        indicators.la_code,
        indicators.indicator,
        indicators.indicator_name,
        indicators.at_date,
        indicators.value,
        indicators.unit,
        indicators.direction_of_good,
        indicators.target,
        indicators.baseline_date,
        baselines.value as baseline_value,
        -- to six decimals, so that 71.9 less 100 is -28.1 and not -28.099999999999994
        round(indicators.value - baselines.value, 6) as change_since_baseline,
        coalesce(units.is_count_of_people, true) as is_count_of_people
    from indicators
    left join indicators as baselines
        on
            indicators.la_code = baselines.la_code
            and indicators.indicator = baselines.indicator
            and indicators.baseline_date = baselines.at_date
    left join units on lower(indicators.unit) = units.unit

)

select * from compared
