-- One row per date, area and measure, as the public may see it.

select
    date_key,
    area_key,
    measure_key,
    la_code,
    children,
    children_marker,
    population_0_17,
    population_0_17_marker,
    rate_per_10000,
    share_percent
from {{ ref('star_figures_safe') }}
where audience = 'public'
