"""Write the published tables as one accessible workbook, for those whose tool is Excel.

After the Government Analysis Function's guidance on spreadsheets: contents first, then the notes,
what every column means, and a sheet for each mart with its name, one table and nothing else. A
table is marked as one, with one header row that stays in view; no cell is merged, no row or
column blank. Numbers are numbers and dates are dates. Where one is withheld or missing the cell
says so in brackets: [c], [x] or [z]. The marker columns are there as in the other files.

The same tables give the same bytes: the properties carry no clock. When it was published is
said by the data package.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter
from xlsxwriter.packager import Packager
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import CellStringTuple, Worksheet

from flows.manifest import PublicColumn, PublicModel
from flows.marked import marker_of, markers_asked

TITLE = "Children and young people: published marts"
LANGUAGE = "en-GB"
CREATED = datetime(2000, 1, 1)  # a property of the file, and no moment
# A sheet takes 1,048,576, but not a reader's machine: a workbook is for people, and is made in
# memory. England's comparators over ten years would be two thirds of a million rows.
MOST_ROWS = 100_000
# A date is the days since this one, but for the first, for 1900 is taken for a leap year.
DAY_NOUGHT, OF_THEIR_NUMBER = date(1899, 12, 30), date(1900, 3, 1)
WIDEST = 80  # characters
LINE = 15  # points
HIGHEST = 150  # points: a longer text, such as an outline, is for programs

MARKERS = {
    "c": "Withheld, so that nobody can be recognised: a count that is small, or a number from "
    "which one could be worked out.",
    "z": "Not applicable: there can be no such number here.",
    "x": "Not available: it is not known, there is none, or it rests on too few children.",
}
NOTES = (
    *((f"[{marker}]", told) for marker, told in MARKERS.items()),
    (
        "Marker columns",
        "A column whose name ends in _marker says why the number before it is not shown: c, x "
        "or z. It is blank where the number is shown.",
    ),
    ("Codes", "Codes of areas and authorities are text, so that leading zeros stay."),
    ("Dates", "Dates are whole days; a year is the one that its March lies in."),
    (
        "Other forms",
        "The same tables are beside this workbook as CSV, Parquet and a DuckDB database; "
        "datapackage.json says when they were published.",
    ),
)


@dataclass(frozen=True)
class Sheet:
    """A table on a sheet: lines above it, and its columns as header -> is it a count."""

    name: str
    title: str
    lines: tuple[str, ...]
    headers: tuple[str, ...]
    counts: frozenset[str] = frozenset()


def write_workbook(path: Path, database: Path, models: Sequence[PublicModel]) -> None:
    """Write the published `models` of `database`, rows in the order they have there."""
    with (
        duckdb.connect(str(database), read_only=True) as published,
        _Workbook(str(path), deepcopy(OPTIONS)) as book,  # it writes into them
    ):
        book.set_properties({
            "title": TITLE,
            "subject": "Aggregate, disclosure-controlled tables",
            "author": "CYP Warehouse",
            "created": CREATED,
        })  # fmt: skip
        pen = Pen(book)
        rows = {model.name: _count(published, model) for model in models}
        _write_contents(pen, models, rows)
        _write_notes(pen)
        _write_columns(pen, models)
        for model in models:
            if rows[model.name] <= MOST_ROWS:
                _write_mart(pen, published, model)


# Text is text, whatever it looks like: a delivered name that begins with = is no formula.
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "default_format_properties": {"font_name": "Arial", "font_size": 11},
}


class Pen:
    """Writes sheets, all in the same manner."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self.title = book.add_format({"bold": True, "font_size": 14})
        # Text stands off from a number that ends at its left.
        text = {"align": "left", "indent": 1, "valign": "top"}
        self.header = book.add_format({**text, "bold": True, "bottom": 1})
        self.text = book.add_format(text)
        self.wrapped = book.add_format({**text, "text_wrap": True})
        self.number = book.add_format({"valign": "top"})
        self.count = book.add_format({"num_format": "#,##0", "valign": "top"})
        self.date = book.add_format({**text, "num_format": "yyyy-mm-dd"})
        self.marker = book.add_format({"align": "right", "valign": "top"})
        self.link = book.add_format({**text, "font_color": "#0B0C7C", "underline": 1})

    def write(self, sheet: Sheet, rows: Iterable[Sequence[object]]) -> None:
        """The lines, and the table under them; at least one row is needed."""
        page = self.book.add_worksheet(sheet.name, _Worksheet)
        page.write_string(0, 0, sheet.title, self.title)
        for number, line in enumerate(sheet.lines, start=1):
            page.write_string(number, 0, line)
        top = 1 + len(sheet.lines)
        if sheet.name != "Contents":
            page.write_url(top, 0, "internal:'Contents'!A1", self.link, "Back to the contents")
            top += 1
        widths = [len(header) + 4 for header in sheet.headers]
        columns = [
            (place, header in sheet.counts, dict[tuple[type, object], tuple[Any, int]]())
            for place, header in enumerate(sheet.headers)
        ]
        last = top
        for last, row in enumerate(rows, start=top + 1):
            longest = 0
            for (place, is_count, put), value in zip(columns, row, strict=True):
                if value is None:
                    continue
                if known := put.get((type(value), value)):
                    cell, width = known
                    page.put_again(last, place, cell)
                else:
                    width = self._put(page, last, place, value, is_count)
                    put[type(value), value] = page.table[last][place], width
                    widths[place] = max(widths[place], width + 3)
                longest = max(longest, width)
            if longest > WIDEST:  # not every program finds the height of wrapped text by itself
                page.set_row(last, min(LINE * (1 + longest // (WIDEST - 4)), HIGHEST))
        page.add_table(
            top, 0, last, len(sheet.headers) - 1,
            {
                "name": sheet.name if sheet.name.islower() else f"table_{sheet.name.lower()}",
                "style": "Table Style Light 1",
                "banded_rows": False,
                "columns": [
                    {"header": header, "header_format": self.header} for header in sheet.headers
                ],
            },
        )  # fmt: skip
        for place, width in enumerate(widths):
            page.set_column(place, place, min(width, WIDEST))
        page.freeze_panes(top + 1, 0)
        page.ignore_errors({"number_stored_as_text": f"A1:XFD{last + 1}"})
        page.set_landscape()
        page.set_paper(9)  # A4
        page.fit_to_pages(1, 0)
        page.repeat_rows(top)

    def _put(self, page: Any, row: int, place: int, value: object, is_count: bool) -> int:
        """Write a cell by its kind; return how wide it is."""
        if isinstance(value, Link):
            page.write_url(row, place, f"internal:'{value.name}'!A1", self.link, value.name)
        elif isinstance(value, _Marked):
            page.write_string(row, place, str(value), self.marker)
        elif isinstance(value, bool):
            page.write_boolean(row, place, value, self.text)
        elif isinstance(value, int | float):
            page.write_number(row, place, value, self.count if is_count else self.number)
        elif isinstance(value, date):
            if isinstance(value, datetime) or value < OF_THEIR_NUMBER:
                page.write_datetime(row, place, value, self.date)
            else:
                page.write_number(row, place, (value - DAY_NOUGHT).days, self.date)
            return len("2011-03-31")
        else:
            text = str(value)
            long = len(text) > WIDEST
            page.write_string(row, place, text, self.wrapped if long else self.text)
        return len(str(value))


class _Worksheet(Worksheet):  # type: ignore[misc]
    """A sheet in which cells of a column that are alike are put and written out once. The columns
    of a mart say the same over and over, and the library takes its time with each cell."""

    def __init__(self) -> None:
        super().__init__()
        self.written: dict[int, str] = {}

    def put_again(self, row: int, place: int, cell: Any) -> None:
        """Put a cell of this sheet's in another row, of its column."""
        self.table[row][place] = cell
        self.dim_rowmax = row
        self.str_table.count += type(cell) is CellStringTuple

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        start = f'<c r="{_letters(col)}{row + 1}"'
        if (rest := self.written.get(id(cell))) is None:
            sheet = self.fh
            self.fh: Any = StringIO()
            super()._write_cell(row, col, cell)
            rest = self.written[id(cell)] = self.fh.getvalue().removeprefix(start)
            self.fh = sheet
        self.fh.write(start + rest)


_letters = cache(xl_col_to_name)


class _Packager(Packager):  # type: ignore[misc]
    """Says the language, which the library has no property for."""

    def _write_core_file(self) -> None:
        super()._write_core_file()
        core = self.filenames[-1][0]
        end = "</cp:coreProperties>"
        told = core.getvalue().replace(end, f"<dc:language>{LANGUAGE}</dc:language>{end}")
        core.seek(0)
        core.write(told)


class _Workbook(xlsxwriter.Workbook):  # type: ignore[misc]
    def _get_packager(self) -> Packager:
        return _Packager()


@dataclass(frozen=True)
class Link:
    name: str

    def __str__(self) -> str:
        return self.name


class _Marked(str):
    """A marker in the place of a value."""


def _write_contents(pen: Pen, models: Sequence[PublicModel], rows: Mapping[str, int]) -> None:
    pen.write(
        Sheet(
            "Contents",
            TITLE,
            (
                "Aggregate, disclosure-controlled tables about children known to children's "
                "services, one to a sheet.",
                "A cell that says [c], [x] or [z] holds no number: the sheet Notes says why.",
                "The table below lists the sheets.",
            ),
            ("sheet", "what it holds", "rows"),
            frozenset({"rows"}),
        ),
        [
            (Link("Notes"), "What the markers mean, and how to read the tables.", len(NOTES)),
            (
                Link("Columns"),
                "Every column of every table, with its type and meaning.",
                sum(len(model.columns) for model in models),
            ),
            *(
                (Link(model.name), model.description, rows[model.name])
                if rows[model.name] <= MOST_ROWS
                else (
                    model.name,
                    f"Longer than a sheet, so only in csv/{model.name}.csv. {model.description}",
                    rows[model.name],
                )
                for model in models
            ),
        ],
    )


def _write_notes(pen: Pen) -> None:
    lines = ("What the markers mean, and how to read the tables. One table.",)
    pen.write(Sheet("Notes", "Notes and markers", lines, ("note", "meaning")), NOTES)


def _write_columns(pen: Pen, models: Sequence[PublicModel]) -> None:
    pen.write(
        Sheet(
            "Columns",
            "Columns",
            ("Every column of every table, with what it means. One table.",),
            ("table", "column", "type", "meaning"),
        ),
        [
            (model.name, column.name, column.data_type, _with_unit(column))
            for model in models
            for column in model.columns
        ],
    )


def _with_unit(column: PublicColumn) -> str:
    return f"{column.description} Unit: {column.unit}." if column.unit else column.description


def _write_mart(pen: Pen, published: duckdb.DuckDBPyConnection, model: PublicModel) -> None:
    names = model.column_names
    markers = [name for name in names if name.endswith("_marker")]
    about = model.description
    how = "[c] withheld, [x] not available, [z] not applicable: see the sheet Notes."
    if markers:
        how += " A blank cell in a column ending in _marker: the number before it is shown."
    rows = _rows(published, model)
    if (first := next(rows, None)) is None:
        about += " There are no rows: what they are made of has not been delivered."
        first = tuple(None if name in markers else _Marked("[x]") for name in names)
    counts = frozenset(marker.removesuffix("_marker") for marker in markers)
    title = model.name.replace("_", " ").capitalize()
    pen.write(Sheet(model.name[:31], title, (about, how), names, counts), chain([first], rows))


def _rows(published: duckdb.DuckDBPyConnection, model: PublicModel) -> Iterator[Sequence[object]]:
    """Rows with a marker wherever there is no value."""
    names = model.column_names
    asked = [
        [names.index(marker) for marker in markers_asked(model.name, name, names)] for name in names
    ]
    found = published.execute(f"select {', '.join(names)} from {model.relation}")
    while block := found.fetchmany(1000):
        for row in block:
            yield [
                value
                if value is not None or names[place].endswith("_marker")
                else _Marked(f"[{marker_of(row[marker] for marker in asked[place])}]")
                for place, value in enumerate(row)
            ]


def _count(published: duckdb.DuckDBPyConnection, model: PublicModel) -> int:
    [(number,)] = published.execute(f"select count(*) from {model.relation}").fetchall()
    return int(number)
