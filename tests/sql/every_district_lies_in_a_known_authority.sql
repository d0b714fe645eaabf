-- A district of an unknown county would send its children out of area.

select
    districts.ons_code,
    districts.la_code
from {{ ref('local_authority_districts') }} as districts
left join {{ ref('local_authorities') }} as authorities
    on districts.la_code = authorities.la_code
where authorities.la_code is null
