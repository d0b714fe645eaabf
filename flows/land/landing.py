"""From a delivered file to rows in schema landing: kept, recognised, examined, let in.

A file is let in whole or not at all: its rows, its ledger rows and the superseding of
what it replaces are one transaction. A refusal leaves what stood before standing.
"""

import hashlib
import hmac
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy

from flows.errors import StepFailed, disk_full, is_disk_full
from flows.land import csv_body, csv_file, files, forgotten, ledger, text_scan, workbook
from flows.land.delivery import Delivered, Note, Refusal, Rows, pseudonym, texts
from flows.land.files import Look, TryAgain
from flows.land.find import Extract
from flows.land.layouts import Source, Table, sources
from flows.land.tables import Tables
from flows.land.xml_file import Elements
from flows.settings import Settings, SettingsError

if TYPE_CHECKING:
    from flows.audit import Finding

# Connection, landing table, staged relation with the same columns, file id -> findings.
Examine = Callable[[duckdb.DuckDBPyConnection, str, str, str], list["Finding"]]
# Puts findings on record, in the transaction that puts the file on record.
PutOnRecord = Callable[[duckdb.DuckDBPyConnection, list["Finding"]], None]

PATIENCE = 5.0  # seconds that a lock on the warehouse is waited for
MOST_NOTES = 50_000  # held in memory before they go to the warehouse
# Outcome, rows by table, reason.
Outcome = tuple[str, dict[str, int], str | None]

MADE_WITH = {"key_check": "varchar"}
ERASURES = {
    "begun_at": "timestamp",
    "what": "varchar",  # 'delivery' or 'child'; never which
    "la_code": "varchar",
    "rows_forgotten": "integer",
    "removed_at": "timestamp",  # when nothing was left of it in landing, archive and what is built
    "finished_at": "timestamp",  # when what was published before was gone too
}
NOTES = {"_file_id": "varchar", "_sheet": "varchar", "_line": "integer", "text": "varchar"}


@dataclass(frozen=True)
class Landed:
    """What became of one file: landed, unchanged, forgotten or refused (and why)."""

    name: str
    source: str
    la_code: str | None
    collection_year: int
    tables: dict[str, int]
    outcome: str
    reason: str | None = None
    findings: list["Finding"] = field(default_factory=list)
    seconds: float = 0.0


def prepare(settings: Settings) -> None:
    """Make the warehouse and every empty landing table; a column that a layout has gained
    since is added to the table it belongs to."""
    settings.home.mkdir(parents=True, exist_ok=True)
    own = {
        "extract_files": ledger.COLUMNS,
        "notes": NOTES,
        "made_with": MADE_WITH,
        "forgotten_children": forgotten.CHILDREN,
        "erasures": ERASURES,
    }
    wanted = own | {
        table.identifier: {column.name: column.data_type for column in table.columns}
        for source in sources().values()
        for table in source.tables.values()
    }
    with warehouse(settings) as connection, transaction(connection):
        connection.execute("create schema if not exists landing")
        there: dict[str, set[str]] = {}
        for table, column in connection.execute(
            "select table_name, column_name from information_schema.columns "
            "where table_schema = 'landing'"
        ).fetchall():
            there.setdefault(table, set()).add(column)
        for table, columns in wanted.items():
            if table not in there:
                declared = ", ".join(f"{column} {kind}" for column, kind in columns.items())
                connection.execute(f"create table landing.{table} ({declared})")
            else:
                for column in columns.keys() - there[table]:
                    connection.execute(
                        f"alter table landing.{table} add column {column} {columns[column]}"
                    )
        connection.execute(
            "insert into landing.made_with select ? where not exists (from landing.made_with)",
            [_key_check(settings)],
        )


def hold_to_key(settings: Settings) -> None:
    """Raises SettingsError where the warehouse was begun with another key: the same child would
    get a second pseudonym, or invented children would come to stand beside real ones."""
    if not settings.warehouse.exists():
        return
    with warehouse(settings) as connection:
        try:
            checks = connection.execute("from landing.made_with").fetchall()
        except duckdb.CatalogException:
            return  # nothing has been landed in it
    if not checks or checks == [(_key_check(settings),)]:
        return
    if settings.is_sample:
        raise SettingsError(
            f"CYP_EXTRACTS is unset, which means the bundled sample, but {settings.home} holds "
            "other deliveries. Set CYP_EXTRACTS, or CYP_HOME to another folder."
        )
    raise SettingsError(
        f"The warehouse in {settings.home} was begun with another key (or holds the bundled "
        "sample): every child would get a second pseudonym. Give CYP_KEY or CYP_KEY_FILE as they "
        "were, or set CYP_HOME to another folder."
    )


