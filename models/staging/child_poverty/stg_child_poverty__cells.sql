-- One row per non-blank cell of a delivered table, as delivered.

with

delivered as (

    select * from {{ delivered('child_poverty', 'cells') }}

),

renamed as (

    select
        -- identity
        _file_id as file_id,
        coalesce(_sheet, '') as sheet_name,
        _row as row_number,
        column_number,

        -- the cell
        heading,
        {{ heading_key('heading') }} as heading_key,
        trim(value) as value_text,
        {{ delivered_number('value') }} as value_number,

        -- provenance
        _la_code as delivered_la_code,
        _collection_year as collection_year,
        _line as line_number

    from delivered

)

select * from renamed
