-- One row per area and year with its children aged 0-16 and 0-17: from one row per band of
-- ages to the band that was delivered whole, or the sum of bands that cover every age once.

with

populations_delivered as (

    select * from {{ ref('int_populations_delivered') }}

),

-- Bands cover every age from 0 to n once when both the number of ages and their sum are right.
added as (

    select
        area_level,
        area_code,
        la_code,
        population_year,
        max(case when from_age = 0 and to_age = 16 then people end) as whole_0_16,
        max(case when from_age = 0 and to_age = 17 then people end) as whole_0_17,
        sum(case when to_age <= 16 and to_age - from_age < 16 then people end) as people_to_16,
        sum(case when to_age <= 16 and to_age - from_age < 16 then to_age - from_age + 1 end)
            as ages_to_16,
        sum(
            case
                when to_age <= 16 and to_age - from_age < 16
                    then (from_age + to_age) * (to_age - from_age + 1)
            end
        ) as twice_sum_to_16,
        sum(case when to_age - from_age < 16 then people end) as people_to_17,
        sum(case when to_age - from_age < 16 then to_age - from_age + 1 end) as ages_to_17,
        sum(
            case
                when to_age - from_age < 16 then (from_age + to_age) * (to_age - from_age + 1)
            end
        ) as twice_sum_to_17
    from populations_delivered
    group by area_level, area_code, la_code, population_year

),

summed as (

    select
        area_level,
        area_code,
        la_code,
        population_year,
        cast(
            coalesce(
                whole_0_16,
                case when ages_to_16 = 17 and twice_sum_to_16 = 16 * 17 then people_to_16 end
            ) as integer
        ) as children_0_16,
        cast(
            coalesce(
                whole_0_17,
                case when ages_to_17 = 18 and twice_sum_to_17 = 17 * 18 then people_to_17 end
            ) as integer
        ) as children_0_17
    from added

)

select * from summed
where children_0_16 is not null or children_0_17 is not null
