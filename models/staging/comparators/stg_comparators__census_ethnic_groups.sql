-- One row per area per ethnic category of a population census, as delivered.

with

delivered as (

    select * from {{ delivered('comparators', 'census_ethnic_groups') }}

),

renamed as (

    select
        -- where and whom
        trim(area_code) as area_code,
        trim(area_name) as area_name,
        trim(category_code) as category_code,
        trim(category_name) as category_name,
        lower(trim(category_name)) as category_label,

        -- how many
        try_cast(replace(trim(observation), ',', '') as integer) as people,

        -- provenance
        _collection_year as collection_year,
        _file_id as file_id,
        coalesce(_sheet, '') as sheet_name,
        _row as row_number,
        _line as line_number

    from delivered

)

select * from renamed
