{# A postcode in the form in which postcodes are compared: upper case, no spaces. Blank is null. #}
{% macro postcode_key(text) -%}
    nullif(upper(replace(trim({{ text }}), ' ', '')), '')
{%- endmacro %}
