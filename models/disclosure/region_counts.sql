-- One row per number that a reader has of a total of a region, or lacks: the least that the total
-- can be as it is rounded, and, standing in no column, how far above that it is and how far below
-- the most that it can be.

with

totals as (

    select
        counted.*,
        policies.region_suppress_up_to,
        policies.region_rounds_to,
        cast(floor(policies.region_rounds_to / 2e0) as integer) as half_below,
        cast(
            floor(counted.children / cast(policies.region_rounds_to as double) + 0.5)
            * policies.region_rounds_to as integer
        ) as rounded
    from {{ ref('region_profile_counted') }} as counted
    inner join {{ ref('disclosure_policies') }} as policies on policies.audience = 'public'
    where counted.area_level = 'region'

),

-- what is shown is none, or not small
limits as (

    select
        *,
        case
            when children <= region_suppress_up_to then children
            else greatest(rounded - half_below, region_suppress_up_to + 1)
        end as least,
        case
            when children <= region_suppress_up_to then children
            else rounded + region_rounds_to - half_below - 1
        end as most
    from totals

)

select
    count_id,
    count_id as total_id,
    'shown' as role,
    cast(least as integer) as counted
from limits

union all

select
    replace(count_id, '|children|', '|above the least|') as count_id,
    count_id as total_id,
    'implied' as role,
    cast(children - least as integer) as counted
from limits

union all

select
    replace(count_id, '|children|', '|below the most|') as count_id,
    count_id as total_id,
    'implied' as role,
    cast(most - children as integer) as counted
from limits
