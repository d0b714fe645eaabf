"""What all charts share: colours, scales, text on several lines, the frame with its title."""

import textwrap
from collections.abc import Iterable, Sequence
from math import floor, log10

from markupsafe import Markup

from flows.page.marts import Cell
from flows.page.words import MARKERS

# The Government Analysis Function's colours. Only ink is used for words, and white on the dark.
INK, PAPER = "#0b0c0c", "#ffffff"
BLUE, ORANGE, GREY, QUIET = "#12436D", "#F46A25", "#BFBFBF", "#505a5f"
STEPS = ("#12436D", "#2073BC", "#6BACE6", "#ADD1F1")  # dark to light
NOT_TOLD = "#f3f2f1"

# Where a scale may end, times a power of ten, and into how many round steps it is then parted.
ENDS = {1: 4, 1.5: 3, 2: 4, 3: 3, 4: 4, 5: 5, 6: 3, 8: 4}

LINE = 18  # px from one line of text to the next
PHONE = 350  # px that a chart is wide on a phone
WIDE = {"bold": 7.4, "small": 6.3}  # px that a character takes, about


def at(share: float) -> str:
    """A place across, in per cent; whole tenths are enough for any screen."""
    return f"{round(share, 1):g}%"


def top_of(cells: Iterable[Cell]) -> float:
    """The end of a scale that begins at nought: a round number at or above all that is shown."""
    most = max((cell.number for cell in cells if cell.is_shown), default=0.0)
    if most <= 0:
        return 1.0
    size = 10.0 ** floor(log10(most))
    return next(size * end for end in (*ENDS, 10) if size * end >= most)


def ticks_of(end: float) -> list[float]:
    """Round numbers from nought to the end of such a scale."""
    size = 10.0 ** floor(log10(end))
    steps = ENDS.get(round(end / size, 6), 4)
    return [end * step / steps for step in range(steps + 1)]


def wrapped(text: str, characters: int, most: int = 4) -> list[str]:
    """A text in lines; what is longer than `most` of them ends in an ellipsis."""
    return textwrap.wrap(text, characters, max_lines=most, placeholder=" …") or [""]


def text(lines: Sequence[str], x: str, y: int, kind: str, step: int = LINE) -> Markup:
    """Lines of text, the first on the baseline `y`."""
    if len(lines) == 1:
        return Markup('<text class="{}" x="{}" y="{}">{}</text>').format(kind, x, y, lines[0])
    spans = Markup("").join(
        Markup('<tspan x="{}" y="{}">{}</tspan>').format(x, y + number * step, line)
        for number, line in enumerate(lines)
    )
    return Markup('<text class="{}">{}</text>').format(kind, spans)


def line(kind: str, x1: float, x2: float, y1: int, y2: int) -> Markup:
    """A line from one place to another."""
    return Markup('<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
        kind, at(x1), at(x2), y1, y2
    )


def why_not(cell: Cell) -> str:
    """What stands in a chart for a number that is not shown: [c] withheld."""
    return " ".join(MARKERS[cell.marker or "x"])


def framed(name: str, title: str, description: str, height: int, parts: Iterable[str]) -> Markup:
    """The chart, with the title and description that stand for it where it is not seen."""
    body = Markup("").join(Markup(part) for part in parts)  # noqa: S704 - each part is escaped
    return told(name, title, description, Markup('height="{}"').format(height), body)


def told(name: str, title: str, description: str, shape: Markup, body: Markup) -> Markup:
    """What is drawn, as one picture with a name and a description to whoever hears it: words and
    numbers that are only placed in it are not read out one by one, for the table has them."""
    return Markup(
        '<svg class="chart" role="img" width="100%" {} aria-labelledby="{}-t" '
        'aria-describedby="{}-d"><title id="{}-t">{}</title><desc id="{}-d">{}</desc>'
        '<g aria-hidden="true">{}</g></svg>'
    ).format(shape, name, name, name, title, name, description, body)
