-- One row per authority and 31 March: what the shares of its wards and townships are shares of.

with

wards as (

    select * from {{ ref('ward_profile_counted') }}

)

select
    la_code,
    at_date,
    sum(looked_after) as all_looked_after,
    sum(first_episodes) as all_first_episodes,
    sum(referrals) as all_referrals
from wards
group by la_code, at_date
