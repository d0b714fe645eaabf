-- One row per cell of a published table, as delivered.

with

delivered as (

    select * from {{ delivered('comparators', 'cells') }}

),

renamed as (

    select
        -- where the cell stands
        _file_id as file_id,
        coalesce(_sheet, '') as sheet_name,
        _row as row_number,
        _line as line_number,
        column_number,

        -- what it says
        heading,
        lower(trim(heading)) as heading_key,
        trim(value) as value_text,

        -- provenance
        _collection_year as collection_year

    from delivered

)

select * from renamed
