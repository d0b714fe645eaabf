"""What readers hold now: the last published version of each audience, attached to a connection
under one name, `held_by_<audience>`."""

import duckdb

from flows.settings import Settings


def attach(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings
) -> tuple[dict[str, dict[str, set[str]]], list[str]]:
    """By audience, the columns of each table that it holds, none where nothing is published for it
    yet; and the audiences whose copy cannot be opened."""
    found: dict[str, dict[str, set[str]]] = {}
    unreadable = []
    for audience, place in settings.outputs.items():
        found[audience] = {}
        database = place / "cyp.duckdb"
        if not database.exists():
            continue
        path = str(database.resolve()).replace("'", "''")
        try:
            warehouse.execute(f"attach if not exists '{path}' as {name(audience)} (read_only)")
        except duckdb.Error:
            unreadable.append(audience)
            continue
        for table, column in warehouse.execute(
            "select table_name, column_name from duckdb_columns() "
            "where database_name = ? and schema_name = 'published'",
            [name(audience)],
        ).fetchall():
            found[audience].setdefault(table, set()).add(column)
    return found, unreadable


def name(audience: str) -> str:
    """The name of the database."""
    return f"held_by_{audience}"
