"""Python models of dbt in the session that runs the others.

dbt-spark knows how to send one to Databricks only; in a session there is nowhere to send it.
"""

from typing import Any

from dbt.adapters.base.impl import PythonJobHelper
from dbt.adapters.spark import SparkAdapter


class InSession(PythonJobHelper):
    """Runs what dbt compiled of a Python model: reads its refs, calls it, writes its table."""

    def __init__(self, parsed_model: dict[str, Any], credentials: Any) -> None:
        self.name = parsed_model["alias"]

    def submit(self, compiled_code: str) -> None:
        from pyspark.sql import SparkSession

        names = {"spark": SparkSession.getActiveSession() or SparkSession.builder.getOrCreate()}
        exec(compile(compiled_code, self.name, "exec"), names)  # noqa: S102 - our own model


def install() -> None:
    """Make it dbt-spark's way, in this process."""
    SparkAdapter.python_submission_helpers = property(lambda _: {"session": InSession})
    SparkAdapter.default_python_submission_method = property(lambda _: "session")
