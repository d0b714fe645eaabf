-- One row per delivered child protection plan of a CIN census that stands, as rules judge it.

{{ rows_to_judge('cin_census', 'child_protection_plans', ['cpp_start_date', 'cpp_end_date']) }}
