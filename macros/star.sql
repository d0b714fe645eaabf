{# The keys of the star schema. They are made of what a row says, so that they are the same from
   night to night whatever comes or goes. #}

{# The key of a day: 20110331. #}
{% macro date_key(date) -%}
    cast(year({{ date }}) * 10000 + month({{ date }}) * 100 + day({{ date }}) as integer)
{%- endmacro %}

{# The key of an area: of its level, its authority and what it is called there. #}
{% macro area_key(level, la_code, code) -%}
    {{ integer_key("concat_ws('|', '" ~ level ~ "', " ~ la_code ~ ", " ~ code ~ ")") }}
{%- endmacro %}

{# Rows of a mart by area as figures, one select for each of `measures`: its short name, and the
   columns of its count, its rate and its share. #}
{% macro figures_of(level, rows, code, measures) -%}
    {% for told in measures -%}
        select
            audience,
            la_code,
            at_date,
            {{ area_key(level, 'la_code', code) }} as area_key,
            '{{ told[0] }}' as measure,
            {{ told[1] }} as children,
            {{ told[1] }}_marker as children_marker,
            children_0_17 as population_0_17,
            children_0_17_marker as population_0_17_marker,
            {{ told[2] }} as rate_per_10000,
            {{ told[3] }} as share_percent
        from {{ rows }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
{%- endmacro %}
