"""What models read and do not make themselves, as Parquet that every engine reads."""

import json
from pathlib import Path

import duckdb

from flows.settings import Settings

Relation = tuple[str, str]  # schema and table


def sources(settings: Settings) -> list[Relation]:
    """The tables that the project names as sources, as dbt parsed it last."""
    manifest = json.loads((settings.target / "manifest.json").read_text(encoding="utf-8"))
    return sorted(
        (source["schema"], source["identifier"]) for source in manifest["sources"].values()
    )


def export(settings: Settings, landed: Path) -> list[Relation]:
    """Write each as `<landed>/<schema>/<table>/rows.parquet`, and say which there are."""
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        there = set(
            connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        )
        found = [each for each in sources(settings) if each in there]
        for schema, table in found:
            folder = landed / schema / table
            folder.mkdir(parents=True, exist_ok=True)
            place = str(folder / "rows.parquet").replace("'", "''")
            connection.execute(
                f"copy {schema}.{table} to '{place}' (format parquet, compression zstd)"
            )
    return found
