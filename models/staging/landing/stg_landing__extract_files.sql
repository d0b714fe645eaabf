-- One row per delivered file and recognised table, as the lander wrote it.

with

ledger as (

    select * from {{ source('landing', 'extract_files') }}

),

renamed as (

    select
        -- which file
        file_id,
        path,
        file_name,
        sha256,
        bytes,

        -- what it was recognised as
        source,
        table_name,
        la_code,
        collection_year,

        -- what became of it
        rows_delivered,
        rows_landed,
        coalesce(rows_forgotten, 0) as rows_forgotten,
        landed_at,
        outcome,
        superseded_by,
        reason

    from ledger

)

select * from renamed
