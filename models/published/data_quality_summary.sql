-- One row per authority, source and collection year, fit to publish.
-- Rows delivered are rows loaded, superseded or quarantined: where one part is small, rows
-- loaded are withheld with it, and where rows loaded are small themselves, rows delivered,
-- or the small part could be worked out from the rest. Files are no people: their number is
-- shown however small.

with

counted as (

    select
        *,
        ({{ is_small('rows_quarantined') }} or {{ is_small('rows_superseded') }}) as has_small_part,
        {{ is_small('rows_loaded') }} as has_small_load
    from {{ ref('data_quality_summary_counted') }}

)

select
    la_code,
    source,
    collection_year,
    files,
    case when files is null then 'x' end as files_marker,
    case when not has_small_load then {{ safe_count('rows_delivered') }} end as rows_delivered,
    case when has_small_load then 'c' else {{ count_marker('rows_delivered') }} end
        as rows_delivered_marker,
    case when not has_small_part then {{ safe_count('rows_loaded') }} end as rows_loaded,
    case when has_small_part then 'c' else {{ count_marker('rows_loaded') }} end
        as rows_loaded_marker,
    {{ safe_count('rows_superseded') }} as rows_superseded,
    {{ count_marker('rows_superseded') }} as rows_superseded_marker,
    {{ safe_count('rows_quarantined') }} as rows_quarantined,
    {{ count_marker('rows_quarantined') }} as rows_quarantined_marker,
    {{ safe_count('rule_failures_error') }} as rule_failures_error,
    {{ count_marker('rule_failures_error') }} as rule_failures_error_marker,
    {{ safe_count('rule_failures_warning') }} as rule_failures_warning,
    {{ count_marker('rule_failures_warning') }} as rule_failures_warning_marker

from counted
