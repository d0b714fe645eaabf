-- One row per delivered deprivation of liberty order of an SSDA903 return that stands, as rules
-- judge it.

{{ module_rows_to_judge('deprivation_of_liberty', ['dolo_start', 'dolo_end']) }}
