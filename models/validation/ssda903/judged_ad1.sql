-- One row per delivered row of the adoptions (AD1) of an SSDA903 return that stands, as rules
-- judge it.

{{ module_rows_to_judge('ad1', ['date_int', 'date_match']) }}
