-- One row per review of a child protection plan per census, as returned.

with

returned as (

    select * from {{ delivered('cin_census', 'reviews') }}

),

renamed as (

    select
        -- whose it is
        _la_code as la_code,
        _collection_year as collection_year,
        _child_key as child_key,
        child_row,
        referral_row,
        plan_row,

        -- the review
        {{ iso_date('cpp_review_date') }} as review_date,

        -- provenance
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from returned

)

select * from renamed
