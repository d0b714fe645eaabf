"""The figures an authority has printed, recomputed from the marts and compared one by one.

The figures of the sample's plan are beside the sample; another authority passes its own file
of the same columns: id, figure, dimensions, printed, unit, rounding, query."""

import csv
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path

import duckdb

from flows.settings import Settings

PLAN_FIGURES = Path(__file__).parent / "sample/plan_figures.csv"
COLUMNS = ("id", "figure", "dimensions", "printed", "unit", "rounding", "query")
STEPS = {"exact": None, "nearest 1": Decimal(1), "nearest 0.1": Decimal("0.1")}
ROUNDINGS = (*STEPS, "over", "none")


class FiguresError(Exception):
    """The file of figures cannot be used; the message says which line and why."""


@dataclass(frozen=True)
class Printed:
    """One figure as printed, and the query that gives it from the marts.

    rounding   `exact`, `nearest 1` or `nearest 0.1` (halves up) as it was printed; `over` for
               a figure printed as "over N": above N and below N + 1; `none` for one that is
               not a number in print (a map): the query counts what it would show
    """

    id: str
    figure: str
    dimensions: str
    printed: str
    unit: str
    rounding: str
    query: str


@dataclass(frozen=True)
class Figure:
    """One figure as printed and as recomputed, rounded alike; null where there is none."""

    id: str
    figure: str
    dimensions: str
    printed: str
    recomputed: str | None
    unit: str
    rounding: str
    agrees: bool
    note: str


def recompute(settings: Settings, file: Path | None = None) -> list[Figure]:
    """Each figure of the file (the plan's when none is given), in its order. A figure whose
    query fails is not left out: its note says what kind of failure it was."""
    printed = _read(file or PLAN_FIGURES)
    with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
        return [_compare(each, *_ask(warehouse, each.query)) for each in printed]


def _read(file: Path) -> list[Printed]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        if missing := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
            raise FiguresError(f"{file.name} has no column {', '.join(missing)}.")
        figures = []
        for row in reader:
            if row["rounding"] not in ROUNDINGS:
                raise FiguresError(
                    f"{file.name}, line {reader.line_num}: rounding is one of "
                    f"{', '.join(ROUNDINGS)}."
                )
            figures.append(Printed(**{name: row[name] or "" for name in COLUMNS}))
        return figures


def _ask(warehouse: duckdb.DuckDBPyConnection, query: str) -> tuple[object, str]:
    """The single value that a query gives, and what to say when it gives none. What went
    wrong is told by its kind alone, for an engine's message may hold a value."""
    try:
        rows = warehouse.execute(query).fetchmany(2)
    except duckdb.Error as failure:
        return None, f"the query failed ({type(failure).__name__})"
    if len(rows) != 1 or len(rows[0]) != 1:
        return None, "the query gave no row" if not rows else "the query gave more than a value"
    return rows[0][0], "" if rows[0][0] is not None else "the mart holds no value"


def _compare(printed: Printed, value: object, note: str) -> Figure:
    recomputed, agrees = None, False
    if value is not None:
        recomputed, agrees = _judge(printed, value)
    if printed.rounding == "none" and not note:
        note = "not a number in print: what it would show is counted"
    return Figure(
        id=printed.id,
        figure=printed.figure,
        dimensions=printed.dimensions,
        printed=printed.printed,
        recomputed=recomputed,
        unit=printed.unit,
        rounding=printed.rounding,
        agrees=agrees,
        note=note,
    )


def _judge(printed: Printed, value: object) -> tuple[str, bool]:
    """The value as it would be printed, and whether that is what was."""
    number, in_print = _number(value), _number(printed.printed)
    if number is None or in_print is None:
        return str(value), str(value) == printed.printed
    if printed.rounding == "over":
        return str(_rounded(number, Decimal("0.1"))), in_print < number < in_print + 1
    if step := STEPS.get(printed.rounding):
        number = _rounded(number, step)
        return str(number), number == in_print
    is_whole = number == number.to_integral_value()
    return str(int(number) if is_whole else number), number == in_print


def _number(value: object) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _rounded(number: Decimal, step: Decimal) -> Decimal:
    """Half up, as print does it, after what binary fractions add far behind the point."""
    return number.quantize(Decimal("1e-9"), ROUND_HALF_UP).quantize(step, ROUND_HALF_UP)
