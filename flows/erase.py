"""Take a delivery, or a child, out of everything the house keeps.

The order makes a run that is killed harmless. One transaction takes the rows out of landing,
sets the ledger right and leaves a mark (`landing.erasures`). What follows can be done again
from the mark: copies go from the archive, then everything that was built, and last a new
warehouse, written from what is left, takes the old one's place by a rename, so that no free
block or log of the old one remains. The mark is answered once a new version is published and
every older one is gone. Whatever works in a home first completes what it finds begun.
"""

import os
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from flows.audit import prepare as prepare_findings
from flows.disclosure import ledger as disclosed
from flows.land import files, forgotten, ledger
from flows.land.delivery import is_distinctive, pseudonym
from flows.publish import remove_older, take_away
from flows.settings import Settings
from flows.warehouse import transaction, warehouse


@dataclass
class Erased:
    """What was taken out; names and counts.

    rows         by landed table
    files        whose rows they were
    copies       files whose copies are no longer kept
    stands_again file and table of what the delivery had superseded
    mentions     rows of others, and notes, from which the child's identifier was blanked
    """

    rows: dict[str, int] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)
    stands_again: list[tuple[str, str]] = field(default_factory=list)
    mentions: int = 0


def delivery(settings: Settings, file_id: str) -> Erased:
    """Take a delivery's rows out of landing and mark the rest of it for removal."""
    erased = Erased()
    with warehouse(settings) as connection, transaction(connection):
        for table in _tables_with(connection, "_file_id"):
            count = _changed(connection, f"delete from {table} where _file_id = ?", [file_id])
            if count:
                erased.rows[table] = count
        prepare_findings(connection)
        connection.execute("delete from quality.findings where file_id = ?", [file_id])
        erased.files = erased.copies = _paths(connection, "file_id = ?", [file_id])
        erased.stands_again = ledger.withdraw(connection, file_id)
        _mark(connection, "delivery", None, erased)
    return erased


def child(settings: Settings, la_code: str, child_id: str, *, may_return: bool) -> Erased:
    """Take a child's rows out of landing and mark the rest of it for removal. Unless the child
    may return, later deliveries are let in without it. No mark is left where nothing was found."""
    erased = Erased()
    key = pseudonym(settings.key, la_code, child_id)
    touched: set[str] = set()
    with warehouse(settings) as connection, transaction(connection):
        for table in _tables_with(connection, "_child_key"):
            for file_id, count in connection.execute(
                f"select _file_id, count(*) from {table} where _child_key = ? group by all", [key]
            ).fetchall():
                touched.add(file_id)
                erased.rows[table] = erased.rows.get(table, 0) + count
                connection.execute(
                    "update landing.extract_files set rows_landed = rows_landed - ?, "
                    "rows_forgotten = coalesce(rows_forgotten, 0) + ? "
                    "where file_id = ? and table_name = ?",
                    [count, count, file_id, table.removeprefix("landing.")],
                )
            connection.execute(f"delete from {table} where _child_key = ?", [key])
        if is_distinctive(child_id):
            mentioned = _blank(connection, la_code, child_id)
            erased.mentions = len(mentioned)
            touched.update(mentioned)
        erased.files = _paths(connection, "list_contains(?, file_id)", [list(touched)])
        erased.copies = _let_go(connection, la_code, touched)
        told = forgotten.fingerprint(la_code, child_id)
        kept = forgotten.of(connection, settings.key, la_code).get(told)
        was_away = _changed(
            connection, "delete from landing.forgotten_children where wrapped = ?", [kept]
        )
        # An identifier that was never delivered may be a slip of the pen for another child's.
        if not may_return and (erased.rows or was_away):
            connection.execute(
                "insert into landing.forgotten_children (wrapped, la_code, forgotten_at) "
                "values (?, ?, ?)",
                [forgotten.wrap(settings.key, told), la_code, _now()],
            )
        if erased.rows or erased.copies or erased.mentions:
            _mark(connection, "child", la_code, erased)
    return erased


def everything_built(connection: duckdb.DuckDBPyConnection) -> None:
    """Mark what was built, and every block of the file, for removal: it holds old keys."""
    _mark(connection, "key", None, Erased())


