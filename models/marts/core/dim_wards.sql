-- One row per ward of an authority, with the township it belongs to.

with

wards as (

    select * from {{ ref('int_wards_settled') }}

)

select
    la_code,
    ward_code,
    ward_name,
    township_name
from wards
