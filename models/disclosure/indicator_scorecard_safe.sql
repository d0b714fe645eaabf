-- One row per audience, indicator and date of an authority, as the audience may see it. A change
-- tells the figure at both of its ends: it is shown where both are.

{%- set key = ['la_code', 'indicator', 'at_date'] %}

with

counted as (

    select
        *,
        case when is_count_of_people then value end as people
    from {{ ref('indicator_scorecard_counted') }}

),

withheld as (

    {{ withheld_of('indicator_scorecard', ['people']) }}

),

safe as (

    select
        policies.audience,
        counted.*,
        policies.rounds_to,
        {{ shown('people') }} as people_shown
    {{ from_counted_for_all(key) }}

),

valued as (

    select
        {{ all_but(['value']) }},
        case
            when not is_count_of_people then value
            when rounds_to > 1 then cast(people_shown as double)
            when people_shown is not null then value
        end as value
    from safe

)

select
    valued.audience,
    valued.la_code,
    valued.indicator,
    valued.indicator_name,
    valued.at_date,
    valued.value,
    valued.unit,
    valued.direction_of_good,
    valued.target,
    -- to six decimals, so that 71.9 less 100 is -28.1 and not -28.099999999999994
    round(valued.value - baselines.value, 6) as change_since_baseline
from valued
left join valued as baselines
    on
        valued.audience = baselines.audience
        and valued.la_code = baselines.la_code
        and valued.indicator = baselines.indicator
        and valued.baseline_date = baselines.at_date
