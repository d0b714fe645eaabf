-- The department's bands part all ages, and say what macro age_band says.

with

ages as (

    select ages.number as age from {{ numbers(0, 30) }} as ages

),

age_bands as (

    select * from {{ ref('age_bands') }}
    where scheme = 'dfe'

)

select
    ages.age,
    count(age_bands.age_band) as bands
from ages
left join age_bands
    on ages.age between age_bands.from_age and coalesce(age_bands.to_age, 999)
group by ages.age
having
    count(age_bands.age_band) <> 1
    or max(age_bands.age_band) is distinct from max({{ age_band('ages.age') }})
