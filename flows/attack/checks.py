"""What needs no reckoning: numbers that a policy does not let be shown, seen one by one."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator
from typing import cast

from flows.attack.additions import ELSEWHERE, dimensions, in_cohort, of_regions, rounded
from flows.attack.known import (
    LAYOUTS,
    PARTS_OF_TIME,
    REGION,
    RETURNS,
    TIMES,
    Held,
    Name,
    Policy,
    Row,
    with_limits,
)
from flows.attack.repeated import agree, poisson, wilson
from flows.attack.report import Finding

LEVELS = ("ward", "township", "la")
BESIDE = "withheld, and {} beside it tells it"
LIMITS = {
    "children_rates": ("rate_lower_95", "rate_upper_95"),
    "first_episode_profile": ("percent_lower_95", "percent_upper_95"),
    REGION: ("rate_lower_95", "rate_upper_95"),
}


def checks(held: Held, policy: Policy) -> Iterator[Finding]:
    """Everything that is wrong with what is shown, each number by itself; `held` with what its
    additions name."""
    for name in held.strays:
        yield Finding.of(name, "a number is shown where nothing was counted")
    places = Places(held)
    for name, told in held.cells.items():
        repeats = LAYOUTS[str(name[0])].counts[str(name[-1])]
        row = held.row(name)
        if told is None:
            for column in repeats:
                if row.shown.get(column) is not None:
                    yield Finding.of(name, BESIDE.format(column))
            continue
        if not policy.minds(name):
            continue
        count = held.counts[name]
        asked = policy.of(name)
        if asked.is_small(count):
            yield Finding.of(name, "a small count is shown")
        if told == 0 and not asked.noughts_are_shown:
            yield Finding.of(name, "a nought is shown")
        if told % asked.rounding:
            yield Finding.of(name, f"a count is shown that is not rounded to {asked.rounding}")
        if is_below(name, policy) and str(name[-3]).lower() not in ELSEWHERE:
            yield Finding.of(name, "a count is shown of an area below the lowest level")
        population = places.population(name, row)
        if population is not None and population < policy.minimum_population:
            yield Finding.of(name, "a count is shown of an area with too few children")
        if asked.rounding > 1 and _tells_more(held, name, row, told):
            yield Finding.of(name, "its limits tell more than the rounded count")
    yield from _limits_of_a_withheld_cohort(held)
    yield from _limits_of_returns(held)
    yield from _medians_of_few(held, policy)
    yield from _printed_elsewhere(held, policy)
    yield from _of_few_authorities(held, policy)
    if not policy.noughts_are_shown:
        yield from _noughts_of_shares(held)


def is_below(name: Name, policy: Policy) -> bool:
    """Whether a count is of an area below the lowest level that may be shown."""
    return LEVELS.index(level(name)) < LEVELS.index(policy.lowest_level)


def level(name: Name) -> str:
    if name[0] in ("ward_profile", "township_profile"):
        return str(name[0]).removesuffix("_profile")
    if name[0] == "first_episode_profile" and name[-3] in ("ward", "township"):
        return str(name[-3])
    return "la"


class Places:
    """What the marts say of areas: how many children live there, and what lies in what."""

    def __init__(self, held: Held) -> None:
        self.latest: dict[Name, tuple[datetime.date, float | None]] = {}
        self.wards: Counter[Name] = Counter()
        for mart in ("ward_profile", "township_profile"):
            for key, row in held.of(mart):
                day = cast("datetime.date", key[2])
                area = (mart.removesuffix("_profile"), *key[:2])
                if mart == "ward_profile":
                    self.wards[(key[0], day, row.counted.get("township_name"))] += 1
                if area not in self.latest or day > self.latest[area][0]:
                    self.latest[area] = day, row.public("children_0_17")

    def population(self, name: Name, row: Row) -> float | None:
        """Children aged 0-17 of the area that a count is of; None where nobody says."""
        if name[0] == "children_rates":
            people: float | None = row.public("population_0_17")
            return people
        if name[0] in ("ward_profile", "township_profile"):
            people = row.public("children_0_17")
            return people
        if level(name) != "la":
            return self.latest.get((level(name), name[1], name[-2]), (None, None))[1]
        return None

    def is_whole_township(self, name: Name, row: Row) -> bool:
        """Whether a ward is all of its township, so that the township's count is its own."""
        if name[0] == "ward_profile":
            return self.wards[(name[1], name[3], row.counted.get("township_name"))] == 1
        township = row.counted.get("parent_category_name")
        return str(name[-2]) in ELSEWHERE or 1 in {
            wards
            for (la_code, _, of), wards in self.wards.items()
            if (la_code, of) == (name[1], township)
        }


