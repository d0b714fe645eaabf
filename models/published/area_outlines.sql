-- One row per LSOA and township of an authority whose boundaries were delivered. Boundaries are
-- open data: nothing is counted here, so that nothing is withheld.

with

drawn as (

    select * from {{ ref('area_outlines_drawn') }}

)

select
    la_code,
    area_level,
    area,
    boundaries_year,
    outline,
    label_x,
    label_y
from drawn
