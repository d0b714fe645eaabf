"""The ledger of deliveries, landing.extract_files: what came, what stands, what was refused.

One row for each file and table recognised in it; a refused file has one row, without a
table, until it is let in under other limits. Nothing else is ever taken out of it: of a
delivery that was withdrawn on request it goes on saying that it came, under which name, and
that its rows are forgotten. One that is held back (`flows/pooled.py`) keeps its rows in landing,
and what it had superseded stands until it is let in again.
"""

import datetime
from dataclasses import dataclass
from pathlib import Path

import duckdb

from flows.land.find import Extract
from flows.land.layouts import Source, sources

HELD_BACK = "held back"

COLUMNS = {
    "file_id": "varchar",
    "path": "varchar",
    "file_name": "varchar",
    "sha256": "varchar",
    "bytes": "bigint",
    "source": "varchar",
    "table_name": "varchar",
    "la_code": "varchar",
    "collection_year": "integer",
    "rows_delivered": "integer",
    "rows_landed": "integer",
    "rows_forgotten": "integer",
    "landed_at": "timestamp",
    "outcome": "varchar",
    "superseded_by": "varchar",
    "reason": "varchar",
    "refused_under": "varchar",  # the limits that a refused file was held to
    "is_archived": "boolean",  # false: no copy is kept, because of what was to be forgotten
}


@dataclass(frozen=True)
class Known:
    """What the ledger says of a delivery that came before."""

    outcome: str
    reason: str | None
    tables: dict[str, int]
    refused_under: str | None


@dataclass(frozen=True)
class Delivery:
    """What every ledger row of one file shares."""

    file_id: str
    extract: Extract
    la_code: str | None
    sha256: str
    bytes: int
    is_archived: bool = True


def known(connection: duckdb.DuckDBPyConnection, file_id: str) -> Known | None:
    rows = connection.execute(
        "select outcome, reason, table_name, rows_landed, refused_under from landing.extract_files "
        "where file_id = ?",
        [file_id],
    ).fetchall()
    if not rows:
        return None
    outcomes = {row[0] for row in rows}
    outcome = next(
        one
        for one in ("forgotten", "refused", "landed", HELD_BACK, "superseded")
        if one in outcomes
    )
    return Known(outcome, rows[0][1], {row[2]: row[3] for row in rows if row[2]}, rows[0][4])


def refuse(
    connection: duckdb.DuckDBPyConnection, delivery: Delivery, reason: str, under: str
) -> None:
    """Record a refusal, in the place of one before; what stood before goes on standing."""
    _lift_refusal(connection, delivery)
    _write(connection, delivery, outcome="refused", reason=reason, refused_under=under)


def stand(
    connection: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    source: Source,
    tables: dict[str, tuple[int, int]],
) -> None:
    """Record a delivery (rows delivered and landed by table) and supersede what it replaces. Rows
    that were delivered and not landed were left out because their child is to be forgotten."""
    _lift_refusal(connection, delivery)
    for table, (delivered, landed) in tables.items():
        _write(
            connection, delivery, table=table, delivered=delivered, landed=landed, outcome="landed"
        )
    _supersede(connection, delivery.file_id, source, list(tables))


