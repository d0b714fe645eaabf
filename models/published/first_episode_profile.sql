-- One row per authority, dimension and category of the first-episode cohort, safe to publish.
-- The limits of a share tell of how many children it is, even where the share is of nobody: they
-- are withheld where the cohort itself is small.

select
    la_code,
    cohort_start_date,
    cohort_end_date,
    dimension,
    category_code,
    category_name,
    parent_category_name,
    sort_order,
    {{ safe_count('children') }} as children,
    {{ count_marker('children') }} as children_marker,
    {{ safe_number('percent', 'children') }} as percent,
    {{ safe_number(safe_number('percent_lower_95', 'children'), 'cohort_children') }}
        as percent_lower_95,
    {{ safe_number(safe_number('percent_upper_95', 'children'), 'cohort_children') }}
        as percent_upper_95,
    comparator_name,
    comparator_percent,
    {{ safe_number(safe_number('comparison', 'children'), 'cohort_children') }} as comparison

from {{ ref('first_episode_profile_counted') }}
