-- noqa: disable=LT02

{# The headings of delivered cells that a seed of heading patterns knows, with what the seed says
   of each: a table expression. `cells` and `patterns` are relations, `columns` those wanted of
   the patterns. Few headings, many cells: the patterns are tried once per heading. #}
{% macro headings_known(cells, patterns, columns) -%}
    (
        select distinct
            delivered.heading_key
            {%- for column in columns %},
            patterns.{{ column }}
            {%- endfor %}
        from (select distinct heading_key from {{ cells }}) as delivered
        inner join {{ patterns }} as patterns
            on {{ matches('delivered.heading_key', 'patterns.pattern') }}
    )
{%- endmacro %}

{# Whether a cell's sheet counts one sex only. Files that count persons, males and females on
   three sheets would be added up twice. #}
{% macro is_sheet_of_one_sex(sheet_name) -%}
    lower({{ sheet_name }}) like '%male%'
{%- endmacro %}

{# The last line of a population heading: 7, 90+, or F7 and M7 where the sexes have columns of
   their own. #}
{% macro last_line_of_heading(heading_key) -%}
    trim(regexp_extract({{ heading_key }}, '([^|]*)$', 1))
{%- endmacro %}

{# Whether the last line of a population heading is a single year of age. #}
{% macro is_single_age(last_line) -%}
    {{ matches(last_line, "'^(age |aged )?[fm]?[0-9][0-9]?$'") }}
{%- endmacro %}

{# Whether a heading of a population table, or of a Nomis table in particular, is a year. #}
{% macro is_year_heading(heading_key) -%}
    {{ matches(heading_key, "'^(19|20)[0-9][0-9]$'") }}
{%- endmacro %}

{# Whether a line above a Nomis table says the ages that it counts ("Age : | Age 0 - 4"). #}
{% macro is_note_of_ages(note_text) -%}
    {{ matches(note_text, "'^age *: *[|]? *age[d]? [0-9]+'") }}
{%- endmacro %}

{# Whether text names a year as Stat-Xplore does: 2014/15. #}
{% macro is_financial_year_text(text) -%}
    {{ matches(text, "'20[0-9][0-9]/[0-9][0-9]'") }}
{%- endmacro %}

{# The year with which a row of published figures says its period (2024, or 202324 for a school
   or financial year); null when the text begins with none. #}
{% macro year_of_period(text) -%}
    case
        when {{ matches("trim(" ~ text ~ ")", "'^(19|20)[0-9][0-9]'") }}
            then try_cast(substr(trim({{ text }}), 1, 4) as integer)
    end
{%- endmacro %}
