-- One row per element that the layout does not know per census, as returned.

with

returned as (

    select * from {{ delivered('cin_census', 'other_elements') }}

),

renamed as (

    select
        -- whose it is
        _la_code as la_code,
        _collection_year as collection_year,
        _child_key as child_key,
        child_row,
        referral_row,

        -- the element
        nullif(trim(element_path), '') as element_path,
        nullif(trim(value), '') as value_text,

        -- provenance
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from returned

)

select * from renamed
