-- One row per rule in force and row of a return that does not meet it: where it stands, never
-- what it says.

with

runs as (

    select * from {{ ref('rule_runs') }}

),

files as (

    select distinct
        file_id,
        file_name
    from {{ source('landing', 'extract_files') }}
    where outcome = 'landed'

),

failures as (

    select * from {{ failures_of_all_rules() }} as rows_

)

select
    -- which rule
    failures.rule_code,
    failures.source,
    runs.severity,

    -- whose return
    failures.la_code,
    failures.collection_year,

    -- where to look
    failures.table_name,
    failures.file_id,
    files.file_name,
    failures.row_number,
    failures.line_number,
    runs.fields,

    -- whom it is about; a whole return is about nobody
    case when runs.scope <> 'return' then failures.child_key end as child_key

from failures
inner join runs
    on
        failures.source = runs.source
        and failures.rule_code = runs.rule_code
        and failures.la_code = runs.la_code
        and failures.collection_year = runs.collection_year
        and failures.table_name = runs.reports_on
left join files on failures.file_id = files.file_id
where runs.status = 'ran'
