-- One row per authority, source, collection year and rule in force: whether it ran, and of how many
-- children it tells.

with

results as (

    select * from {{ ref('rule_results') }}

),

rules as (

    select * from {{ ref('validation_rules') }}

)

select
    -- which rule, on which return
    results.la_code,
    results.source,
    results.collection_year,
    results.rule_code,
    results.severity,
    rules.rule_text,

    -- whether it ran
    results.status,
    results.missing,

    -- what it found
    case when results.scope = 'return' then results.rows_failing > 0 end as is_return_failing,
    results.children_failing

from results
inner join rules
    on
        results.source = rules.source
        and results.rule_code = rules.rule_code
        and coalesce(results.first_year, 0) = coalesce(rules.first_year, 0)
