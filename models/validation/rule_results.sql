-- One row per version of a rule, authority and collection year in which it is in force and the
-- return that it tells of was delivered: whether it ran, and how many do not meet it.

with

runs as (

    select * from {{ ref('rule_runs') }}

),

failures as (

    select
        source,
        rule_code,
        la_code,
        collection_year,
        count(*) as rows_failing,
        -- a row without an identifier is of a child all the same
        count(distinct child_key) + count(*) - count(child_key) as children_failing
    from {{ ref('rule_failures') }}
    group by
        source,
        rule_code,
        la_code,
        collection_year

)

select
    -- which rule, on which return
    runs.source,
    runs.rule_code,
    runs.first_year,
    runs.la_code,
    runs.collection_year,
    runs.severity,
    runs.scope,

    -- whether it ran
    runs.status,
    runs.missing,

    -- what it found; nothing is known of one that did not run
    case
        when runs.status = 'ran' then cast(coalesce(failures.rows_failing, 0) as integer)
    end as rows_failing,
    case
        when runs.status = 'ran' and runs.scope <> 'return'
            then cast(coalesce(failures.children_failing, 0) as integer)
    end as children_failing

from runs
left join failures
    on
        runs.source = failures.source
        and runs.rule_code = failures.rule_code
        and runs.la_code = failures.la_code
        and runs.collection_year = failures.collection_year
