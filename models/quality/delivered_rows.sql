-- One row per delivered row of a delivery that was superseded or took another's place: what it
-- says and what it is about, as hashes, so that two deliveries can be held against each other.

with

superseded as (

    select
        file_id,
        superseded_by,
        table_name
    from {{ ref('stg_landing__extract_files') }}
    where outcome = 'superseded'

),

compared as (

    select
        file_id,
        table_name
    from superseded

    union distinct

    select
        superseded_by as file_id,
        table_name
    from superseded

)

select * from {{ rows_delivered_in('compared') }} as rows_
