-- One row per total of a region that its policy withholds by itself, with the reason: small, or
-- none where the count of an authority in it is withheld from somebody: they would see that it is
-- none, too.

with

totals as (

    select * from {{ ref('region_profile_counted') }}
    where area_level = 'region'

),

members as (

    select * from {{ ref('region_members') }}

),

decisions as (

    select * from {{ ref('disclosure_decisions') }}

),

policy as (

    select max(region_suppress_up_to) as region_suppress_up_to
    from {{ ref('disclosure_policies') }}

)

select
    totals.count_id,
    'small' as reason
from totals
cross join policy
where totals.children between 1 and policy.region_suppress_up_to

union all

select distinct
    totals.count_id,
    'nought' as reason
from totals
inner join members on totals.count_id = members.region_count_id
inner join decisions on members.count_id = decisions.count_id
where totals.children = 0
