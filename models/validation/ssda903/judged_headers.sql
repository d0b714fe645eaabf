-- One row per delivered row of the headers of an SSDA903 return that stands, as rules judge it.

{{ rows_to_judge('ssda903', 'headers', ['dob', 'mc_dob'], is_upper=true, date_macro='returned_date') }}
