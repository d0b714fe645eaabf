-- One row per audience, region, measure, 31 March, dimension, category and area, alike for all
-- audiences: whoever reads it may read what the others are told as well. Of an authority it says no
-- more than the public is told, and that to the region's standard. What is derived is derived from
-- the counts shown.

with

policies as (

    select * from {{ ref('disclosure_policies') }}

),

public_policy as (

    select * from policies
    where audience = 'public'

),

withheld as (

    select
        'region' as area_level,
        count_id
    from {{ ref('region_decisions') }}

    union all

    select
        'la' as area_level,
        count_id
    from {{ ref('disclosure_decisions') }}
    where audience = 'public'

),

-- what anybody may know of it before the region's own standard
told as (

    select
        counted.*,
        policies.region_suppress_up_to,
        policies.region_rounds_to,
        case
            when withheld.count_id is not null then null
            when counted.area_level = 'region' then counted.children
            else
                floor(counted.children / cast(policies.rounds_to as double) + 0.5)
                * policies.rounds_to
        end as children_told
    from {{ ref('region_profile_counted') }} as counted
    cross join public_policy as policies
    left join withheld
        on
            counted.area_level = withheld.area_level
            and counted.count_id = withheld.count_id

),

safe as (

    select
        *,
        case
            when children_told not between 1 and region_suppress_up_to
                then cast(
                    floor(children_told / cast(region_rounds_to as double) + 0.5)
                    * region_rounds_to as integer
                )
        end as children_shown
    from told

),

rated as (

    select
        safe.*,
        {{ percentage('safe.children_shown', 'wholes.children_shown') }} as percent,
        {{ rate_per_10000('safe.children_shown', 'safe.population_0_17') }} as rate_per_10000,
        {{ rate_lower_95('safe.children_shown', 'safe.population_0_17') }} as lower_95,
        {{ rate_upper_95('safe.children_shown', 'safe.population_0_17') }} as upper_95
    from safe
    left join safe as wholes
        on
            safe.area_code = wholes.area_code
            and safe.measure = wholes.measure
            and safe.at_date = wholes.at_date
            and wholes.dimension = 'all'
            and safe.dimension <> 'all'

)

select
    policies.audience,
    rated.region_code,
    rated.region_name,
    rated.measure,
    rated.at_date,
    rated.dimension,
    rated.category_code,
    rated.category_name,
    rated.area_level,
    rated.area_code,
    rated.area_name,
    rated.la_code,
    rated.authorities,
    rated.la_codes,
    rated.children_shown as children,
    case when rated.children_shown is null then 'c' end as children_marker,
    rated.percent,
    rated.population_0_17,
    {{ public_count_marker('rated.population_0_17', "rated.measure <> 'first_episodes'") }}
        as population_0_17_marker,
    rated.rate_per_10000,
    {{ to_one_decimal('rated.lower_95') }} as rate_lower_95,
    {{ to_one_decimal('rated.upper_95') }} as rate_upper_95,
    {{ comparison('rated.lower_95', 'rated.upper_95', 'of_regions.rate_per_10000') }} as comparison
from rated
cross join policies
left join rated as of_regions
    on
        rated.area_level = 'la'
        and rated.region_code = of_regions.region_code
        and rated.measure = of_regions.measure
        and rated.at_date = of_regions.at_date
        and of_regions.area_level = 'region'
        and of_regions.dimension = 'all'
