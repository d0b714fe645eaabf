{# The band of an age in completed years: under 1, 1-4, 5-9, 10-15, 16+ (the department's
   bands for children in need and looked after). Null when the age is not known. #}
{% macro age_band(age) -%}
    case
        when {{ age }} < 1 then 'under 1'
        when {{ age }} < 5 then '1-4'
        when {{ age }} < 10 then '5-9'
        when {{ age }} < 16 then '10-15'
        when {{ age }} >= 16 then '16+'
    end
{%- endmacro %}
