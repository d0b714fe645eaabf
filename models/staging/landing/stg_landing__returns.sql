-- One row per authority, return, collection year and landed table of which a delivery stands.

with

ledger as (

    select * from {{ source('landing', 'extract_files') }}

)

select distinct
    la_code,
    source,
    collection_year,
    table_name
from ledger
where
    outcome = 'landed'
    and source in ('ssda903', 'cin_census')
    and la_code is not null
