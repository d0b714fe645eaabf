-- One row per child of an SSDA903 return that was looked after through all twelve months of its
-- year, short breaks left out.

with

episodes as (

    select * from {{ ref('judged_episodes') }}

),

in_the_year as (

    select
        la_code,
        collection_year,
        child_key,
        -- Started again after the first day, left before the last, or on a series of short breaks.
        (
            (rne = 'S' and decom_date > year_start_date)
            or (rec is distinct from 'X1' and dec_date < year_end_date)
            or is_short_break
        ) as is_broken
    from episodes
    where
        child_key is not null
        and decom_date <= year_end_date
        and coalesce(dec_date, year_end_date) >= year_start_date

)

select
    la_code,
    collection_year,
    child_key
from in_the_year
group by la_code, collection_year, child_key
having max(case when is_broken then 1 else 0 end) = 0
