"""Figures held to targets, each with its own unit and so on a scale of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from flows.page.charts.draw import LINE, at, framed, line, text, top_of, why_not, wrapped
from flows.page.marts import Cell

STRIP, GAP, NAME = 22, 12, 46  # px, px, characters of a name on one line
END = 96  # per cent: the end of each scale, so that the last mark is whole


@dataclass(frozen=True)
class Aim:
    """An indicator: its figure, the one before if there is any, and its target."""

    name: str
    figure: Cell
    before: Cell | None
    target: Cell
    unit: str


def targets(name: str, title: str, description: str, rows: Sequence[Aim]) -> Markup:
    """A strip for each: a ring for the figure before, joined to the dot of the last one, and an
    upright mark for the target. Under it in words what is drawn, or why it is not."""
    parts, y = [], 0
    for row in rows:
        lines = wrapped(row.name, NAME)
        parts.append(text(lines, "0", y + 14, "name"))
        y += LINE * len(lines)
        middle = y + STRIP // 2
        drawn = [cell for cell in (row.figure, row.before, row.target) if cell and cell.is_shown]
        end = top_of(drawn)

        def across(cell: Cell, end: float = end) -> float:
            return END * max(cell.number, 0) / end

        parts.append(line("strip", 0, 100, middle, middle))
        if row.before and row.before.is_shown:
            if row.figure.is_shown:
                parts.append(line("way", across(row.before), across(row.figure), middle, middle))
            parts.append(
                Markup('<circle class="ring" cx="{}" cy="{}" r="5"/>').format(
                    at(across(row.before)), middle
                )
            )
        if row.target.is_shown:
            place = across(row.target)
            parts.append(line("area", place, place, middle - 9, middle + 9))
        if row.figure.is_shown:
            parts.append(
                Markup('<circle class="dot" cx="{}" cy="{}" r="6"/>').format(
                    at(across(row.figure)), middle
                )
            )
        y += STRIP
        parts.append(text([_said(row)], "0", y + 12, "value side"))
        y += LINE + GAP
    return framed(name, title, description, max(y - GAP + 4, 20), parts)


def _said(row: Aim) -> str:
    unit = row.unit if row.unit == "%" else f" {row.unit}"
    said = f"{row.figure.shown}{unit}".strip() if row.figure.is_shown else why_not(row.figure)
    if row.before and row.before.is_shown:
        said += f", before {row.before.shown}"
    return f"{said}, target {row.target.shown}" if row.target.is_shown else f"{said}, no target"
