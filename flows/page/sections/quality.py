"""How far it can be trusted: what was delivered and what became of it."""

from collections.abc import Sequence

from flows.manifest import NATIONAL
from flows.page import headlines
from flows.page.charts import Stack, stacks
from flows.page.marts import Mart, Marts, Row
from flows.page.shapes import Figure, Section, Table

COLUMNS = {
    "Year": "collection_year",
    "Files": "files",
    "Rows delivered": "rows_delivered",
    "Loaded": "rows_loaded",
    "Superseded": "rows_superseded",
    "Set aside": "rows_quarantined",
    "Broke a critical rule": "rule_failures_error",
    "Broke a rule": "rule_failures_warning",
}
# What became of rows: kind of bar, column, and the word for it.
BECAME = {
    "one": ("rows_loaded", "Loaded"),
    "three": ("rows_superseded", "Superseded"),
    "two": ("rows_quarantined", "Set aside"),
}


def quality(marts: Marts) -> Section:
    """Every source in every year."""
    return Section.of_mart(
        "quality",
        "How sure are we?",
        marts["data_quality_summary"],
        _figure,
        "Nothing has been delivered yet.",
    )


def trusted(marts: Marts) -> str:
    """The headline of what was set aside."""
    return _title(marts["data_quality_summary"])


def _title(mart: Mart) -> str:
    return headlines.set_aside([mart.cell(row, "rows_quarantined") for row in mart])


def _figure(mart: Mart) -> Figure:
    last = {(row["la_code"], row["source"]): row for row in _by_year(mart)}
    rows = [_stack(mart, row) for row in last.values()]
    subtitle = "Rows that were delivered, by source, each of its last year"
    return Figure(
        "deliveries",
        _title(mart),
        subtitle,
        Table.of(
            mart,
            "What was delivered, and what became of it",
            "Source",
            COLUMNS,
            _source,
            frozenset({0, 1}),
        ),
        (mart.name,),
        stacks(
            "deliveries",
            _title(mart),
            f"{subtitle}: loaded, superseded and set aside. A bar for each. The table has all "
            "years, with the numbers.",
            rows,
        ),
        key=[(kind, word) for kind, (_, word) in BECAME.items() if _is_drawn(kind, rows)],
        says=(
            "A row is superseded when a later delivery takes its place, and set aside when nobody "
            "can tell what it is about. A return's year is that of the March that ends it.",
        ),
    )


def _is_drawn(kind: str, rows: Sequence[Stack]) -> bool:
    cells = [cell for row in rows for each, cell in row.parts if each == kind]
    return any(cell.is_shown and cell.number > 0 for cell in cells)


def _by_year(mart: Mart) -> list[Row]:
    return sorted(mart, key=lambda row: (row["source"], row["la_code"], row["collection_year"]))


def _source(row: Row) -> str:
    return str(row["source"]) + (", England" if row["la_code"] == NATIONAL else "")


def _stack(mart: Mart, row: Row) -> Stack:
    parts = {kind: mart.cell(row, column) for kind, (column, _) in BECAME.items()}
    told = [
        f"{parts[kind].shown} {word.lower()}"
        for kind, (_, word) in BECAME.items()
        if kind == "one" or not parts[kind].is_shown or parts[kind].number > 0
    ]
    name = f"{_source(row)}, {mart.cell(row, 'collection_year').shown}"
    return Stack(name, mart.cell(row, "rows_delivered"), list(parts.items()), ", ".join(told))
