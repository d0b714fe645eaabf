-- One row per audience, authority, source, collection year and rule, as the audience may see it.
-- Whether a whole return meets a rule is said of no child.

{%- set key = ['la_code', 'source', 'collection_year', 'rule_code'] %}

with

counted as (

    select * from {{ ref('rule_summary_counted') }}

),

withheld as (

    {{ withheld_of('rule_summary', ['children_failing']) }}

)

select
    policies.audience,
    counted.la_code,
    counted.source,
    counted.collection_year,
    counted.rule_code,
    counted.severity,
    counted.rule_text,
    counted.status,
    counted.missing,
    counted.is_return_failing,
    {{ shown('children_failing') }} as children_failing,
    case
        when counted.status = 'ran' and counted.children_failing is null then 'z'
        else {{ shown_marker('children_failing') }}
    end as children_failing_marker
{{ from_counted_for_all(key) }}
