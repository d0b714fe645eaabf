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

{# A heading in the form in which headings are compared: lower case, without the
   explanation "(where 1 is ...)" that differs between files and years. #}
{% macro heading_key(heading) -%}
    trim(split_part(lower({{ heading }}), '(where 1 is', 1))
{%- endmacro %}

{# What kind of area a code of the Office for National Statistics names; null for text that
   is no such code and for kinds of area that are not used here. #}
{% macro area_level(code) -%}
    case
        when {{ code }} is null or length({{ code }}) <> 9 then null
        when substr({{ code }}, 1, 3) in ('E01', 'W01') then 'lsoa'
        when substr({{ code }}, 1, 3) in ('E05', 'W05') then 'ward'
        when substr({{ code }}, 1, 3) in ('E06', 'E07', 'E08', 'E09', 'E10', 'W06') then 'la'
        when substr({{ code }}, 1, 3) = 'E12' then 'region'
        when substr({{ code }}, 1, 3) in ('E92', 'W92') then 'country'
    end
{%- endmacro %}

{# A delivered code of an area, in upper case, where the text has the shape of one: a letter and
   eight digits (E01000001), two digits and capitals or digits as before 2009 (00AA, 00AAAA,
   95AA01S1, 17), or the department's three digits. Null when it has not. Whether there is such an
   area is for the models that know areas. #}
{% macro area_code(text) -%}
    case
        when {{ matches("upper(trim(" ~ text ~ "))",
                        "'^([A-Z][0-9]{8}|[0-9]{2}[A-Z][A-Z0-9]{0,6}|[0-9]{2,3})$'") }}
            then upper(trim({{ text }}))
    end
{%- endmacro %}

{# A three-digit code of the department's for an authority; null for text that is none. #}
{% macro dfe_la_code(text) -%}
    case when {{ matches("trim(" ~ text ~ ")", "'^[0-9]{3}$'") }} then trim({{ text }}) end
{%- endmacro %}

{# How `unread` tells that a column holds no code of an area. #}
{% macro area_code_read(column, rows='delivered') -%}
    {{ return({
        'column': column,
        'read': area_code(rows ~ '.' ~ column),
        'reason': 'code_unknown',
    }) }}
{%- endmacro %}

{# The month of a postcode directory, yyyymm, as text; null when it is none. #}
{% macro directory_month(text) -%}
    case
        when {{ matches("trim(" ~ text ~ ")", "'^(19|20)[0-9][0-9](0[1-9]|1[0-2])$'") }}
            then trim({{ text }})
    end
{%- endmacro %}

{# How `unread` tells that a column holds no month of a directory. #}
{% macro directory_month_read(column) -%}
    {{ return({
        'column': column,
        'read': directory_month('delivered.' ~ column),
        'reason': 'date_unreadable',
    }) }}
{%- endmacro %}

{# The order in which the codes of one row tell its area: the most detailed first, for a ward's
   row names its authority too. For an `order by`. #}
{% macro most_detailed_area_first(code) -%}
    case {{ area_level(code) }}
        when 'lsoa' then 1
        when 'ward' then 2
        when 'la' then 3
        when 'region' then 4
        else 5
    end asc
{%- endmacro %}

{# Deprivation decile of a rank, 1 the most deprived: ceil(10 x rank / areas). #}
{% macro deprivation_decile(rank, areas) -%}
    cast(ceil(cast(10 * {{ rank }} as double) / {{ areas }}) as integer)
{%- endmacro %}

{# Deprivation band of a decile: 'top 10%', 'top 20%' and so on. #}
{% macro deprivation_band(decile) -%}
    'top ' || cast(10 * {{ decile }} as string) || '%'
{%- endmacro %}

{# The order in which the dates of a release suit a day: the latest at or before the day
   first, then the earliest after it. For an `order by`. #}
{% macro nearest_first(release_date, day) -%}
    case when {{ release_date }} <= {{ day }} then 0 else 1 end asc,
    abs({{ days_between(release_date, day) }}) asc
{%- endmacro %}

{# Why a public number (a population, a number of areas) is null: z when it cannot apply,
   as for homes outside the area, otherwise x, not available. Never suppressed. #}
{% macro public_count_marker(count, applies='true') -%}
    case when {{ count }} is null then case when {{ applies }} then 'x' else 'z' end end
{%- endmacro %}

{# The ward in which a child is counted: its own, or one of the two places elsewhere that
   every profile shows, `out of area` and `unknown`. #}
{% macro ward_or_elsewhere(place_status, ward_code) -%}
    case
        when {{ place_status }} = 'out of area' then 'out of area'
        else coalesce({{ ward_code }}, 'unknown')
    end
{%- endmacro %}
