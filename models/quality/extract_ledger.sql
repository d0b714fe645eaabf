-- One row per delivered file and recognised table, every delivered row accounted for.
-- What a file delivered is counted by its reader; what was loaded is counted here, in the
-- rows themselves, so that the two can be held against each other.

with

files as (

    select * from {{ ref('stg_landing__extract_files') }}

),

standing as (

    select * from {{ standing_rows() }}

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
    cast(
        coalesce(standing.standing_rows, 0) - coalesce(quarantined.quarantined_rows, 0)
        as integer
    ) as rows_loaded,
    cast(
        case when files.outcome = 'superseded' then coalesce(files.rows_delivered, 0) else 0 end
        as integer
    ) as rows_superseded,
    cast(coalesce(quarantined.quarantined_rows, 0) as integer) as rows_quarantined,
    cast(files.rows_forgotten as integer) as rows_forgotten

from files
left join standing
    on
        files.file_id = standing.file_id
        and files.table_name = standing.table_name
left join quarantined
    on
        files.file_id = quarantined.file_id
        and files.table_name = quarantined.table_name
