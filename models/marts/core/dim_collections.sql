-- One row per authority per return per collection year that we hold.

with

returned as (

    select * from {{ ref('stg_landing__returns') }}

),

authorities as (

    select * from {{ ref('local_authorities') }}
    where is_main_code

),

-- an SSDA903 return without its episodes tells nobody's care
held as (

    select distinct
        la_code,
        source,
        collection_year
    from returned
    where table_name = 'ssda903__episodes' or table_name like 'cin_census__%'

),

described as (

    select
        held.la_code,
        authorities.la_name,
        held.source,
        held.collection_year,
        {{ year_end('held.collection_year') }} as at_date,
        held.collection_year
        = max(held.collection_year) over (partition by held.la_code, held.source) as is_latest
    from held
    left join authorities on held.la_code = authorities.la_code

)

select * from described
