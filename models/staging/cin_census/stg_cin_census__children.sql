-- One row per child per census whose identifier can be read, as returned.

with

returned as (

    select * from {{ readable('cin_census', 'children') }}

),

census_codes as (

    select * from {{ ref('cin_census_codes') }}

),

sexes as (

    select * from {{ ref('sexes') }}

),

renamed as (

    select
        -- whose it is
        returned._la_code as la_code,
        returned._collection_year as collection_year,
        returned._child_key as child_key,

        -- identity
        nullif(trim(returned.la_child_id), '') as la_child_id,
        nullif(trim(returned.upn), '') as upn,
        nullif(trim(returned.former_upn), '') as former_upn,
        {{ code_in_force('reasons_without_upn') }} as upn_unknown_code,

        -- the child
        {{ iso_date('returned.person_birth_date') }} as birth_date,
        {{ iso_date('returned.expected_person_birth_date') }} as expected_birth_date,
        {{ iso_date('returned.person_death_date') }} as death_date,
        -- some systems write the codes of one field under the name of the other
        coalesce(
            {{ code_in_force('sexes_told', 'sex_code') }},
            {{ code_in_force('genders_told', 'sex_code') }}
        ) as sex_code,
        {{ code_in_force('ethnicities') }} as ethnic_code,

        -- provenance
        returned._file_id as file_id,
        returned._row as row_number,
        returned._line as line_number,

        -- what did not convert
        {{ unread([
            census_date_read('person_birth_date'),
            census_date_read('expected_person_birth_date'),
            census_date_read('person_death_date'),
            {'column': 'upn_unknown', 'codes': 'reasons_without_upn'},
            {'column': 'sex', 'codes': 'sexes_told', 'code': 'returned_code'},
            {'column': 'gender_current', 'codes': 'genders_told', 'code': 'returned_code'},
            {'column': 'ethnicity', 'codes': 'ethnicities'},
        ]) }} as unread_columns

    from returned
    {{ join_census_codes('reasons_without_upn', 'upn_unknown', 'upn_unknown') }}
    left join sexes as sexes_told
        on {{ returned_code('returned.sex') }} = sexes_told.returned_code
    left join sexes as genders_told
        on {{ returned_code('returned.gender_current') }} = genders_told.returned_code
    {{ join_census_codes('ethnicities', 'ethnicity', 'ethnicity') }}

)

select * from renamed
