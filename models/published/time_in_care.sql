-- One row per authority, 31 March and age band at entry (and `all`), safe to publish.
-- A share tells the children on both of its sides: it is withheld where either is small.

with

counted as (

    select
        *,
        children_with_known_start - children_over_2_years as children_under_2_years,
        ended_children_with_known_start - ended_children_over_2_years
            as ended_children_under_2_years
    from {{ ref('time_in_care_counted') }}

)

select
    la_code,
    at_date,
    age_at_entry_band,
    {{ safe_count('children') }} as children,
    {{ count_marker('children') }} as children_marker,
    {{ safe_number('median_days', 'children_with_known_start') }} as median_days,
    case
        when not {{ is_small('children_under_2_years') }}
            then {{ safe_number(
                safe_number('share_over_2_years', 'children_over_2_years'),
                'children_with_known_start'
            ) }}
    end as share_over_2_years,
    {{ safe_count('ended_children') }} as ended_children,
    {{ count_marker('ended_children') }} as ended_children_marker,
    {{ safe_number('ended_median_days', 'ended_children_with_known_start') }}
        as ended_median_days,
    case
        when not {{ is_small('ended_children_under_2_years') }}
            then {{ safe_number(
                safe_number('ended_share_over_2_years', 'ended_children_over_2_years'),
                'ended_children_with_known_start'
            ) }}
    end as ended_share_over_2_years
from counted
