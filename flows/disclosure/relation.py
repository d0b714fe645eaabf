"""Rows as DuckDB holds them, whichever engine holds them now."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation


def relation(rows: Any) -> "DuckDBPyRelation":
    """A relation of DuckDB is one already; a data frame of Spark comes as Arrow."""
    if not hasattr(rows, "toArrow"):
        return rows  # type: ignore[no-any-return]
    import duckdb

    return duckdb.from_arrow(rows.toArrow())
