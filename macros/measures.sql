{# Half-up rounding of an exact fraction to a number of decimals. Engines differ on
   halves (and on binary fractions), so the fraction is decimal and the rule is spelled out.
   Numerator and denominator are whole numbers; null when the denominator is 0 or null. #}
{% macro rounded_ratio(numerator, denominator, scale, decimals) -%}
    case when {{ denominator }} > 0 then
        cast(
            floor(
                (cast({{ numerator }} as bigint) * cast({{ scale }} as bigint) * {{ 10 ** decimals }} * 2
                    + cast({{ denominator }} as bigint))
                / cast(cast({{ denominator }} as bigint) * 2 as double)
            ) as double
        ) / {{ 10 ** decimals }}
    end
{%- endmacro %}

{# Children per 10,000, to one decimal. #}
{% macro rate_per_10000(children, population) -%}
    {{ rounded_ratio(children, population, 10000, 1) }}
{%- endmacro %}

{# Percentage, to one decimal. #}
{% macro percentage(part, whole) -%}
    {{ rounded_ratio(part, whole, 100, 1) }}
{%- endmacro %}
