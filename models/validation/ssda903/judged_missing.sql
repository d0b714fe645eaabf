-- One row per delivered spell missing of an SSDA903 return that stands, as rules judge it.

{{ module_rows_to_judge('missing', ['mis_start', 'mis_end']) }}
