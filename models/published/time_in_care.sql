-- One row per authority, 31 March and age band at entry (and `all`), as the public may see it.

select * exclude (audience)
from {{ ref('time_in_care_safe') }}
where audience = 'public'
