{# Disclosure control. What is withheld from whom is decided in `models/disclosure`, for all marts
   at once; a safe model (`<mart>_safe`) calls these to carry it out, and nothing else does. #}

{# The columns that tell a mart's rows apart, as one text: how decisions name rows. #}
{% macro row_key(columns) -%}
    concat_ws('|', {{ columns | join(', ') }})
{%- endmacro %}

{# A count of people in `disclosure_counts`, for each of `columns` of a relation: `of` says what
   it counts of whom, as SQL by name; what it does not say is null or the column's own name. #}
{% macro counts_in(mart, rows, key, columns, of) -%}
    {%- set selects = [] -%}
    {%- for column in columns -%}
        {%- do selects.append(count_in(mart, rows, key, column, of)) -%}
    {%- endfor -%}
    {{ selects | join('\n\n    union all\n\n    ') }}
{%- endmacro %}

{# The same for one column. #}
{% macro count_in(mart, rows, key, column, of) -%}
    select
        '{{ mart }}' as mart,
        '{{ column }}' as column_name,
        '{{ of.role | default("shown") }}' as role,
        la_code,
        {{ row_key(key) }} as row_key,
        {{ of.at_date | default('at_date') }} as at_date,
        {{ of.measure | default(of.statistic | default("'" ~ column ~ "'")) }} as measure,
        {{ of.statistic | default("'" ~ column ~ "'") }} as statistic,
        {{ of.dimension | default('cast(null as string)') }} as dimension,
        {{ of.category | default("'all'") }} as category,
        {{ of.category_name | default('cast(null as string)') }} as category_name,
        {{ of.parent | default('cast(null as string)') }} as parent,
        {{ of.area_level | default("'la'") }} as area_level,
        cast({{ of.area_population | default('null') }} as integer) as area_population,
        cast({{ of.counted | default(column) }} as integer) as counted,
        cast({{ of.at_least | default(0) }} as integer) as at_least
    from {{ rows }}
{%- endmacro %}

{# What is left of a whole without what anybody would take for a part of it; null where it is
   none. #}
{% macro left_of(whole, part) -%}
    case when {{ whole }} >= {{ part }} then {{ whole }} - ({{ part }}) end
{%- endmacro %}

{# The counts that are the parts of an addition, one for each occasion; `where` chooses them. #}
{% macro parts(addition, occasion, where, rows='counts') -%}
    {{ in_addition(addition, occasion, where, rows, 1) }}
{%- endmacro %}

{# The counts that are the wholes of an addition. #}
{% macro wholes(addition, occasion, where, rows='counts') -%}
    {{ in_addition(addition, occasion, where, rows, -1) }}
{%- endmacro %}

{# Counts on one side of an addition: sign 1 for its parts, -1 for its wholes. #}
{% macro in_addition(addition, occasion, where, rows, sign) -%}
    select
        '{{ addition }}' as addition,
        {{ row_key(occasion) }} as occasion,
        count_id,
        {{ sign }} as sign
    from {{ rows }}
    where {{ where }}
{%- endmacro %}

{# What is withheld of a mart, one row per audience and row of the mart, one column per count
   (`is_<count>_withheld`). #}
{% macro withheld_of(mart, columns) -%}
    select
        audience,
        row_key,
        {% for column in columns -%}
        bool_or(column_name = '{{ column }}') as is_{{ column }}_withheld
        {{- ',' if not loop.last }}
    {% endfor -%}
    from {{ ref('disclosure_decisions') }}
    where mart = '{{ mart }}'
    group by audience, row_key
{%- endmacro %}

{# Every row of a mart for every audience, with its policy and what is withheld of the row: the
   `from` of a safe model over its CTEs `counted` and `withheld`. #}
{% macro from_counted_for_all(key) -%}
    from counted
    cross join {{ ref('disclosure_policies') }} as policies
    left join withheld
        on
            policies.audience = withheld.audience
            and {{ row_key(prefixed('counted', key)) }} = withheld.row_key
{%- endmacro %}

{# Columns with the name of their relation before them. #}
{% macro prefixed(relation, columns) -%}
    {%- set named = [] -%}
    {%- for column in columns -%}{%- do named.append(relation ~ '.' ~ column) -%}{%- endfor -%}
    {{ return(named) }}
{%- endmacro %}

{# A count as its audience may see it: null where it is withheld, else rounded as the policy
   says. #}
{% macro shown(count, decision=none) -%}
    case
        when not coalesce(withheld.is_{{ decision or count }}_withheld, false)
            then cast(
                floor(counted.{{ count }} / cast(policies.rounds_to as double) + 0.5)
                * policies.rounds_to as integer
            )
    end
{%- endmacro %}

{# Why a count is null: c suppressed, x not available; null when it is shown. #}
{% macro shown_marker(count) -%}
    case
        when counted.{{ count }} is null then 'x'
        when coalesce(withheld.is_{{ count }}_withheld, false) then 'c'
    end
{%- endmacro %}
