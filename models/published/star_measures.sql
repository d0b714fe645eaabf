-- One row per measure that figures are told of by date and area.

select
    measure_key,
    measure,
    measure_name,
    unit,
    source,
    marts as source_marts,
    description
from {{ ref('published_measures') }}
