-- One row per delivered review of a child protection plan, of a CIN census that stands, as rules
-- judge it.

{{ rows_to_judge('cin_census', 'reviews', ['cpp_review_date']) }}
