-- noqa: disable=LT02

{# How DuckDB makes tables and views here. dbt makes each beside what stands, renames both and
   drops the old one after: ten statements and as many macros, a quarter of what building small
   data costs. DuckDB can take back a dropped table, so here the old one goes and the new one comes
   in one transaction: whoever looks sees one or the other, and a model that fails leaves the
   old one. #}

{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set relation = this.incorporate(type='table') -%}
    {%- set standing = load_cached_relation(this) -%}
    {%- do run_hooks(pre_hooks) -%}
    {%- if model['language'] == 'python' -%}
        {#- Python writes through a connection of its own, so beside what stands. -#}
        {%- set written = make_intermediate_relation(relation) -%}
        {%- call statement('left_by_one_that_was_killed', auto_begin=False) -%}
            drop table if exists {{ written }}
        {%- endcall -%}
        {%- call statement('main', language='python') -%}
            {{ create_table_as(false, written, compiled_code, 'python') }}
        {%- endcall -%}
        {%- do drop_standing(standing) -%}
        {%- call statement('named') -%}
            alter table {{ written }} rename to {{ adapter.quote(relation.identifier) }}
        {%- endcall -%}
    {%- else -%}
        {%- do drop_standing(standing) -%}
        {%- call statement('main') -%}
            {{ create_table_as(false, relation, compiled_code) }}
        {%- endcall -%}
    {%- endif -%}
    {%- do described_and_committed(relation) -%}
    {{ return({'relations': [relation]}) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {%- set relation = this.incorporate(type='view') -%}
    {%- do run_hooks(pre_hooks) -%}
    {%- do drop_standing(load_cached_relation(this)) -%}
    {%- call statement('main') -%}
        {{ create_view_as(relation, sql) }}
    {%- endcall -%}
    {%- do described_and_committed(relation) -%}
    {{ return({'relations': [relation]}) }}
{% endmaterialization %}

{# What stood is gone, in the transaction in which the new one comes. #}
{% macro drop_standing(standing) -%}
    {%- if standing is not none -%}
        {%- call statement('standing') -%}
            drop {{ standing.type }} if exists {{ standing }}
        {%- endcall -%}
    {%- endif -%}
{%- endmacro %}

{# What is new is described, and the transaction ends. #}
{% macro described_and_committed(relation) -%}
    {%- do persist_docs(relation, model) -%}
    {%- do run_hooks(post_hooks) -%}
    {%- do adapter.commit() -%}
{%- endmacro %}
