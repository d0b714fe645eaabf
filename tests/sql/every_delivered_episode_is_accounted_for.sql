-- A row of staging is a stitched episode, superseded by a later return, or dropped and told of
-- in quality.episode_repairs; nothing is lost. What of a delivery is not in staging (no child,
-- no start) is accounted for by every_delivered_row_is_accounted_for.

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
        coalesce(
            sum(case when account in ('repeated', 'unusable') then 1 else 0 end), 0
        ) as left_out
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
    accounts.left_out + fates.dropped as rows_dropped,
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
    or accounts.left_out + fates.dropped <> told.dropped
