-- One row per delivered row of the care leavers (OC3) of an SSDA903 return that stands, as rules
-- judge it.

{{ module_rows_to_judge('oc3', []) }}
