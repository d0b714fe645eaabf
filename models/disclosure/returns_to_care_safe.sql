-- One row per audience, authority and year to 31 March, as the audience may see it. Shares and
-- their limits are of the counts shown, and of nothing else.

{%- set key = ['la_code', 'at_date'] %}
{%- set counts = [
    'ceased_children', 'returned_children', 'started_children', 'started_again_children',
    'started_within_12_months_children'
] %}

with

counted as (

    select * from {{ ref('returns_to_care_counted') }}

),

withheld as (

    {{ withheld_of('returns_to_care', counts) }}

),

safe as (

    select
        policies.audience,
        counted.la_code,
        counted.at_date,
        {%- for count in counts %}
            {{ shown(count) }} as {{ count }},
            {{ shown_marker(count) }} as {{ count }}_marker,
        {%- endfor %}
        counted.records_start_date
    {{ from_counted_for_all(key) }}

)

select
    audience,
    la_code,
    at_date,
    records_start_date,
    ceased_children,
    ceased_children_marker,
    returned_children,
    returned_children_marker,
    {{ percentage_with_limits('returned_percent', 'returned_children', 'ceased_children') }},
    started_children,
    started_children_marker,
    started_again_children,
    started_again_children_marker,
    {{ percentage_with_limits(
        'started_again_percent', 'started_again_children', 'started_children'
    ) }},
    started_within_12_months_children,
    started_within_12_months_children_marker,
    {{ percentage_with_limits(
        'started_within_12_months_percent',
        'started_within_12_months_children',
        'started_children'
    ) }}
from safe
