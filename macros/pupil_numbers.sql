-- noqa: disable=LT02

{# The letter that begins a unique pupil number, worked out from its twelve digits: each digit
   times its place, added up, and what is left after 23s tells the letter. The letters are those
   of the alphabet but I, O and S. Null when the twelve are not all digits. #}
{% macro upn_check_letter(upn) -%}
    substr(
        'ABCDEFGHJKLMNPQRTUVWXYZ',
        1 + (
            {%- for place in range(2, 14) %}
            try_cast(substr({{ upn }}, {{ place }}, 1) as integer) * {{ place }}
            {{- ' +' if not loop.last }}
            {%- endfor %}
        ) % 23,
        1
    )
{%- endmacro %}
