-- One row per adopted child per return, as returned.

with

returned as (

    select * from {{ readable('ssda903', 'ad1') }}

),

ssda903_codes as (

    select * from {{ ref('ssda903_codes') }}

),

renamed as (

    select
        -- whose it is
        returned._la_code as la_code,
        returned._collection_year as collection_year,
        returned._child_key as child_key,
        nullif(trim(returned.child), '') as la_child_id,

        -- the adoption
        {{ returned_date('returned.dob') }} as birth_date,
        {{ returned_date('returned.date_int') }} as decision_date,
        {{ returned_date('returned.date_match') }} as matching_date,
        {{ returned_flag('returned.foster_care') }} as is_by_foster_carer,

        -- the adopters
        {{ returned_integer('returned.nb_adoptr') }} as number_of_adopters,
        {{ code_in_force('adopters_sexes') }} as adopters_sex_code,
        {{ code_in_force('adopters_statuses') }} as adopters_legal_status_code,

        -- provenance
        returned._file_id as file_id,
        returned._row as row_number,
        returned._line as line_number,
        {{ unread([
            returned_date_read('dob'),
            returned_date_read('date_int'),
            returned_date_read('date_match'),
            returned_integer_read('nb_adoptr'),
            returned_flag_read('foster_care'),
            {'column': 'sex_adoptr', 'codes': 'adopters_sexes'},
            {'column': 'ls_adoptr', 'codes': 'adopters_statuses'},
        ]) }} as unread_columns

    from returned
    {{ join_ssda903_codes('adopters_sexes', 'SEX_ADOPTR', 'sex_adoptr') }}
    {{ join_ssda903_codes('adopters_statuses', 'LS_ADOPTR', 'ls_adoptr') }}

)

select * from renamed
