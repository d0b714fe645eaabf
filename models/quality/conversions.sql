-- One row per delivered value that did not convert and is null from staging on: where it stands
-- and why, never what it says. The delivered text is in landing.

with

unread as (

    select * from {{ rows_unread() }}

),

parted as (

    select
        table_name,
        file_id,
        sheet_name,
        row_number,
        line_number,
        {{ parts_of('unread_columns', "','") }} as unread_column
    from unread

),

figures as (

    select * from {{ ref('int_figures_unreadable') }}

),

named as (

    select
        table_name,
        file_id,
        sheet_name,
        row_number,
        line_number,
        cast(null as integer) as column_number,
        split_part(unread_column, ':', 1) as column_name,
        split_part(unread_column, ':', 2) as reason_code
    from parted

    union all

    select
        table_name,
        file_id,
        sheet_name,
        row_number,
        line_number,
        column_number,
        heading as column_name,
        reason_code
    from figures

),

reasons as (

    select * from {{ ref('conversion_reasons') }}

),

files as (

    select * from {{ ref('stg_landing__extract_files') }}

)

select
    -- where the value is
    named.file_id,
    files.file_name,
    files.source,
    named.table_name,
    nullif(named.sheet_name, '') as sheet_name,
    named.row_number,
    named.line_number,
    files.la_code,
    files.collection_year,
    named.column_number,
    named.column_name,

    -- what is wrong with it
    named.reason_code,
    reasons.reason_name,
    reasons.what_to_do

from named
left join reasons on named.reason_code = reasons.reason_code
left join files
    on
        named.file_id = files.file_id
        and named.table_name = files.table_name
