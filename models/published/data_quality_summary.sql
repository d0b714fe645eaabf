-- One row per authority, source and collection year, as the public may see it.

select {{ all_but(['audience']) }}
from {{ ref('data_quality_summary_safe') }}
where audience = 'public'
