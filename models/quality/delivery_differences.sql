-- One row per superseded delivery and table: what the delivery that took its place changed.
-- Rows of equal content pair off, one for one. Of what is left, a row whose identity is left in
-- both deliveries was changed; the others were added or are gone.

with

files as (

    select * from {{ ref('stg_landing__extract_files') }}

),

delivered as (

    select * from {{ ref('delivered_rows') }}

),

pairs as (

    select
        older.file_id as older_file_id,
        older.file_name as older_file_name,
        older.superseded_by as newer_file_id,
        older.table_name,
        older.source,
        older.la_code,
        older.collection_year,
        max(newer.path) as newer_path,
        max(newer.landed_at) as superseded_at
    from files as older
    inner join files as newer on older.superseded_by = newer.file_id
    where older.outcome = 'superseded'
    group by
        older.file_id,
        older.file_name,
        older.superseded_by,
        older.table_name,
        older.source,
        older.la_code,
        older.collection_year

),

compared as (

    select
        pairs.older_file_id,
        pairs.table_name,
        delivered.identity,
        delivered.content,
        1 as older_rows,
        0 as newer_rows
    from pairs
    inner join delivered
        on
            pairs.older_file_id = delivered.file_id
            and pairs.table_name = delivered.table_name

    union all

    select
        pairs.older_file_id,
        pairs.table_name,
        delivered.identity,
        delivered.content,
        0 as older_rows,
        1 as newer_rows
    from pairs
    inner join delivered
        on
            pairs.newer_file_id = delivered.file_id
            and pairs.table_name = delivered.table_name

),

by_content as (

    select
        older_file_id,
        table_name,
        identity,
        least(sum(older_rows), sum(newer_rows)) as rows_same,
        sum(older_rows) - least(sum(older_rows), sum(newer_rows)) as older_left,
        sum(newer_rows) - least(sum(older_rows), sum(newer_rows)) as newer_left
    from compared
    group by
        older_file_id,
        table_name,
        identity,
        content

),

by_identity as (

    select
        older_file_id,
        table_name,
        sum(rows_same) as rows_same,
        least(sum(older_left), sum(newer_left)) as rows_changed,
        sum(older_left) - least(sum(older_left), sum(newer_left)) as rows_gone,
        sum(newer_left) - least(sum(older_left), sum(newer_left)) as rows_added
    from by_content
    group by
        older_file_id,
        table_name,
        identity

),

counted as (

    select
        older_file_id,
        table_name,
        sum(rows_added) as rows_added,
        sum(rows_changed) as rows_changed,
        sum(rows_gone) as rows_gone,
        sum(rows_same) as rows_same
    from by_identity
    group by
        older_file_id,
        table_name

)

select
    -- which deliveries
    pairs.newer_file_id,
    pairs.older_file_id,
    pairs.newer_path,
    pairs.older_file_name,
    pairs.source,
    pairs.table_name,
    pairs.la_code,
    pairs.collection_year,
    pairs.superseded_at,

    -- what is different
    cast(coalesce(counted.rows_added, 0) as integer) as rows_added,
    cast(coalesce(counted.rows_changed, 0) as integer) as rows_changed,
    cast(coalesce(counted.rows_gone, 0) as integer) as rows_gone,
    cast(coalesce(counted.rows_same, 0) as integer) as rows_same

from pairs
left join counted
    on
        pairs.older_file_id = counted.older_file_id
        and pairs.table_name = counted.table_name
