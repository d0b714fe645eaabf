-- One row per region, measure, 31 March, dimension, category and area, as the public may see it.

select {{ all_but(['audience']) }}
from {{ ref('region_profile_safe') }}
where audience = 'public'
