-- One row per indicator per date of an authority.

with

counted as (

    select * from {{ ref('indicator_scorecard_counted') }}

),

-- whether the figure or its baseline is a count of people too small to publish
weighed as (

    select
        *,
        case when is_count_of_people then value end as people,
        case when is_count_of_people then baseline_value end as baseline_people
    from counted

),

published as (

    select
        la_code,
        indicator,
        indicator_name,
        at_date,
        case when people is null or not {{ is_small('people') }} then value end as value,
        unit,
        direction_of_good,
        target,
        case
            when
                (people is null or not {{ is_small('people') }})
                and (baseline_people is null or not {{ is_small('baseline_people') }})
                then change_since_baseline
        end as change_since_baseline
    from weighed

)

select * from published
