-- One row per child looked after for twelve months per return, as returned.

with

returned as (

    select * from {{ readable('ssda903', 'oc2') }}

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

        -- strengths and difficulties
        {{ returned_date('returned.dob') }} as birth_date,
        {{ returned_integer('returned.sdq_score') }} as sdq_score,
        {{ code_in_force('sdq_reasons') }} as sdq_reason_code,

        -- outcomes
        {{ returned_flag('returned.convicted') }} as is_convicted,
        {{ returned_flag('returned.health_check') }} as has_health_check,
        {{ returned_flag('returned.immunisations') }} as has_immunisations,
        {{ returned_flag('returned.teeth_check') }} as has_teeth_check,
        {{ returned_flag('returned.health_assessment') }} as has_health_assessment,
        {{ returned_flag('returned.substance_misuse') }} as has_substance_misuse,
        {{ returned_flag('returned.intervention_received') }} as is_intervention_received,
        {{ returned_flag('returned.intervention_offered') }} as is_intervention_offered,

        -- provenance
        returned._file_id as file_id,
        returned._row as row_number,
        returned._line as line_number,
        {{ unread([
            returned_date_read('dob'),
            returned_integer_read('sdq_score'),
            returned_flag_read('convicted'),
            returned_flag_read('health_check'),
            returned_flag_read('immunisations'),
            returned_flag_read('teeth_check'),
            returned_flag_read('health_assessment'),
            returned_flag_read('substance_misuse'),
            returned_flag_read('intervention_received'),
            returned_flag_read('intervention_offered'),
            {'column': 'sdq_reason', 'codes': 'sdq_reasons'},
        ]) }} as unread_columns

    from returned
    {{ join_ssda903_codes('sdq_reasons', 'SDQ_REASON', 'sdq_reason') }}

)

select * from renamed
