-- A delivered row is a stitched episode, superseded by a later return, unusable, or dropped
-- by a repair that quality.episode_repairs tells of; nothing is lost on the way.

with

returned as (

    select * from {{ ref('int_episodes_returned') }}

),

delivered as (

    select * from {{ ref('stg_ssda903__episodes') }}

),

repaired as (

    select * from {{ ref('int_episodes_repaired') }}

),

stitched as (

    select * from {{ ref('int_episodes_stitched') }}

),

repairs as (

    select * from {{ ref('episode_repairs') }}

),

tallies as (

    select
        (select count(*) from delivered) as rows_delivered,
        (select count(*) from returned) as rows_judged,
        (select count(*) from returned where account = 'latest') as rows_latest,
        (select count(*) from repaired) as rows_repaired,
        (select count(*) from repaired where not is_dropped) as rows_kept,
        (select count(*) from stitched) as rows_stitched,
        (select count(*) from returned where account = 'repeated')
        + (select count(*) from repaired where is_dropped) as rows_dropped,
        (select count(*) from repairs where is_dropped) as rows_told

)

select *
from tallies
where
    rows_delivered <> rows_judged
    or rows_latest <> rows_repaired
    or rows_kept <> rows_stitched
    or rows_dropped <> rows_told
