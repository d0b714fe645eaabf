-- One row per delivered factor of an assessment of a CIN census that stands, as rules judge it.

{{ rows_to_judge('cin_census', 'assessment_factors') }}
