-- One row per authority, source and collection year: what was delivered and what became of it.
-- What is held back has not come yet: what its authority has published says nothing of it.

with

ledger as (

    select
        *,
        coalesce(la_code, 'national') as delivered_for
    from {{ ref('extract_ledger') }}
    where outcome is distinct from 'held back'

),

-- A file that is delivered again, or refused night after night, is examined again: its
-- latest examination counts.
findings as (

    select
        file_id,
        severity,
        greatest(coalesce(rows_unexpected, 1), 1) as failures
    from {{ source('quality', 'findings') }}
    where door = 'in'
    qualify found_at = max(found_at) over (partition by file_id)

),

failures_by_file as (

    select
        file_id,
        sum(case when severity = 'critical' then failures else 0 end) as errors,
        sum(case when severity = 'warning' then failures else 0 end) as warnings
    from findings
    group by file_id

),

files as (

    select distinct
        delivered_for,
        source,
        collection_year,
        file_id
    from ledger

),

by_file as (

    select
        files.delivered_for,
        files.source,
        files.collection_year,
        count(*) as files,
        sum(coalesce(failures_by_file.errors, 0)) as errors,
        sum(coalesce(failures_by_file.warnings, 0)) as warnings
    from files
    left join failures_by_file on files.file_id = failures_by_file.file_id
    group by
        files.delivered_for,
        files.source,
        files.collection_year

),

by_rows as (

    select
        delivered_for,
        source,
        collection_year,
        sum(rows_delivered) as rows_delivered,
        sum(rows_loaded) as rows_loaded,
        sum(rows_superseded) as rows_superseded,
        sum(rows_quarantined) as rows_quarantined
    from ledger
    group by
        delivered_for,
        source,
        collection_year

)

select
    by_file.delivered_for as la_code,
    by_file.source,
    by_file.collection_year,
    cast(by_file.files as integer) as files,
    cast(by_rows.rows_delivered as integer) as rows_delivered,
    cast(by_rows.rows_loaded as integer) as rows_loaded,
    cast(by_rows.rows_superseded as integer) as rows_superseded,
    cast(by_rows.rows_quarantined as integer) as rows_quarantined,
    cast(by_file.errors as integer) as rule_failures_error,
    cast(by_file.warnings as integer) as rule_failures_warning

from by_file
inner join by_rows
    on
        by_file.delivered_for = by_rows.delivered_for
        and by_file.source = by_rows.source
        and by_file.collection_year = by_rows.collection_year
