-- One row per ward of an authority's delivered list of townships.

with

delivered as (

    select * from {{ delivered('townships', 'townships') }}

),

renamed as (

    select
        -- identity
        coalesce(nullif(trim(la_code), ''), _la_code) as delivered_la_code,
        nullif(trim(ward_code), '') as ward_code,

        -- the ward
        nullif(trim(ward_name), '') as ward_name,
        nullif(trim(township_name), '') as township_name,

        -- provenance
        _collection_year as collection_year,
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from delivered

)

select * from renamed
