"""Tables that the flow writes and models read, made as the models declare them."""

from pathlib import Path

import duckdb
import yaml

from flows.settings import HOUSE

MODELS = HOUSE / "models"


def make_tables(connection: duckdb.DuckDBPyConnection, sources: Path) -> None:
    """Make the tables of a file of dbt sources that are not there yet, in their schemas."""
    for source in yaml.safe_load(sources.read_text(encoding="utf-8"))["sources"]:
        connection.execute(f"create schema if not exists {source['schema']}")
        for table in source["tables"]:
            columns = ", ".join(
                f"{column['name']} {column['data_type']}" for column in table["columns"]
            )
            connection.execute(
                f"create table if not exists {source['schema']}.{table['name']} ({columns})"
            )
