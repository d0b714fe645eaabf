-- One row per delivered file and recognised table, every delivered row accounted for.
-- What a file delivered is counted at the door. What became of it is counted where it ended
-- up: loaded in staging, superseded or held back in landing, set aside in quarantine. No count
-- is worked out from another, so that a test can hold them against each other.

with

files as (

    select * from {{ ref('stg_landing__extract_files') }}

),

loaded as (

    select * from {{ loaded_rows() }}

),

idle as (

    select * from {{ idle_rows() }}

),

quarantined as (

    select
        file_id,
        table_name,
        count(*) as quarantined_rows
    from {{ ref('quarantine') }}
    group by
        file_id,
        table_name

)

select
    -- which delivery
    files.file_id,
    files.table_name,
    files.source,
    files.la_code,
    files.collection_year,
    files.file_name,

    -- what became of it
    files.outcome,
    files.reason,
    files.superseded_by,
    files.landed_at,

    -- what became of its rows
    cast(coalesce(files.rows_delivered, 0) as integer) as rows_delivered,
    cast(coalesce(files.rows_landed, 0) as integer) as rows_landed,
    cast(coalesce(loaded.loaded_rows, 0) as integer) as rows_loaded,
    cast(
        case when files.outcome = 'superseded' then coalesce(idle.idle_rows, 0) else 0 end
        as integer
    ) as rows_superseded,
    cast(
        case when files.outcome = 'held back' then coalesce(idle.idle_rows, 0) else 0 end
        as integer
    ) as rows_held_back,
    cast(coalesce(quarantined.quarantined_rows, 0) as integer) as rows_quarantined,
    cast(files.rows_forgotten as integer) as rows_forgotten

from files
left join loaded
    on
        files.file_id = loaded.file_id
        and files.table_name = loaded.table_name
left join idle
    on
        files.file_id = idle.file_id
        and files.table_name = idle.table_name
left join quarantined
    on
        files.file_id = quarantined.file_id
        and files.table_name = quarantined.table_name
