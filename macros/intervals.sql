{# Intervals that hold the true value 95 times in 100, and what a comparison with them says. #}

{# The normal deviate of a 95% interval. #}
{% macro normal_deviate() -%}
    1.959963984540054
{%- endmacro %}

{# Exact Poisson limits of counts 0 to 9: half the chi-squared quantiles, 0.025 with 2n
   degrees of freedom below and 0.975 with 2n + 2 above. The one home of these facts. #}
{% macro poisson_limits() -%}
    {{ return([
        ('0.0', '3.6888794541139354'),
        ('0.02531780798428988', '5.571643390938898'),
        ('0.24220927854396496', '7.22468766772396'),
        ('0.6186721228956014', '8.767273069742323'),
        ('1.0898653736263249', '10.241588675403694'),
        ('1.6234863901184207', '11.66833207932267'),
        ('2.2018942534908508', '13.059474022518685'),
        ('2.8143630515198654', '14.422675361702376'),
        ('3.4538321767485014', '15.763189220193313'),
        ('4.115373097378334', '17.084803451419166')
    ]) }}
{%- endmacro %}

{# The `when ... then` of each exact limit: side 0 the lower, side 1 the upper. #}
{% macro exact_limit(count, side) -%}
    {% for limits in poisson_limits() %} when {{ count }} = {{ loop.index0 }} then {{ limits[side] }}{% endfor %}
{%- endmacro %}

{# Byar's approximation to the lower 95% limit of a count (Breslow and Day 1987), used from
   10 up. #}
{% macro byar_lower(count) -%}
    {%- set o = 'cast(' ~ count ~ ' as double)' -%}
    ({{ o }} * power(1 - 1 / (9 * {{ o }}) - {{ normal_deviate() }} / (3 * sqrt({{ o }})), 3))
{%- endmacro %}
{# Byar's upper limit, of the count and one more. #}
{% macro byar_upper(count) -%}
    {%- set o = '(cast(' ~ count ~ ' as double) + 1)' -%}
    ({{ o }} * power(1 - 1 / (9 * {{ o }}) + {{ normal_deviate() }} / (3 * sqrt({{ o }})), 3))
{%- endmacro %}

{# The lower 95% limit of a count: exact Poisson below 10, Byar's method from 10 up. #}
{% macro count_lower_95(count) -%}
    cast(
        case
            {{ exact_limit(count, 0) }}
            when {{ count }} >= 10 then {{ byar_lower(count) }}
        end as double
    )
{%- endmacro %}
{# The upper 95% limit of a count. #}
{% macro count_upper_95(count) -%}
    cast(
        case
            {{ exact_limit(count, 1) }}
            when {{ count }} >= 10 then {{ byar_upper(count) }}
        end as double
    )
{%- endmacro %}

{# The lower 95% limit of a rate per 10,000, unrounded: that of the count over the
   population. Null when the population is 0 or unknown. #}
{% macro rate_lower_95(children, population) -%}
    case when {{ population }} > 0
        then {{ count_lower_95(children) }} * 10000 / {{ population }} end
{%- endmacro %}
{# The upper 95% limit of a rate per 10,000, unrounded. #}
{% macro rate_upper_95(children, population) -%}
    case when {{ population }} > 0
        then {{ count_upper_95(children) }} * 10000 / {{ population }} end
{%- endmacro %}

{# Wilson's lower 95% limit of a proportion (Wilson 1927), as a percentage from 0 to 100,
   unrounded. Null when the whole is 0 or unknown. #}
{% macro wilson_lower(part, whole) -%}
    {{ wilson_limit(part, whole, '-') }}
{%- endmacro %}
{# Wilson's upper limit. #}
{% macro wilson_upper(part, whole) -%}
    {{ wilson_limit(part, whole, '+') }}
{%- endmacro %}
{# Wilson's limit on one side: `sign` is + or -. #}
{% macro wilson_limit(part, whole, sign) -%}
    {%- set z = normal_deviate() -%}
    {%- set p = '(cast(' ~ part ~ ' as double))' -%}
    {%- set n = '(cast(' ~ whole ~ ' as double))' -%}
    case when {{ whole }} > 0 and {{ part }} is not null then
        least(100, greatest(0, 100 * (
            2 * {{ p }} + {{ z }} * {{ z }} {{ sign }} {{ z }} * sqrt(
                {{ z }} * {{ z }} + 4 * {{ p }} * ({{ n }} - {{ p }}) / {{ n }}
            )
        ) / (2 * ({{ n }} + {{ z }} * {{ z }}))))
    end
{%- endmacro %}

{# Control limits of a funnel plot: how far from an expected count chance alone carries a count.
   A limit is the count whose own interval just reaches the expected one (PHE's Fingertips
   technical guidance; Spiegelhalter 2005), here with Byar's limits of that count. These are
   solved for the count by one step from the first terms of Cornish and Fisher's expansion:
   within 0.2 children of the exact Poisson limit from 10 expected, within 0.1 from 30. #}

{# The normal deviate of limits that hold 99.8 counts in 100. #}
{% macro normal_deviate_998() -%}
    3.090232306167813
{%- endmacro %}

{# The upper control limit of a count, unrounded, of an expected count above 0; `z` is the normal
   deviate. #}
{% macro control_limit_upper(expected, z) -%}
    {%- set e = '(' ~ expected ~ ')' -%}
    {%- set first = '(' ~ e ~ ' + ' ~ z ~ ' * sqrt(' ~ e ~ ') + ('
        ~ z ~ ' * ' ~ z ~ ' + 2) / 6)' -%}
    (
        {{ e }} / power(1 - 1 / (9 * {{ first }}) - {{ z }} / (3 * sqrt({{ first }})), 3)
    )
{%- endmacro %}
{# The lower control limit: of the count and one more, as Byar's upper limit is; never below 0. #}
{% macro control_limit_lower(expected, z) -%}
    {%- set e = '(' ~ expected ~ ')' -%}
    {%- set first = 'greatest(1, ' ~ e ~ ' - ' ~ z ~ ' * sqrt(' ~ e ~ ') + ('
        ~ z ~ ' * ' ~ z ~ ' + 2) / 6)' -%}
    greatest(
        0, {{ e }} / power(1 - 1 / (9 * {{ first }}) + {{ z }} / (3 * sqrt({{ first }})), 3) - 1
    )
{%- endmacro %}

{# A control limit of a rate per 10,000 around another rate, in a population of some size, to one
   decimal: `side` is lower or upper. Null when either is unknown or 0. #}
{% macro rate_control_limit(rate, population, side, z) -%}
    {%- set expected = rate ~ ' * ' ~ population ~ ' / 10000e0' -%}
    {%- set limit = control_limit_upper(expected, z) if side == 'upper'
        else control_limit_lower(expected, z) -%}
    case when {{ rate }} > 0 and {{ population }} > 0
        then {{ to_one_decimal(limit ~ ' * 10000e0 / ' ~ population) }} end
{%- endmacro %}

{# A percentage and its 95% limits (Wilson), one decimal, as three columns named for it. #}
{% macro percentage_with_limits(name, part, whole) -%}
    {{ percentage(part, whole) }} as {{ name }},
    {{ to_one_decimal(wilson_lower(part, whole)) }} as {{ name }}_lower_95,
    {{ to_one_decimal(wilson_upper(part, whole)) }} as {{ name }}_upper_95
{%- endmacro %}

{# An unrounded number to one decimal, halves up. #}
{% macro to_one_decimal(number) -%}
    floor(({{ number }}) * 10 + 0.5) / 10
{%- endmacro %}

{# Where a comparator lies to an interval: `higher` when the whole interval lies above it,
   `lower` when below, `similar` when the interval holds it (its limits included). Says
   nothing of better or worse. Null when any of the three is unknown. #}
{% macro comparison(lower, upper, comparator) -%}
    case
        when {{ lower }} > {{ comparator }} then 'higher'
        when {{ upper }} < {{ comparator }} then 'lower'
        when {{ lower }} <= {{ comparator }} and {{ upper }} >= {{ comparator }} then 'similar'
    end
{%- endmacro %}
