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


def sizes(connection: duckdb.DuckDBPyConnection) -> set[int]:
    """In bytes, of all files that came and could be read. One of another size is new."""
    rows = connection.execute("select distinct bytes from landing.extract_files").fetchall()
    return {size for (size,) in rows}


def is_of_size(connection: duckdb.DuckDBPyConnection, size: int) -> bool:
    """Whether a file of so many bytes came: of one file, quicker than asking for all sizes."""
    came = connection.execute("select 1 from landing.extract_files where bytes = ? limit 1", [size])
    return came.fetchone() is not None


def refuse(
    connection: duckdb.DuckDBPyConnection, delivery: Delivery, reason: str, under: str
) -> None:
    """Record a refusal, in the place of one before; what stood before goes on standing."""
    _lift_refusal(connection, delivery)
    _write(connection, [_row(delivery, outcome="refused", reason=reason, refused_under=under)])


def stand(
    connection: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    source: Source,
    tables: dict[str, tuple[int, int]],
    before: Known | None,
) -> None:
    """Record a delivery (rows delivered and landed by table) and supersede what it replaces. Rows
    that were delivered and not landed were left out because their child is to be forgotten.
    `before` is what the ledger says of the delivery, which it knows only if it was refused."""
    if before:
        _lift_refusal(connection, delivery)
    _write(
        connection,
        [
            _row(delivery, table=table, delivered=delivered, landed=landed, outcome="landed")
            for table, (delivered, landed) in tables.items()
        ],
    )
    extract = delivery.extract
    slot = Slot(delivery.la_code, extract.collection_year, extract.file_name, list(tables))
    _supersede(connection, delivery.file_id, source, slot)


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
    _supersede(connection, file_id, source, _slot_of(connection, file_id))
    return before.tables if before else {}


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
    is_in_slot, told = _is_in_slot(source, _slot_of(connection, delivery.file_id))
    rows = connection.execute(
        "select distinct path from landing.extract_files "
        f"where outcome = 'landed' and {is_in_slot}",
        told,
    ).fetchall()
    return any(path != delivery.extract.name and (extracts / path).is_file() for (path,) in rows)


@dataclass(frozen=True)
class Slot:
    """The place that a delivery takes, of one source."""

    la_code: str | None
    collection_year: int | None
    file_name: str
    tables: list[str]


def _slot_of(connection: duckdb.DuckDBPyConnection, file_id: str) -> Slot:
    """The slot of a delivery that is in the ledger."""
    [found] = connection.execute(
        "select any_value(la_code), any_value(collection_year), any_value(file_name), "
        "list(table_name) from landing.extract_files where file_id = ?",
        [file_id],
    ).fetchall()
    return Slot(*found)


def _is_in_slot(source: Source, slot: Slot) -> tuple[str, list[object]]:
    """Of a row of the ledger, with its parameters. A newer return of a table replaces the older
    under whatever name; of open data and our own tables, a file replaces the file of its name,
    whatever tables either holds. Asked with what is told and not by a join of the ledger with
    itself, which is the dearest statement of a small file."""
    same = "source = ? and la_code is not distinct from ? and collection_year = ? and "
    told: list[object] = [source.name, slot.la_code, slot.collection_year]
    if source.is_return:
        return same + "list_contains(?, table_name)", [*told, slot.tables]
    return same + "file_name = ?", [*told, slot.file_name]


def _supersede(
    connection: duckdb.DuckDBPyConnection, file_id: str, source: Source, slot: Slot
) -> None:
    is_in_slot, told = _is_in_slot(source, slot)
    connection.execute(
        "update landing.extract_files set outcome = 'superseded', superseded_by = ? "
        f"where outcome = 'landed' and file_id <> ? and {is_in_slot}",
        [file_id, file_id, *told],
    )


def _row(
    delivery: Delivery,
    *,
    outcome: str,
    table: str = "",
    delivered: int | None = None,
    landed: int | None = None,
    reason: str | None = None,
    refused_under: str | None = None,
) -> dict[str, object]:
    extract = delivery.extract
    return {
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


def _write(connection: duckdb.DuckDBPyConnection, rows: list[dict[str, object]]) -> None:
    """All of a delivery in one statement: it costs hardly more than one of them."""
    placed = ", ".join(f"({', '.join('?' for _ in COLUMNS)})" for _ in rows)
    connection.execute(
        f"insert into landing.extract_files ({', '.join(COLUMNS)}) values {placed}",
        [row[column] for row in rows for column in COLUMNS],
    )


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
