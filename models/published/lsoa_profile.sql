-- One row per LSOA of an authority. Public sources only, so nothing is suppressed: nothing here
-- counts children known to services.

with

counted as (

    select * from {{ ref('lsoa_profile_counted') }}

)

select
    la_code,
    lsoa_code,
    lsoa_vintage,
    lsoa_name,
    ward_name,
    township_name,
    deprivation_index,
    deprivation_release,
    deprivation_rank,
    deprivation_areas,
    deprivation_decile,
    deprivation_band,
    child_poverty_percent,
    child_poverty_year,
    children_0_17,
    {{ public_count_marker('children_0_17') }} as children_0_17_marker
from counted
