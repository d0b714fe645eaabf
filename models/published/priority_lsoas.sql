-- One row per priority LSOA of an authority. The children are a population estimate, so nothing
-- is suppressed.

with

counted as (

    select * from {{ ref('priority_lsoas_counted') }}

)

select
    la_code,
    priority_order,
    selection_rule,
    township_name,
    ward_name,
    lsoa_code,
    area_name,
    deprivation_rank,
    deprivation_band,
    children_0_17,
    {{ public_count_marker('children_0_17') }} as children_0_17_marker
from counted
