-- One row per authority, source, collection year and rule in force, as the public may see it.

select {{ all_but(['audience']) }}
from {{ ref('rule_summary_safe') }}
where audience = 'public'
