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

accounts as (

    select
        cast(count(*) as integer) as judged,
        coalesce(sum(case when account = 'latest' then 1 else 0 end), 0) as latest,
        coalesce(sum(case when account = 'repeated' then 1 else 0 end), 0) as repeated
    from returned

),

fates as (

    select
        cast(count(*) as integer) as repaired,
        coalesce(sum(case when is_dropped then 0 else 1 end), 0) as kept,
        coalesce(sum(case when is_dropped then 1 else 0 end), 0) as dropped
    from repaired

),

told as (

    select coalesce(sum(case when is_dropped then 1 else 0 end), 0) as dropped
    from repairs

),

rows_delivered as (

    select cast(count(*) as integer) as delivered
    from delivered

),

rows_stitched as (

    select cast(count(*) as integer) as stitched
    from stitched

)

select
    rows_delivered.delivered,
    accounts.judged,
    accounts.latest,
    fates.repaired,
    fates.kept,
    rows_stitched.stitched,
    accounts.repeated + fates.dropped as rows_dropped,
    told.dropped as rows_told
from rows_delivered
cross join accounts
cross join fates
cross join told
cross join rows_stitched
where
    rows_delivered.delivered <> accounts.judged
    or accounts.latest <> fates.repaired
    or fates.kept <> rows_stitched.stitched
    or accounts.repeated + fates.dropped <> told.dropped
