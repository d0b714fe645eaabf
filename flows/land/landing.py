"""From a delivered file to rows in schema landing: kept, recognised, examined, let in.

A file is let in whole or not at all: its rows, its ledger rows and the superseding of
what it replaces are one transaction. A refusal leaves what stood before standing.
"""

import json
import time
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from flows.errors import disk_full, is_disk_full
from flows.land import csv_body, csv_file, files, forgotten, geojson, ledger, workbook
from flows.land.delivery import Refusal, keys_of, pseudonym
from flows.land.files import TryAgain
from flows.land.find import Extract
from flows.land.layouts import Source, Table, sources
from flows.land.look import Look, look_at
from flows.land.staged import Provenance, Shelf, Staged
from flows.land.tables import Tables
from flows.land.xml_file import Elements
from flows.settings import Settings
from flows.warehouse import transaction, warehouse

if TYPE_CHECKING:
    from flows.audit import Finding, Seen
    from flows.land.ahead import Ahead

# Connection, landing table, staged relation with the same columns, file id, and what has been seen
# of the file where several were looked at together -> findings.
Examine = Callable[[duckdb.DuckDBPyConnection, str, str, str, "Seen | None"], list["Finding"]]
# Puts findings on record, in the transaction that puts the file on record.
PutOnRecord = Callable[[duckdb.DuckDBPyConnection, list["Finding"]], None]

# Outcome, rows by table, reason.
Outcome = tuple[str, dict[str, int], str | None]


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
    file_id: str = ""


def settled(extracts: Iterable[Extract], settings: Settings) -> dict[Extract, Landed]:
    """The files that came before and stand, or stay refused, as they were: hashed under one
    connection and not read again. A night with nothing new costs no more than this."""
    known: dict[Extract, Landed] = {}
    with warehouse(settings) as connection:
        sizes = ledger.sizes(connection)
        for extract in extracts:
            began = time.perf_counter()
            landing = Landing(connection, extract, settings)
            try:
                came_before = landing.came_before(sizes)
            except (OSError, Refusal):
                continue  # `land` says what is wrong with it
            if came_before:
                known[extract] = landing.told(*came_before, time.perf_counter() - began)
    return known


def door(settings: Settings) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """The warehouse as it is open while files land: the engine reads a plain text itself, the
    archived copy or one in scratch."""
    return warehouse(settings, settings.archive, settings.scratch)


def land(
    extract: Extract,
    settings: Settings,
    examine: Examine | None = None,
    put_on_record: PutOnRecord | None = None,
    ahead: "Ahead | None" = None,
) -> Landed:
    """Land one file, unless it came before. Never raises for what is wrong with a file: the
    outcome says so. A file that was refused stays refused until it is delivered changed, or
    the limits are others. `ahead` may have read the file before its turn."""
    began = time.perf_counter()
    with ExitStack() as stack:
        landing = (ahead and ahead.take(extract, stack)) or stack.enter_context(
            opened(extract, settings, examine)
        )
        landing.put_on_record = put_on_record
        began -= landing.seconds
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


@contextmanager
def opened(extract: Extract, settings: Settings, examine: Examine | None) -> Iterator["Landing"]:
    """One file on its way in, with a connection of its own."""
    with door(settings) as connection:
        yield Landing(connection, extract, settings, examine)