def _tells_more(held: Held, name: Name, row: Row, told: float) -> bool:
    """Whether the limits beside a rounded count are those of another count than the one shown."""
    columns = LIMITS.get(str(name[0]))
    if columns is None:
        return False
    shown = [row.shown.get(column) for column in columns]
    if shown == [None, None]:
        return False
    if name[0] in ("children_rates", REGION):
        limits = poisson(told, row.public("population_0_17") or 0)
    else:
        whole = held.counts.get(in_cohort(name[1:4], "all", "all"), 0)
        limits = wilson(told, rounded(whole, held.rounding))
    return limits is None or not all(
        limit is None or agree(limit, own) for limit, own in zip(shown, limits, strict=True)
    )


def _limits_of_a_withheld_cohort(held: Held) -> Iterator[Finding]:
    """The limits of a share, even of nobody, tell how many children it is a share of."""
    for key, found in dimensions(held).items():
        whole = in_cohort(key, "all", "all")
        if held.cells.get(whole, 0) is None and any(
            row.shown.get(column) is not None
            for rows in found.values()
            for row in rows.values()
            for column in LIMITS["first_episode_profile"]
        ):
            yield Finding.of(whole, "withheld, and the limits of a share of it tell it")


def _limits_of_returns(held: Held) -> Iterator[Finding]:
    """Limits beside rounded counts are those of the counts as they are shown."""
    for key, row in held.of("returns_to_care"):
        for share, of in RETURNS.items():
            shown = [row.shown.get(column) for column in with_limits(share)[1:]]
            told = [held.cells.get(("returns_to_care", *key, count)) for count in of]
            if held.rounding == 1 or shown == [None, None] or None in told:
                continue
            limits = wilson(*map(float, told))  # type: ignore[arg-type]
            if limits is None or not all(map(agree, shown, limits)):
                name = ("returns_to_care", *key, of[0])
                yield Finding.of(name, "its limits tell more than the rounded count")


def _medians_of_few(held: Held, policy: Policy) -> Iterator[Finding]:
    """A median of few children is nearly one child's."""
    for key, row in held.of("time_in_care"):
        for prefix, (_, median, _) in TIMES.items():
            of = held.counts.get(("time_in_care", *key, prefix + PARTS_OF_TIME[0]))
            if row.shown.get(median) is not None and of is not None and policy.is_small(of):
                yield Finding.of(("time_in_care", *key, median), "it rests on few children")


def _printed_elsewhere(held: Held, policy: Policy) -> Iterator[Finding]:
    """The department prints a figure of an authority that we withhold, and totals from which it
    can be taken; of England the number of children alone is near enough."""
    hidden: dict[Name, list[Name]] = {}
    for name, told in held.cells.items():
        if name[0] == "children_rates" and (told is None or policy.rounding > 1):
            hidden.setdefault(name[2:4], []).append(name)
    regions = {
        (key[0], key[3])
        for key, row in held.of("comparator_rates")
        if row.counted.get("area_level") == "region"
    }
    for key, row in held.of("comparator_rates"):
        of = row.counted.get("area_level")
        columns = ("children",) if of == "england" else ("children", "rate_per_10000")
        if all(row.shown.get(column) is None for column in columns):
            continue
        for name in hidden.get(key[1:3], ()):
            is_its_own = of == "la" and row.counted.get("compared_la_code") == name[1]
            is_its_region = of == "region" and (name[1], key[3]) in regions
            if of == "england" or is_its_own or is_its_region:
                yield Finding.of(name, f"withheld, and what is printed of {of} tells it")


def _of_few_authorities(held: Held, policy: Policy) -> Iterator[Finding]:
    """What two authorities count together, either of them can take apart."""
    for name, parts in of_regions(held).items():
        is_regional = held.row(name).counted.get("la_code") is None
        if is_regional and len(parts) < policy.region_fewest_authorities:
            yield Finding.of(name, "a total is shown of too few authorities")


def _noughts_of_shares(held: Held) -> Iterator[Finding]:
    """A share of none or of all shows a nought."""
    for key, row in held.of("time_in_care"):
        for prefix, (share, _, _) in TIMES.items():
            if row.shown.get(share) is None:
                continue
            for part in PARTS_OF_TIME:
                if held.counts.get(("time_in_care", *key, prefix + part)) == 0:
                    yield Finding.of(("time_in_care", *key, share), f"it shows a nought: {part}")
    for key, row in held.of("returns_to_care"):
        for share, (part, whole) in RETURNS.items():
            if row.shown.get(share) is None:
                continue
            for column in (part, f"{whole} less {part}"):
                if held.counts.get(("returns_to_care", *key, column)) == 0:
                    name = ("returns_to_care", *key, share)
                    yield Finding.of(name, f"it shows a nought: {column}")
