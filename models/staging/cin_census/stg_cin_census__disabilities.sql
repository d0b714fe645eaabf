-- One row per disability of a child per census, as returned.

with

returned as (

    select * from {{ delivered('cin_census', 'disabilities') }}

),

renamed as (

    select
        -- whose it is
        _la_code as la_code,
        _collection_year as collection_year,
        _child_key as child_key,
        child_row,

        -- the disability
        nullif(upper(trim(disability)), '') as disability_code,

        -- provenance
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from returned

)

select * from renamed
