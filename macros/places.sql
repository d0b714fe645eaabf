{# A postcode in the form in which postcodes are compared: upper case, no spaces. Blank is null. #}
{% macro postcode_key(text) -%}
    nullif(upper(replace(trim({{ text }}), ' ', '')), '')
{%- endmacro %}

{# Where a home lies for the authority that knows the child: `in area`, `out of area` (the
   directory has the postcode under another authority) or `unknown` (no postcode, or one
   that is in no directory). #}
{% macro place_status(child_la, postcode_la) -%}
    case
        when {{ postcode_la }} is null then 'unknown'
        when {{ postcode_la }} <> {{ child_la }} then 'out of area'
        else 'in area'
    end
{%- endmacro %}
