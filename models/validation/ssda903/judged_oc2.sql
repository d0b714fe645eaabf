-- One row per delivered row of the yearly health and offending facts (OC2) of an SSDA903 return
-- that stands, as rules judge it.

{{ module_rows_to_judge('oc2', []) }}
