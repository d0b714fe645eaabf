-- For the person who keeps the list of townships: an LSOA without a ward is in no township,
-- and what is counted by LSOA there is missing from the profiles. Deliver a lookup from LSOA
-- to wards of the vintage that the list uses, or a list of the wards of today.
{{ config(severity='warn') }}

select
    areas.la_code,
    areas.lsoa_vintage,
    areas.lsoa_code
from {{ ref('dim_areas') }} as areas
where
    areas.ward_code is null
    and areas.la_code in (select wards.la_code from {{ ref('dim_wards') }} as wards)
