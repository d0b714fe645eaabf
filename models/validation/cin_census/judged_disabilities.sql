-- One row per delivered disability of a CIN census that stands, as rules judge it.

{{ rows_to_judge('cin_census', 'disabilities') }}
