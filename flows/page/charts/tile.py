"""A map of tiles: one for each LSOA, in rows by ward, the number in it.

There are no boundaries in the marts, so that where a tile lies says which ward and township it
belongs to and nothing of north and south. Tiles are HTML: they wrap on a phone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from flows.page.marts import Cell

Tile = tuple[str, str, Cell]  # township, ward, number


@dataclass(frozen=True)
class Ramp:
    """Which of four steps, dark to light, a number belongs to, and how the key names them.

    edges  where each step begins, or ends, going from the dark to the light
    """

    edges: tuple[float, float, float]
    is_dark_high: bool
    names: tuple[str, str, str, str]

    def step(self, number: float) -> int:
        if self.is_dark_high:
            return next((i for i, edge in enumerate(self.edges) if number >= edge), 3)
        return next((i for i, edge in enumerate(self.edges) if number <= edge), 3)


POVERTY = Ramp((40, 30, 20), True, ("40% or more", "30% to 39.9%", "20% to 29.9%", "under 20%"))
DEPRIVATION = Ramp(
    (1, 2, 5), False, ("1, the most deprived tenth of England", "2", "3 to 5", "6 to 10")
)


def tiles(name: str, title: str, found: Sequence[Tile], ramp: Ramp) -> Markup:
    """Townships in their order, wards in theirs, tiles from dark to light."""
    ordered = sorted(found, key=lambda tile: tile[:2])
    blocks = []
    for township, within in groupby(ordered, key=lambda tile: tile[0]):
        rows = Markup("").join(
            Markup('<div class="ward"><span>{}</span><span class="lsoas">{}</span></div>').format(
                ward, Markup("").join(_tile(cell, ramp) for _, _, cell in _dark_first(of, ramp))
            )
            for ward, of in groupby(within, key=lambda tile: tile[1])
        )
        blocks.append(
            Markup('<div class="township"><b>{}</b>{}</div>').format(township, rows)
            if township
            else Markup('<div class="township">{}</div>').format(rows)
        )
    key = Markup("").join(
        Markup('<li><span class="tile s{}"></span>{}</li>').format(step, said)
        for step, said in enumerate((*ramp.names, "not available"))
    )
    return Markup(
        '<ul class="key">{}</ul><div class="tiles" role="img" aria-label="{}" id="{}">{}</div>'
    ).format(key, title, name, Markup("").join(blocks))


def _dark_first(found: Iterable[Tile], ramp: Ramp) -> list[Tile]:
    told = list(found)
    shown = [tile for tile in told if tile[2].is_shown]
    shown.sort(key=lambda tile: tile[2].number, reverse=ramp.is_dark_high)
    return [*shown, *(tile for tile in told if not tile[2].is_shown)]


def _tile(cell: Cell, ramp: Ramp) -> Markup:
    step = ramp.step(cell.number) if cell.is_shown else 4
    return Markup('<span class="tile s{}">{}</span>').format(step, cell.shown)
