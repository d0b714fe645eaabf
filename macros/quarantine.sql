-- noqa: disable=LT02

{# Without what a row of each record table is unusable, in the order in which it is judged: by
   source and table, `column` (or `any_of`, of which one is enough; `judged_by` where another
   column tells whether it is blank), the reason when it is `blank`, and, where it must also be
   read, how it is `read` and the reason when it is `unreadable`. A table without keys has no
   row that is set aside. Only what makes a row unusable is here: a row that cannot be told
   whose it is, or one about a stretch of time that cannot be told when it began. All else that
   cannot be read is in quality.conversions, and its row is kept. #}
{% macro row_keys() -%}
    {#- an identifier is what the door could make a key of: a tab is none -#}
    {%- set child = {
        'column': 'child', 'judged_by': '_child_key', 'blank': 'child_id_missing'
    } -%}
    {%- set child_in_own_system = {
        'column': 'la_child_id', 'judged_by': '_child_key', 'blank': 'child_id_missing'
    } -%}
    {%- set child_above = {'column': '_child_key', 'blank': 'child_id_missing'} -%}
    {{ return({
        'ssda903': {
            'headers': [child],
            'episodes': [child, started('decom', returned_date('decom'))],
            'reviews': [child, dated('review', returned_date('review'))],
            'uasc': [child],
            'oc2': [child],
            'oc3': [child],
            'ad1': [child],
            'placed_for_adoption': [child, started('date_placed', returned_date('date_placed'))],
            'previous_permanence': [child],
            'missing': [child, started('mis_start', returned_date('mis_start'))],
            'social_worker_episodes': [child, started('sw_decom', returned_date('sw_decom'))],
            'deprivation_of_liberty': [child, started('dolo_start', returned_date('dolo_start'))],
        },
        'cin_census': {
            'header': [],
            'children': [child_in_own_system],
            'disabilities': [child_above],
            'referrals': [
                child_above, started('cin_referral_date', iso_date('cin_referral_date'))
            ],
            'assessments': [child_above],
            'assessment_factors': [child_above],
            'cin_plans': [
                child_above, started('cin_plan_start_date', iso_date('cin_plan_start_date'))
            ],
            'section_47s': [child_above],
            'child_protection_plans': [
                child_above, started('cpp_start_date', iso_date('cpp_start_date'))
            ],
            'reviews': [child_above, dated('cpp_review_date', iso_date('cpp_review_date'))],
            'pre_proceedings': [child_above],
            'other_elements': [],
        },
        'comparators': {
            'census_ethnic_groups': [
                {'column': 'area_code', 'blank': 'key_missing'},
                {'column': 'category_name', 'blank': 'key_missing'},
            ],
        },
        'boundaries': {
            'areas': [
                {
                    'column': 'lsoa_code',
                    'blank': 'key_missing',
                    'read': lsoa_code('lsoa_code'),
                    'unreadable': 'lsoa_code_unreadable',
                },
                {
                    'column': 'geometry_type',
                    'blank': 'outline_missing',
                    'read': outlined_type('geometry_type'),
                    'unreadable': 'outline_of_another_kind',
                },
                {
                    'column': 'coordinates',
                    'blank': 'outline_missing',
                    'read': outline_rings('geometry_type', 'coordinates'),
                    'unreadable': 'outline_unreadable',
                },
            ],
        },
        'postcodes': {'postcodes': [{'column': 'pcds', 'blank': 'postcode_missing'}]},
        'lookups': {
            'lsoa_wards': [
                {
                    'any_of': ['lsoa01_code', 'lsoa11_code', 'lsoa21_code'],
                    'blank': 'key_missing',
                },
            ],
            'lsoa_changes': [
                {
                    'any_of': ['lsoa01_code', 'lsoa11_code', 'lsoa21_code'],
                    'blank': 'key_missing',
                },
            ],
        },
        'providers': {'providers': [{'column': 'urn', 'blank': 'key_missing'}]},
        'townships': {
            'townships': [{'column': 'ward_code', 'blank': 'key_missing'}],
            'area_names': [{'column': 'lsoa_code', 'blank': 'key_missing'}],
        },
        'addresses': {
            'addresses': [
                child_in_own_system,
                started('from_date', returned_date('from_date')),
                {
                    'column': 'postcode',
                    'blank': 'postcode_missing',
                    'read': readable_postcode_key('postcode'),
                    'unreadable': 'postcode_unreadable',
                },
            ],
        },
        'indicators': {
            'indicators': [
                {'column': 'indicator', 'blank': 'key_missing'},
                dated('at_date', returned_date('at_date')),
            ],
        },
    }) }}
{%- endmacro %}

{# The key of a row about a stretch of time: the date on which it began. #}
{% macro started(column, read) -%}
    {{ return({
        'column': column,
        'blank': 'start_date_missing',
        'read': read,
        'unreadable': 'start_date_unreadable',
    }) }}
{%- endmacro %}

{# The key of a row about one day: that day. #}
{% macro dated(column, read) -%}
    {{ return({
        'column': column,
        'blank': 'date_missing',
        'read': read,
        'unreadable': 'date_unreadable',
    }) }}
{%- endmacro %}

{# Whether delivered text is missing or only spaces. #}
{% macro is_blank(text) -%}
    coalesce(trim({{ text }}), '') = ''
{%- endmacro %}

{# The reason for which a row of a landed table is set aside, the first of its keys that fails;
   null when it is not. Of a table without keys nothing is. #}
{% macro reason_set_aside(source_name, table) -%}
    {%- set keys = row_keys()[source_name][table] -%}
    {%- if keys -%}
    case
        {%- for key in keys %}
        when {{ is_key_blank(key) }} then '{{ key['blank'] }}'
        {%- if key['read'] %}
        when {{ key['read'] }} is null then '{{ key['unreadable'] }}'
        {%- endif %}
        {%- endfor %}
    end
    {%- else -%}
    cast(null as string)
    {%- endif -%}
{%- endmacro %}

{# The column for which a row of a landed table is set aside; null when it is not. #}
{% macro column_set_aside(source_name, table) -%}
    {%- set keys = row_keys()[source_name][table] -%}
    {%- if keys -%}
    case
        {%- for key in keys %}
        when
            {{ is_key_blank(key) }}
            {%- if key['read'] %}
            or {{ key['read'] }} is null
            {%- endif %}
            then '{{ key['column'] or key['any_of'] | join(', ') }}'
        {%- endfor %}
    end
    {%- else -%}
    cast(null as string)
    {%- endif -%}
{%- endmacro %}

{# Whether nothing stands in the column of a key, or in any of its columns. #}
{% macro is_key_blank(key) -%}
    {%- for column in key['any_of'] or [key['judged_by'] or key['column']] -%}
    {{ is_blank(column) }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# The rows of a landed table that stand and whose key can be read: what staging is made of.
   Every row of `delivered` is here or in `set_aside`, and in one of them only. #}
{% macro readable(source_name, table) -%}
    (
        select rows_.*
        from {{ delivered(source_name, table) }} as rows_
        where {{ reason_set_aside(source_name, table) }} is null
    )
{%- endmacro %}

{# The rows of a landed table that stand and whose key cannot be read, each with all its cells and
   the first reason. #}
{% macro set_aside(source_name, table) -%}
    (
        select
            '{{ source_name }}__{{ table }}' as table_name,
            _file_id,
            _row,
            _line,
            {{ reason_set_aside(source_name, table) }} as reason_code,
            {{ column_set_aside(source_name, table) }} as column_name,
            {{ row_as_json('rows_') }} as delivered_cells,
            _other as other_cells
        from {{ delivered(source_name, table) }} as rows_
        where {{ reason_set_aside(source_name, table) }} is not null
    )
{%- endmacro %}

{# The rows of all record tables that are set aside. #}
{% macro rows_set_aside() -%}
    (
        {%- set tables_with_keys = [] %}
        {%- for source_name, tables in row_keys().items() %}
        {%- for table, keys in tables.items() if keys %}
        {%- do tables_with_keys.append([source_name, table]) %}
        {%- endfor %}
        {%- endfor %}
        {%- for source_name, table in tables_with_keys %}
        select * from {{ set_aside(source_name, table) }} as of_one_table
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    )
{%- endmacro %}
