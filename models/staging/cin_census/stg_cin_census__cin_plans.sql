-- One row per child in need plan per census, as returned.

with

returned as (

    select * from {{ delivered('cin_census', 'cin_plans') }}

),

renamed as (

    select
        -- whose it is
        _la_code as la_code,
        _collection_year as collection_year,
        _child_key as child_key,
        child_row,
        referral_row,

        -- the plan
        {{ iso_date('cin_plan_start_date') }} as plan_start_date,
        {{ iso_date('cin_plan_end_date') }} as plan_end_date,

        -- provenance
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from returned

)

select * from renamed
