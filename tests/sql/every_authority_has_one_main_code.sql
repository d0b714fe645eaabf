-- Names and codes of authorities are joined by the main row: none would lose an authority,
-- two would double it.

select
    la_code,
    count(*) as main_codes
from {{ ref('local_authorities') }}
group by la_code
having sum(case when is_main_code then 1 else 0 end) <> 1
