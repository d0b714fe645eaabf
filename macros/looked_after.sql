{# A date as returns give it: dd/mm/yyyy, as the department asks, or yyyy-mm-dd, as some
   systems export it. Text that is neither is null. #}
{% macro returned_date(text) -%}
    coalesce({{ uk_date(text) }}, {{ iso_date(text) }})
{%- endmacro %}

{# A code as returns give it: trimmed, upper case; blank is null. #}
{% macro returned_code(text) -%}
    nullif(upper(trim({{ text }})), '')
{%- endmacro %}

{# A 0/1 flag of the return as a boolean; blank or anything else is null. #}
{% macro returned_flag(text) -%}
    case trim({{ text }}) when '1' then true when '0' then false end
{%- endmacro %}

{# How `unread` tells that a column of a return holds no date. #}
{% macro returned_date_read(column) -%}
    {{ return({
        'column': column,
        'read': returned_date('returned.' ~ column),
        'reason': 'date_unreadable',
    }) }}
{%- endmacro %}

{# The same of a 0/1 flag. #}
{% macro returned_flag_read(column) -%}
    {{ return({
        'column': column,
        'read': returned_flag('returned.' ~ column),
        'reason': 'flag_unreadable',
    }) }}
{%- endmacro %}

{# The same of a whole number. #}
{% macro returned_integer_read(column) -%}
    {{ return({
        'column': column,
        'read': returned_integer('returned.' ~ column),
        'reason': 'number_unreadable',
    }) }}
{%- endmacro %}

{# The same of a postcode. #}
{% macro returned_postcode_read(column) -%}
    {{ return({
        'column': column,
        'read': readable_postcode_key('returned.' ~ column),
        'reason': 'postcode_unreadable',
    }) }}
{%- endmacro %}

{# The join of a returned code to its code set among the smaller ones of the return, for
   `code_in_force` and `unread`. `codes` is the name under which it is joined. #}
{% macro join_ssda903_codes(codes, code_set, column) -%}
    left join ssda903_codes as {{ codes }}
        on
            {{ codes }}.code_set = '{{ code_set }}'
            and {{ returned_code('returned.' ~ column) }} = {{ codes }}.code
{%- endmacro %}

{# The date of an earlier order, as text and upper case: a date, or one of which some parts are
   not known and stand as zz (ZZ/ZZ/2015). Text that is neither is null. #}
{% macro date_or_its_parts(text) -%}
    case
        when
            {{ returned_date(text) }} is not null
            or (
                {{ matches(
                    returned_code(text),
                    "'^(ZZ|[0-3][0-9])/(ZZ|[01][0-9])/(ZZ|ZZZZ|(19|20)[0-9][0-9])$'"
                ) }}
                and {{ matches(returned_code(text), "'ZZ'") }}
            )
            then {{ returned_code(text) }}
    end
{%- endmacro %}

{# The authority that arranged an earlier permanence: a three-digit code, or WAL, SCO, NIR or
   NUK outside England. Anything else is null. #}
{% macro permanence_la_code(text) -%}
    case
        when {{ matches(returned_code(text), "'^([0-9]{3}|WAL|SCO|NIR|NUK)$'") }}
            then {{ returned_code(text) }}
    end
{%- endmacro %}

{# Whether a child was looked after on a day by an episode (or period of care) that begins
   and ends on the given dates. Ending on the day itself is not open, for the department
   counts it as ceased; but an end that the repairs `vanished` and `restarted` supplied is the
   last day on which a return delivered the episode open, so on that day it is. #}
{% macro is_open_on(start_date, end_date, repair_code, day) -%}
    (
        {{ start_date }} <= {{ day }}
        and (
            {{ end_date }} is null
            or {{ end_date }} > {{ day }}
            or ({{ end_date }} = {{ day }} and {{ is_end_supplied(repair_code) }})
        )
    )
{%- endmacro %}

{# Whether no return gave the end of an episode, so that a repair had to supply it. #}
{% macro is_end_supplied(repair_code) -%}
    coalesce({{ repair_code }} in ('vanished', 'restarted'), false)
{%- endmacro %}

{# Whether a span lasted past its second anniversary by a day: two years were complete the
   day before, as ages are. #}
{% macro is_over_two_years(start_date, day) -%}
    coalesce({{ age_on(start_date, add_days(day, -1)) }} >= 2, false)
{%- endmacro %}

{# Whether the repair of a name is among those that var `episode_repairs` applies. #}
{% macro is_repair_applied(repair_code) -%}
    {{ 'true' if repair_code in var('episode_repairs') else 'false' }}
{%- endmacro %}
