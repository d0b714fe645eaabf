-- One row per authority, measure, 31 March and area compared with, as the public may see it.

select {{ all_but(['audience']) }}
from {{ ref('comparator_rates_safe') }}
where audience = 'public'
