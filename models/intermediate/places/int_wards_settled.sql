-- One row per ward of an authority, with its township: from one row per ward and delivered
-- list to the latest list that names the ward, of which those of the authority's own come first:
-- nobody else's delivery moves its wards. Wards of several vintages may stand together.

with

townships as (

    select * from {{ ref('stg_townships__townships') }}

),

files as (

    select * from {{ ref('stg_landing__extract_files') }}

),

la_codes as (

    select * from {{ ref('int_la_codes_known') }}

),

settled as (

    select
        la_codes.la_code,
        townships.ward_code,
        townships.ward_name,
        townships.township_name
    from townships
    inner join la_codes
        on townships.delivered_la_code = la_codes.delivered_code
    left join files
        on
            townships.file_id = files.file_id
            and files.table_name = 'townships__townships'
    where townships.ward_code is not null
    qualify row_number() over (
        partition by la_codes.la_code, townships.ward_code
        order by
            case when files.la_code = la_codes.la_code then 1 else 0 end desc,
            townships.collection_year desc nulls last,
            files.landed_at desc nulls last,
            townships.file_id desc nulls last,
            townships.row_number desc nulls last
    ) = 1

)

select * from settled
