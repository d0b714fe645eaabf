"""Published marts with invented, harmless rows, made from their contracts."""

import datetime
import json
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas

from expectations.contracts import published_columns
from expectations.published import MARTS
from flows.build import dbt
from flows.disclosure.ledger import COUNTED
from flows.manifest import public_models
from flows.settings import Settings
from tests.landing import fill, ledger, make_landing

BY_TYPE: dict[str, Any] = {
    "varchar": "word",
    "integer": 100,
    "bigint": 100,
    "double": 50.0,
    "boolean": True,
    "date": datetime.date(2011, 3, 31),
}


def good_rows(name: str, rows: int = 3) -> pandas.DataFrame:
    """Rows of a mart that may leave: every number shown, none small, keys single."""
    mart = MARTS[name]
    lower = {interval[0] for interval in mart.intervals}
    upper = {interval[2] for interval in mart.intervals}
    allowed = mart.sets or {}
    frame = {}
    for column, kind in published_columns(name).items():
        value = BY_TYPE[kind.lower()]
        if column == "la_code":
            value = "332"
        elif column.endswith("_marker"):
            value = None
        elif column == "outline":
            value = "0,0 9,0 9,9 0,0"
        elif column in lower:
            value = 40.0
        elif column in upper:
            value = 60.0
        elif column in allowed:
            value = allowed[column][0]
        frame[column] = [value] * rows
    # The first key that is free to differ tells the rows apart.
    free = next(key for key in mart.keys if key != "la_code" and key not in allowed)
    frame[free] = [_numbered(frame[free][0], row) for row in range(rows)]
    return pandas.DataFrame(frame)


def _numbered(value: Any, row: int) -> Any:
    if isinstance(value, datetime.date):
        return datetime.date(2011 + row, 3, 31)
    return f"{value} {row}" if isinstance(value, str) else 2000 + row


def put_marts(
    connection: duckdb.DuckDBPyConnection, settings: Settings, leave: tuple[str, ...] = ()
) -> None:
    """Good rows of every public model of the manifest, except those that are to be left, as they
    were counted and as each audience may see them."""
    connection.execute("create schema if not exists published")
    put_disclosure(connection)
    for model in public_models(settings):
        if model.name in leave:
            continue
        types = published_columns(model.name)
        declared = ", ".join(f"{column} {kind}" for column, kind in types.items())
        connection.execute(f"create or replace table published.{model.name} ({declared})")
        rows = good_rows(model.name).astype(object)
        connection.executemany(
            f"insert into published.{model.name} values ({', '.join('?' for _ in types)})",
            rows.to_numpy().tolist(),
        )
        put_safe(connection, model.name)


def put_disclosure(connection: duckdb.DuckDBPyConnection) -> None:
    """Two policies and no decisions, and no mart counted yet."""
    connection.execute("create schema if not exists disclosure")
    connection.execute(
        """
        create or replace table disclosure.disclosure_policies as
        select *, 'deliveries,indicators' as sensitive
        from (values ('public', 1, 5, true, 1, 8, 4, 0, 'ward', 0, 3, 5, 10),
                     ('partners', 2, 5, true, 1, 8, 4, 0, 'ward', 0, 3, 5, 10)) as policies (
            audience, sort_order, suppress_up_to, noughts_are_shown, rounds_to, least_interval,
            least_interval_if_unchanged, minimum_population, lowest_level, fewest_elsewhere,
            region_fewest_authorities, region_suppress_up_to, region_rounds_to
        )
        """
    )
    for table, columns in {
        "counts": "count_id varchar, role varchar, counted integer, measure varchar",
        "sums": "sum_id varchar, count_id varchar, sign integer",
        "decisions": "audience varchar, mart varchar, column_name varchar, row_key varchar, "
        "count_id varchar, reason varchar",
    }.items():
        connection.execute(f"create table if not exists disclosure.disclosure_{table} ({columns})")
    for table, columns in {
        "counts": "count_id varchar, role varchar, counted integer",
        "sums": "sum_id varchar, count_id varchar, sign integer",
        "decisions": "count_id varchar, reason varchar",
    }.items():
        connection.execute(f"create table if not exists disclosure.region_{table} ({columns})")
    for relation in COUNTED.values():
        connection.execute(f"create schema if not exists {relation.split('.')[0]}")
        connection.execute(f"create table if not exists {relation} as select 1 as nothing limit 0")


def put_safe(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """What is published of a mart is what each audience may see, and what was counted."""
    if name in COUNTED:
        connection.execute(
            f"create or replace table disclosure.{name}_safe as "
            f"select audience, mart.* from published.{name} as mart "
            "cross join disclosure.disclosure_policies"
        )
        connection.execute(
            f"create or replace table {COUNTED[name]} as "
            f"select *, false as is_count_of_people from published.{name}"
        )


@cache
def built_house(base: Path) -> Settings:
    """A small landing, the quality models that dbt builds over it, and good rows of every
    other public mart. Built once for all tests of a run, below its
    folder: put back what you change."""
    home = base / "built"
    home.mkdir()
    settings = Settings(
        extracts=home / "extracts", is_sample=True, home=home, la_code=None, key=b"key"
    )
    with duckdb.connect(str(settings.warehouse)) as connection:
        make_landing(connection)
        for file_id, outcome in (("old", "superseded"), ("f1", "landed"), ("held", "held back")):
            fill(connection, "ssda903__episodes", file_id)
            ledger(connection, "ssda903__episodes", file_id, 40, outcome=outcome)
        connection.execute(
            "update landing.ssda903__episodes set decom = 'May 2010', child = 'Q7-SECRET-CHILD' "
            "where _row in (7, 8) and _file_id = 'f1'"
        )
        fill(connection, "deprivation__cells", "imd")
        ledger(connection, "deprivation__cells", "imd", 21, la_code=None)
        ledger(connection, "", "bad", 0, outcome="refused")
        put_disclosure(connection)
        connection.executemany(
            "insert into disclosure.disclosure_decisions values (?, 'data_quality_summary', ?, "
            "'332|ssda903|2011', ?, 'small')",
            [
                [audience, column, f"data_quality_summary|{column}|332|ssda903|2011"]
                for audience in ("public", "partners")
                for column in ("rows_quarantined", "rows_loaded")
            ],
        )
    dbt(
        settings, "build", "--quiet", "--select", "+extract_ledger",
        "data_quality_summary_counted", "data_quality_summary_safe", "data_quality_summary",
        "every_delivered_row_is_accounted_for", "--indirect-selection", "cautious",
        "--exclude-resource-type", "unit_test",
    )  # fmt: skip
    _keep_two_marts(settings.target / "manifest.json")
    with duckdb.connect(str(settings.warehouse)) as connection:
        put_marts(connection, settings, leave=("data_quality_summary",))
    return settings


def _keep_two_marts(manifest: Path) -> None:
    """Every mart's suite has tests of its own; two are enough for what is done with all."""
    told = json.loads(manifest.read_text())
    told["nodes"] = {
        name: node
        for name, node in told["nodes"].items()
        if node.get("access") != "public"
        or node["name"] in {"data_quality_summary", "indicator_scorecard"}
    }
    manifest.write_text(json.dumps(told))
