-- One row per authority and year to 31 March, as the public may see it.

select {{ all_but(['audience']) }}
from {{ ref('returns_to_care_safe') }}
where audience = 'public'
