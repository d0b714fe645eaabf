-- One row per authority per 31 March per measure, as the public may see it.

select * exclude (audience)
from {{ ref('children_rates_safe') }}
where audience = 'public'
