{# No span begins before the one ahead of it has ended, nor ends before it begins. An open
   span never ends. #}
{% test no_overlap(model, within, starts, ends) %}

with

spans as (

    select
        {{ within | join(', ') }},
        {{ starts }} as starts_on,
        coalesce({{ ends }}, make_date(9999, 12, 31)) as ends_on,
        max(coalesce({{ ends }}, make_date(9999, 12, 31))) over (
            partition by {{ within | join(', ') }}
            order by {{ starts }} asc nulls last, {{ ends }} asc nulls last
            rows between unbounded preceding and 1 preceding
        ) as latest_end_before
    from {{ model }}

)

select {{ within | join(', ') }}, starts_on, ends_on
from spans
where starts_on < latest_end_before or ends_on < starts_on

{% endtest %}
