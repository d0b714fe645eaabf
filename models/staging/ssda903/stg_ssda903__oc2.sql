-- One row per child looked after for twelve months per return, as returned.

with

returned as (

    select * from {{ delivered('ssda903', 'oc2') }}

),

renamed as (

    select
        -- whose it is
        _la_code as la_code,
        _collection_year as collection_year,
        _child_key as child_key,
        nullif(trim(child), '') as la_child_id,

        -- strengths and difficulties
        {{ returned_date('dob') }} as birth_date,
        try_cast(nullif(trim(sdq_score), '') as integer) as sdq_score,
        {{ returned_code('sdq_reason') }} as sdq_reason_code,

        -- outcomes
        {{ returned_flag('convicted') }} as is_convicted,
        {{ returned_flag('health_check') }} as has_health_check,
        {{ returned_flag('immunisations') }} as has_immunisations,
        {{ returned_flag('teeth_check') }} as has_teeth_check,
        {{ returned_flag('health_assessment') }} as has_health_assessment,
        {{ returned_flag('substance_misuse') }} as has_substance_misuse,
        {{ returned_flag('intervention_received') }} as is_intervention_received,
        {{ returned_flag('intervention_offered') }} as is_intervention_offered,

        -- provenance
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from returned

)

select * from renamed
