-- One row per child of whom an SSDA903 return tells decisions to place for adoption: what they say
-- together, for the rules that hold episodes and adoptions against them.

with

decisions as (

    select * from {{ ref('judged_placed_for_adoption') }}
    where child_key is not null

),

numbered as (

    select
        *,
        row_number() over (
            partition by la_code, collection_year, child_key
            order by date_placed_date desc nulls last, row_number desc
        ) as number_from_latest
    from decisions

)

select
    la_code,
    collection_year,
    child_key,
    max(date_placed_date) as latest_decision_date,
    max(case when number_from_latest = 1 and date_placed_ceased is not null then 1 else 0 end) = 1
        as is_latest_reversed,
    min(case when date_placed is not null then 1 else 0 end) = 1 as is_every_decision_dated,
    min(
        case
            when date_placed_ceased is not null and reason_placed_ceased is not null then 1
            else 0
        end
    ) = 1 as is_every_decision_reversed
from numbered
group by la_code, collection_year, child_key
