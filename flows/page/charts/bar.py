"""Horizontal bars: a name, and under it the bar with its number at the end."""

from collections.abc import Sequence

from markupsafe import Markup

from flows.page.charts.draw import LINE, at, framed, text, top_of, why_not, wrapped
from flows.page.marts import Cell

BAR, GAP, NAME = 16, 14, 46  # px, px, characters of a name on one line
LONGEST = 78  # per cent of the width: the number stands beyond it


def bars(
    name: str,
    title: str,
    description: str,
    rows: Sequence[tuple[str, Cell]],
    unit: str = "",
    marked: Sequence[str] = (),
) -> Markup:
    """One bar for each row, in their order; those of `marked` in the second colour."""
    end = top_of(cell for _, cell in rows)
    parts, y = [], 0
    for label, cell in rows:
        lines = wrapped(label, NAME)
        parts.append(text(lines, "0", y + 14, "name"))
        y += LINE * len(lines) + 2
        if cell.is_shown:
            long = LONGEST * max(cell.number, 0) / end
            kind = "bar two" if label in marked else "bar"
            parts.append(
                Markup('<rect class="{}" x="0" y="{}" width="{}" height="{}"/>').format(
                    kind, y, at(long), BAR
                )
            )
            parts.append(
                Markup('<text class="value" x="{}" dx="6" y="{}">{}{}</text>').format(
                    at(long), y + 13, cell.shown, unit
                )
            )
        else:
            parts.append(text([why_not(cell)], "0", y + 13, "quiet"))
        y += BAR + GAP
    return framed(name, title, description, max(y - GAP + 2, 20), parts)
