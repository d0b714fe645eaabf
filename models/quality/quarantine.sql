-- One row per delivered row that is set aside because its key is missing or unreadable.
-- The row is kept whole, for those who mend the source; the keys are those of macro row_keys.

with

set_aside as (

    select * from {{ rows_set_aside() }}

),

reasons as (

    select * from {{ ref('quarantine_reasons') }}

),

files as (

    select * from {{ ref('stg_landing__extract_files') }}

)

select
    -- where the row is
    set_aside._file_id as file_id,
    files.file_name,
    files.source,
    set_aside.table_name,
    set_aside._row as row_number,
    set_aside._line as line_number,
    files.la_code,
    files.collection_year,

    -- what is wrong with it
    set_aside.column_name,
    set_aside.reason_code,
    reasons.reason_name,
    reasons.what_to_do,

    -- the row
    {{ whole_row('set_aside.delivered_cells', 'set_aside.other_cells') }} as delivered_row

from set_aside
left join reasons on set_aside.reason_code = reasons.reason_code
left join files
    on
        set_aside._file_id = files.file_id
        and set_aside.table_name = files.table_name
