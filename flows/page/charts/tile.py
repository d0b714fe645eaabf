"""A map of tiles: one for each LSOA, in rows by ward, the number in it.

It stands in where no boundaries were delivered, so that where a tile lies says which ward and
township it belongs to and nothing of north and south. Tiles are HTML: they wrap on a phone.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

from markupsafe import Markup

from flows.page.charts.ramp import Ramp
from flows.page.marts import Cell

Tile = tuple[str, str, Cell]  # township, ward, number


def tiles(name: str, title: str, found: Sequence[Tile], ramp: Ramp) -> Markup:
    """Townships in their order, wards in theirs, tiles from dark to light; without the key."""
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
    return Markup(
        '<div role="img" aria-label="{}" id="{}"><div class="tiles" aria-hidden="true">{}'
        "</div></div>"
    ).format(title, name, Markup("").join(blocks))


def _dark_first(found: Iterable[Tile], ramp: Ramp) -> list[Tile]:
    told = list(found)
    shown = [tile for tile in told if tile[2].is_shown]
    shown.sort(key=lambda tile: tile[2].number, reverse=ramp.is_dark_high)
    return [*shown, *(tile for tile in told if not tile[2].is_shown)]


def _tile(cell: Cell, ramp: Ramp) -> Markup:
    return Markup('<span class="tile s{}">{}</span>').format(ramp.step(cell), cell.shown)