def _lift_refusal(connection: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    connection.execute(
        "delete from landing.extract_files where file_id = ? and outcome = 'refused'",
        [delivery.file_id],
    )


def stand_again(
    connection: duckdb.DuckDBPyConnection, delivery: Delivery, source: Source
) -> dict[str, int]:
    """Let a superseded delivery, delivered anew, stand; its rows are still there."""
    return _stand_again(connection, delivery.file_id, source)


def _stand_again(
    connection: duckdb.DuckDBPyConnection, file_id: str, source: Source
) -> dict[str, int]:
    connection.execute(
        "update landing.extract_files set outcome = 'landed', superseded_by = null, landed_at = ? "
        "where file_id = ?",
        [_now(), file_id],
    )
    before = known(connection, file_id)
    tables = before.tables if before else {}
    _supersede(connection, file_id, source, list(tables))
    return tables


def delivered_since(
    connection: duckdb.DuckDBPyConnection, moment: datetime.datetime | None
) -> dict[str, list[str]]:
    """By authority, the deliveries that were let in after a moment (ever, where it is None) and
    stand, or are superseded by one that does; the newest first."""
    found: dict[str, list[str]] = {}
    for la_code, file_id in connection.execute(
        "select la_code, file_id from landing.extract_files "
        "where la_code is not null and outcome in ('landed', 'superseded') "
        "group by all having max(landed_at) > ? order by max(landed_at) desc, file_id",
        [moment or datetime.datetime.min],
    ).fetchall():
        found.setdefault(la_code, []).append(file_id)
    return found


def hold_back(connection: duckdb.DuckDBPyConnection, file_ids: list[str]) -> list[str]:
    """Let deliveries, the newest first, stand no more, and what each had superseded stand again.
    Returns their paths."""
    for file_id in file_ids:
        _give_way(connection, file_id)
        connection.execute(
            "update landing.extract_files set outcome = ?, superseded_by = null where file_id = ?",
            [HELD_BACK, file_id],
        )
    return paths(connection, file_ids)


def let_in_again(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Let every delivery that is held back stand again, in the order in which they came. Returns
    their paths."""
    held = connection.execute(
        "select file_id, any_value(source) from landing.extract_files where outcome = ? "
        "group by file_id order by max(landed_at), file_id",
        [HELD_BACK],
    ).fetchall()
    for file_id, source in held:
        _stand_again(connection, file_id, sources()[source])
    return paths(connection, [file_id for file_id, _ in held])


def paths(connection: duckdb.DuckDBPyConnection, file_ids: list[str]) -> list[str]:
    """The paths of deliveries below the drop folder, each once, in order."""
    found = connection.execute(
        "select distinct path from landing.extract_files where list_contains(?, file_id) "
        "order by path",
        [file_ids],
    ).fetchall()
    return [path for (path,) in found]


def authorities(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The authorities of which a delivery stands."""
    found = connection.execute(
        "select distinct la_code from landing.extract_files "
        "where la_code is not null and outcome = 'landed' order by la_code"
    ).fetchall()
    return [la_code for (la_code,) in found]


def withdraw(connection: duckdb.DuckDBPyConnection, file_id: str) -> list[tuple[str, str]]:
    """Record that a delivery is forgotten, and what it had superseded takes its place again.
    Returns file name and table of what stands again."""
    again = _give_way(connection, file_id)
    connection.execute(
        "update landing.extract_files set outcome = 'forgotten', superseded_by = null, "
        "rows_forgotten = coalesce(rows_delivered, 0), rows_landed = 0, is_archived = false "
        "where file_id = ?",
        [file_id],
    )
    return again


def _give_way(connection: duckdb.DuckDBPyConnection, file_id: str) -> list[tuple[str, str]]:
    """What a delivery had superseded takes its place: it stands, or is superseded by what
    superseded this delivery. Returns file name and table of what stands again."""
    heirs = {
        table: (outcome, by)
        for table, outcome, by in connection.execute(
            "select table_name, outcome, superseded_by from landing.extract_files "
            "where file_id = ?",
            [file_id],
        ).fetchall()
    }
    again = []
    for older, name, table in connection.execute(
        "select file_id, file_name, table_name from landing.extract_files "
        "where outcome = 'superseded' and superseded_by = ? order by all",
        [file_id],
    ).fetchall():
        # A file of open data replaces the file of its name whatever tables either holds.
        outcome, by = heirs.get(table) or next(iter(heirs.values()))
        connection.execute(
            "update landing.extract_files set outcome = ?, superseded_by = ? "
            "where file_id = ? and table_name = ?",
            [outcome, by, older, table],
        )
        if outcome == "landed":
            again.append((name, table))
    return again


def is_kept(connection: duckdb.DuckDBPyConnection, sha256: str) -> bool:
    """Whether some delivery's copy of this content is to be kept."""
    kept = "from landing.extract_files where sha256 = ? and coalesce(is_archived, true) limit 1"
    return bool(connection.execute(kept, [sha256]).fetchall())


def is_replaced(
    connection: duckdb.DuckDBPyConnection, delivery: Delivery, source: Source, extracts: Path
) -> bool:
    """Whether what superseded a delivery still lies in the folder under another name. When
    it does not, the older file has been put back and stands again."""
    rows = connection.execute(
        f"select distinct newer.path from landing.extract_files as newer, "
        f"landing.extract_files as older where older.file_id = ? and newer.outcome = 'landed' "
        f"and {_same_slot(source)}",
        [delivery.file_id],
    ).fetchall()
    return any(path != delivery.extract.name and (extracts / path).is_file() for (path,) in rows)


def _same_slot(source: Source) -> str:
    """A newer return of a table replaces the older under whatever name; of open data and our
    own tables, a file replaces the file of its name, whatever tables either holds."""
    slot = (
        "newer.source = older.source and newer.la_code is not distinct from older.la_code "
        "and newer.collection_year = older.collection_year "
    )
    if source.is_return:
        return slot + "and newer.table_name = older.table_name"
    return slot + "and newer.file_name = older.file_name"


def _supersede(
    connection: duckdb.DuckDBPyConnection, file_id: str, source: Source, tables: list[str]
) -> None:
    connection.execute(
        "update landing.extract_files as older "
        "set outcome = 'superseded', superseded_by = newer.file_id "
        "from (select * from landing.extract_files "
        "      where file_id = ? and list_contains(?, table_name)) as newer "
        "where older.outcome = 'landed' and older.file_id <> newer.file_id "
        f"and {_same_slot(source)}",
        [file_id, tables],
    )


def _write(
    connection: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    *,
    outcome: str,
    table: str = "",
    delivered: int | None = None,
    landed: int | None = None,
    reason: str | None = None,
    refused_under: str | None = None,
) -> None:
    extract = delivery.extract
    row = {
        "file_id": delivery.file_id,
        "path": extract.name,
        "file_name": extract.file_name,
        "sha256": delivery.sha256,
        "bytes": delivery.bytes,
        "source": extract.source,
        "table_name": table,
        "la_code": delivery.la_code,
        "collection_year": extract.collection_year or None,
        "rows_delivered": delivered,
        "rows_landed": landed,
        "rows_forgotten": (delivered or 0) - (landed or 0),
        "landed_at": _now(),
        "outcome": outcome,
        "superseded_by": None,
        "reason": reason,
        "refused_under": refused_under,
        "is_archived": delivery.is_archived,
    }
    connection.execute(
        f"insert into landing.extract_files ({', '.join(row)}) "
        f"values ({', '.join('?' for _ in row)})",
        list(row.values()),
    )


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
