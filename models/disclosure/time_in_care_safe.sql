-- One row per audience, authority, 31 March and age band at entry (and `all`), as the audience may
-- see it. A share tells the children on both of its sides, and a median of how many it is: they
-- are withheld with them.

{%- set key = ['la_code', 'at_date', 'age_at_entry_band'] %}
{%- set counts = [
    'children', 'children_with_known_start', 'children_over_2_years', 'children_under_2_years',
    'ended_children', 'ended_children_with_known_start', 'ended_children_over_2_years',
    'ended_children_under_2_years'
] %}

with

counted as (

    select
        *,
        children_with_known_start - children_over_2_years as children_under_2_years,
        ended_children_with_known_start - ended_children_over_2_years
            as ended_children_under_2_years
    from {{ ref('time_in_care_counted') }}

),

withheld as (

    {{ withheld_of('time_in_care', counts) }}

),

safe as (

    select
        policies.audience,
        counted.la_code,
        counted.at_date,
        counted.age_at_entry_band,
        counted.median_days,
        counted.ended_median_days,
        {%- for count in counts %}
            {{ shown(count) }} as {{ count }},
        {%- endfor %}
        {{ shown_marker('children') }} as children_marker,
        {{ shown_marker('ended_children') }} as ended_children_marker
    {{ from_counted_for_all(key) }}

)

select
    audience,
    la_code,
    at_date,
    age_at_entry_band,
    children,
    children_marker,
    case
        when children is not null and children_with_known_start is not null
            then median_days
    end as median_days,
    case
        when children is not null and children_under_2_years is not null
            then {{ percentage('children_over_2_years', 'children_with_known_start') }}
    end as share_over_2_years,
    ended_children,
    ended_children_marker,
    case
        when ended_children is not null and ended_children_with_known_start is not null
            then ended_median_days
    end as ended_median_days,
    case
        when ended_children is not null and ended_children_under_2_years is not null
            then {{ percentage('ended_children_over_2_years', 'ended_children_with_known_start') }}
    end as ended_share_over_2_years
from safe
