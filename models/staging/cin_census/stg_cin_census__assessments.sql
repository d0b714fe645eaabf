-- One row per assessment per census, as returned.

with

returned as (

    select * from {{ delivered('cin_census', 'assessments') }}

),

renamed as (

    select
        -- whose it is
        _la_code as la_code,
        _collection_year as collection_year,
        _child_key as child_key,
        child_row,
        referral_row,

        -- the assessment
        {{ iso_date('assessment_actual_start_date') }} as assessment_start_date,
        {{ iso_date('assessment_internal_review_date') }} as internal_review_date,
        {{ iso_date('assessment_authorisation_date') }} as authorisation_date,

        -- provenance
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from returned

)

select * from renamed
