-- One row per child and period of care in an SSDA903 return: episodes that follow each other
-- without a day between them, as rules take it.

with

episodes as (

    select * from {{ ref('judged_episodes') }}
    where episode_number is not null

),

neighboured as (

    select
        *,
        lag(dec_date) over (
            partition by la_code, collection_year, child_key
            order by episode_number
        ) as previous_dec_date
    from episodes

),

-- A period begins with the child's first episode, and after every day out of care.
numbered as (

    select
        *,
        sum(case when decom_date > previous_dec_date then 1 else 0 end) over (
            partition by la_code, collection_year, child_key
            order by episode_number
            rows between unbounded preceding and current row
        ) as period_number
    from neighboured

)

select
    la_code,
    collection_year,
    child_key,
    cast(period_number + 1 as integer) as period_number,
    min(decom_date) as start_date,
    -- open is null
    case when max(case when dec is null then 1 else 0 end) = 0 then max(dec_date) end as end_date
from numbered
group by la_code, collection_year, child_key, period_number