def resume(settings: Settings) -> None:
    """Complete a removal that was begun, whoever began it. Call it with the home held."""
    if not (begun := _begun(settings, "removed_at")):
        return
    with warehouse(settings) as connection:
        _sweep_archive(connection, settings, unknown_too="child" in begun)
    for place in (settings.target, settings.docs / "data_docs", settings.scratch):
        shutil.rmtree(place, ignore_errors=True)
    (settings.docs / "models.html").unlink(missing_ok=True)
    _rewrite(settings)


def is_begun(settings: Settings) -> bool:
    """Whether there is a removal for `resume` to complete."""
    return bool(_begun(settings, "removed_at"))


def is_due(settings: Settings) -> bool:
    """Whether something that is being forgotten may still be in what is published."""
    return bool(_begun(settings, "finished_at"))


def settle(settings: Settings) -> bool:
    """Once a version has been published since: remove every older one. True when one was due."""
    if not is_due(settings):
        return False
    remove_older(settings)
    _note_on_record(settings, "finished_at")
    return True


def take_down(settings: Settings) -> None:
    """Where no delivery stands any more, nothing can be published in the old version's place."""
    take_away(settings)
    if settings.postgres:
        from flows.publish import postgres

        postgres.take_away(settings.postgres)
    _note_on_record(settings, "finished_at")


def anything_stands(settings: Settings) -> bool:
    standing = "from landing.extract_files where outcome = 'landed' limit 1"
    with warehouse(settings) as connection:
        return bool(connection.execute(standing).fetchall())


def _blank(connection: duckdb.DuckDBPyConnection, la_code: str, child_id: str) -> list[str]:
    """Blank the identifier where rows of others and notes of the authority name it; the rest of
    those rows stays as it was delivered. Returns the file of each."""
    named = {"child": child_id.strip().upper(), "la_code": la_code}
    in_json = "'\"\\s*' || regexp_escape($child) || '\\s*\"'"
    found = []
    for table in _tables_with(connection, "_child_key"):
        texts = [
            name
            for name, kind in connection.execute(
                f"select column_name, column_type from (describe {table})"
            ).fetchall()
            if kind == "VARCHAR" and not name.startswith("_")
        ]
        blanked = ", ".join(
            f"{name} = case when upper(trim({name})) = $child then null else {name} end"
            for name in texts
        )
        mentions = " or ".join(f"upper(trim({name})) = $child" for name in texts)
        found += connection.execute(
            f"update {table} set {blanked}, "
            f"_other = regexp_replace(_other, {in_json}, 'null', 'gi') "
            f"where _la_code = $la_code "
            f"and ({mentions} or regexp_matches(coalesce(_other, ''), {in_json}, 'i')) "
            "returning _file_id",
            named,
        ).fetchall()
    found += connection.execute(
        "delete from landing.notes where list_contains("
        "list_transform(string_split(text, '|'), lambda part: upper(trim(part))), $child) "
        "and _file_id in (select file_id from landing.extract_files where la_code = $la_code) "
        "returning _file_id",
        named,
    ).fetchall()
    return [file_id for (file_id,) in found]


def _let_go(connection: duckdb.DuckDBPyConnection, la_code: str, file_ids: set[str]) -> list[str]:
    """Say in the ledger that the copies of these files are not kept, nor those of refused files:
    nobody can say whom they mention. A copy is kept by its content, so a child cannot be taken
    out of it. Returns the files that lose their copy."""
    theirs = (
        "sha256 <> '' and coalesce(is_archived, true) and ("
        "sha256 in (select sha256 from landing.extract_files where list_contains(?, file_id)) "
        "or (outcome = 'refused' and (la_code = ? or la_code is null)))"
    )
    parameters: list[object] = [list(file_ids), la_code]
    paths = _paths(connection, theirs, parameters)
    connection.execute(
        f"update landing.extract_files set is_archived = false where {theirs}", parameters
    )
    return paths


