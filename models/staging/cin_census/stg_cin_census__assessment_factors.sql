-- One row per factor found at the end of an assessment per census, as returned.

with

returned as (

    select * from {{ readable('cin_census', 'assessment_factors') }}

),

census_codes as (

    select * from {{ ref('cin_census_codes') }}

),

renamed as (

    select
        -- whose it is
        returned._la_code as la_code,
        returned._collection_year as collection_year,
        returned._child_key as child_key,
        returned.child_row,
        returned.referral_row,
        returned.assessment_row,

        -- the factor
        {{ code_in_force('factors') }} as assessment_factor_code,

        -- provenance
        returned._file_id as file_id,
        returned._row as row_number,
        returned._line as line_number,

        -- what did not convert
        {{ unread([
            {'column': 'assessment_factor', 'codes': 'factors'},
        ]) }} as unread_columns

    from returned
    {{ join_census_codes('factors', 'assessment_factor', 'assessment_factor') }}

)

select * from renamed
