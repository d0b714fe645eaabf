{# A number as publishers write it: 1,248 or 46.7% or 4.79E-2. Null when it is none: a marker
   ([x], -), words, a comma that parts no thousands, an underscore, infinity. #}
{% macro delivered_number(text) -%}
    case
        -- cheap first: few cells hold any of these
        when {{ matches(text, "'[,%_]'") }}
            then case when {{ matches("trim(" ~ text ~ ")",
                                      "'^[-+]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)([.][0-9]+)?%?$'") }}
                then try_cast(
                    replace(replace(trim({{ text }}), ',', ''), '%', '') as double
                ) end
        when try_cast(trim({{ text }}) as double) between -1e300 and 1e300
            then try_cast(trim({{ text }}) as double)
    end
{%- endmacro %}

{# A whole number as publishers write it (1,248 or 1248.0); null when it is none, has a fraction
   or is below 0. #}
{% macro delivered_count(text) -%}
    case
        when
            {{ delivered_number(text) }} between 0 and 2147483647
            and floor({{ delivered_number(text) }}) = {{ delivered_number(text) }}
            then cast({{ delivered_number(text) }} as integer)
    end
{%- endmacro %}

{# Whether a cell in which a figure belongs holds neither a number nor a marker of the seed
   no_figure_markers. `number` is the number read from the text, `marker_code` that of the
   seed, joined on `marker_key`. Blank is not unreadable. #}
{% macro is_figure_unreadable(text, number, marker_code) -%}
    (trim({{ text }}) <> '' and {{ number }} is null and {{ marker_code }} is null)
{%- endmacro %}

{# Text in the form in which markers are compared. #}
{% macro marker_key(text) -%}
    lower(trim({{ text }}))
{%- endmacro %}

{# How `unread` tells that a column holds neither a number nor a known marker, which is joined
   under the name `markers`. #}
{% macro figure_read(column, number, markers, rows='delivered') -%}
    {{ return({
        'column': column,
        'read': 'coalesce(' ~ number ~ ', case when ' ~ markers
            ~ '.marker_code is not null then 0 end)',
        'reason': 'number_unreadable',
    }) }}
{%- endmacro %}
