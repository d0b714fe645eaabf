-- noqa: disable=LT02

{# The rows of all staging models that say in `unread_columns` what did not convert, and in which
   something did not: those of the record tables, and the neighbours, which are paired from cells.
   A table of cells says nothing of that kind; see int_figures_unreadable. #}
{% macro rows_unread() -%}
    {%- set converted = landed_record_tables().items() | list + [
        ('comparators', ['statistical_neighbours'])
    ] -%}
    (
        {%- for source_name, tables in converted %}
        {%- set is_last_source = loop.last %}
        {%- for table in tables %}
        select
            '{{ source_name }}__{{ table }}' as table_name,
            file_id,
            {{ 'sheet_name' if source_name == 'comparators' else 'cast(null as string)' }}
                as sheet_name,
            row_number,
            line_number,
            unread_columns
        from {{ ref('stg_' ~ source_name ~ '__' ~ table) }}
        where unread_columns is not null
        {%- if not (is_last_source and loop.last) %}
        union all
        {%- endif %}
        {%- endfor %}
        {%- endfor %}
    )
{%- endmacro %}

{# What a delivered row says that its staging model could not read: text such as
   `decom:date_unreadable,rne:code_unknown`, null when all was read. A blank is no failure.

   `reads` names each delivered column that is converted and how:
     {'column': 'decom', 'read': returned_date('returned.decom'), 'reason': 'date_unreadable'}
     {'column': 'rne', 'codes': 'start_reasons', 'code': 'start_reason_code'}
   where `codes` is the joined code set and `code` its column (`code` when not said): a code that
   it does not hold is code_unknown, one of another year code_not_in_force. `rows` is the
   relation that the columns are of. #}
{% macro unread(reads, rows='returned') -%}
    nullif(
        concat_ws(
            ','
            {%- for read in reads %}
            {%- set text = rows ~ '.' ~ read['column'] %},
            case
                when {{ is_blank(text) }} then null
                {%- if read['codes'] %}
                when {{ read['codes'] }}.{{ read['code'] or 'code' }} is null
                    then '{{ read['column'] }}:code_unknown'
                when not {{ is_in_force(read['codes'], rows) }}
                    then '{{ read['column'] }}:code_not_in_force'
                {%- else %}
                when {{ read['read'] }} is null then '{{ read['column'] }}:{{ read['reason'] }}'
                {%- endif %}
            end
            {%- endfor %}
        ), ''
    )
{%- endmacro %}

{# A delivered code as its joined code set holds it, when it is in force in the collection year
   of the row; null when it is unknown or of another year. The code set is joined on the code
   alone (left join, one row per code), so that both can be told apart. #}
{% macro code_in_force(codes, code='code', rows='returned') -%}
    case when {{ is_in_force(codes, rows) }} then {{ codes }}.{{ code }} end
{%- endmacro %}

{# Whether a code is in force in the collection year of a delivered row. A year that is not
   limited, or not known, keeps no code out. #}
{% macro is_in_force(codes, rows='returned') -%}
    {{ is_in_force_in(codes, rows ~ '._collection_year') }}
{%- endmacro %}

{# The same in a collection year. #}
{% macro is_in_force_in(codes, collection_year) -%}
    (
        coalesce({{ codes }}.valid_from_year <= {{ collection_year }}, true)
        and coalesce({{ codes }}.valid_to_year >= {{ collection_year }}, true)
    )
{%- endmacro %}

{# The key of a postcode that has the shape of one; null when it has not. #}
{% macro readable_postcode_key(text) -%}
    case
        when {{ matches(postcode_key(text), "'^[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}$'") }}
            then {{ postcode_key(text) }}
        when {{ postcode_key(text) }} = 'GIR0AA' then 'GIR0AA'
    end
{%- endmacro %}

{# A whole number as returns give it; null when it is none, or has a fraction. #}
{% macro returned_integer(text) -%}
    case when {{ matches("trim(" ~ text ~ ")", "'^[0-9]{1,9}$'") }}
        then try_cast(trim({{ text }}) as integer) end
{%- endmacro %}
