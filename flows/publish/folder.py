"""Write the folder that readers get: the database, a Parquet and a CSV file for each mart,
a workbook, the page, the data dictionary and the data package, all told by the same
descriptions."""

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from flows.manifest import PublicModel
from flows.page import write_page
from flows.publish.workbook import write_workbook
from flows.settings import Settings
from flows.warehouse import engine, shut_in, transaction

# DuckDB clients from 1.0 on read it. Newer storage is smaller, but BI tools bring their own.
STORAGE_VERSION = "v1.0.0"

PACKAGE = "datapackage.json"

# DuckDB's types in the words of Table Schema; anything else is text.
TABLE_SCHEMA_TYPES = {
    "boolean": "boolean",
    "date": "date",
    "double": "number",
    "integer": "integer",
    "bigint": "integer",
    "timestamp": "datetime",
}


def build_folder(
    folder: Path,
    models: list[PublicModel],
    settings: Settings,
    audience: str,
    version: str,
    la_code: str = "",
    region_code: str = "",
    within: Mapping[str, str] | None = None,
) -> dict[str, int]:
    """Write everything as an audience may see it; return rows by table, counted in the new
    database. Of one authority (`la_code`) that is its rows and those that are nobody's, of a region
    what its authorities count together; of this there is no page. `within` are the folders of the
    same kind that lie in it already, and what their packages are called."""
    keys = _keys()
    _write_database(folder, models, keys, settings, audience, la_code, region_code)
    rows = _write_files(folder, models, keys)
    write_workbook(folder / "cyp.xlsx", folder / "cyp.duckdb", models)
    pages = []
    if not region_code:
        pages = write_page(
            folder, models, audience, version, settings.is_sample, settings.docs_url or ""
        )
    _write_dictionary(folder / "data_dictionary.csv", models, keys)
    _write_package(folder, models, keys, rows, version, pages, within or {})
    return rows


def _keys() -> dict[str, tuple[str, ...]]:
    """The columns that tell a mart's rows apart: those that its suite has held it to."""
    from expectations.published import MARTS

    return {name: mart.keys for name, mart in MARTS.items()}


def _write_database(
    folder: Path,
    models: list[PublicModel],
    keys: dict[str, tuple[str, ...]],
    settings: Settings,
    audience: str,
    la_code: str,
    region_code: str,
) -> None:
    config = {"memory_limit": settings.memory_limit, "temp_directory": str(settings.scratch)}
    with duckdb.connect(config={**config, **engine()}) as connection:
        connection.execute(f"attach {_text(settings.warehouse)} as warehouse (read_only)")
        connection.execute(
            f"attach {_text(folder / 'cyp.duckdb')} as published "
            f"(storage_version '{STORAGE_VERSION}')"
        )
        shut_in(connection)
        with transaction(connection):  # or each comment would wait for the disk
            for schema in sorted({model.schema for model in models}):
                connection.execute(f"create schema published.{schema}")
            for model in models:
                table = f"published.{model.relation}"
                connection.execute(
                    f"create table {table} as "
                    f"select * from {model.rows_for(audience, 'warehouse.', la_code, region_code)} "
                    f"{_in_order(keys.get(model.name, ()))}"
                )
                connection.execute(f"comment on table {table} is {_text(model.description)}")
                for column in model.columns:
                    connection.execute(
                        f"comment on column {table}.{column.name} is {_text(column.description)}"
                    )
        connection.execute("checkpoint published")
        connection.execute("detach published")


def _write_files(
    folder: Path, models: list[PublicModel], keys: dict[str, tuple[str, ...]]
) -> dict[str, int]:
    """Parquet and CSV from the new database, so that all three say the same."""
    for kind in ("parquet", "csv"):
        (folder / kind).mkdir()
    rows: dict[str, int] = {}
    with duckdb.connect(str(folder / "cyp.duckdb"), read_only=True) as published:
        shut_in(published, folder)
        for model in models:
            query = f"select * from {model.relation} {_in_order(keys.get(model.name, ()))}"
            parquet = folder / "parquet" / f"{model.name}.parquet"
            published.execute(
                f"copy ({query}) to {_text(parquet)} (format parquet, compression zstd)"
            )
            published.execute(
                f"copy ({query}) to {_text(folder / 'csv' / f'{model.name}.csv')} "
                "(format csv, header, nullstr '', dateformat '%Y-%m-%d')"
            )
            counted = published.execute(f"select count(*) from {model.relation}").fetchall()
            rows[model.name] = int(counted[0][0])
    return rows


