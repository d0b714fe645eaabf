-- One row per assessment per census, as returned.

with

returned as (

    select * from {{ readable('cin_census', 'assessments') }}

),

renamed as (

    select
        -- whose it is
        returned._la_code as la_code,
        returned._collection_year as collection_year,
        returned._child_key as child_key,
        returned.child_row,
        returned.referral_row,

        -- the assessment
        {{ iso_date('returned.assessment_actual_start_date') }} as assessment_start_date,
        {{ iso_date('returned.assessment_internal_review_date') }} as internal_review_date,
        {{ iso_date('returned.assessment_authorisation_date') }} as authorisation_date,

        -- provenance
        returned._file_id as file_id,
        returned._row as row_number,
        returned._line as line_number,

        -- what did not convert
        {{ unread([
            census_date_read('assessment_actual_start_date'),
            census_date_read('assessment_internal_review_date'),
            census_date_read('assessment_authorisation_date'),
        ]) }} as unread_columns

    from returned

)

select * from renamed
