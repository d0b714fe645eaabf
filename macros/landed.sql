-- noqa: disable=LT02

{# The landed tables with one row per delivered row, by source. A new table that is named
   neither here nor below shows in the ledger as delivered and never loaded, which a test
   refuses. #}
{% macro landed_record_tables() -%}
    {{ return({
        'ssda903': [
            'headers', 'episodes', 'reviews', 'uasc', 'oc2', 'oc3', 'ad1', 'placed_for_adoption',
            'previous_permanence', 'missing', 'social_worker_episodes', 'deprivation_of_liberty',
        ],
        'cin_census': [
            'header', 'children', 'disabilities', 'referrals', 'assessments',
            'assessment_factors', 'cin_plans', 'section_47s', 'child_protection_plans',
            'reviews', 'pre_proceedings', 'other_elements',
        ],
        'comparators': ['census_ethnic_groups'],
        'postcodes': ['postcodes'],
        'lookups': ['lsoa_wards', 'lsoa_changes'],
        'townships': ['townships', 'area_names'],
        'addresses': ['addresses'],
        'indicators': ['indicators'],
    }) }}
{%- endmacro %}

{# The landed tables with one row per delivered cell, by source. #}
{% macro landed_cells_tables() -%}
    {{ return({
        'deprivation': ['cells'],
        'child_poverty': ['cells'],
        'population': ['cells'],
        'comparators': ['cells', 'statistical_neighbours'],
    }) }}
{%- endmacro %}

{# Delivered rows that stand in landing, counted where they are: a table expression with
   file_id, table_name and standing_rows. Many cells may be of one row. #}
{% macro standing_rows() -%}
    (
        {%- for source_name, tables in landed_record_tables().items() %}
        {%- for table in tables %}
        select
            _file_id as file_id,
            '{{ source_name }}__{{ table }}' as table_name,
            count(*) as standing_rows
        from {{ delivered(source_name, table) }} as standing
        group by _file_id
        union all
        {%- endfor %}
        {%- endfor %}
        {%- for source_name, tables in landed_cells_tables().items() %}
        {%- set is_last_source = loop.last %}
        {%- for table in tables %}
        select
            _file_id as file_id,
            '{{ source_name }}__{{ table }}' as table_name,
            count(*) as standing_rows
        from (
            select distinct _file_id, _sheet, _row from {{ delivered(source_name, table) }} as cells
        ) as standing
        group by _file_id
        {%- if not (is_last_source and loop.last) %}
        union all
        {%- endif %}
        {%- endfor %}
        {%- endfor %}
    )
{%- endmacro %}

{# Rows of one landed table whose key is missing or cannot be read, with the first reason: the
   child, then the date. `start_date` reads the date column; both may be left out. #}
{% macro rows_without_a_key(source_name, table, identifier, date_column=none, start_date=none) -%}
    (
        select
            '{{ source_name }}__{{ table }}' as table_name,
            _file_id,
            _row,
            _line,
            _la_code,
            _collection_year,
            case
                when coalesce(trim({{ identifier }}), '') = '' then 'child_id_missing'
                {%- if date_column %}
                when coalesce(trim({{ date_column }}), '') = '' then 'start_date_missing'
                when {{ start_date }} is null then 'start_date_unreadable'
                {%- endif %}
            end as reason_code,
            case
                when coalesce(trim({{ identifier }}), '') = '' then '{{ identifier }}'
                {%- if date_column %}
                when {{ start_date }} is null then '{{ date_column }}'
                {%- endif %}
            end as column_name
        from {{ delivered(source_name, table) }} as rows_
    )
{%- endmacro %}
