-- One row per count in an addition over the authorities of a region: its parts (sign 1), the least
-- that the total can be and what it is above that (sign -1). What a total is above the least and
-- below the most it can be is always as much.

with

members as (

    select * from {{ ref('region_members') }}

),

counts as (

    select * from {{ ref('region_counts') }}

)

select
    region_count_id as sum_id,
    count_id,
    cast(1 as integer) as sign
from members

union all

select
    total_id as sum_id,
    count_id,
    cast(-1 as integer) as sign
from counts
where count_id not like '%|below the most|%'

union all

select
    concat_ws('|', total_id, 'rounded') as sum_id,
    count_id,
    cast(1 as integer) as sign
from counts
where role = 'implied'
