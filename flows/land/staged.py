"""Rows of one file in temporary relations, until it is known whether the file is let in."""

from collections.abc import Callable
from dataclasses import dataclass, field

import duckdb
import numpy

from flows.land.csv_body import Body
from flows.land.delivery import Delivered, Note, Rows, texts
from flows.land.layouts import Source, Table
from flows.warehouse import handed

MOST_NOTES = 50_000  # held in memory before they go to the engine


@dataclass(frozen=True)
class Provenance:
    """What every row of a file says of where it came from."""

    file_id: str
    la_code: str | None
    collection_year: int


@dataclass(frozen=True)
class Shelf:
    """Relations of one connection that several files of a source fill together: made once, and
    looked at once. `relations` are their names, by landing table."""

    relations: dict[str, str] = field(default_factory=dict)


class Staged:
    """One file's rows, in relations with the columns of the landing tables that they are for.

    relations   by table: their names or, on a shelf, what of those is the file's own
    filled      tables of which something has been taken
    notes       the same of its notes; empty where there are none
    provenance  told anew for each batch: a census names its authority only as it is read
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        source: Source,
        provenance: Callable[[], Provenance],
        shelf: Shelf | None = None,
    ) -> None:
        self.connection = connection
        self.source = source
        self.provenance = provenance
        self.shelf = shelf
        self.relations: dict[str, str] = {}
        self.filled: set[str] = set()
        self.notes = ""
        self._own: dict[str, str] = {}  # relations that were made for this file

    def take(self, delivered: Delivered) -> None:
        """What a reader hands over, batch by batch."""
        notes: list[Note] = []
        for batch in delivered:
            if isinstance(batch, Rows):
                self._take_rows(self.source.tables[batch.table], batch)
                continue
            notes.append(batch)
            if len(notes) == MOST_NOTES:
                self._take_notes(notes)
                notes = []
        self._take_notes(notes)

    def take_body(self, table: Table, body: Body) -> None:
        """Rows that the engine has read itself: for a file alone, a view of them is enough."""
        provenance = self.provenance()
        told = {
            "_file_id": f"'{provenance.file_id}'",
            "_la_code": f"'{provenance.la_code}'" if provenance.la_code else "null",
            "_collection_year": str(provenance.collection_year),
            "_sheet": "''",
        } | {name: name for name in body.columns}
        selected = ", ".join(
            f"cast({told.get(column.name, 'null')} as {column.data_type}) as {column.name}"
            for column in table.columns
        )
        rows = f"select {selected} from ({body.query})"
        self.filled.add(table.name)
        if self.shelf is not None:
            self.connection.execute(f"insert into {self._made(table)} by name {rows}")
            return
        self.relations[table.name] = f"staged_{table.identifier}"
        self.connection.execute(
            f"create or replace temp view {self.relations[table.name]} as {rows}"
        )

    def relation_of(self, table: Table) -> str:
        """The relation of a table, made empty where nothing has been taken for it yet."""
        if table.name not in self.relations:
            self._made(table)
        return self.relations[table.name]

    def _made(self, table: Table) -> str:
        """The name of the relation that a table's rows are put into."""
        name, self.relations[table.name] = self._made_like(table.identifier)
        return name

    def _made_like(self, identifier: str) -> tuple[str, str]:
        """A relation like a table of landing, made once, and what of it is this file's."""
        name = f"staged_{identifier}"
        made = self._own if self.shelf is None else self.shelf.relations
        if identifier not in made:
            made[identifier] = name
            self.connection.execute(
                f"create or replace temp table {name} as from landing.{identifier} limit 0"
            )
        if self.shelf is None:
            return name, name
        return name, f"(from {name} where _file_id = '{self.provenance().file_id}')"

    def _take_notes(self, notes: list[Note]) -> None:
        if not notes:
            return
        name, self.notes = self._made_like("notes")
        handed_over = {
            "_sheet": texts([note.sheet for note in notes]),
            "_line": numpy.array([note.line for note in notes], dtype=numpy.int64),
            "text": texts([note.text for note in notes]),
        }
        with handed(self.connection, "handed_over", handed_over):
            self.connection.execute(
                f"insert into {name} (_file_id, _sheet, _line, text) "
                "select cast(? as varchar), _sheet, cast(_line as integer), text from handed_over",
                [self.provenance().file_id],
            )

    def _take_rows(self, table: Table, batch: Rows) -> None:
        provenance = self.provenance()
        self.filled.add(table.name)
        values: dict[str, str] = {}
        parameters: list[object] = []

        def bound(value: object, kind: str) -> str:
            parameters.append(value)
            return f"cast(? as {kind})"

        for column in table.columns:
            match column.name:
                case "_file_id":
                    values[column.name] = bound(provenance.file_id, "varchar")
                case "_la_code":
                    values[column.name] = bound(provenance.la_code, "varchar")
                case "_collection_year":
                    values[column.name] = bound(provenance.collection_year, "integer")
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
        with handed(self.connection, "handed_over", batch.columns):
            self.connection.execute(
                f"insert into {self._made(table)} ({', '.join(values)}) "
                f"select {', '.join(values.values())} from handed_over",
                parameters,
            )
