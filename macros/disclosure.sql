{# Disclosure control, in the one place it is decided. A published model calls these and
   nothing else; secondary suppression will be decided here too.

   Counts of children from 1 to var `suppress_up_to` are not published (the department's
   convention of 1 to 5); a true zero is shown. #}

{# Whether a count is too small to publish. #}
{% macro is_small(count) -%}
    ({{ count }} between 1 and {{ var('suppress_up_to') }})
{%- endmacro %}

{# A count fit to publish: null when it is small. #}
{% macro safe_count(count) -%}
    case when not {{ is_small(count) }} then cast({{ count }} as integer) end
{%- endmacro %}

{# A number that can be turned back into a count (rate, interval, percentage, median):
   null when that count is small. #}
{% macro safe_number(number, count) -%}
    case when not {{ is_small(count) }} then {{ number }} end
{%- endmacro %}

{# Why a count is null: c suppressed, x not available; null when it is shown. #}
{% macro count_marker(count) -%}
    case when {{ count }} is null then 'x' when {{ is_small(count) }} then 'c' end
{%- endmacro %}
