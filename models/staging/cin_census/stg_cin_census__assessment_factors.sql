-- One row per factor found at the end of an assessment per census, as returned.

with

returned as (

    select * from {{ delivered('cin_census', 'assessment_factors') }}

),

renamed as (

    select
        -- whose it is
        _la_code as la_code,
        _collection_year as collection_year,
        _child_key as child_key,
        child_row,
        referral_row,
        assessment_row,

        -- the factor
        nullif(upper(trim(assessment_factor)), '') as assessment_factor_code,

        -- provenance
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from returned

)

select * from renamed
