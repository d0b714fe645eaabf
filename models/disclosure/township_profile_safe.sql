-- One row per audience, township of an authority at each 31 March of its returns, as the
-- audience may see it. Shares and rates are of the counts shown.

{%- set key = ['la_code', 'township_name', 'at_date'] %}
{%- set of_places = [
    'looked_after', 'first_episodes', 'children_in_need', 'child_protection_plans'
] %}

with

counted as (

    select * from {{ ref('township_profile_counted') }}

),

withheld as (

    {{ withheld_of('township_profile', of_places) }}

),

safe as (

    select
        policies.audience,
        {{ all_but(of_places, 'counted') }},
    {%- for count in of_places %}
        {{ shown(count) }} as {{ count }},
        {{ shown_marker(count) }} as {{ count }}_marker{{ ',' if not loop.last }}
    {%- endfor %}
    {{ from_counted_for_all(key) }}

),

-- what the shares are of
with_totals as (

    select
        safe.*,
        areas.all_looked_after,
        areas.all_first_episodes
    from safe
    left join {{ ref('area_totals_safe') }} as areas
        on
            safe.audience = areas.audience
            and safe.la_code = areas.la_code
            and safe.at_date = areas.at_date

)

select
    audience,
    la_code,
    township_name,
    at_date,
    children_0_17,
    {{ public_count_marker('children_0_17', 'is_township') }} as children_0_17_marker,
    lsoas,
    {{ public_count_marker('lsoas', 'is_township') }} as lsoas_marker,
    lsoas_top_10_percent,
    {{ public_count_marker('lsoas_top_10_percent', 'is_township') }}
        as lsoas_top_10_percent_marker,
    lsoas_top_20_percent,
    {{ public_count_marker('lsoas_top_20_percent', 'is_township') }}
        as lsoas_top_20_percent_marker,
    child_poverty_percent,
    looked_after,
    looked_after_marker,
    {{ percentage('looked_after', 'all_looked_after') }} as looked_after_share,
    {{ rate_per_10000('looked_after', 'children_0_17') }} as looked_after_rate,
    first_episodes,
    first_episodes_marker,
    {{ percentage('first_episodes', 'all_first_episodes') }} as first_episode_share,
    children_in_need,
    children_in_need_marker,
    {{ rate_per_10000('children_in_need', 'children_0_17') }} as children_in_need_rate,
    child_protection_plans,
    child_protection_plans_marker
from with_totals
