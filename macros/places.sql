{# A postcode in the form in which postcodes are compared: upper case, no spaces. Blank is null. #}
{% macro postcode_key(text) -%}
    nullif(upper(replace(trim({{ text }}), ' ', '')), '')
{%- endmacro %}

{# Where a child's home lies, seen from the authority whose child it is: `child_la` and
   `postcode_la` are three-digit codes, `postcode_la` null when the postcode is blank or in
   no directory. Shown in every count, never dropped. #}
{% macro place_status(child_la, postcode_la) -%}
    case
        when {{ postcode_la }} is null then 'unknown'
        when {{ postcode_la }} <> {{ child_la }} then 'out of area'
        else 'in area'
    end
{%- endmacro %}
