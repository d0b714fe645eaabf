"""The other authorities of England in the department's tables of 31 March 2010.

All that is told of them is invented, but for their names and codes: it is there so that an
authority can be seen among others. Together with what the department did publish it adds up to
the figures of England.
"""

import csv
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from flows.sample.dice import Dice
from flows.settings import HOUSE

SEED = HOUSE / "seeds/places/local_authorities.csv"
DAY = "2010-03-31"

# Hundreds of children by kind of authority, and how many per cent of the usual rate it has.
SIZES = {"E06": (280, 680), "E08": (450, 1150), "E09": (380, 800), "E10": (950, 3000)}
LEVELS = {"E06": 100, "E08": 114, "E09": 118, "E10": 84}
# The City of London, the Isles of Scilly and Rutland are small, in hundreds of children.
SMALL = {"201": 9, "420": 4, "857": 81}
FEWEST = 6  # below this the department prints an x
GOVERNMENT_OFFICES = {
    "E12000001": "A", "E12000002": "B", "E12000003": "D", "E12000004": "E", "E12000005": "F",
    "E12000006": "G", "E12000007": "H", "E12000008": "J", "E12000009": "K",
}  # fmt: skip


@dataclass(frozen=True)
class Named:
    """An authority as it stood on the day."""

    code: str
    name: str
    ons_code: str
    region_code: str
    region: str


@cache
def named() -> dict[str, Named]:
    """Every authority of the day by its code."""
    with SEED.open(encoding="utf-8", newline="") as lines:
        return {
            row["la_code"]: Named(
                row["la_code"], row["la_name"], row["ons_code"], row["region_code"],
                row["region_name"],
            )
            for row in csv.DictReader(lines)
            if row["valid_from"] <= DAY and (not row["valid_to"] or row["valid_to"] >= DAY)
        }  # fmt: skip


def children(known: Collection[str], hundreds: int) -> dict[str, int]:
    """Hundreds of children in each authority that is not known yet."""
    dice = Dice(2010)
    weights = {}
    for code, each in sorted(named().items()):
        low, high = SIZES[each.ons_code[:3]]
        weight = dice.between(low, high)
        if code not in known and code not in SMALL:
            weights[code] = weight
    return SMALL | _shared(weights, hundreds - sum(SMALL.values()))


def counts(seed: int, hundreds: Mapping[str, int], all_children: int) -> dict[str, int]:
    """How many of some children each of these authorities has."""
    dice = Dice(seed)
    weights = {}
    for code in sorted(hundreds):
        level = LEVELS[named()[code].ons_code[:3]]
        weights[code] = hundreds[code] * level * (dice.between(30, 80) + dice.between(30, 80))
    return _shared(weights, all_children)


def printed(count: int) -> str:
    """As the department prints a count."""
    return str(count) if count >= FEWEST or count == 0 else "x"


def rate(count: int, hundreds: int, decimals: int) -> str:
    """Children per 10,000, as the department prints it; an x where it prints no count."""
    if printed(count) == "x":
        return "x"
    scale = 10**decimals
    tenths = (2 * count * 100 * scale + hundreds) // (2 * hundreds)
    return f"{tenths / scale:.{decimals}f}"


def nearest_ten(numbers: Iterable[int]) -> int:
    """A sum as the department rounds it."""
    return (sum(numbers) + 5) // 10 * 10


def _shared(weights: Mapping[str, int], whole: int) -> dict[str, int]:
    """Shares by weight that add up; the heaviest takes what is left."""
    total = sum(weights.values())
    shares = {code: whole * weight // total for code, weight in weights.items()}
    shares[max(weights, key=lambda code: weights[code])] += whole - sum(shares.values())
    return shares
