-- One row per section 47 enquiry per census, as returned.

with

returned as (

    select * from {{ readable('cin_census', 'section_47s') }}

),

renamed as (

    select
        -- whose it is
        returned._la_code as la_code,
        returned._collection_year as collection_year,
        returned._child_key as child_key,
        returned.child_row,
        returned.referral_row,

        -- the enquiry
        {{ iso_date('returned.s47_actual_start_date') }} as enquiry_start_date,
        {{ iso_date('returned.initial_cpc_target') }} as conference_target_date,
        {{ iso_date('returned.date_of_initial_cpc') }} as conference_date,
        {{ yes_no('returned.icpc_not_required') }} as is_conference_not_required,

        -- provenance
        returned._file_id as file_id,
        returned._row as row_number,
        returned._line as line_number,

        -- what did not convert
        {{ unread([
            census_date_read('s47_actual_start_date'),
            census_date_read('initial_cpc_target'),
            census_date_read('date_of_initial_cpc'),
            yes_no_read('icpc_not_required'),
        ]) }} as unread_columns

    from returned

)

select * from renamed
