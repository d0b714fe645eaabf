"""What sqlfluff knows of dbt's `modules`: as much of it as macros ask for."""

import re

__all__ = ["re"]