def _write_dictionary(
    path: Path, models: list[PublicModel], keys: dict[str, tuple[str, ...]]
) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["table", "position", "column", "type", "is_key", "unit", "description"])
        for model in models:
            writer.writerow([model.name, 0, "", "table", "", "", model.description])
            for position, column in enumerate(model.columns, start=1):
                writer.writerow([
                    model.name, position, column.name, column.data_type,
                    "yes" if column.name in keys.get(model.name, ()) else "no",
                    column.unit or "", column.description,
                ])  # fmt: skip


def _write_package(
    folder: Path,
    models: list[PublicModel],
    keys: dict[str, tuple[str, ...]],
    rows: dict[str, int],
    version: str,
    pages: list[Path],
    within: Mapping[str, str],
) -> None:
    """datapackage.json (Frictionless Data Package, tabular resources with a Table Schema); of each
    folder that lies in this one, an authority's or a region's, it tells the package."""
    package = {
        "profile": "data-package",
        "name": "cyp-warehouse",
        "title": "Children and young people: published marts",
        "description": "Aggregate, disclosure-controlled tables about children known to "
        "children's services. A number that is withheld is blank; the marker column after it "
        "says why: c suppressed, x not available, z not applicable.",
        "version": version,
        "created": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        # What an authority lets others do with its figures is the authority's to say.
        "licenses": [
            {
                "name": "other-closed",
                "title": "As the publishing authority decides. Contains public sector "
                "information licensed under the Open Government Licence v3.0.",
            }
        ],
        "resources": [
            *(
                {
                    **_resource(folder, f"csv/{model.name}.csv", model.name.replace("_", "-")),
                    "profile": "tabular-data-resource",
                    "encoding": "utf-8",
                    "title": model.name.replace("_", " ").capitalize(),
                    "description": model.description,
                    "rowCount": rows[model.name],
                    "schema": _schema(model, keys.get(model.name, ())),
                }
                for model in models
            ),
            *(
                _resource(
                    folder,
                    f"parquet/{model.name}.parquet",
                    f"{model.name.replace('_', '-')}-parquet",
                )
                for model in models
            ),
            _resource(folder, "cyp.duckdb", "cyp-duckdb"),
            _resource(folder, "cyp.xlsx", "cyp-xlsx"),
            _resource(folder, "data_dictionary.csv", "data-dictionary"),
            *(
                _resource(folder, path, path.replace("/", "-").replace(".", "-"))
                for path in (page.relative_to(folder).as_posix() for page in pages)
            ),
            *(_resource(folder, f"{path}/{PACKAGE}", name) for path, name in within.items()),
        ],
    }
    (folder / PACKAGE).write_text(
        json.dumps(package, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def _resource(folder: Path, path: str, name: str) -> dict[str, Any]:
    file = folder / path
    digest = hashlib.sha256()
    for block in _blocks(file):
        digest.update(block)
    return {
        "name": name,
        "path": path,
        "format": file.suffix.removeprefix("."),
        "bytes": file.stat().st_size,
        "hash": f"sha256:{digest.hexdigest()}",
    }


def _schema(model: PublicModel, key: tuple[str, ...]) -> dict[str, Any]:
    return {
        "fields": [
            {
                "name": column.name,
                "type": TABLE_SCHEMA_TYPES.get(column.data_type, "string"),
                "description": column.description,
                **({"unit": column.unit} if column.unit else {}),
                **({"constraints": {"required": True}} if column.name in key else {}),
            }
            for column in model.columns
        ],
        "primaryKey": list(key),
        "missingValues": [""],
    }


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            yield block


def _in_order(key: tuple[str, ...]) -> str:
    return "order by " + (", ".join(f"{column} nulls last" for column in key) or "all")


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
