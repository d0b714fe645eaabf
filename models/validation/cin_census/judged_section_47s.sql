-- One row per delivered Section 47 enquiry of a CIN census that stands, as rules judge it.

with

section_47s as (

    {{ rows_to_judge(
        'cin_census',
        'section_47s',
        ['s47_actual_start_date', 'initial_cpc_target', 'date_of_initial_cpc']
    ) }}

)

select
    *,
    {{ yes_no('icpc_not_required') }} as is_conference_not_required,
    date_of_initial_cpc is null and not coalesce({{ yes_no('icpc_not_required') }}, false)
        as is_waiting_for_conference
from section_47s
