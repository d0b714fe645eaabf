-- One row per audience, date, area and measure: the figures of three marts in one shape, each
-- taken as the audience may see it in the mart. Nothing is counted or worked out anew.

{# Measures by area: measure, column of the count, of the rate, of the share. #}
{%- set of_areas = [
    ('children_in_need', 'children_in_need', 'children_in_need_rate', 'null'),
    ('child_protection_plan', 'child_protection_plans', 'null', 'null'),
    ('looked_after', 'looked_after', 'looked_after_rate', 'looked_after_share'),
    ('first_episode', 'first_episodes', 'null', 'first_episode_share'),
] %}
{%- set of_wards = of_areas + [('referral', 'referrals', 'null', 'referral_share')] %}

with

rates as (

    select * from {{ ref('children_rates_safe') }}

),

townships as (

    select * from {{ ref('township_profile_safe') }}

),

wards as (

    select * from {{ ref('ward_profile_safe') }}

),

by_authority as (

    select
        audience,
        la_code,
        at_date,
        {{ area_key('authority', 'la_code', "''") }} as area_key,
        measure,
        children,
        children_marker,
        population_0_17,
        population_0_17_marker,
        rate_per_10000,
        cast(null as double) as share_percent
    from rates

),

by_township as (

    {{ figures_of('township', 'townships', 'township_name', of_areas) }}

),

by_ward as (

    {{ figures_of('ward', 'wards', 'ward_code', of_wards) }}

),

figures as (

    select * from by_authority
    union all
    select * from by_township
    union all
    select * from by_ward

),

measures as (

    select * from {{ ref('published_measures') }}

)

select
    figures.audience,
    {{ date_key('figures.at_date') }} as date_key,
    figures.area_key,
    measures.measure_key,
    figures.la_code,
    cast(figures.children as integer) as children,
    figures.children_marker,
    cast(figures.population_0_17 as integer) as population_0_17,
    figures.population_0_17_marker,
    cast(figures.rate_per_10000 as double) as rate_per_10000,
    cast(figures.share_percent as double) as share_percent
from figures
inner join measures on figures.measure = measures.measure
