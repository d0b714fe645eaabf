-- One row per delivered assessment of a CIN census that stands, as rules judge it.

{{ rows_to_judge(
    'cin_census', 'assessments', ['assessment_actual_start_date', 'assessment_authorisation_date']
) }}
