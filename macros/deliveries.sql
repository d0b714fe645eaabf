-- noqa: disable=LT02

{# The rows of every landed table that some deliveries brought, as a table expression; `files` is
   a relation of the deliveries that are wanted (file_id, table_name). #}
{% macro rows_delivered_in(files) -%}
    (
        {%- for source_name, tables in landed_record_tables().items() %}
        {%- for table in tables %}
        {{ rows_by_content(source_name, table, files) }}
        union all
        {%- endfor %}
        {%- endfor %}
        {%- for source_name, tables in landed_cells_tables().items() %}
        {%- set is_last_source = loop.last %}
        {%- for table in tables %}
        {{ cells_by_content(source_name, table, files) }}
        {%- if not (is_last_source and loop.last) %}
        union all
        {%- endif %}
        {%- endfor %}
        {%- endfor %}
    )
{%- endmacro %}

{# What one landed table delivered, row for row, as two hashes: `content` of all that was
   delivered in the row, `identity` of what tells the thing that it is about. Not compared are
   the row's number and line, its file and the numbers of the rows above it: they change when
   a file is only sorted anew. What identifies a row is said by its layout (`identified_by`). #}
{% macro rows_by_content(source_name, table, files) -%}
    {%- set content, identity = [], [] -%}
    {%- if execute -%}
        {%- set node = 'source.' ~ project_name ~ '.' ~ source_name ~ '.' ~ table -%}
        {%- set layout = graph.sources[node] -%}
        {%- for column in layout.columns.values() -%}
            {%- if column.data_type != 'integer'
                and (not column.name.startswith('_') or column.name in ('_child_key', '_other')) -%}
                {%- do content.append(column.name) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do identity.extend(layout.config.meta.identified_by) -%}
    {%- endif -%}
    select
        _file_id as file_id,
        '{{ source_name }}__{{ table }}' as table_name,
        {{ hash_of(identity) }} as identity,
        {{ hash_of(content) }} as content
    from {{ source(source_name, table) }}
    where _file_id in (
        select file_id from {{ files }} where table_name = '{{ source_name }}__{{ table }}'
    )
{%- endmacro %}

{# As `rows_by_content`, of a table that is landed cell by cell: a row is its headings and
   values from left to right, and is about what its first cell names. #}
{% macro cells_by_content(source_name, table, files) -%}
    select
        _file_id as file_id,
        '{{ source_name }}__{{ table }}' as table_name,
        md5(min_by(value, column_number)) as identity,
        md5({{ joined_in_order(
            hash_of(['heading', 'value']), 'column_number'
        ) }}) as content
    from {{ source(source_name, table) }}
    where _file_id in (
        select file_id from {{ files }} where table_name = '{{ source_name }}__{{ table }}'
    )
    group by
        _file_id,
        _sheet,
        _row
{%- endmacro %}

{# One hash of several columns of text; a blank is a blank, and no two of them run together. #}
{% macro hash_of(columns) -%}
    md5(concat_ws(chr(31), ''
        {%- for column in columns -%}
            , coalesce({{ column }}, '')
        {%- endfor -%}
    ))
{%- endmacro %}
