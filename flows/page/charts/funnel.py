"""A funnel plot: rates by size of population, between the limits that chance alone would keep."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from flows.page.charts.draw import at, framed, text, ticks_of, top_of, wrapped
from flows.page.marts import Cell

TALL, HEAD, FOOT = 300, 18, 42  # px of the plot, above it and below it
LEFT, RIGHT = 8, 84  # per cent: between them lie the populations, beyond them England's name
FINE, FINELY = 4000, 10  # steps across in which limits are drawn, and steps of a pixel down
SMOOTH = 40  # steps across at most from one place of a limit to the next
NEAR_THE_END = 55  # per cent: a name beyond it is written to the left of its mark
NAME = 18  # characters of the authority's name on one line
CIRCLE = Markup('<circle cx="{}" cy="{}" r="{}"/>')
DIAMOND = Markup('<svg class="over" x="{}" y="{}"><polygon points="0,-6,6,0,0,6,-6,0"/></svg>')


@dataclass(frozen=True)
class Limits:
    """Control limits around England's rate for one size of population."""

    lower_998: Cell
    lower_95: Cell
    upper_95: Cell
    upper_998: Cell

    @property
    def are_shown(self) -> bool:
        return all(
            cell.is_shown for cell in (self.lower_998, self.lower_95, self.upper_95, self.upper_998)
        )


@dataclass(frozen=True)
class Mark:
    """An authority: how large, its rate, and the limits for one of its size."""

    name: str
    population: Cell
    rate: Cell
    limits: Limits
    is_neighbour: bool = False

    @property
    def is_placed(self) -> bool:
        return self.population.is_shown and self.rate.is_shown


def funnel(
    name: str, title: str, description: str, own: Mark, others: Sequence[Mark], england: Cell
) -> Markup:
    """England's rate as a dashed line with its limits, the others as dots, statistical neighbours
    as diamonds, and the authority itself larger, with its name; where its rate is not shown the
    marker stands at the foot."""
    placed = [mark for mark in others if mark.is_placed]
    if not placed:
        return framed(name, title, description, 20, [])
    plot = _Plot(
        top_of(mark.population for mark in (*placed, own)),
        top_of([own.rate, england, *(mark.rate for mark in placed)]),
    )
    parts = [
        *_grid(plot),
        *_limits(plot, (own, *others)),
        *_england(plot, england),
        _group("others", plot, [m for m in placed if not m.is_neighbour]),
        _group("neighbours", plot, [m for m in placed if m.is_neighbour]),
        *_own(plot, own),
    ]
    return framed(name, title, description, HEAD + TALL + FOOT, parts)


@dataclass(frozen=True)
class _Plot:
    people: float
    rates: float

    def across(self, population: float) -> float:
        """Per cent of the chart's width."""
        return LEFT + (RIGHT - LEFT) * population / self.people

    def down(self, rate: float) -> int:
        """Pixels from the chart's top."""
        return HEAD + TALL - round(TALL * rate / self.rates)


def _grid(plot: _Plot) -> Iterator[Markup]:
    floor = HEAD + TALL
    for number in ticks_of(plot.rates):
        kind, y = "grid" if number else "base", plot.down(number)
        yield Markup('<line class="{}" x1="0" x2="{}" y1="{}" y2="{}"/>').format(
            kind, at(RIGHT), y, y
        )
        if number:
            yield text([f"{number:,.10g}"], "0", y - 4, "tick")
    steps = ticks_of(plot.people)
    for place, number in enumerate(steps):
        kind = "tick before" if number == steps[-1] else "tick on"
        kind += " spare" if place % 2 and len(steps) > 4 else ""
        yield text([f"{number:,.10g}"], at(plot.across(number)), floor + 16, kind)
    yield text(["Children aged 0 to 17"], at(RIGHT), floor + 36, "end")


def _limits(plot: _Plot, marks: Sequence[Mark]) -> Iterator[Markup]:
    """Each limit from the smallest population to the largest; what goes beyond the plot is cut."""
    sized = sorted(
        (mark for mark in marks if mark.population.is_shown and mark.limits.are_shown),
        key=lambda mark: mark.population.number,
    )
    if len(sized) < 2:
        return
    for column in ("lower_998", "lower_95", "upper_95", "upper_998"):
        told = ",".join(
            f"{round(FINE * plot.across(size) / 100)},"
            f"{round(FINELY * TALL * (1 - rate / plot.rates))}"
            for size, rate in _curve(
                plot,
                [
                    (mark.population.number, getattr(mark.limits, column).number)
                    for mark in sized
                    if mark.population.number > 0
                ],
            )
        )
        yield Markup(
            '<svg y="{}" width="100%" height="{}" viewBox="0 0 {} {}" preserveAspectRatio="none">'
            '<polyline class="limit{}" points="{}"/></svg>'
        ).format(HEAD, TALL, FINE, FINELY * TALL, " inner" if column.endswith("_95") else "", told)


def _curve(plot: _Plot, places: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Through these places, size and rate: where they lie far apart along the shape that limits
    have, straight in one over the square root of the size. Those that lie too near are left."""
    before = None
    for size, rate in places:
        if before:
            steps = FINE * (plot.across(size) - plot.across(before[0])) / 100
            if steps < 2 and size != places[-1][0]:
                continue
            first, last = before[0] ** -0.5, size**-0.5
            for step in range(1, int(steps / SMOOTH) + 1):
                between = before[0] + (size - before[0]) * step * SMOOTH / steps
                share = (between**-0.5 - first) / (last - first)
                yield between, before[1] + (rate - before[1]) * share
        yield size, rate
        before = (size, rate)


def _england(plot: _Plot, england: Cell) -> Iterator[Markup]:
    if england.is_shown:
        y = plot.down(england.number)
        yield Markup('<line class="middle" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
            at(LEFT), at(RIGHT), y, y
        )
        yield text(["England", england.shown], at(RIGHT + 1), y - 3, "inked", step=15)


def _group(kind: str, plot: _Plot, marks: Sequence[Mark]) -> Markup:
    drawn = Markup("").join(
        (DIAMOND if mark.is_neighbour else CIRCLE).format(
            at(plot.across(mark.population.number)), plot.down(mark.rate.number), 3
        )
        for mark in marks
    )
    return Markup('<g class="{}">{}</g>').format(kind, drawn)


def _own(plot: _Plot, own: Mark) -> Iterator[Markup]:
    if not own.population.is_shown:
        return
    place = plot.across(own.population.number)
    if not own.rate.is_shown:
        yield text([own.rate.shown], at(place), HEAD + TALL - 6, "on over-marks")
        return
    y = plot.down(own.rate.number)
    yield Markup('<g class="own">{}</g>').format(CIRCLE.format(at(place), y, 7))
    words = wrapped(own.name, NAME, 3)
    if len(words) == 1 and len(f"{own.name} {own.rate.shown}") <= NAME:
        words = [f"{own.name} {own.rate.shown}"]
    else:
        words.append(own.rate.shown)
    is_late = place > NEAR_THE_END
    kind = "strong over-marks" + (" before" if is_late else "")
    first = max(y + 5 - 8 * (len(words) - 1), 14)
    for number, line in enumerate(words):
        yield Markup('<text class="{}" x="{}" dx="{}" y="{}">{}</text>').format(
            kind, at(place), -11 if is_late else 11, first + 16 * number, line
        )
