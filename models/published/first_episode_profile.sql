-- One row per authority, dimension and category of the first-episode cohort, as the public may
-- see it.

select {{ all_but(['audience']) }}
from {{ ref('first_episode_profile_safe') }}
where audience = 'public'
