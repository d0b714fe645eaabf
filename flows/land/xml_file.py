"""Read nested XML into the tables of a source, element by element, keeping all of it.

Expat is used because it is the parser that tells the true line past 65,535, reads in
blocks, fetches nothing, and lets a document type be refused before anything is expanded.
Which element makes a row and which leaf fills a column is said by the layouts; what they
do not know is kept: an unknown leaf of a known group in `_other`, all else (groups, repeated
leaves, attributes, stray text) as rows of the table of other elements, with its path.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from xml.parsers import expat

import numpy

from flows.land.csv_file import opened
from flows.land.delivery import (
    BATCH_CELLS,
    MAX_CELL,
    MAX_DEPTH,
    Array,
    Counts,
    Delivered,
    Refusal,
    Rows,
    texts,
)
from flows.land.layouts import Column, Source, Table

BLOCK = 1 << 18


@dataclass(slots=True)
class Row:
    """One row in the making: numbers and text by column, and leaves that no column is for."""

    table: str
    numbers: dict[str, int]
    values: dict[str, str] = field(default_factory=dict)
    other: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Frame:
    """One open element.

    context  the table whose row the element stands in, empty above the first
    row      that row; of an element that makes a row, its own
    kind     what the element is: a row of its own, a row that is only its text, a wrapper
             that groups, or a leaf (known or not until it closes)
    """

    name: str
    line: int
    context: str
    row: Row | None
    kind: Literal["row", "text", "wrapper", "leaf"]
    has_children: bool = False
    text: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Grammar:
    """The layouts of a source by what may stand within a table; names in lower case."""

    rows: dict[str, dict[str, Table]]
    wrappers: dict[str, frozenset[str]]
    leaves: dict[str, dict[str, Column]]
    texts: dict[str, str]
    parents: dict[str, dict[str, str]]
    others: Table
    child: Table
    child_id: str

    @classmethod
    def of(cls, source: Source) -> "Grammar":
        tables = [table for table in source.tables.values() if table.element]
        child, child_id = next((table, table.child_id) for table in tables if table.child_id)
        rows: dict[str, dict[str, Table]] = {"": {}, **{table.name: {} for table in tables}}
        for table in tables:
            rows[table.within or ""][str(table.element).lower()] = table
        return cls(
            rows=rows,
            wrappers={
                "": frozenset(name.lower() for name in source.xml["wrappers"]),
                **{table.name: frozenset(map(str.lower, table.wrappers)) for table in tables},
            },
            leaves={
                "": {},
                **{
                    table.name: {
                        column.element.lower(): column for column in table.columns if column.element
                    }
                    for table in tables
                },
            },
            texts={
                table.name: column.name
                for table in tables
                for column in table.columns
                if column.is_text
            },
            parents={
                table.name: {
                    column.name: column.row_of for column in table.columns if column.row_of
                }
                for table in source.tables.values()
            },
            others=source.tables[source.xml["others"]],
            child=child,
            child_id=child_id.name,
        )


class Elements:
    """Reads one file into batches; `counts` tells afterwards what was handed over.

    settle   told the authority and year of each header (null when it has none), and with
             nothing before the first child; returns the authority the rows belong to
    key_of   the child's key, of the authority and the child's identifier
    """

    def __init__(
        self,
        source: Source,
        settle: Callable[[str | None, str | None], str],
        key_of: Callable[[str, str], str],
    ) -> None:
        self.source = source
        self.grammar = Grammar.of(source)
        self.settle = settle
        self.key_of = key_of
        self.counts = Counts({table: 0 for table in source.tables})
        self._parser = expat.ParserCreate()
        self._frames: list[Frame] = []
        self._open_rows: dict[str, int] = {}
        self._la_code: str | None = None
        self._child: list[Row] = []  # rows of the child being read, until its key is known
        self._batch: dict[str, list[Row]] = {}
        self._batched = 0

    def read(self, path: Path, *, is_gzip: bool) -> Delivered:
        """Raises Refusal where the file is malformed or another root stands in it."""
        parser = self._parser
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._doctype
        with opened(path, is_gzip=is_gzip) as file:
            try:
                while block := file.read(BLOCK):
                    parser.Parse(block, False)
                    if self._batched * 8 > BATCH_CELLS:
                        yield from self._flush()
                parser.Parse(b"", True)
            except Refusal as refusal:
                refusal.line = refusal.line or parser.CurrentLineNumber
                raise
            except expat.ExpatError as error:
                # Only the place: the parser's words may hold a piece of the file.
                raise Refusal("it is not well-formed XML", error.lineno, error.offset + 1) from None
        yield from self._flush()
        if not self.counts.rows[self.grammar.child.name]:
            raise Refusal(f"there is no {self.grammar.child.element} element in it")

    def _doctype(self, *_: object) -> None:
        raise Refusal(
            "it declares a document type, which no return has",
            self._parser.CurrentLineNumber,
            self._parser.CurrentColumnNumber + 1,
        )

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        line = self._parser.CurrentLineNumber
        name = tag.rpartition(":")[2]
        frames = self._frames
        if frames:
            parent = frames[-1]
            if parent.text:
                self._stray(parent, line)
            parent.has_children = True
            if len(frames) >= MAX_DEPTH:
                raise Refusal(f"elements are nested more than {MAX_DEPTH} deep", line)
            frames.append(self._opened(parent, name, line))
        elif name == self.source.xml["root"]:
            frames.append(Frame(name, line, "", None, "wrapper"))
        else:
            raise Refusal(
                f"its root element is not {self.source.xml['root']}, which is looked for", line
            )
        for attribute, value in attributes.items():
            if not attribute.startswith(("xmlns", "xsi:")):
                self._element(f"{self._path()}/@{attribute}", value, line)

    def _opened(self, parent: Frame, name: str, line: int) -> Frame:
        context = parent.context
        if parent.kind in ("row", "wrapper"):
            lowered = name.lower()
            if table := self.grammar.rows[context].get(lowered):
                return Frame(
                    name, line, table.name, self._row(table, line),
                    "text" if table.name in self.grammar.texts else "row",
                )  # fmt: skip
            if lowered in self.grammar.wrappers[context]:
                return Frame(name, line, context, parent.row, "wrapper")
        return Frame(name, line, context, parent.row, "leaf")

    def _row(self, table: Table, line: int) -> Row:
        if table is self.grammar.child and self._la_code is None:
            self._la_code = self.settle(None, None)
        number = self.counts.next_row(table.name)
        self._open_rows[table.name] = number
        numbers = {"_row": number, "_line": line}
        for column, of in self.grammar.parents[table.name].items():
            numbers[column] = self._open_rows[of]
        return Row(table.name, numbers)

    def _text(self, text: str) -> None:
        held = self._frames[-1].text
        if held or not text.isspace():
            held.append(text)
            # The parser hands over long text in pieces of some thousand characters.
            if len(held) > 1 and sum(map(len, held)) > MAX_CELL:
                raise Refusal(
                    f"an element is longer than {MAX_CELL} characters",
                    self._parser.CurrentLineNumber,
                )

    def _stray(self, frame: Frame, line: int) -> None:
        text = "".join(frame.text).strip()
        frame.text.clear()
        self._element(f"{self._path()}/text()", text, line)

    def _end(self, _: str) -> None:
        frame = self._frames[-1]
        if frame.kind == "leaf" and not frame.has_children:
            self._leaf(frame, "".join(frame.text).strip())
        elif frame.kind == "text" and frame.row and not frame.has_children:
            frame.row.values[self.grammar.texts[frame.context]] = "".join(frame.text).strip()
        elif frame.text:
            self._stray(frame, frame.line)
        self._frames.pop()
        if frame.row is not None and frame.kind in ("row", "text"):
            self._closed(frame.row)

    def _leaf(self, frame: Frame, text: str) -> None:
        row = frame.row
        if row is not None and self._frames[-2].kind in ("row", "wrapper"):
            column = self.grammar.leaves[frame.context].get(frame.name.lower())
            if column is not None and column.name not in row.values:
                row.values[column.name] = text
                return
            if column is None and frame.name not in row.other:
                row.other[frame.name] = text
                return
        self._element(self._path(), text, frame.line)

    def _closed(self, row: Row) -> None:
        self._open_rows.pop(row.table, None)
        if row.table == self.grammar.child.name:
            self._child.append(row)
            key = self.key_of(str(self._la_code), row.values.get(self.grammar.child_id, ""))
            for kept in self._child:
                kept.values["_child_key"] = key
                self._keep(kept)
            self._child.clear()
        elif "child_row" in row.numbers:
            self._child.append(row)
        else:
            table = self.source.tables[row.table]
            self._la_code = self.settle(
                row.values.get(self._column(table, "authority_element")) or None,
                row.values.get(self._column(table, "year_element")) or None,
            )
            self._keep(row)

    def _column(self, table: Table, what: str) -> str:
        element = self.source.xml[what]
        return next(column.name for column in table.columns if column.element == element)

    def _element(self, path: str, value: str, line: int) -> None:
        """Keep what no layout knows, beside the child and referral it stands in."""
        others = self.grammar.others
        numbers = {"_row": self.counts.next_row(others.name), "_line": line}
        for column, of in self.grammar.parents[others.name].items():
            if of in self._open_rows:
                numbers[column] = self._open_rows[of]
        row = Row(others.name, numbers, {"element_path": path, "value": value})
        if "child_row" in numbers:
            self._child.append(row)
        else:
            self._keep(row)

    def _path(self) -> str:
        """Names down to the open element, from the child that it stands in or from the root."""
        names = [frame.name for frame in self._frames]
        for at, frame in enumerate(self._frames):
            if frame.row and frame.row.table == self.grammar.child.name:
                return "/".join(names[at:])
        return "/".join(names)

    def _keep(self, row: Row) -> None:
        self._batch.setdefault(row.table, []).append(row)
        self._batched += 1

    def _flush(self) -> Iterator[Rows]:
        for name, rows in self._batch.items():
            yield Rows(name, _columns(self.source.tables[name], rows))
        self._batch, self._batched = {}, 0


def _columns(table: Table, rows: list[Row]) -> dict[str, Array]:
    """Columns of rows; 0 stands for no row of a parent, as empty text does for null."""
    columns: dict[str, Array] = {}
    for column in table.columns:
        name = column.name
        if name in ("_file_id", "_la_code", "_collection_year"):
            continue
        if name == "_other":
            if any(row.other for row in rows):
                columns[name] = texts(
                    [json.dumps(row.other, ensure_ascii=False) if row.other else "" for row in rows]
                )
        elif column.data_type == "integer":
            columns[name] = numpy.array([row.numbers.get(name, 0) for row in rows])
        else:
            columns[name] = texts([row.values.get(name, "") for row in rows])
    return columns
