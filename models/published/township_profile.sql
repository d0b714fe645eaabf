-- One row per township of an authority at each 31 March of its returns, as the public may see it.

select {{ all_but(['audience']) }}
from {{ ref('township_profile_safe') }}
where audience = 'public'
