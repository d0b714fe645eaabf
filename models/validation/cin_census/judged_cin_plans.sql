-- One row per delivered child in need plan of a CIN census that stands, as rules judge it.

{{ rows_to_judge('cin_census', 'cin_plans', ['cin_plan_start_date', 'cin_plan_end_date']) }}
