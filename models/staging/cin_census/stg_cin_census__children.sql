-- One row per child per census, as returned.

with

returned as (

    select * from {{ delivered('cin_census', 'children') }}

),

renamed as (

    select
        -- whose it is
        _la_code as la_code,
        _collection_year as collection_year,
        _child_key as child_key,

        -- identity
        nullif(trim(la_child_id), '') as la_child_id,
        nullif(trim(upn), '') as upn,
        nullif(trim(former_upn), '') as former_upn,
        nullif(upper(trim(upn_unknown)), '') as upn_unknown_code,

        -- the child
        {{ iso_date('person_birth_date') }} as birth_date,
        {{ iso_date('expected_person_birth_date') }} as expected_birth_date,
        {{ iso_date('person_death_date') }} as death_date,
        {{ census_sex_code('sex', 'gender_current') }} as sex_code,
        nullif(upper(trim(ethnicity)), '') as ethnic_code,

        -- provenance
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from returned

)

select * from renamed
