-- One row per authority, 31 March and age band at entry (and `all`), as the public may see it.

select {{ all_but(['audience']) }}
from {{ ref('time_in_care_safe') }}
where audience = 'public'
