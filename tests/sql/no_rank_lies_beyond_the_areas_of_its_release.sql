-- A rank outside 1 to the number of areas means that a file lies in the folder of another
-- release, or that a column of something else was read as ranks: bands and deciles would be
-- wrong without a sign.

select
    lsoa_code,
    deprivation_index,
    deprivation_release
from {{ ref('fct_deprivation') }}
where deprivation_rank not between 1 and deprivation_areas
