"""What the YAML beside the models declares, and tables that the flow writes and models read, made
as the models declare them."""

from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from flows.settings import HOUSE

MODELS = HOUSE / "models"


def read(path: Path) -> dict[str, Any]:
    """A file of declarations. PyYAML's parser in C: the other takes ten times as long, which is
    half a second of every command."""
    declared: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return declared


def make_tables(connection: duckdb.DuckDBPyConnection, sources: Path) -> None:
    """Make the tables of a file of dbt sources that are not there yet, in their schemas."""
    for statement in _statements(sources):
        connection.execute(statement)


@cache
def _statements(sources: Path) -> tuple[str, ...]:
    """Read once: every file that lands asks for its tables."""
    made: list[str] = []
    for source in read(sources)["sources"]:
        made.append(f"create schema if not exists {source['schema']}")
        for table in source["tables"]:
            columns = ", ".join(
                f"{column['name']} {column['data_type']}" for column in table["columns"]
            )
            made.append(
                f"create table if not exists {source['schema']}.{table['name']} ({columns})"
            )
    return tuple(made)
