"""Shares with their 95% intervals, each beside the area's share."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from flows.page.charts.draw import LINE, at, framed, line, text, top_of, why_not, wrapped
from flows.page.marts import Cell

STRIP, GAP, NAME = 20, 8, 26  # px, px, characters


@dataclass(frozen=True)
class Share:
    """A category's share of the children, its interval, the area's share, and what the mart
    says of the two."""

    name: str
    share: Cell
    lower: Cell
    upper: Cell
    area: Cell
    comparison: Cell


def intervals(name: str, title: str, description: str, rows: Sequence[Share]) -> Markup:
    """One strip for each: a thick line from limit to limit with a dot, and an upright mark for
    the area."""
    end = top_of(cell for row in rows for cell in (row.share, row.upper, row.area))
    parts, y = [], 0
    for row in rows:
        lines = wrapped(row.name, NAME)
        parts.append(text(lines, "0", y + 14, "name"))
        parts.append(text([_said(row)], "100%", y + 14, "end"))
        y += LINE * len(lines)
        middle = y + STRIP // 2
        parts.append(line("strip", 0, 100, middle, middle))
        if row.share.is_shown and row.lower.is_shown and row.upper.is_shown:
            low, mid, high = (100 * cell.number / end for cell in (row.lower, row.share, row.upper))
            parts.append(line("range", low, high, middle, middle))
            parts.append(
                Markup('<circle class="dot" cx="{}" cy="{}" r="5"/>').format(at(mid), middle)
            )
        if row.area.is_shown:
            place = 100 * row.area.number / end
            parts.append(line("area", place, place, middle - 9, middle + 9))
        y += STRIP + GAP
    return framed(name, title, description, max(y, 20), parts)


def _said(row: Share) -> str:
    if not row.share.is_shown:
        return why_not(row.share)
    said = f"{row.share.shown}%"
    if row.area.is_shown:
        said += f", area {row.area.shown}%"
    return f"{said}, {row.comparison.value}" if row.comparison.is_shown else said
