-- One row per delivered episode that was dropped or altered on the way to one history, and
-- where to find it.

with

repaired as (

    select * from {{ ref('int_episodes_repaired') }}
    where repair_code is not null

),

left_out as (

    select
        *,
        case when account = 'repeated' then 'repeated' else 'unusable_end' end as repair_code

    from {{ ref('int_episodes_returned') }}
    where account in ('repeated', 'unusable')

),

returned as (

    select
        file_id,
        row_number,
        line_number
    from {{ ref('stg_ssda903__episodes') }}

),

files as (

    select
        file_id,
        max(file_name) as file_name
    from {{ ref('stg_landing__extract_files') }}
    where table_name = 'ssda903__episodes'
    group by file_id

),

rules as (

    select * from {{ ref('episode_repair_rules') }}

),

touched as (

    select
        la_code,
        child_key,
        collection_year,
        start_date,
        repair_code,
        returned_end_date,
        end_date as repaired_end_date,
        returned_end_reason_code,
        end_reason_code as repaired_end_reason_code,
        file_id,
        row_number
    from repaired

    union all

    select
        la_code,
        child_key,
        collection_year,
        start_date,
        repair_code,
        end_date as returned_end_date,
        cast(null as date) as repaired_end_date,
        end_reason_code as returned_end_reason_code,
        cast(null as string) as repaired_end_reason_code,
        file_id,
        row_number
    from left_out

),

found as (

    select
        -- whose it is
        touched.la_code,
        touched.child_key,
        touched.collection_year,
        touched.start_date,

        -- the rule
        touched.repair_code,
        rules.is_dropped,
        rules.explanation,

        -- what it changed
        touched.returned_end_date,
        touched.repaired_end_date,
        touched.returned_end_reason_code,
        touched.repaired_end_reason_code,

        -- where to find it
        files.file_name,
        returned.line_number,
        touched.file_id,
        touched.row_number

    from touched
    inner join returned
        on
            touched.file_id = returned.file_id
            and touched.row_number = returned.row_number
    left join files
        on touched.file_id = files.file_id
    left join rules
        on touched.repair_code = rules.repair_code

)

select * from found
