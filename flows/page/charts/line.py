"""Lines over time, each named at its end, with a band for the interval where there is one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from flows.page.charts.draw import at, framed, text, ticks_of, top_of, wrapped
from flows.page.marts import Cell

TALL, HEAD = 200, 18  # px of the plot, and above it
LEFT, RIGHT = 9, 76  # per cent: between them lie the years, beyond them the names
NAME = 13  # characters of a name on one line
FINE = 1000  # steps across in which bands and lines are drawn


@dataclass(frozen=True)
class Line:
    """A series: its cells by date, limits where it has them; `is_second` is drawn dashed, with
    squares, in the second colour."""

    name: str
    points: Sequence[tuple[date, Cell]]
    lower: Sequence[Cell] = ()
    upper: Sequence[Cell] = ()
    is_second: bool = False


def lines(name: str, title: str, description: str, series: Sequence[Line]) -> Markup:
    """All series on one scale. A year whose number is not shown breaks the line and has the
    marker at its foot, that of the second line after its square."""
    dates = sorted({when for line in series for when, _ in line.points})
    if not dates:
        return framed(name, title, description, 20, [])
    end = top_of(
        cell for line in series
        for cell in (*(cell for _, cell in line.points), *line.upper)
    )  # fmt: skip
    scale = _Scale(dates[0], dates[-1], end)
    parts = [*_grid(scale), *_years(scale, dates)]
    for line in series:
        parts += _drawn(scale, line)
    parts += _names(scale, series)
    return framed(name, title, description, HEAD + TALL + 26, parts)


@dataclass(frozen=True)
class _Scale:
    first: date
    last: date
    end: float

    def across(self, when: date) -> float:
        """Per cent of the chart's width."""
        days = (self.last - self.first).days
        share = (when - self.first).days / days if days else 1.0
        return LEFT + (RIGHT - LEFT) * share

    def down(self, number: float) -> int:
        """Pixels from the chart's top."""
        return HEAD + TALL - round(TALL * number / self.end)


def _grid(scale: _Scale) -> Iterator[Markup]:
    for number in ticks_of(scale.end):
        y = scale.down(number)
        kind = "grid" if number else "base"
        yield Markup('<line class="{}" x1="0" x2="{}" y1="{}" y2="{}"/>').format(
            kind, at(RIGHT), y, y
        )
        if number:
            yield text([f"{number:,.10g}"], "0", y - 4, "tick")


def _years(scale: _Scale, dates: Sequence[date]) -> Iterator[Markup]:
    """Years under the plot: every so many, the last always; every other goes on a phone."""
    every = max(1, -(-len(dates) // 14))
    for place, when in enumerate(reversed(dates)):
        if place % every == 0:
            kind = "on year" + (" spare" if len(dates) > 5 and (place // every) % 2 else "")
            yield text([str(when.year)], at(scale.across(when)), HEAD + TALL + 18, kind)


def _drawn(scale: _Scale, line: Line) -> Iterator[Markup]:
    for run in _runs(line):
        if line.lower and line.upper:
            upper = [(line.points[i][0], line.upper[i]) for i in run if line.upper[i].is_shown]
            lower = [(line.points[i][0], line.lower[i]) for i in run if line.lower[i].is_shown]
            if len(upper) == len(lower) == 1:  # a year by itself: no band, but as wide a stroke
                yield Markup('<line class="lone" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>').format(
                    at(scale.across(upper[0][0])),
                    scale.down(upper[0][1].number),
                    scale.down(lower[0][1].number),
                )
            else:
                yield _shape(scale, "polygon", "band", [*upper, *reversed(lower)])
        kind = "line two" if line.is_second else "line"
        yield _shape(scale, "polyline", kind, [line.points[i] for i in run])
    for when, cell in line.points:
        x = at(scale.across(when))
        if not cell.is_shown:
            up, mark = (20, "\u25a0 ") if line.is_second else (5, "")
            yield text([mark + cell.shown], x, HEAD + TALL - up, "on quiet")
        elif line.is_second:
            yield Markup(
                '<svg class="over" x="{}" y="{}"><rect class="square" x="-4" y="-4" width="8" '
                'height="8"/></svg>'
            ).format(x, scale.down(cell.number))
        else:
            yield Markup('<circle class="dot" cx="{}" cy="{}" r="4"/>').format(
                x, scale.down(cell.number)
            )


def _runs(line: Line) -> Iterator[list[int]]:
    """The points that may be joined: neighbours that are shown."""
    run: list[int] = []
    for place, (_, cell) in enumerate(line.points):
        if cell.is_shown:
            run.append(place)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _shape(scale: _Scale, element: str, kind: str, points: Sequence[tuple[date, Cell]]) -> Markup:
    """A shape in a box of its own that is stretched across the chart, its strokes not."""
    told = ",".join(
        f"{round(FINE * scale.across(when) / 100)},{scale.down(cell.number)}"
        for when, cell in points
    )
    return Markup(
        '<svg width="100%" height="{}" viewBox="0 0 {} {}" preserveAspectRatio="none">'
        '<{} class="{}" points="{}"/></svg>'
    ).format(HEAD + TALL, FINE, HEAD + TALL, Markup(element), kind, told)  # noqa: S704


def _names(scale: _Scale, series: Sequence[Line]) -> Iterator[Markup]:
    """Each line's name and last number beyond its end, moved apart where they would touch."""
    told = []
    for line in series:
        shown = [(when, cell) for when, cell in line.points if cell.is_shown]
        if shown:
            when, cell = shown[-1]
            number = cell.shown + ("" if when == scale.last else f" in {when.year}")
            told.append((scale.down(cell.number), [*wrapped(line.name, NAME, 3), number]))
    told.sort(key=lambda each: each[0])
    free = 10
    for end, words in told:
        y = max(end + 5 - 8 * (len(words) - 1), free + 4)
        free = y + 16 * len(words)
        yield text(words, at(RIGHT + 2), y, "series", step=16)
