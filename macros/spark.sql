-- noqa: disable=LT02

{# Where dbt-spark's own ways fall short of what the house asks of every engine. #}

{# The project's word for a type in Spark's: a text has no length there. #}
{% macro spark_type(type) -%}
    {{ 'string' if type == 'varchar' else type }}
{%- endmacro %}

{# A seed's value as Spark reads it, a blank as null; in a session dbt-spark would write None. #}
{% macro spark_literal(value, type) -%}
    {%- if value is none -%}
    cast(null as {{ spark_type(type) }})
    {%- else -%}
    cast('{{ value | string | replace("\\", "\\\\") | replace("'", "\\'") }}'
        as {{ spark_type(type) }})
    {%- endif -%}
{%- endmacro %}

{# The type of each column of a seed: as it is described, else as it was read. #}
{% macro spark_seed_types(model, agate_table) -%}
    {%- set described = model['config'].get('column_types', {}) -%}
    {%- set types = [] -%}
    {%- for name in agate_table.column_names -%}
        {%- do types.append(described.get(name, adapter.convert_type(agate_table, loop.index0))) -%}
    {%- endfor -%}
    {{ return(types) }}
{%- endmacro %}

{# A seed's table, empty. #}
{% macro spark__create_csv_table(model, agate_table) -%}
    {%- set types = spark_seed_types(model, agate_table) -%}
    {%- set sql -%}
        create table {{ this.render() }} (
            {%- for name in agate_table.column_names -%}
            {{ adapter.quote(name) }} {{ spark_type(types[loop.index0]) }}{{ ', ' if not loop.last }}
            {%- endfor -%}
        )
        {{ file_format_clause() }}
        {{ location_clause() }}
    {%- endset -%}
    {%- call statement('_') -%}{{ sql }}{%- endcall -%}
    {{ return(sql) }}
{%- endmacro %}

{# A seed's rows, as literals. #}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = spark_seed_types(model, agate_table) -%}
    {%- set sql -%}
        insert into {{ this.render() }} values
        {%- for row in agate_table.rows %}
        (
            {%- for value in row -%}
            {{ spark_literal(value, types[loop.index0]) }}{{ ', ' if not loop.last }}
            {%- endfor -%}
        ){{ ',' if not loop.last }}
        {%- endfor -%}
    {%- endset -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {{ return(sql) }}
{%- endmacro %}

{# No row of the columns that a contract names, of the types that it gives them. #}
{% macro spark__get_empty_schema_sql(columns) -%}
    select
    {%- for column in columns.values() %}
        cast(null as {{ spark_type(column['data_type']) }}) as {{ column['name'] }}
        {{- ',' if not loop.last }}
    {%- endfor %}
    limit 0
{%- endmacro %}
