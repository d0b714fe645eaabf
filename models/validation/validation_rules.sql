-- One row per version of a rule of the returns and of the checks across them.

{% for source_name in ['ssda903', 'cin_census', 'across_sources'] -%}
select
    '{{ source_name }}' as source,
    rule_code,
    first_year,
    last_year,
    severity,
    scope,
    reports_on,
    fields,
    needs,
    rule_text,
    departure
from {{ ref(source_name ~ '_rules') }}
{% if not loop.last -%}
    union all
{% endif -%}
{%- endfor %}
