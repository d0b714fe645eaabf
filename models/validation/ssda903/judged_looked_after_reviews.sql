-- One row per delivered review of an SSDA903 return that stands, as rules judge it.

{{ module_rows_to_judge('reviews', ['review']) }}
