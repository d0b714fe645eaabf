-- One row per delivered decision to place for adoption of an SSDA903 return that stands, as
-- rules judge it.

{{ module_rows_to_judge('placed_for_adoption', ['date_placed', 'date_placed_ceased']) }}
