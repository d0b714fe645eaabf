-- One row per delivered row of the earlier permanence arrangements of an SSDA903 return that
-- stands, as rules judge it.

{{ module_rows_to_judge('previous_permanence', ['date_perm']) }}
