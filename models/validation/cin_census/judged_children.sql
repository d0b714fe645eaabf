-- One row per delivered child of a CIN census that stands, as rules judge it.

{{ rows_to_judge(
    'cin_census',
    'children',
    ['person_birth_date', 'expected_person_birth_date', 'person_death_date']
) }}
