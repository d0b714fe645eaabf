"""A map of outlines: an LSOA filled by its number, townships drawn over them and named.

The outlines come drawn from the marts, in whole units of a grid. The first map of a page holds
them, and those that follow show the same ones in other colours.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from flows.page.charts.draw import WIDE, at, text, told, wrapped
from flows.page.charts.ramp import Ramp
from flows.page.marts import Cell

EDGE = 4  # units round the map, for the lines at its ends
WIDEST, TALLEST = 44, 40  # rem that a map is at most
NAME, LINES = 16, 2  # characters of a township's name on a line, and lines
STEP, PAD = 16, 4  # px from one line of a name to the next, and round it
NEAR = 20  # per cent from an end of the map, where a name begins or ends there

Point = tuple[int, int]


@dataclass(frozen=True)
class Outline:
    """Of one area: its lines of points, and where a name may stand."""

    lines: Sequence[Sequence[Point]]
    label: Point

    @classmethod
    def of(cls, written: str, label: Point) -> "Outline":
        """As the mart writes it: 1,2 3,4;5,6 7,8."""
        lines = [
            [(int(x), int(y)) for x, _, y in (point.partition(",") for point in line.split())]
            for line in written.split(";")
        ]
        return cls(lines, label)


@dataclass(frozen=True)
class Drawn:
    """The outlines of a page: its LSOAs, in the order in which maps have their numbers, and its
    townships by name."""

    lsoas: Sequence[Outline]
    townships: Sequence[tuple[str, Outline]]

    def once(self) -> Markup:
        """What the maps of the page are put together from."""
        shapes = [
            Markup('<path id="m{}" d="{}"/>').format(number, _path(outline))
            for number, outline in enumerate(self.lsoas)
        ]
        around = "\n".join(_path(outline) for _, outline in self.townships)
        lines = Markup('<path id="mt" d="{}"/>').format(around)
        return Markup("<defs>{}{}</defs>").format(Markup("").join(shapes), lines)

    def frame(self) -> tuple[int, int, int, int]:
        """West, north, width and height, in units."""
        places = [place for outline in self.lsoas for line in outline.lines for place in line]
        west, east = (choose(x for x, _ in places) for choose in (min, max))
        north, south = (choose(y for _, y in places) for choose in (min, max))
        return west - EDGE, north - EDGE, east - west + 2 * EDGE, south - north + 2 * EDGE


def outlines(
    name: str,
    title: str,
    description: str,
    drawn: Drawn,
    numbers: Sequence[tuple[str, Cell]],
    ramp: Ramp,
    is_first: bool,
) -> Markup:
    """The map of a measure: for each LSOA that is drawn its name and number."""
    west, north, width, height = drawn.frame()
    fills = Markup("").join(
        Markup('<use href="#m{}" class="s{}"><title>{}: {}</title></use>').format(
            number, ramp.step(cell), said, cell.shown
        )
        for number, (said, cell) in enumerate(numbers)
    )
    lines = Markup("").join(
        Markup('<use href="#mt" class="{}"/>').format(kind) for kind in ("casing", "border")
    )
    body = Markup(
        '<svg class="map" width="100%" height="100%" viewBox="{} {} {} {}">'
        '{}<g class="areas">{}</g>{}</svg>{}'
    ).format(
        west, north, width, height, drawn.once() if is_first else "", fills, lines,
        Markup("").join(_names(drawn)),
    )  # fmt: skip
    shape = Markup('style="aspect-ratio:{}/{};max-width:{}rem"').format(
        width, height, round(min(WIDEST, TALLEST * width / height))
    )
    return told(name, title, description, shape, body)


def _names(drawn: Drawn) -> Iterator[Markup]:
    """The townships' names, where there is more than one: text that does not shrink with the map,
    each on a plate, so that it is read on dark and light alike."""
    west, north, width, height = drawn.frame()
    for name, outline in drawn.townships if len(drawn.townships) > 1 else ():
        x, y = outline.label
        across, down = 100 * (x - west) / width, 100 * (y - north) / height
        lines = wrapped(name, NAME, LINES)
        long, tall = round(max(map(len, lines)) * WIDE["bold"]) + 2 * PAD, STEP * len(lines) + PAD
        if across < NEAR:
            kind, across, left, words = "first", 0.0, 0, PAD
        elif across > 100 - NEAR:
            kind, across, left, words = "last", 100.0, -long, -PAD
        else:
            kind, left, words = "mid", -long // 2, 0
        yield Markup(
            '<svg class="over" x="{}" y="{}"><rect class="plate" x="{}" y="{}" width="{}" '
            'height="{}" rx="3"/>{}</svg>'
        ).format(
            at(across), at(down), left, -tall // 2, long, tall,
            text(lines, str(words), STEP - 2 - tall // 2, f"place {kind}", STEP),
        )  # fmt: skip


def _path(outline: Outline) -> str:
    """Each line from its first point on, step by step. Between numbers that are not of one line
    stands a line break or a comma: none stand so close that they could be read as one."""
    parts = []
    for (x, y), *rest in outline.lines:
        steps = [(to_x - a, to_y - b) for (a, b), (to_x, to_y) in pairwise([(x, y), *rest])]
        parts.append(f"M{x},{y}\nl" + " ".join(f"{right},{down}" for right, down in steps))
    return "\n".join(parts)
