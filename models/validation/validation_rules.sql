-- One row per version of a rule of the returns and of the checks across them.

{{ rules_of('ssda903') }}

union all

{{ rules_of('cin_census') }}

union all

{{ rules_of('across_sources') }}