def _key_check(settings: Settings) -> str:
    """Tells one key from another, and not what it is."""
    return hmac.digest(settings.key, b"which key this is", hashlib.sha256).hex()[:16]


@contextmanager
def warehouse(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The one writing connection; closed, and its lock with it, at the end."""
    settings.scratch.mkdir(parents=True, exist_ok=True)
    given_up_at = time.monotonic() + PATIENCE
    while True:
        try:
            connection = duckdb.connect(
                str(settings.warehouse),
                config={
                    "memory_limit": settings.memory_limit,
                    "temp_directory": str(settings.scratch),
                    "preserve_insertion_order": True,  # rows are numbered as they come
                },
            )
            break
        except duckdb.IOException as error:
            if is_disk_full(error):
                raise disk_full() from None
            # The child of a night that was killed takes a moment to go, and its lock with it.
            if "lock" in str(error) and time.monotonic() < given_up_at:
                time.sleep(0.1)
                continue
        raise StepFailed(
            f"The warehouse {settings.warehouse} cannot be opened: another program has it open, "
            "or it is damaged. Close that program and run again.",
            may_pass=True,
        ) from None
    with connection:
        yield connection


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def settled(extracts: Iterable[Extract], settings: Settings) -> dict[Extract, Landed]:
    """The files that came before and stand, or stay refused, as they were: hashed under one
    connection and not read again. A night with nothing new costs no more than this."""
    known: dict[Extract, Landed] = {}
    with warehouse(settings) as connection:
        for extract in extracts:
            began = time.perf_counter()
            landing = _Landing(connection, extract, settings)
            try:
                came_before = landing.came_before()
            except (OSError, Refusal):
                continue  # `land` says what is wrong with it
            if came_before:
                known[extract] = landing.told(*came_before, time.perf_counter() - began)
    return known


def land(
    extract: Extract,
    settings: Settings,
    examine: Examine | None = None,
    put_on_record: PutOnRecord | None = None,
) -> Landed:
    """Land one file, unless it came before. Never raises for what is wrong with a file: the
    outcome says so. A file that was refused stays refused until it is delivered changed."""
    began = time.perf_counter()
    with warehouse(settings) as connection:
        landing = _Landing(connection, extract, settings, examine, put_on_record)
        try:
            outcome, tables, reason = landing.run()
        except TryAgain as refusal:
            outcome, tables, reason = "refused", {}, refusal.of(extract.said)
        except Refusal as refusal:
            outcome, tables, reason = "refused", {}, refusal.of(extract.said)
            landing.record_refusal(reason)
        except OSError as error:
            if is_disk_full(error):
                raise disk_full() from None
            # The machine's fault, perhaps, not the file's: it is tried again next time.
            reason = Refusal(f"it cannot be read ({error.strerror})").of(extract.said)
            outcome, tables = "refused", {}
            landing.forget_content()
            landing.record_refusal(reason)
    return landing.told(outcome, tables, reason, time.perf_counter() - began)


class _Landing:
    """One file on its way in."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        extract: Extract,
        settings: Settings,
        examine: Examine | None = None,
        put_on_record: PutOnRecord | None = None,
    ) -> None:
        self.connection = connection
        self.extract = extract
        self.settings = settings
        self.examine = examine
        self.put_on_record = put_on_record
        self.la_code = extract.la_code or (
            settings.la_code if extract.source in sources() else None
        )
        self.findings: list[Finding] = []
        self.lea_of_header: str | None = None
        self.delivery: ledger.Delivery | None = None
        self.staged: dict[str, str] = {}
        self.kept: Path | None = None
        self.left_out: dict[str, int] = {}

    def came_before(self) -> Outcome | None:
        """What became of the file when it came before, if that holds: it stands, it stays
        refused or forgotten, or what replaced it still lies in the folder."""
        if not self.extract.is_file:
            self.forget_content()  # and look at it anew each night
            raise Refusal(self.extract.fault)
        self._identify(files.sha256_of(self.extract.path))
        before = ledger.known(self.connection, self._identified.file_id)
        if before is None:
            return None
        if before.outcome == "refused":
            return "refused", {}, before.reason
        if before.outcome == "forgotten":
            return "forgotten", {}, None
        source = sources().get(self.extract.source)
        if (
            before.outcome == "landed"
            or source is None
            or ledger.is_replaced(self.connection, self._identified, source, self.settings.extracts)
        ):
            return "unchanged", before.tables, None
        return None

    def run(self) -> Outcome:
        if came_before := self.came_before():
            return came_before
        source = sources().get(self.extract.source)
        if source and ledger.known(self.connection, self._identified.file_id):
            with transaction(self.connection):
                tables = ledger.stand_again(self.connection, self._identified, source)
            return "landed", tables, None
        sha256, kept = files.archived(self.extract.path, self.settings)
        if sha256 != self._identified.sha256:
            raise TryAgain("it was changed while it was read; it is tried again the next night")
        self.kept = kept
        if source is None:
            raise Refusal(self.extract.fault)
        return "landed", self._let_in(source, kept), None

    def told(
        self, outcome: str, tables: dict[str, int], reason: str | None, seconds: float
    ) -> Landed:
        extract = self.extract
        return Landed(
            name=extract.said,
            source=extract.source,
            la_code=self.la_code,
            collection_year=extract.collection_year,
            tables=tables,
            outcome=outcome,
            reason=reason,
            findings=self.findings,
            seconds=seconds,
        )

    def forget_content(self) -> None:
        """Identify the file by its name alone, as one that could not be read."""
        self._identify("")

    def record_refusal(self, reason: str) -> None:
        """Put the refusal on record, unless it is there already. Where a child is to stay away,
        no copy of a refused file is kept: nobody can say whom it mentions."""
        if self.kept and forgotten.any_in(self.connection, self.la_code):
            self._discard_copy()
        delivery = self._identified
        with transaction(self.connection):
            if ledger.known(self.connection, delivery.file_id) is None:
                ledger.refuse(self.connection, delivery, reason)
            self._record_findings()

    def _discard_copy(self) -> None:
        """Keep no copy; before the file is on record, so that a run that is killed in between
        comes by again."""
        delivery = replace(self._identified, is_archived=False)
        if self.kept and not ledger.is_kept(self.connection, delivery.sha256):
            files.discard(self.kept)
        self.delivery = delivery

    def _record_findings(self) -> None:
        if self.put_on_record:
            self.put_on_record(self.connection, self.findings)

    @property
    def _identified(self) -> ledger.Delivery:
        if self.delivery is None:
            raise RuntimeError("the file has not been identified yet")
        return self.delivery

    def _identify(self, sha256: str) -> None:
        extract = self.extract
        size = extract.path.stat().st_size if sha256 else 0
        file_id = files.file_id(extract, self.la_code, sha256)
        self.delivery = ledger.Delivery(file_id, extract, self.la_code, sha256, size)

    def _let_in(self, source: Source, kept: Path) -> dict[str, int]:
        look = files.look(kept, self.settings.limits)
        if look.kind not in source.formats:
            formats = {"text": "CSV", "xml": "XML", "workbook": "a workbook"}
            raise Refusal(
                f"it is {formats[look.kind]}; {source.name} comes as "
                + " or ".join(formats[one] for one in sorted(source.formats))
            )
        if look.kind == "xml":
            elements = Elements(source, self._settle, self._key, self.settings.limits)
            self._stage(source, elements.read(kept, is_gzip=look.is_gzip))
            delivered = elements.counts.rows
        else:
            if source.needs_authority and self.la_code is None:
                raise self._whose()
            delivered = self._stage_tables(source, kept, look)
        for name in delivered:
            self._staged_table(source.tables[name])
        self.left_out = forgotten.leave_out(self.connection, self.settings.key, self.staged)
        self._examine(source)
        return self._insert(source, delivered)

    def _stage_tables(self, source: Source, kept: Path, look: Look) -> dict[str, int]:
        """Rows by table."""
        key_of = partial(pseudonym, self.settings.key, self.la_code or "")
        tables = Tables(source, key_of, self.settings.limits)
        if look.kind == "workbook":
            self._stage(source, tables.read(workbook.sheets(kept, self.settings.limits)))
        else:
            scratch = self.settings.scratch
            with csv_file.as_utf_8(kept, look.encoding, scratch, is_gzip=look.is_gzip) as text:
                self._stage_text(source, tables, text)
        return tables.counts.rows

    def _stage_text(self, source: Source, tables: Tables, text: Path) -> None:
        """Tried with another separator when commas find no table, and held against what the
        bytes say of it."""
        limits = self.settings.limits
        delimiter, found = tables.find(
            {
                one: csv_file.rows(text, csv_file.UTF_8, one, is_gzip=False, limits=limits)
                for one in csv_file.DELIMITERS
            }
        )
        scan = text_scan.scan(text, delimiter, found.heading_line, limits)
        body = (
            csv_body.read(self.connection, text, delimiter, found.placed, scan, tables.key_of)
            if csv_body.is_plain(found.placed, scan, limits)
            else None
        )
        if body:
            self._stage(source, tables.read_above(found))
            self._stage_body(found.placed.table, body)
            tables.counts.rows[found.placed.table.name] += body.rows
            tables.counts.blank += body.blank
        else:
            self._stage(source, tables.read_found(found))
        if tables.counts.records != scan.records:
            raise Refusal(
                f"it holds {scan.records:,} records, but {tables.counts.records:,} were read: "
                "its quotes or line ends can be read in two ways. Export it anew"
            )

    def _whose(self) -> Refusal:
        return Refusal(
            "nothing says which authority it belongs to: set CYP_LA to its three-digit code, "
            "or deliver it in a folder of that name (extracts/<la code>/<source>/<year>/)"
        )

    def _settle(self, lea: str | None, year: str | None) -> str:
        """Hold a census header against the folder; returns the authority of its children."""
        if year is not None and year != str(self.extract.collection_year):
            raise Refusal(
                "the year in its Header is not the year of the folder that it lies in, "
                f"{self.extract.collection_year}"
            )
        if lea is not None:
            if not (len(lea) == 3 and lea.isdecimal()):
                raise Refusal("the LEA in its Header is not a three-digit code")
            if self.extract.la_code not in (None, lea):
                raise Refusal(
                    "the LEA in its Header is not the authority of the folder that it lies in, "
                    f"{self.extract.la_code}"
                )
            if self.lea_of_header not in (None, lea):
                raise Refusal("a second Header names another LEA than the first")
            self.la_code = self.lea_of_header = lea
        if self.la_code is None:
            raise self._whose()
        return self.la_code

    def _key(self, la_code: str, child_id: str) -> str:
        return pseudonym(self.settings.key, la_code, child_id)

    def _stage(self, source: Source, delivered: Delivered) -> None:
        """Write what a reader hands over to temporary tables, batch by batch."""
        self.connection.execute(
            "create or replace temp table staged_notes as from landing.notes limit 0"
        )
        notes: list[Note] = []
        for batch in delivered:
            if isinstance(batch, Rows):
                self._stage_rows(source.tables[batch.table], batch)
                continue
            notes.append(batch)
            if len(notes) == MOST_NOTES:
                self._stage_notes(notes)
                notes = []
        self._stage_notes(notes)

    def _stage_notes(self, notes: list[Note]) -> None:
        handed_over = {  # noqa: F841  (named in the statement below)
            "_sheet": texts([note.sheet for note in notes]),
            "_line": numpy.array([note.line for note in notes], dtype=numpy.int64),
            "text": texts([note.text for note in notes]),
        }
        if notes:
            self.connection.execute(
                "insert into staged_notes (_file_id, _sheet, _line, text) "
                "select cast(? as varchar), _sheet, cast(_line as integer), text from handed_over",
                [self._identified.file_id],
            )

    def _staged_table(self, table: Table) -> str:
        if table.name not in self.staged:
            self.staged[table.name] = f"staged_{table.identifier}"
            self.connection.execute(
                f"create or replace temp table {self.staged[table.name]} as "
                f"from landing.{table.identifier} limit 0"
            )
        return self.staged[table.name]

    def _stage_rows(self, table: Table, batch: Rows) -> None:
        handed_over = batch.columns  # noqa: F841  (named in the statement below)
        values: dict[str, str] = {}
        parameters: list[object] = []

        def bound(value: object, kind: str) -> str:
            parameters.append(value)
            return f"cast(? as {kind})"

        for column in table.columns:
            match column.name:
                case "_file_id":
                    values[column.name] = bound(self._identified.file_id, "varchar")
                case "_la_code":
                    values[column.name] = bound(self.la_code, "varchar")
                case "_collection_year":
                    values[column.name] = bound(self.extract.collection_year, "integer")
                case "_sheet":
                    values[column.name] = bound(batch.sheet, "varchar")
                case "heading":
                    # A row may run past its headings.
                    values[column.name] = (
                        f"coalesce({bound(list(batch.headings), 'varchar[]')}[column_number], '')"
                    )
                case name if name not in batch.columns:
                    values[name] = "null"
                case name if column.data_type == "integer":
                    values[name] = f"cast(nullif({name}, 0) as integer)"
                case name:
                    values[name] = f"nullif({name}, '')"
        self.connection.execute(
            f"insert into {self._staged_table(table)} ({', '.join(values)}) "
            f"select {', '.join(values.values())} from handed_over",
            parameters,
        )

    def _stage_body(self, table: Table, body: csv_body.Body) -> None:
        """Rows that the engine has read itself are staged as a view of them."""
        file_id = self._identified.file_id
        told = {
            "_file_id": f"'{file_id}'",
            "_la_code": f"'{self.la_code}'" if self.la_code else "null",
            "_collection_year": str(self.extract.collection_year),
            "_sheet": "''",
        } | {name: name for name in body.columns}
        selected = ", ".join(
            f"cast({told.get(column.name, 'null')} as {column.data_type}) as {column.name}"
            for column in table.columns
        )
        self.staged[table.name] = f"staged_{table.identifier}"
        self.connection.execute(
            f"create or replace temp view {self.staged[table.name]} as "
            f"select {selected} from ({body.query})"
        )

    def _examine(self, source: Source) -> None:
        """The examination at the door. Anything critical refuses the whole file."""
        if self.examine is None:
            return
        file_id = self._identified.file_id
        for name, staged in self.staged.items():
            table = source.tables[name].identifier
            self.findings += self.examine(self.connection, table, staged, file_id)
        if critical := [finding for finding in self.findings if finding.is_critical]:
            raise Refusal("it does not hold what it should: " + " ".join(map(str, critical)))

    def _insert(self, source: Source, delivered: dict[str, int]) -> dict[str, int]:
        """Everything of the file, in one transaction."""
        file_id = self._identified.file_id
        self.delivery = ledger.Delivery(
            file_id, self.extract, self.la_code, self._identified.sha256, self._identified.bytes
        )
        if self.left_out:
            self._discard_copy()
        with transaction(self.connection):
            counted: dict[str, tuple[int, int]] = {}
            for name, staged in self.staged.items():
                table = source.tables[name]
                columns = ", ".join(table.column_names())
                self.connection.execute(
                    f"insert into landing.{table.identifier} ({columns}) "
                    f"select {columns} from {staged}"
                )
                landed = self._landed(table, file_id)
                if landed + self.left_out.get(name, 0) != delivered[name]:
                    raise RuntimeError(
                        f"{table.identifier}: {delivered[name]} rows were delivered in "
                        f"{self.extract.name} and {landed} landed"
                    )
                counted[table.identifier] = (delivered[name], landed)
            self.connection.execute("insert into landing.notes from staged_notes")
            ledger.stand(self.connection, self._identified, source, counted)
            self._record_findings()
        return {name: landed for name, (_, landed) in counted.items()}

    def _landed(self, table: Table, file_id: str) -> int:
        """Rows of the delivery that are in the table, counted there: of cells, the rows that
        they came from."""
        counted = "count(distinct _row)" if table.is_cells else "count(*)"
        row = self.connection.execute(
            f"select {counted} from landing.{table.identifier} where _file_id = ?", [file_id]
        ).fetchone()
        return int(row[0]) if row else 0
