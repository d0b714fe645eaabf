"""Find the tables in sheets of cells by their headings, and hand over their rows.

A heading stands where it stands: preambles run from none to nine rows and differ from
year to year, so it is looked for, never counted to. Record tables land a row for a row;
statistical tables land a row for every cell that is not blank, beside its heading.
"""

import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy

from flows.land.delivery import (
    BATCH_CELLS,
    Array,
    Counts,
    Delivered,
    Note,
    Refusal,
    Rows,
    texts,
)
from flows.land.layouts import BLANKS, CellsLayout, Source, Table, normalised
from flows.settings import Limits

Row = tuple[int, list[str]]
Sheet = tuple[str, Iterable[Row]]

TO_JSON = json.JSONEncoder(ensure_ascii=False).encode
NUMBER = re.compile(r"^-?[\d,]+(\.\d+)?$")
MOST_HEADING_ROWS_ABOVE = 3


@dataclass(frozen=True)
class Placed:
    """Where a table stands in a sheet.

    heading_rows  positions of its heading among the rows searched, top to bottom
    headings      by position, as delivered but for white space
    columns       of a record table: position of each column found
    keys          of a cells table: positions that may hold the key
    """

    table: Table
    heading_rows: tuple[int, ...]
    headings: tuple[str, ...]
    columns: dict[str, int]
    layout: CellsLayout | None = None
    keys: tuple[int, ...] = ()

    @property
    def unknown(self) -> tuple[int, ...]:
        """Of a record table: positions under headings that its layout does not know."""
        known = set(self.columns.values())
        return tuple(at for at in range(len(self.headings)) if at not in known)

    def is_data(self, cells: Sequence[str]) -> bool:
        """Whether a row of a cells table is one of its rows, and not a note or a total."""
        layout = self.layout
        if layout is None:
            return True
        if not any(
            position < len(cells) and layout.code.search(cells[position].strip())
            for position in self.keys
        ):
            return False
        return layout.value is None or any(
            layout.value.search(cell.strip())
            for position, cell in enumerate(cells)
            if position not in self.keys
        )


@dataclass(frozen=True)
class Found:
    """A sheet in which a table stands, read as far as was searched for its headings.

    searched  the rows read so far
    rest      those that follow
    """

    sheet: str
    placed: Placed
    searched: list[Row]
    rest: Iterator[Row]

    @property
    def heading_line(self) -> int:
        """Line on which the lowest row of headings begins."""
        return self.searched[self.placed.heading_rows[-1]][0]


