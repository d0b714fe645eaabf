-- One row per delivered header of a CIN census that stands, as rules judge it.

{{ rows_to_judge('cin_census', 'header', ['reference_date']) }}
