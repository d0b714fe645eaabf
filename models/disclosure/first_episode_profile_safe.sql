-- One row per audience, authority, dimension and category of the first-episode cohort, as the
-- audience may see it. Shares are of the counts shown, of the cohort as it is shown.

{%- set key = ['la_code', 'dimension', 'category_code'] %}

with

counted as (

    select * from {{ ref('first_episode_profile_counted') }}

),

withheld as (

    {{ withheld_of('first_episode_profile', ['children']) }}

),

safe as (

    select
        policies.audience,
        counted.*,
        {{ shown('children') }} as children_shown,
        {{ shown_marker('children') }} as children_marker
    {{ from_counted_for_all(key) }}

),

of_cohort as (

    select
        *,
        max(case when dimension = 'all' then children_shown end) over (
            partition by audience, la_code
        ) as cohort_shown
    from safe

)

select
    audience,
    la_code,
    cohort_start_date,
    cohort_end_date,
    dimension,
    category_code,
    category_name,
    parent_category_name,
    sort_order,
    children_shown as children,
    children_marker,
    {{ percentage('children_shown', 'cohort_shown') }} as percent,
    {{ to_one_decimal(wilson_lower('children_shown', 'cohort_shown')) }} as percent_lower_95,
    {{ to_one_decimal(wilson_upper('children_shown', 'cohort_shown')) }} as percent_upper_95,
    comparator_name,
    comparator_percent,
    {{ comparison(
        wilson_lower('children_shown', 'cohort_shown'),
        wilson_upper('children_shown', 'cohort_shown'),
        'comparator_share'
    ) }} as comparison
from of_cohort
