-- One row per return and count that jumps against that of the year before: by more than a share
-- of what it was, and by a number of children or referrals that is not small.

with

counts as (

    select * from {{ ref('counts_of_returns') }}

)

select
    counts.source,
    counts.counted,
    counts.la_code,
    counts.collection_year,
    counts.number_counted,
    counts_last_year.number_counted as number_counted_last_year
from counts
inner join counts as counts_last_year
    on
        counts.source = counts_last_year.source
        and counts.counted = counts_last_year.counted
        and counts.la_code = counts_last_year.la_code
        and counts.collection_year = counts_last_year.collection_year + 1
where
    abs(counts.number_counted - counts_last_year.number_counted) >= {{ var('count_jump_least') }}
    and abs(counts.number_counted - counts_last_year.number_counted) * 100
    > counts_last_year.number_counted * {{ var('count_jump_percent') }}
