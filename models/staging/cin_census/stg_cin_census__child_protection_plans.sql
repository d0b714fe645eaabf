-- One row per child protection plan per census, as returned.

with

returned as (

    select * from {{ delivered('cin_census', 'child_protection_plans') }}

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
        {{ iso_date('cpp_start_date') }} as plan_start_date,
        {{ iso_date('cpp_end_date') }} as plan_end_date,
        nullif(upper(trim(initial_category_of_abuse)), '') as initial_category_code,
        nullif(upper(trim(latest_category_of_abuse)), '') as latest_category_code,
        try_cast(trim(number_of_previous_cpp) as integer) as number_of_previous_plans,

        -- provenance
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from returned

)

select * from renamed
