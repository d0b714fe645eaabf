-- One row per authority of which a delivery stands.

with

ledger as (

    select * from {{ source('landing', 'extract_files') }}

)

select distinct la_code
from ledger
where outcome = 'landed' and la_code is not null
