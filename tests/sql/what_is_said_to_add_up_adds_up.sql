-- One row per addition of counts that does not add up: what is withheld would be chosen by sums
-- that are none.

select
    sums.sum_id,
    sum(sums.sign * counts.counted) as difference
from {{ ref('disclosure_sums') }} as sums
inner join {{ ref('disclosure_counts') }} as counts on sums.count_id = counts.count_id
group by sums.sum_id
having sum(sums.sign * counts.counted) <> 0
