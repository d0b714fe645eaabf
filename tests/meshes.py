"""Boundaries of no place on earth: a mesh of areas whose neighbours meet, as those of LSOAs do."""

import json
import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

Point = tuple[float, float]

STEP = 0.01  # degrees from one corner to the next
WEST, SOUTH = -2.2, 52.42


def collection(codes: Sequence[str], per_edge: int = 80, across: int = 15) -> dict[str, Any]:
    """A GeoJSON of an area for each code, in rows, each of four winding edges of so many points."""
    return {
        "type": "FeatureCollection",
        "features": [
            feature(code, [_ring(number % across, number // across, per_edge)])
            for number, code in enumerate(codes)
        ],
    }


def feature(code: Any, rings: Any, kind: str = "Polygon") -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"FID": 1, "LSOA11CD": code, "LSOA11NM": f"Area {code}"},
        "geometry": {"type": kind, "coordinates": rings},
    }


def written(told: dict[str, Any]) -> bytes:
    """A feature in a line, as publishers write them."""
    lines = ",\n".join(json.dumps(each) for each in told["features"])
    return f'{{"type": "FeatureCollection",\n"features": [\n{lines}\n]}}\n'.encode()


def _ring(i: int, j: int, per_edge: int) -> list[Point]:
    corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1), (i, j)]
    ring = [_corner(i, j)]
    for at, to in pairwise(corners):
        ring += _edge(at, to, per_edge)
    return ring


def _corner(i: int, j: int) -> Point:
    return (
        round(WEST + STEP * (i + 0.25 * math.sin(3 * i + 5 * j)), 7),
        round(SOUTH + 0.62 * STEP * (j + 0.25 * math.sin(5 * i + 3 * j)), 7),
    )


def _edge(at: tuple[int, int], to: tuple[int, int], points: int) -> list[Point]:
    """From one corner to the next, the same points in either direction."""
    if at > to:
        return [*_edge(to, at, points)[-2::-1], _corner(*to)]
    (x, y), (u, v) = _corner(*at), _corner(*to)
    found = []
    for number in range(1, points):
        share = number / points
        aside = 0.12 * math.sin(math.pi * share) * math.sin(9 * math.pi * share + at[0])
        found.append((
            round(x + (u - x) * share + aside * (v - y), 7),
            round(y + (v - y) * share - aside * (u - x), 7),
        ))  # fmt: skip
    return [*found, (u, v)]