def _sweep_archive(
    connection: duckdb.DuckDBPyConnection, settings: Settings, *, unknown_too: bool
) -> None:
    """Remove the copies that the ledger says are not kept; after a child, those too that the
    ledger does not know (a killed run left them): nobody can say whom they mention."""
    known = dict(
        connection.execute(
            "select sha256, bool_or(coalesce(is_archived, true)) from landing.extract_files "
            "group by sha256"
        ).fetchall()
    )
    for path in list(settings.archive.rglob("*")):
        is_kept = known.get(path.name.partition(".")[0], not unknown_too)
        if path.is_file() and (not is_kept or path.name.startswith(".landing-")):
            files.discard(path)


def _rewrite(settings: Settings) -> None:
    """Put a warehouse that was written from what is left in the place of the old one: landing, the
    findings and the ledger of what was published, which nothing can build again. What is deleted
    stays in a database file's free blocks until something else is written there; in a new file
    it never was."""
    fresh = settings.warehouse.with_name(f"{settings.warehouse.name}.fresh")
    for left in _with_log(fresh):
        left.unlink(missing_ok=True)
    with warehouse(settings, settings.home) as connection:
        prepare_findings(connection)
        connection.execute("force checkpoint")
        path = str(fresh).replace("'", "''")
        connection.execute(f"attach '{path}' as fresh")
        connection.execute("create schema fresh.landing")
        connection.execute("create schema fresh.quality")
        published = [f"ledger.{table}" for table in sorted(disclosed.tables(connection))]
        if published:  # counts, of nobody in particular: tomorrow's version is held against them
            connection.execute("create schema fresh.ledger")
        for table in (*_tables_with(connection, ""), "quality.findings", *published):
            connection.execute(f"create table fresh.{table} as from {table}")
        connection.execute(
            "update fresh.landing.erasures set removed_at = ? where removed_at is null", [_now()]
        )
        connection.execute("checkpoint fresh")
        connection.execute("detach fresh")
    with fresh.open("rb+") as file:
        os.fsync(file.fileno())
    # Everything in the old one's log is in the old one, and must not come into the new one.
    _with_log(settings.warehouse)[1].unlink(missing_ok=True)
    fresh.replace(settings.warehouse)


def _with_log(database: Path) -> tuple[Path, Path]:
    return database, database.with_name(f"{database.name}.wal")


def _begun(settings: Settings, column: str) -> list[str]:
    """What was begun and has not come so far."""
    if not settings.warehouse.exists():
        return []
    with warehouse(settings) as connection:
        try:
            rows = connection.execute(
                f"select what from landing.erasures where {column} is null"
            ).fetchall()
        except duckdb.CatalogException:
            return []  # nothing has been landed in it yet
    return [what for (what,) in rows]


def _mark(
    connection: duckdb.DuckDBPyConnection, what: str, la_code: str | None, erased: Erased
) -> None:
    connection.execute(
        "insert into landing.erasures (begun_at, what, la_code, rows_forgotten) "
        "values (?, ?, ?, ?)",
        [_now(), what, la_code, sum(erased.rows.values())],
    )


def _note_on_record(settings: Settings, column: str) -> None:
    with warehouse(settings) as connection:
        connection.execute(
            f"update landing.erasures set {column} = ? where {column} is null", [_now()]
        )


def _tables_with(connection: duckdb.DuckDBPyConnection, column: str) -> list[str]:
    """Landing's tables that have a column; all of them where none is named."""
    rows = connection.execute(
        "select distinct 'landing.' || table_name from duckdb_columns() "
        "where database_name = current_database() and schema_name = 'landing' "
        "and (column_name = ? or ? = '') order by all",
        [column, column],
    ).fetchall()
    return [table for (table,) in rows]


def _paths(
    connection: duckdb.DuckDBPyConnection, which: str, parameters: list[object]
) -> list[str]:
    rows = connection.execute(
        f"select distinct path from landing.extract_files where {which} order by path", parameters
    ).fetchall()
    return [path for (path,) in rows]


def _changed(connection: duckdb.DuckDBPyConnection, statement: str, parameters: object) -> int:
    return int(connection.execute(statement, parameters).fetchall()[0][0])


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
