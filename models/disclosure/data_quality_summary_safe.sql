-- One row per audience, authority, source and collection year, as the audience may see it. Files
-- are no people: their number is shown however small.

{%- set key = ['la_code', 'source', 'collection_year'] %}
{%- set counts = [
    'rows_delivered', 'rows_loaded', 'rows_superseded', 'rows_quarantined',
    'rule_failures_error', 'rule_failures_warning'
] %}

with

counted as (

    select * from {{ ref('data_quality_summary_counted') }}

),

withheld as (

    {{ withheld_of('data_quality_summary', counts) }}

)

select
    policies.audience,
    counted.la_code,
    counted.source,
    counted.collection_year,
    counted.files,
    case when counted.files is null then 'x' end as files_marker,
{%- for count in counts %}
    {{ shown(count) }} as {{ count }},
    {{ shown_marker(count) }} as {{ count }}_marker{{ ',' if not loop.last }}
{%- endfor %}
{{ from_counted_for_all(key) }}
