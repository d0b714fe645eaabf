-- One row per delivered social worker's episode of an SSDA903 return that stands, as rules judge
-- it.

{{ module_rows_to_judge('social_worker_episodes', ['sw_decom', 'sw_dec']) }}
