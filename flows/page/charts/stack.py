"""Horizontal bars in parts: a name, and under it the parts one after another, with words."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from flows.page.charts.bar import BAR, GAP, NAME
from flows.page.charts.draw import LINE, at, framed, text, top_of, wrapped
from flows.page.marts import Cell

HAIR = 0.3  # per cent: what there is little of is seen all the same


@dataclass(frozen=True)
class Stack:
    """A whole, and the parts that it is of, each with the kind that its colour tells."""

    name: str
    whole: Cell
    parts: Sequence[tuple[str, Cell]]
    said: str


def stacks(name: str, title: str, description: str, rows: Sequence[Stack]) -> Markup:
    """One bar for each row, in their order; a part that is not shown takes no room, and the words
    under the bar have its marker."""
    end = top_of(row.whole for row in rows)
    parts, y = [], 0
    for row in rows:
        lines = wrapped(row.name, NAME)
        parts.append(text(lines, "0", y + 14, "name"))
        y += LINE * len(lines) + 2
        begun = 0.0
        for kind, cell in row.parts:
            if not cell.is_shown or cell.number <= 0:
                continue
            long = max(100 * cell.number / end, HAIR)
            parts.append(
                Markup('<rect class="bar {}" x="{}" y="{}" width="{}" height="{}"/>').format(
                    kind, at(begun), y, at(long), BAR
                )
            )
            begun += long
        said = wrapped(row.said, NAME + 4, 2)
        parts.append(text(said, "0", y + BAR + 14, "small"))
        y += BAR + LINE * len(said) + GAP
    return framed(name, title, description, max(y - GAP + 4, 20), parts)
