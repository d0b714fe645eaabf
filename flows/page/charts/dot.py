"""Rates in an order, one dot for each place, on one scale."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from flows.page.charts.draw import at, framed, line, text, top_of, wrapped
from flows.page.marts import Cell

ROW, MORE = 28, 16  # px of a place, and of every further line of its name
NAME = 20  # characters of a name on one line
LEFT, RIGHT = 40, 86  # per cent: the scale lies between, the number beyond

SHAPES = {
    "own": Markup('<circle class="dot" cx="{}" cy="{}" r="7"/>'),
    "neighbour": Markup(
        '<svg class="over neighbours" x="{}" y="{}"><polygon points="0,-6,6,0,0,6,-6,0"/></svg>'
    ),
    "other": Markup(
        '<svg class="over" x="{}" y="{}"><line class="upright" x1="0" x2="0" y1="-9" y2="9"/></svg>'
    ),
}


@dataclass(frozen=True)
class Dot:
    """A place with its rate: `kind` is own (with its 95% interval), neighbour or other."""

    name: str
    rate: Cell
    kind: str
    lower: Cell | None = None
    upper: Cell | None = None


def dots(name: str, title: str, description: str, rows: Sequence[Dot]) -> Markup:
    """One line for each place, in their order; what is not shown has its marker."""
    end = top_of(cell for row in rows for cell in (row.rate, row.upper) if cell is not None)
    parts, y = [], 0
    for row in rows:
        lines = wrapped(row.name, NAME)
        middle = y + ROW // 2 + MORE * (len(lines) - 1) // 2
        parts.append(
            text(lines, "0", y + 19, "name side mine" if row.kind == "own" else "name side", MORE)
        )
        parts.append(line("strip", LEFT, RIGHT, middle, middle))
        if row.rate.is_shown:
            if row.lower and row.upper and row.lower.is_shown and row.upper.is_shown:
                low, high = (_across(cell, end) for cell in (row.lower, row.upper))
                parts.append(line("range", low, high, middle, middle))
            parts.append(SHAPES[row.kind].format(at(_across(row.rate, end)), middle, middle))
        kind = "end mine" if row.kind == "own" else "end" if row.rate.is_shown else "end quiet"
        parts.append(text([row.rate.shown], "100%", middle + 5, kind))
        y += ROW + MORE * (len(lines) - 1)
    return framed(name, title, description, max(y, 20), parts)


def _across(cell: Cell, end: float) -> float:
    return LEFT + (RIGHT - LEFT) * cell.number / end
