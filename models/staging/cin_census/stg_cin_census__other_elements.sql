-- One row per element that the layout does not know per census, as returned.

with

returned as (

    select * from {{ readable('cin_census', 'other_elements') }}

),

renamed as (

    select
        -- whose it is
        returned._la_code as la_code,
        returned._collection_year as collection_year,
        returned._child_key as child_key,
        returned.child_row,
        returned.referral_row,

        -- the element, text as it is: nothing is converted
        nullif(trim(returned.element_path), '') as element_path,
        nullif(trim(returned.value), '') as value_text,

        -- provenance
        returned._file_id as file_id,
        returned._row as row_number,
        returned._line as line_number,
        cast(null as string) as unread_columns

    from returned

)

select * from renamed
