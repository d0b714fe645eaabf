-- One row per provider on the latest list of Ofsted's and place of its.

with

providers as (

    select * from {{ ref('stg_providers__providers') }}

),

files as (

    select * from {{ ref('stg_landing__extract_files') }}

),

postcodes as (

    select * from {{ ref('dim_postcodes') }}

),

-- A list takes the place of the one before, whole.
latest as (

    select file_id
    from files
    where table_name = 'providers__providers' and outcome = 'landed'
    qualify row_number() over (
        order by
            collection_year desc nulls last,
            landed_at desc nulls last,
            file_id desc nulls last
    ) = 1

)

select
    providers.urn,
    ',' || providers.placement_codes || ',' as placement_codes,
    ',' || providers.provider_codes || ',' as provider_codes,
    providers.registration_end_date,
    providers.postcode_key,
    coalesce(providers.la_code, postcodes.la_code) as la_code
from providers
inner join latest
    on providers.file_id = latest.file_id
left join postcodes
    on providers.postcode_key = postcodes.postcode_key
where providers.urn is not null
