-- One row per child in need plan per census whose child and start can be read, as returned.

with

returned as (

    select * from {{ readable('cin_census', 'cin_plans') }}

),

renamed as (

    select
        -- whose it is
        returned._la_code as la_code,
        returned._collection_year as collection_year,
        returned._child_key as child_key,
        returned.child_row,
        returned.referral_row,

        -- the plan
        {{ iso_date('returned.cin_plan_start_date') }} as plan_start_date,
        {{ iso_date('returned.cin_plan_end_date') }} as plan_end_date,

        -- provenance
        returned._file_id as file_id,
        returned._row as row_number,
        returned._line as line_number,

        -- what did not convert
        {{ unread([
            census_date_read('cin_plan_end_date'),
        ]) }} as unread_columns

    from returned

)

select * from renamed
