-- One row per audience, authority, measure, 31 March and area compared with, as the audience may
-- see it, and one more for the mean of the statistical neighbours.
--
-- The figures are other publishers' and public. What they could still give away is a count that
-- we withhold: the department's own figure of an authority that is counted here, and the totals
-- of its region and of England, from which the other authorities can be taken away. Where
-- children_rates withholds a count, or rounds it, these go with it. Of England the rate stays: to
-- one decimal, of eleven million children, it tells no count to within a hundred.

with

counted as (

    select * from {{ ref('comparator_rates_counted') }}

),

policies as (

    select * from {{ ref('disclosure_policies') }}

),

authorities as (

    select * from {{ ref('local_authorities') }}
    where is_main_code

),

-- our counts that are not told as they are, with their region
withheld_here as (

    select
        rates.audience,
        rates.la_code,
        authorities.region_code,
        rates.at_date,
        rates.measure
    from {{ ref('children_rates_safe') }} as rates
    inner join policies on rates.audience = policies.audience
    left join authorities on rates.la_code = authorities.la_code
    where rates.children_marker = 'c' or policies.rounds_to > 1

),

withheld_areas as (

    select
        audience,
        at_date,
        measure,
        'la' as area_level,
        la_code as area
    from withheld_here

    union distinct

    select
        audience,
        at_date,
        measure,
        'region' as area_level,
        region_code as area
    from withheld_here

    union distinct

    select
        audience,
        at_date,
        measure,
        'england' as area_level,
        'england' as area
    from withheld_here

),

judged as (

    select
        policies.audience,
        counted.*,
        -- a rate may be printed where its count is not
        coalesce(
            coalesce(
                counted.children,
                floor(counted.rate_per_10000 * counted.population_0_17 / 10000e0 + 0.5)
            ) between 1 and policies.suppress_up_to, false
        ) as is_small,
        withheld_areas.area is not null as is_beside_withheld
    from counted
    cross join policies
    left join withheld_areas
        on
            policies.audience = withheld_areas.audience
            and counted.at_date = withheld_areas.at_date
            and counted.measure = withheld_areas.measure
            and counted.area_level = withheld_areas.area_level
            and case counted.area_level
                when 'la' then counted.compared_la_code
                when 'region' then counted.area_code
                else 'england'
            end = withheld_areas.area

),

decided as (

    select
        *,
        is_small or is_beside_withheld as is_count_withheld,
        is_small or (is_beside_withheld and area_level <> 'england') as is_rate_withheld
    from judged

),

-- a population that is worked out of a withheld count would tell it
safe as (

    select
        audience,
        la_code,
        la_name,
        at_date,
        measure,
        area_level,
        area_code,
        area_name,
        neighbour_rank,
        closeness_name,
        case when not is_count_withheld then children end as children,
        case
            when area_level = 'own' then 'z'
            when children is null then 'x'
            when is_count_withheld then 'c'
        end as children_marker,
        case when not is_rate_withheld then rate_per_10000 end as rate_per_10000,
        case
            when area_level = 'own' then 'z'
            when rate_per_10000 is null then 'x'
            when is_rate_withheld then 'c'
        end as rate_per_10000_marker,
        is_rate_derived,
        case
            when not (is_population_derived and is_count_withheld) then population_0_17
        end as population_0_17,
        case
            when population_0_17 is null then 'x'
            when is_population_derived and is_count_withheld then 'c'
        end as population_0_17_marker,
        is_population_derived,
        england_rate
    from decided

),

-- The mean of the neighbours whose rates are shown, each counting once whatever its size.
neighbours_mean as (

    select
        audience,
        la_code,
        la_name,
        at_date,
        measure,
        'neighbours' as area_level,
        'neighbours' as area_code,
        'Mean of statistical neighbours' as area_name,
        cast(null as integer) as neighbour_rank,
        cast(null as string) as closeness_name,
        cast(null as integer) as children,
        'z' as children_marker,
        {{ to_one_decimal('avg(rate_per_10000)') }} as rate_per_10000,
        case when count(rate_per_10000) = 0 then 'x' end as rate_per_10000_marker,
        true as is_rate_derived,
        cast(null as integer) as population_0_17,
        'z' as population_0_17_marker,
        false as is_population_derived,
        cast(null as double) as england_rate
    from safe
    where neighbour_rank is not null
    group by audience, la_code, la_name, at_date, measure

),

areas as (

    select * from safe

    union all

    select * from neighbours_mean

)

select
    audience,
    la_code,
    la_name,
    at_date,
    measure,
    area_level,
    area_code,
    area_name,
    cast(neighbour_rank as integer) as neighbour_rank,
    closeness_name,
    cast(children as integer) as children,
    children_marker,
    cast(rate_per_10000 as double) as rate_per_10000,
    rate_per_10000_marker,
    is_rate_derived,
    cast(population_0_17 as integer) as population_0_17,
    population_0_17_marker,
    is_population_derived,
    {{ rate_control_limit('england_rate', 'population_0_17', 'lower', normal_deviate_998()) }}
        as limit_lower_998,
    {{ rate_control_limit('england_rate', 'population_0_17', 'lower', normal_deviate()) }}
        as limit_lower_95,
    {{ rate_control_limit('england_rate', 'population_0_17', 'upper', normal_deviate()) }}
        as limit_upper_95,
    {{ rate_control_limit('england_rate', 'population_0_17', 'upper', normal_deviate_998()) }}
        as limit_upper_998
from areas
