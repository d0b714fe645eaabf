"""What a page is put together from, before any of it is written: tables, figures, sections."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from flows.page.marts import Cell, Mart, Row


@dataclass(frozen=True)
class Table:
    """A table as a reader sees it. The first entry of a row names it; `words` are the columns,
    counted from nought, that are no numbers."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str | Cell]]
    words: frozenset[int] = frozenset({0})

    @classmethod
    def of(
        cls,
        mart: Mart,
        caption: str,
        head: str,
        columns: Mapping[str, str],
        named: Callable[[Row], str],
        words: frozenset[int] = frozenset({0}),
    ) -> "Table":
        """A row for each of a mart's, in their order: what names it, and the columns by heading."""
        rows: list[list[str | Cell]] = [
            [named(row), *mart.cells(row, *columns.values())] for row in mart
        ]
        return cls(caption, [head, *columns], rows, words)

    def cells(self) -> Iterator[Cell]:
        """Every published cell that stands in it."""
        for row in self.rows:
            yield from (entry for entry in row if isinstance(entry, Cell))


@dataclass(frozen=True)
class Figure:
    """A headline, what it is of, the chart if there is one, and the table with all its numbers.

    name      unique on its page; the anchor
    subtitle  measure, population and period
    says      sentences under the headline
    marts     the marts it is read from, the first one its own
    is_long   the table is too long to be printed; the CSV has it
    table_of  the figure whose table has the numbers of this one's chart, where that is another
    """

    name: str
    title: str
    subtitle: str
    table: Table | None
    marts: Sequence[str]
    chart: Markup | None = None
    key: Sequence[tuple[str, str]] = ()
    says: Sequence[str] = ()
    is_long: bool = False
    table_of: str = ""


@dataclass(frozen=True)
class Section:
    """A step of the argument."""

    name: str
    title: str
    figures: Sequence[Figure] = ()
    says: Sequence[str] = ()

    @classmethod
    def of_mart(
        cls, name: str, title: str, mart: Mart, figure: Callable[[Mart], Figure], otherwise: str
    ) -> "Section":
        """Of one mart: a figure of its rows, or a sentence where it has none."""
        if not mart.rows:
            return cls(name, title, says=(otherwise,))
        return cls(name, title, [figure(mart)])


@dataclass(frozen=True)
class Answer:
    """A question that a reader has, and what the data says to it, in sentences."""

    question: str
    says: Sequence[str]
    section: str


@dataclass(frozen=True)
class Number:
    """One number to see first: what of, the cell, and what it is to be read beside."""

    what: str
    cell: Cell
    unit: str
    says: str


@dataclass(frozen=True)
class Page:
    """A page: its file's name, title, and what it holds, in order."""

    path: str
    title: str
    lead: str
    sections: Sequence[Section]
    numbers: Sequence[Number] = ()
    answers: Sequence[Answer] = ()
    links: Sequence[tuple[str, str]] = field(default=())
    is_index: bool = False
