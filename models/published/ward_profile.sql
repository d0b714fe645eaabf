-- One row per ward of an authority at each 31 March of its returns, as the public may see it.

select {{ all_but(['audience']) }}
from {{ ref('ward_profile_safe') }}
where audience = 'public'
