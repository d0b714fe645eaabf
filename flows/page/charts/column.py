"""Columns along an order (ages, years), with the number on each; bars where they do not fit."""

from collections.abc import Sequence

from markupsafe import Markup

from flows.page.charts.bar import bars
from flows.page.charts.draw import PHONE, WIDE, at, framed, text, top_of
from flows.page.marts import Cell

TALL, HEAD = 200, 36  # px of the highest column, and above it for number and note
SHARE = 0.78  # of its place that a column takes


def columns(
    name: str,
    title: str,
    description: str,
    rows: Sequence[tuple[str, Cell]],
    marked: Sequence[str] = (),
    note: str = "",
) -> Markup:
    """One column for each row; those of `marked` in the second colour with `note` above. A label
    may have a line break in it."""
    words = [line for label, cell in rows for line in (*label.split("\n"), cell.shown)]
    if len(rows) * max(map(len, words), default=0) * WIDE["small"] > PHONE:
        flat = [(label.replace("\n", ""), cell) for label, cell in rows]
        return bars(name, title, description, flat, marked=[m.replace("\n", "") for m in marked])
    end = top_of(cell for _, cell in rows)
    place = 100 / max(len(rows), 1)
    floor = HEAD + TALL
    parts = []
    for number, (label, cell) in enumerate(rows):
        middle = at((number + 0.5) * place)
        if cell.is_shown:
            tall = round(TALL * max(cell.number, 0) / end)
            is_marked = label in marked
            parts.append(
                Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
                    "bar two" if is_marked else "bar",
                    at((number + (1 - SHARE) / 2) * place), floor - tall, at(SHARE * place), tall,
                )
            )  # fmt: skip
            parts.append(text([cell.shown], middle, floor - tall - 5, "on"))
            if is_marked and note:
                parts.append(text([note], middle, floor - tall - 20, "on strong"))
        else:
            parts.append(text([cell.shown], middle, floor - 5, "on quiet"))
        parts.append(text(label.split("\n"), middle, floor + 16, "on", step=14))
    base = Markup('<line class="base" x1="0" x2="100%" y1="{}" y2="{}"/>').format(floor, floor)
    deep = max((label.count("\n") for label, _ in rows), default=0) * 14
    return framed(name, title, description, floor + 24 + deep, [*parts, base])
