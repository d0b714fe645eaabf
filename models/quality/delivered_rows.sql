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

{% for source_name, tables in landed_record_tables().items() -%}
{%- for table in tables %}
{{ rows_by_content(source_name, table, 'compared') }}

union all

{% endfor -%}
{%- endfor -%}
{%- for source_name, tables in landed_cells_tables().items() -%}
{%- set is_last_source = loop.last -%}
{%- for table in tables %}
{{ cells_by_content(source_name, table, 'compared') }}
{% if not (is_last_source and loop.last) %}
union all

{% endif -%}
{%- endfor -%}
{%- endfor %}
