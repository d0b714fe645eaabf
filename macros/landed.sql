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
        'boundaries': ['areas'],
        'townships': ['townships', 'area_names'],
        'addresses': ['addresses'],
        'indicators': ['indicators'],
        'providers': ['providers'],
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

{# Rows that staging holds, counted there: a table expression with file_id, table_name and
   loaded_rows. Many cells may be of one row. #}
{% macro loaded_rows() -%}
    (
        {%- for source_name, tables in landed_record_tables().items() %}
        {%- for table in tables %}
        select
            file_id,
            '{{ source_name }}__{{ table }}' as table_name,
            count(*) as loaded_rows
        from {{ ref('stg_' ~ source_name ~ '__' ~ table) }}
        group by file_id
        union all
        {%- endfor %}
        {%- endfor %}
        {%- for source_name, tables in landed_cells_tables().items() %}
        {%- set is_last_source = loop.last %}
        {%- for table in tables %}
        select
            file_id,
            '{{ source_name }}__{{ table }}' as table_name,
            count(*) as loaded_rows
        from (
            select distinct
                file_id,
                sheet_name,
                row_number
            from {{ ref('stg_' ~ source_name ~ '__' ~ table) }}
        ) as loaded
        group by file_id
        {%- if not (is_last_source and loop.last) %}
        union all
        {%- endif %}
        {%- endfor %}
        {%- endfor %}
    )
{%- endmacro %}

{# Landed rows of deliveries that do not stand, because a later one took their place or because
   they are held back, counted in landing: a table expression with file_id, table_name and
   idle_rows. #}
{% macro idle_rows() -%}
    {%- set idle = ['superseded', 'held back'] %}
    (
        {%- for source_name, tables in landed_record_tables().items() %}
        {%- for table in tables %}
        select
            _file_id as file_id,
            '{{ source_name }}__{{ table }}' as table_name,
            count(*) as idle_rows
        from {{ delivered(source_name, table, idle) }} as idle
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
            count(*) as idle_rows
        from (
            select distinct
                _file_id,
                _sheet,
                _row
            from {{ delivered(source_name, table, idle) }} as cells
        ) as idle
        group by _file_id
        {%- if not (is_last_source and loop.last) %}
        union all
        {%- endif %}
        {%- endfor %}
        {%- endfor %}
    )
{%- endmacro %}
