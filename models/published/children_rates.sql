-- One row per authority per 31 March per measure, as the public may see it.

select {{ all_but(['audience']) }}
from {{ ref('children_rates_safe') }}
where audience = 'public'
