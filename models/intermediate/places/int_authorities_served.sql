-- One row per authority that delivers to this warehouse: it has a list of townships or a
-- file in a folder of its own. National files are cut down to these.

with

authorities as (

    select * from {{ ref('stg_landing__authorities') }}

),

townships as (

    select * from {{ ref('stg_townships__townships') }}

),

la_codes as (

    select * from {{ ref('int_la_codes_known') }}

),

named as (

    select la_code as delivered_code
    from authorities

    union

    select delivered_la_code as delivered_code
    from townships

),

served as (

    select distinct la_codes.la_code
    from named
    inner join la_codes
        on named.delivered_code = la_codes.delivered_code

)

select * from served
