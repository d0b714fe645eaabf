-- One row per review of a child protection plan per census whose child and date can be read,
-- as returned.

with

returned as (

    select * from {{ readable('cin_census', 'reviews') }}

),

renamed as (

    select
        -- whose it is
        returned._la_code as la_code,
        returned._collection_year as collection_year,
        returned._child_key as child_key,
        returned.child_row,
        returned.referral_row,
        returned.plan_row,

        -- the review
        {{ iso_date('returned.cpp_review_date') }} as review_date,

        -- provenance
        returned._file_id as file_id,
        returned._row as row_number,
        returned._line as line_number,

        -- a review without a date that can be read is set aside: nothing is left to convert
        cast(null as string) as unread_columns

    from returned

)

select * from renamed
