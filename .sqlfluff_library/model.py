"""What sqlfluff knows of dbt's `model`, the one that is being read: nothing of its text."""

raw_code = ""
