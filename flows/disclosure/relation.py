"""Rows on their way between DuckDB, which the mathematics reads, and the engine that builds."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation


def relation(rows: Any) -> "DuckDBPyRelation":
    """A relation of DuckDB is one already; a data frame of Spark comes as Arrow."""
    if not hasattr(rows, "toArrow"):
        return rows  # type: ignore[no-any-return]
    import duckdb

    return duckdb.from_arrow(rows.toArrow())


def frame(rows: Sequence[NamedTuple], kind: type[NamedTuple], session: Any) -> Any:
    """Rows as a data frame of the session that builds a model. Every column is text, and stays so
    where there are no rows: Spark cannot tell that of a frame of pandas."""
    if hasattr(session, "createDataFrame"):
        return session.createDataFrame(
            rows, schema=", ".join(f"{name} string" for name in kind._fields)
        )
    from pandas import DataFrame

    return DataFrame(rows, columns=list(kind._fields), dtype="str")
