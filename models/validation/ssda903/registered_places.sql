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

    select files.file_id
    from files
    inner join (select distinct file_id from providers) as delivered
        on files.file_id = delivered.file_id
    where files.table_name = 'providers__providers'
    qualify row_number() over (
        order by
            files.collection_year desc nulls last,
            files.landed_at desc nulls last,
            files.file_id desc nulls last
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
