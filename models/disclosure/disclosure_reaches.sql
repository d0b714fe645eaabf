-- One row per ward of the first-episode cohort and decile of deprivation that its children can be
-- in: those of its LSOAs, and unknown. The map is public, and so a reader can hold what is shown of
-- deciles against what is shown of wards.

with

cohort as (

    select * from {{ ref('disclosure_counts') }}
    where mart = 'first_episode_profile' and role = 'shown'

),

lsoas as (

    select
        la_code,
        ward_code,
        coalesce(cast(deprivation_decile as string), 'unknown') as decile
    from {{ ref('lsoa_profile_counted') }}

),

wards_on_the_map as (

    select distinct
        la_code,
        ward_code
    from lsoas

)

select distinct
    wards.la_code,
    wards.count_id as ward_count_id,
    deciles.count_id as decile_count_id
from cohort as wards
inner join cohort as deciles
    on
        wards.la_code = deciles.la_code
        and deciles.dimension = 'deprivation_decile'
        and deciles.category <> 'out of area'
left join wards_on_the_map
    on
        wards.la_code = wards_on_the_map.la_code
        and wards.category = wards_on_the_map.ward_code
left join lsoas as reached
    on
        wards.la_code = reached.la_code
        and wards.category = reached.ward_code
        and deciles.category = reached.decile
where
    wards.dimension = 'ward'
    and wards.category <> 'out of area'
    and wards.la_code in (select lsoas.la_code from lsoas)
    and (
        reached.la_code is not null
        or deciles.category = 'unknown'
        or wards_on_the_map.la_code is null
    )
