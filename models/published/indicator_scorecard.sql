-- One row per indicator per date of an authority, as the public may see it.

select {{ all_but(['audience']) }}
from {{ ref('indicator_scorecard_safe') }}
where audience = 'public'