class Tables:
    """Reads sheets into batches; `counts` tells afterwards what was handed over."""

    def __init__(self, source: Source, key_of: Callable[[str], str], limits: Limits) -> None:
        self.source = source
        self.key_of = key_of
        self.limits = limits
        self.counts = Counts()
        self._nearest: tuple[int, str] = (0, "")

    def read(self, sheets: Iterable[Sheet]) -> Delivered:
        """Every sheet of a workbook. Raises Refusal when none holds a table of the source."""
        for sheet, rows in sheets:
            searched, rest = self._searched(rows)
            if placed := self.place(searched):
                yield from self.read_found(Found(sheet, placed, searched, rest))
            else:
                yield from self._notes(sheet, itertools.chain(searched, rest))
        if not self.counts.rows:
            raise self.unplaced()

    def find(self, readings: dict[str, Iterable[Row]]) -> tuple[str, Found]:
        """Of several readings of one text (with one separator and another) the first in which
        a table is found. Raises Refusal, that of the first reading, when there is none."""
        refusal: Refusal | None = None
        for delimiter, rows in readings.items():
            try:
                searched, rest = self._searched(rows)
                if placed := self.place(searched):
                    return delimiter, Found("", placed, searched, rest)
                refusal = refusal or self.unplaced()
            except Refusal as error:
                refusal = refusal or error
        raise refusal or self.unplaced()

    def _searched(self, rows: Iterable[Row]) -> tuple[list[Row], Iterator[Row]]:
        rest = iter(rows)
        return list(itertools.islice(rest, self.limits.preamble_rows)), rest

    def read_found(self, found: Found) -> Delivered:
        """The notes above a table and its rows."""
        yield from self.read_above(found)
        below = itertools.chain(found.searched[found.placed.heading_rows[-1] + 1 :], found.rest)
        read = self._cells if found.placed.table.is_cells else self._records
        yield from read(found.sheet, found.placed, below)

    def read_above(self, found: Found) -> Delivered:
        """The notes above a table; what it holds is read otherwise."""
        placed = found.placed
        self.counts.rows.setdefault(placed.table.name, 0)
        self.counts.headings += len(placed.heading_rows)
        yield from self._notes(found.sheet, found.searched[: placed.heading_rows[0]])

    def unplaced(self) -> Refusal:
        """Says which headings were looked for."""
        if self._nearest[1]:
            return Refusal(self._nearest[1])
        wanted = "; or ".join(table.wanted() for table in self.source.tables.values())
        return Refusal(
            f"no table of {self.source.name} was found in it (a note of your own? begin its name "
            f"with a full stop). Looked for headings: {wanted}"
        )

    def place(self, rows: Sequence[Row]) -> Placed | None:
        """The first row that is the heading of a table, with the rows that belong to it."""
        for position, (_, cells) in enumerate(rows):
            headings = [normalised(cell) for cell in cells]
            for table in self.source.tables.values():
                for layout in table.layouts:
                    if placed := _place_cells(table, layout, rows, position, headings):
                        return placed
            if placed := self._place_record(rows, position, headings):
                return placed
        return None

    def _place_record(
        self, rows: Sequence[Row], position: int, headings: list[str]
    ) -> Placed | None:
        line, cells = rows[position]
        best: Placed | None = None
        for table in self.source.tables.values():
            if table.kind != "record":
                continue
            columns = _assigned(table, headings)
            missing = [
                column.name
                for column in table.columns
                if column.is_required and column.name not in columns
            ]
            count, alternatives = table.at_least
            if len(columns.keys() & set(alternatives)) < count:
                missing.append(f"{count} of {' / '.join(alternatives)}")
            if missing:
                self._remember(table, columns, missing, line)
            elif not _is_in_shape(table, columns, rows[position + 1 :]):
                continue
            elif best is None or len(columns) > len(best.columns):
                tidied = tuple(BLANKS.sub(" ", cell).strip() for cell in cells)
                best = Placed(table, (position,), tidied, columns)
        if best:
            twice = {
                headings[at] for at in best.columns.values() if headings.count(headings[at]) > 1
            }
            if twice:
                raise Refusal("a heading of the table stands twice", line, min(twice))
        return best

    def _remember(
        self, table: Table, columns: dict[str, int], missing: list[str], line: int
    ) -> None:
        required = sum(column.is_required for column in table.columns)
        if len(columns) > self._nearest[0] and len(columns) > 1 and len(missing) < max(required, 2):
            self._nearest = (
                len(columns),
                f"the headings in line {line} are nearest to those of the table {table.name}, "
                f"but {', '.join(missing)} could not be found. "
                f"Looked for headings: {table.wanted()}",
            )

    def _cells(self, sheet: str, placed: Placed, rows: Iterable[Row]) -> Delivered:
        batch: list[list[str]] = []
        lines: list[int] = []
        size = 0
        for line, cells in rows:
            if placed.is_data(cells):
                batch.append(cells)
                lines.append(line)
                size += len(cells)
                if size >= BATCH_CELLS:
                    yield self._flat(sheet, placed, batch, lines)
                    batch, lines, size = [], [], 0
            else:
                yield from self._notes(sheet, [(line, cells)])
        if batch:
            yield self._flat(sheet, placed, batch, lines)

    def _flat(self, sheet: str, placed: Placed, batch: list[list[str]], lines: list[int]) -> Rows:
        """One row per cell that is not blank, row by row."""
        table = placed.table.name
        widths = [len(cells) for cells in batch]
        values = texts([cell for cells in batch for cell in cells])
        kept = numpy.array([bool(cell) and not cell.isspace() for cell in values], dtype=bool)
        first = self.counts.rows[table] + 1
        self.counts.rows[table] += len(batch)
        return Rows(
            table,
            {
                "_row": numpy.repeat(numpy.arange(first, first + len(batch)), widths)[kept],
                "_line": numpy.repeat(numpy.array(lines), widths)[kept],
                "column_number": numpy.concatenate(
                    [numpy.arange(1, width + 1) for width in widths]
                )[kept],
                "value": values[kept],
            },
            headings=placed.headings,
            sheet=sheet,
        )

    def _records(self, sheet: str, placed: Placed, rows: Iterable[Row]) -> Delivered:
        width = len(placed.headings)
        size = max(1, BATCH_CELLS // max(width, 1))
        batch: list[list[str]] = []
        lines: list[int] = []
        for line, cells in rows:
            if not any(cell and not cell.isspace() for cell in cells):
                self.counts.blank += 1
                continue
            if any(cell and not cell.isspace() for cell in cells[width:]):
                raise Refusal(
                    f"the row has {len(cells)} cells under {width} headings", line, width + 1
                )
            # Excel leaves out trailing separators when a run of rows ends in blanks.
            batch.append(cells[:width] + [""] * (width - len(cells)))
            lines.append(line)
            if len(batch) >= size:
                yield self._rows(sheet, placed, batch, lines)
                batch, lines = [], []
        if batch:
            yield self._rows(sheet, placed, batch, lines)

    def _rows(self, sheet: str, placed: Placed, batch: list[list[str]], lines: list[int]) -> Rows:
        table = placed.table
        by_position = list(zip(*batch, strict=True))
        columns: dict[str, Array] = {
            column.name: texts(list(by_position[placed.columns[column.name]]))
            for column in table.delivered_columns
            if column.name in placed.columns
        }
        first = self.counts.rows[table.name] + 1
        self.counts.rows[table.name] += len(batch)
        columns["_row"] = numpy.arange(first, first + len(batch))
        columns["_line"] = numpy.array(lines)
        if table.child_id:
            columns["_child_key"] = texts(
                [self.key_of(child) for child in columns[table.child_id.name]]
            )
        if others := placed.unknown:
            names = distinct(placed.headings, others)
            columns["_other"] = texts([_other(names, others, cells) for cells in batch])
        return Rows(table.name, columns, sheet=sheet)

    def _notes(self, sheet: str, rows: Iterable[Row]) -> Iterator[Note]:
        for line, cells in rows:
            if any(cell and not cell.isspace() for cell in cells):
                self.counts.notes += 1
                yield _note(sheet, line, cells)
            else:
                self.counts.blank += 1


def _assigned(table: Table, headings: list[str]) -> dict[str, int]:
    """Position of each column that a heading names; the patterns of a column are tried in
    order, and the leftmost heading wins."""
    columns: dict[str, int] = {}
    taken: set[int] = set()
    for column in table.delivered_columns:
        for pattern in column.patterns:
            position = next(
                (
                    at
                    for at, heading in enumerate(headings)
                    if at not in taken and pattern.search(heading)
                ),
                None,
            )
            if position is not None:
                columns[column.name] = position
                taken.add(position)
                break
    return columns


def _is_in_shape(table: Table, columns: dict[str, int], rows: Sequence[Row]) -> bool:
    """Whether some row under the headings holds what its columns should, or there is none."""
    shapes = [
        (columns[column.name], column.shape)
        for column in table.columns
        if column.shape and column.name in columns
    ]
    return not rows or any(
        all(at < len(cells) and shape.search(cells[at].strip()) for at, shape in shapes)
        for _, cells in rows
    )


def _place_cells(
    table: Table, layout: CellsLayout, rows: Sequence[Row], position: int, headings: list[str]
) -> Placed | None:
    keys = tuple(at for at, heading in enumerate(headings) if layout.key.search(heading))
    if not keys:
        return None
    found = Placed(table, (position,), (), {}, layout, keys)
    heading_rows = (
        tuple(range(position, position + layout.heading_rows))
        if layout.heading_rows
        else (
            *_heading_rows_above(rows, position, keys),
            position,
            *_heading_rows_below(rows, position, found),
        )
    )
    delivered = [rows[at][1] for at in heading_rows if at < len(rows)]
    said = {normalised(cell) for cells in delivered for cell in cells if cell}
    if not all(any(pattern.search(heading) for heading in said) for pattern in layout.also):
        return None
    if not any(found.is_data(cells) for _, cells in rows[heading_rows[-1] + 1 :]):
        return None
    return Placed(table, heading_rows, joined(delivered), {}, layout, keys)


def _is_blank(cells: Sequence[str], positions: Iterable[int]) -> bool:
    return not any(at < len(cells) and cells[at].strip() for at in positions)


def _heading_rows_above(
    rows: Sequence[Row], position: int, keys: tuple[int, ...]
) -> tuple[int, ...]:
    """Group headings over the key's row: several cells, none of them over a key."""
    above: list[int] = []
    for at in range(position - 1, max(-1, position - 1 - MOST_HEADING_ROWS_ABOVE), -1):
        line, cells = rows[at]
        is_next = line == rows[at + 1][0] - 1
        if not is_next or not _is_blank(cells, keys) or sum(map(bool, cells)) < 2:
            break
        above.insert(0, at)
    return tuple(above)


def _heading_rows_below(rows: Sequence[Row], position: int, found: Placed) -> tuple[int, ...]:
    """Headings between the key's row and the first row of data: they hold no key and no number."""
    below: list[int] = []
    for at in range(position + 1, len(rows)):
        cells = rows[at][1]
        if (
            found.is_data(cells)
            or not _is_blank(cells, found.keys)
            or any(NUMBER.match(cell.strip()) for cell in cells)
        ):
            break
        below.append(at)
    return tuple(below) if below and below[-1] + 1 < len(rows) else ()


def joined(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The rows of a heading as one: a group heading holds for the blank cells to its right,
    as far as the group above it reaches; the lowest row holds for its own column alone."""
    width = max(map(len, rows), default=0)
    groups: list[tuple[str, ...]] = [()] * width
    for number, row in enumerate(rows):
        is_lowest = number == len(rows) - 1
        before: list[tuple[str, ...]] = list(groups)
        text = ""
        for at in range(width):
            cell = BLANKS.sub(" ", row[at]).strip() if at < len(row) else ""
            reaches = at > 0 and before[at] == before[at - 1] and not is_lowest
            text = cell or (text if reaches else "")
            groups[at] = (*before[at], text)
    return tuple(" | ".join(part for part in parts if part) for parts in groups)


def distinct(headings: Sequence[str], positions: Sequence[int]) -> list[str]:
    """Names for unknown columns; a blank or repeated heading is told by its number."""
    names: list[str] = []
    for at in positions:
        heading = headings[at]
        is_alone = heading and heading not in names
        names.append(heading if is_alone else f"{heading} (column {at + 1})".strip())
    return names


def _other(names: list[str], positions: Sequence[int], cells: Sequence[str]) -> str:
    found = {}
    for name, at in zip(names, positions, strict=True):
        cell = cells[at]
        if cell and not cell.isspace():
            found[name] = cell
    return TO_JSON(found) if found else ""


def _note(sheet: str, line: int, cells: Sequence[str]) -> Note:
    parts = (BLANKS.sub(" ", cell).strip() for cell in cells)
    return Note(sheet, line, " | ".join(part for part in parts if part))