class Landing:
    """One file on its way in: `read` and staged, examined and let in. It may be read before its
    turn, and staged on a shelf with others; what became of it when it came before is asked in its
    turn."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        extract: Extract,
        settings: Settings,
        examine: Examine | None = None,
        shelf: Shelf | None = None,
    ) -> None:
        self.connection = connection
        self.shelf = shelf
        self.extract = extract
        self.settings = settings
        self.examine = examine
        self.put_on_record: PutOnRecord | None = None
        self.la_code = extract.la_code or (
            settings.la_code if extract.source in sources() else None
        )
        self.read_ahead: Staged | None = None  # and not yet examined
        self.seen: Seen | None = None  # when it was looked at with others
        self.staged: Staged | None = None  # and examined
        self.delivered: dict[str, int] = {}  # rows by table, as they were read
        self.seconds = 0.0  # that were spent on it ahead
        self.findings: list[Finding] = []
        self.lea_of_header: str | None = None
        self.delivery: ledger.Delivery | None = None
        self.size = 0
        self.is_new = False  # as its size tells, before it is identified
        self.before: ledger.Known | None = None  # what the ledger says of it
        self.kept: Path | None = None
        self.left_out: dict[str, int] = {}

    def came_before(self, sizes: Container[int] | None = None) -> Outcome | None:
        """What became of the file when it came before, if that holds: it stands, it stays
        refused or forgotten, or what replaced it still lies in the folder. `sizes` are those of
        the ledger, where they are at hand; a file of none of them is new, and hashed once, as it
        is copied."""
        if not self.extract.is_file:
            self.forget_content()  # and look at it anew each night
            raise Refusal(self.extract.fault)
        self.size = files.size_of(self.extract.path)
        if sizes is None:
            self.is_new = not ledger.is_of_size(self.connection, self.size)
        else:
            self.is_new = self.size not in sizes
        if self.is_new:
            return None
        self._identify(files.sha256_of(self.extract.path), self.size)
        return self._known()

    def _known(self) -> Outcome | None:
        self.before = before = ledger.known(self.connection, self._identified.file_id)
        if before is None:
            return None
        if before.outcome == "refused":
            is_due = self._is_refused_otherwise(before)
            return None if is_due else ("refused", {}, before.reason)
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

    def read(self) -> None:
        """Read the file before its turn, if there is anything to read."""
        began = time.perf_counter()
        if not (self.came_before() or (self.before and self.before.outcome == "superseded")):
            self.read_ahead = self._read()
        self.seconds = time.perf_counter() - began

    def examine_what_was_read(self, seen: "Seen | None" = None) -> None:
        began = time.perf_counter()
        self.seen = seen
        if self.read_ahead:
            self.staged = self._examined(self.read_ahead)
        self.seconds += time.perf_counter() - began

    @property
    def file_id(self) -> str:
        return self._identified.file_id

    def give_up(self) -> None:
        """Keep no copy of what was read and is not let in after all; while nothing else lands, for
        another file may be the same."""
        if self.kept and not ledger.is_kept(self.connection, self._identified.sha256):
            files.discard(self.kept)

    def run(self) -> Outcome:
        if came_before := self._known() if self.staged else self.came_before():
            self.findings.clear()  # what was found ahead is on record already
            return came_before
        source = sources().get(self.extract.source)
        if source and self.before and self.before.outcome == "superseded":
            with transaction(self.connection):
                tables = ledger.stand_again(self.connection, self._identified, source)
            return "landed", tables, None
        return "landed", self._insert(self.staged or self._examined(self._read())), None

    def _read(self) -> Staged:
        """Keep a copy and stage what is in it. Of what lasts only the archive is written."""
        sha256, size, kept = files.archived(self.extract.path, self.settings)
        if self.is_new and size == self.size:
            self._identify(sha256, size)
        elif self.is_new or sha256 != self._identified.sha256:
            if not ledger.is_kept(self.connection, sha256):
                files.discard(kept)  # the ledger will never know it
            raise TryAgain("it was changed while it was read; it is tried again the next night")
        self.kept = kept
        if (source := sources().get(self.extract.source)) is None:
            raise Refusal(self.extract.fault)
        return self._stage(source, kept)

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
            file_id=self.delivery.file_id if self.delivery else "",
        )

    def forget_content(self) -> None:
        """Identify the file by its name alone, as one that could not be read."""
        self._identify("")

    def record_refusal(self, reason: str) -> None:
        """Put the refusal on record, unless it is there already with these limits. Where a
        child is to stay away, no copy of a refused file is kept: nobody can say whom it
        mentions."""
        if self.kept and forgotten.any_in(self.connection, self.la_code):
            self._discard_copy()
        delivery = self._identified
        with transaction(self.connection):
            before = ledger.known(self.connection, delivery.file_id)
            if before is None or self._is_refused_otherwise(before):
                ledger.refuse(self.connection, delivery, reason, self._limits)
            self._record_findings()

    @property
    def _limits(self) -> str:
        """What the file is held to: one that was refused is looked at again under others."""
        return json.dumps(asdict(self.settings.limits), sort_keys=True)

    def _is_refused_otherwise(self, before: ledger.Known) -> bool:
        return before.outcome == "refused" and before.refused_under != self._limits

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

    def _identify(self, sha256: str, size: int = 0) -> None:
        file_id = files.file_id(self.extract, self.la_code, sha256)
        self.delivery = ledger.Delivery(file_id, self.extract, self.la_code, sha256, size)

    def _stage(self, source: Source, kept: Path) -> Staged:
        look = look_at(kept, self.settings.limits)
        if look.kind not in source.formats:
            formats = {"text": "CSV", "xml": "XML", "json": "GeoJSON", "workbook": "a workbook"}
            found = "JSON" if look.kind == "json" else formats[look.kind]
            raise Refusal(
                f"it is {found}; {source.name} comes as "
                + " or ".join(formats[one] for one in sorted(source.formats))
            )
        staged = Staged(self.connection, source, self._provenance, self.shelf)
        if look.kind == "xml":
            elements = Elements(source, self._settle, self._key, self.settings.limits)
            staged.take(elements.read(kept, is_gzip=look.is_gzip))
            delivered = elements.counts.rows
        elif look.kind == "json":
            delivered = self._stage_features(staged, kept, look)
        else:
            if source.needs_authority and self.la_code is None:
                raise self._whose()
            delivered = self._stage_tables(staged, kept, look)
        for name in delivered:
            staged.relation_of(source.tables[name])
        self.left_out = forgotten.leave_out(
            self.connection, self.settings.key, self.la_code, source, staged.relations, self.file_id
        )
        self.delivered = delivered
        return staged

    def _provenance(self) -> Provenance:
        return Provenance(self._identified.file_id, self.la_code, self.extract.collection_year)

    def _stage_tables(self, staged: Staged, kept: Path, look: Look) -> dict[str, int]:
        """Rows by table."""
        key_of = keys_of(self.settings.key, self.la_code or "")
        tables = Tables(staged.source, key_of, self.settings.limits)
        if look.kind == "workbook":
            passing = workbook.Counted(workbook.sheets(kept, self.settings.limits))
            staged.take(tables.read(passing))
            if tables.counts.records != passing.records:
                raise Refusal(
                    f"it holds {passing.records:,} rows, but {tables.counts.records:,} were read"
                )
        else:
            scratch = self.settings.scratch
            with csv_file.as_utf_8(kept, look.encoding, scratch, is_gzip=look.is_gzip) as text:
                self._stage_text(staged, tables, text)
        return tables.counts.rows

    def _stage_features(self, staged: Staged, kept: Path, look: Look) -> dict[str, int]:
        """Rows by table, which is one."""
        if look.encoding == csv_file.CP_1252:
            raise Refusal("it is not written in UTF-8, as JSON is; save it as UTF-8")
        features = geojson.Features(staged.source, self.settings.limits)
        scratch = self.settings.scratch
        with csv_file.as_utf_8(kept, look.encoding, scratch, is_gzip=look.is_gzip) as text:
            staged.take(features.read(text))
        return features.counts.rows

    def _stage_text(self, staged: Staged, tables: Tables, text: Path) -> None:
        """Tried with another separator when commas find no table, and held against what the
        bytes say of it."""
        limits = self.settings.limits
        delimiter, found = tables.find(
            {
                one: csv_file.rows(text, csv_file.UTF_8, one, is_gzip=False, limits=limits)
                for one in csv_file.DELIMITERS
            }
        )
        scan, body = csv_body.read(self.connection, text, delimiter, found, tables.key_of, limits)
        if body:
            staged.take(tables.read_above(found))
            staged.take_body(found.placed.table, body)
            tables.counts.rows[found.placed.table.name] += body.rows
            tables.counts.blank += body.blank
        else:
            staged.take(tables.read_found(found))
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

    def _examined(self, staged: Staged) -> Staged:
        """The examination at the door. Anything critical refuses the whole file."""
        if self.examine is None:
            return staged
        file_id = self.file_id
        for name, relation in staged.relations.items():
            table = staged.source.tables[name].identifier
            self.findings += self.examine(self.connection, table, relation, file_id, self.seen)
        if critical := [finding for finding in self.findings if finding.is_critical]:
            raise Refusal("it does not hold what it should: " + " ".join(map(str, critical)))
        return staged

    def _insert(self, staged: Staged) -> dict[str, int]:
        """Everything of the file, in one transaction."""
        delivered = self.delivered
        file_id = self._identified.file_id
        self.delivery = ledger.Delivery(
            file_id, self.extract, self.la_code, self._identified.sha256, self._identified.bytes
        )
        if self.left_out:
            self._discard_copy()
        with transaction(self.connection):
            counted: dict[str, tuple[int, int]] = {}
            for name, relation in staged.relations.items():
                table = staged.source.tables[name]
                landed = 0
                if name in staged.filled:
                    [(landed,)] = self.connection.execute(
                        f"insert into landing.{table.identifier} by name from {relation}"
                    ).fetchall()
                    if table.is_cells:
                        landed = self._rows_of_cells(table, file_id)
                if landed + self.left_out.get(name, 0) != delivered[name]:
                    raise RuntimeError(
                        f"{table.identifier}: {delivered[name]} rows were delivered in "
                        f"{self.extract.name} and {landed} landed"
                    )
                counted[table.identifier] = (delivered[name], landed)
            if staged.notes:
                self.connection.execute(f"insert into landing.notes by name from {staged.notes}")
            ledger.stand(self.connection, self._identified, staged.source, counted, self.before)
            self._record_findings()
        return {name: landed for name, (_, landed) in counted.items()}

    def _rows_of_cells(self, table: Table, file_id: str) -> int:
        """The rows that the delivery's cells in the table came from."""
        [(rows,)] = self.connection.execute(
            f"select count(distinct _row) from landing.{table.identifier} where _file_id = ?",
            [file_id],
        ).fetchall()
        return int(rows)
