"""Where the invented children of many authorities live.

The authorities' names and codes are facts, for an authority that is in no list of authorities
is refused; all that is told of them is invented, as it is of the others in the sample. What lies
within them is invented too, under codes that the Office for National Statistics has not given
out and postcodes of areas that the Post Office has not got (of those that begin with Z there is
ZE alone).
"""

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from flows.sample import elsewhere
from flows.sample.dice import Dice
from flows.sample.places import INWARD_LETTERS

LAST_YEAR = 2011  # that in which the window of the cohort ends, unless a var says otherwise
RELEASE, RANKED = 2007, 32_482  # of deprivation: LSOAs of 2001

# Of an authority of middling size, in which a census tells of 4,000 children.
CENSUS_CHILDREN = 4_000
LSOAS = 216
POSTCODES_PER_LSOA = 82
LSOAS_PER_WARD = 9
WARDS_PER_TOWNSHIP = 5

AREAS = [f"Z{letter}" for letter in "ABCDFGHJKLMNPR"]
DISTRICTS = 9  # of an authority: more than its postcodes fill
PER_SECTOR = len(INWARD_LETTERS) ** 2
PER_DISTRICT = 10 * PER_SECTOR
UNKNOWN = ("Y", 9)  # postcodes in the last district of each authority are in no directory
HOMES_OUTSIDE = 30  # postcodes of the next authority from which some children come


class Home(NamedTuple):
    """Where a child comes from: the postcode, and the LSOA and ward within the authority."""

    postcode: str
    status: str  # as `place_status` has it: in area, out of area, unknown
    lsoa: int = -1
    ward: int = -1


@dataclass(frozen=True)
class Authority:
    """One authority: `number` is its place among all, `size` how it compares with the middle."""

    number: int
    census_children: int

    @cached_property
    def named(self) -> elsewhere.Named:
        return authorities()[self.number]

    @property
    def code(self) -> str:
        return self.named.code

    @property
    def size(self) -> float:
        """From half to one and a half, 1 on average."""
        return 0.5 + (self.number * 7 % 11) / 10

    @property
    def children(self) -> int:
        """Of whom a census tells, about."""
        return round(self.census_children * self.size)

    @property
    def lsoas(self) -> int:
        return max(6, round(LSOAS * self.children / CENSUS_CHILDREN))

    @property
    def wards(self) -> int:
        return max(2, round(self.lsoas / LSOAS_PER_WARD))

    @property
    def townships(self) -> int:
        return max(2, round(self.wards / WARDS_PER_TOWNSHIP))

    @cached_property
    def first_lsoa(self) -> int:
        """The place of its first LSOA among those of all authorities."""
        return sum(Authority(before, self.census_children).lsoas for before in range(self.number))

    def lsoa_code(self, lsoa: int) -> str:
        return f"E01{900_000 + self.first_lsoa + lsoa}"

    def lsoa_name(self, lsoa: int) -> str:
        return f"{self.named.name} {lsoa // 5 + 1:03d}{'ABCDE'[lsoa % 5]}"

    def ward_code(self, ward: int) -> str:
        return f"E05{900_000 + 100 * self.number + ward}"

    def ward_name(self, ward: int) -> str:
        return f"Ward {ward + 1:02d}"

    def township(self, ward: int) -> str:
        return f"Town {ward * self.townships // self.wards + 1}"

    def ward_of_lsoa(self, lsoa: int) -> int:
        return lsoa * self.wards // self.lsoas

    def rank(self, lsoa: int) -> int:
        """Of deprivation: each rank once, in no order."""
        return (self.first_lsoa + lsoa) * 12_289 % RANKED + 1

    def residents(self, lsoa: int) -> int:
        """Children aged 0-17 in an LSOA."""
        return 230 + (self.first_lsoa + lsoa) * 37 % 190 + 60_000 // (self.rank(lsoa) + 500)

    @cached_property
    def population(self) -> int:
        return sum(self.residents(lsoa) for lsoa in range(self.lsoas))

    def population_of(self, year: int) -> int:
        """Children aged 0-17 in the middle of a year: a little more each year."""
        return self.population * (1000 - 4 * (LAST_YEAR - 1 - year)) // 1000

    # Postcodes are numbered from 0; the first of an LSOA lies in the ward of the next, as in life
    # some lie in another ward than most of their LSOA.

    @property
    def postcodes(self) -> int:
        return self.lsoas * POSTCODES_PER_LSOA

    def postcode(self, number: int) -> str:
        district, number = divmod(number, PER_DISTRICT)
        sector, number = divmod(number, PER_SECTOR)
        first, second = divmod(number * 7 % PER_SECTOR, len(INWARD_LETTERS))
        area, place = divmod(self.number, 11)
        return (
            f"{AREAS[area]}{place * DISTRICTS + district + 1} "
            f"{sector}{INWARD_LETTERS[first]}{INWARD_LETTERS[second]}"
        )

    def ward_of_postcode(self, number: int) -> int:
        lsoa, place = divmod(number, POSTCODES_PER_LSOA)
        return self.ward_of_lsoa((lsoa + 1) % self.lsoas if place == 0 else lsoa)

    @property
    def next(self) -> "Authority":
        return Authority((self.number + 1) % len(authorities()), self.census_children)

    @cached_property
    def _weights(self) -> list[int]:
        """Of its LSOAs, one upon another: the poorer send more children."""
        return list(accumulate(1 + 400_000 // (self.rank(n) + 2000) for n in range(self.lsoas)))

    def home(self, dice: Dice) -> Home:
        """Within the area, next door, in no directory, or not told."""
        chance = dice.below(100)
        if chance < 90:
            lsoa = bisect(self._weights, dice.below(self._weights[-1]))
            number = lsoa * POSTCODES_PER_LSOA + dice.below(POSTCODES_PER_LSOA)
            return Home(self.postcode(number), "in area", lsoa, self.ward_of_postcode(number))
        if chance < 95:
            return Home(self.next.postcode(dice.below(HOMES_OUTSIDE)), "out of area")
        if chance < 97:
            return Home(self.postcode(DISTRICTS * PER_DISTRICT - 1 - dice.below(400)), "unknown")
        return Home("", "unknown")


def authorities() -> list[elsewhere.Named]:
    """England's, without the two that have hardly any children, in the order of their codes."""
    return [
        named for code, named in sorted(elsewhere.named().items()) if code not in ("201", "420")
    ]


def some(number: int, census_children: int) -> Iterator[Authority]:
    """The first so many authorities."""
    if not 1 <= number <= len(authorities()):
        raise ValueError(f"There are 1 to {len(authorities())} authorities.")
    made = [Authority(place, census_children) for place in range(number)]
    if made[-1].first_lsoa + made[-1].lsoas > RANKED:
        raise ValueError(f"Of {RANKED:,} LSOAs that are ranked these would have more.")
    largest = max(made, key=lambda each: each.postcodes)
    if largest.postcodes > (DISTRICTS - 1) * PER_DISTRICT:
        raise ValueError("The largest authority would have more postcodes than there are.")
    yield from made
