-- One row per delivered row that is set aside because its key is missing or unreadable.
-- A row is set aside for its first reason: the child, then the date. The row itself stays
-- in landing; here is only where to find it, what is wrong and what to do.

with

set_aside as (

    select * from {{ rows_without_a_key('ssda903', 'headers', 'child') }}

    union all

    select *
    from
        {{ rows_without_a_key(
            'ssda903', 'episodes', 'child', 'decom',
            'coalesce(' ~ uk_date('decom') ~ ', ' ~ iso_date('decom') ~ ')'
        ) }}

    union all

    select * from {{ rows_without_a_key('cin_census', 'children', 'la_child_id') }}

    union all

    select *
    from
        {{ rows_without_a_key(
            'cin_census', 'referrals', '_child_key', 'cin_referral_date',
            iso_date('cin_referral_date')
        ) }}

    union all

    select *
    from
        {{ rows_without_a_key(
            'cin_census', 'child_protection_plans', '_child_key', 'cpp_start_date',
            iso_date('cpp_start_date')
        ) }}

),

reasons as (

    select * from {{ ref('quarantine_reasons') }}

),

files as (

    select
        file_id,
        table_name,
        file_name,
        source
    from {{ ref('stg_landing__extract_files') }}

)

select
    -- where the row is
    set_aside._file_id as file_id,
    files.file_name,
    files.source,
    set_aside.table_name,
    set_aside._row as row_number,
    set_aside._line as line_number,
    set_aside._la_code as la_code,
    set_aside._collection_year as collection_year,

    -- what is wrong with it
    set_aside.column_name,
    set_aside.reason_code,
    reasons.reason_name,
    reasons.what_to_do

from set_aside
inner join reasons on set_aside.reason_code = reasons.reason_code
left join files
    on
        set_aside._file_id = files.file_id
        and set_aside.table_name = files.table_name
