-- One row per child protection plan per census whose child and start can be read, as returned.

with

returned as (

    select * from {{ readable('cin_census', 'child_protection_plans') }}

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

        -- the plan
        {{ iso_date('returned.cpp_start_date') }} as plan_start_date,
        {{ iso_date('returned.cpp_end_date') }} as plan_end_date,
        {{ code_in_force('initial_categories') }} as initial_category_code,
        {{ code_in_force('latest_categories') }} as latest_category_code,
        {{ returned_integer('returned.number_of_previous_cpp') }} as number_of_previous_plans,

        -- provenance
        returned._file_id as file_id,
        returned._row as row_number,
        returned._line as line_number,

        -- what did not convert
        {{ unread([
            census_date_read('cpp_end_date'),
            {'column': 'initial_category_of_abuse', 'codes': 'initial_categories'},
            {'column': 'latest_category_of_abuse', 'codes': 'latest_categories'},
            census_number_read('number_of_previous_cpp'),
        ]) }} as unread_columns

    from returned
    {{ join_census_codes('initial_categories', 'category_of_abuse', 'initial_category_of_abuse') }}
    {{ join_census_codes('latest_categories', 'category_of_abuse', 'latest_category_of_abuse') }}

)

select * from renamed
