-- One row per LSOA and vintage of an authority, with the ward and township that fit it best.

with

lsoas as (

    select * from {{ ref('int_lsoas_placed') }}

)

select
    la_code,
    lsoa_code,
    lsoa_vintage,
    lsoa_name,
    area_name,
    ward_code,
    ward_name,
    township_name
from lsoas
