"""What the marts must say of an authority, counted in plain Python over its children.

Nothing here reads a model, or asks the house: what is counted is what the story says, by the
definitions of the glossary. `TABLES` says which columns of which mart are known.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.generate import care
from benchmarks.generate.places import LAST_YEAR, RANKED, Authority, Home
from flows.sample.dates import age_on, collection_year, first_day, last_day, years_after
from flows.settings import HOUSE

if TYPE_CHECKING:
    from benchmarks.generate.files import World

WINDOW = (date(2001, 4, 1), date(LAST_YEAR, 3, 31))  # as dbt_project.yml has it
BANDS = {"under 1": (0, 0), "1-4": (1, 4), "5-9": (5, 9), "10-15": (10, 15), "16+": (16, 999)}
NO_RETURN_FROM = ("E11", "E12", "E2", "E3", "E7")  # adopted, died, gone to another, adult
IN_WARD = 4  # priority LSOAs of the leading ward

# Of each mart: the columns of its key, and those that are known. The counted marts have them all;
# what is published has those of them that it shows.
TABLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "children_rates": (("at_date", "measure"), ("children", "population_0_17", "population_year")),
    "first_episode_profile": (("dimension", "category_code"), ("children",)),
    "returns_to_care": (
        ("at_date",),
        (
            "ceased_children", "returned_children", "started_children", "started_again_children",
            "started_within_12_months_children",
        ),
    ),
    "time_in_care": (
        ("at_date", "age_at_entry_band"),
        (
            "children", "children_with_known_start", "children_over_2_years", "median_days",
            "ended_children", "ended_children_with_known_start", "ended_children_over_2_years",
            "ended_median_days",
        ),
    ),
    "ward_profile": (
        ("at_date", "ward_code"),
        (
            "looked_after", "first_episodes", "children_in_need", "child_protection_plans",
            "referrals", "children_0_17", "lsoas", "lsoas_top_10_percent", "lsoas_top_20_percent",
        ),
    ),
    "township_profile": (
        ("at_date", "township_name"),
        (
            "looked_after", "first_episodes", "children_in_need", "child_protection_plans",
            "children_0_17", "lsoas", "lsoas_top_10_percent", "lsoas_top_20_percent",
        ),
    ),
    "lsoa_profile": (
        ("lsoa_code",),
        (
            "deprivation_rank", "deprivation_decile", "child_poverty_percent", "children_0_17",
            "ward_code", "township_name",
        ),
    ),
    "priority_lsoas": (("lsoa_code",), ("priority_order",)),
    "indicator_scorecard": (("indicator", "at_date"), ("value", "change_since_baseline")),
    "data_quality_summary": (
        ("source", "collection_year"),
        ("files", "rows_delivered", "rows_loaded", "rows_superseded", "rows_quarantined"),
    ),
}  # fmt: skip

Known = dict[str, list[list[Any]]]


def of(world: World, delivered: Counter[tuple[str, int]], files: Counter[tuple[str, int]]) -> Known:
    """Rows of each mart in the order of `TABLES`, days as text."""
    one = _Answers(world)
    return {
        "children_rates": list(one.rates()),
        "first_episode_profile": list(one.first_episodes()),
        "returns_to_care": list(one.returns()),
        "time_in_care": list(one.time_in_care()),
        "ward_profile": list(one.wards()),
        "township_profile": list(one.townships()),
        "lsoa_profile": list(one.lsoas()),
        "priority_lsoas": list(one.priorities()),
        "indicator_scorecard": list(_indicators(world)),
        "data_quality_summary": [
            [source, year, files[source, year], rows, rows, 0, 0]
            for (source, year), rows in sorted(delivered.items())
        ],
    }


def poverty(authority: Authority, lsoa: int) -> tuple[int, int]:
    """Children of an LSOA, and those of them in families of low income."""
    every = authority.residents(lsoa)
    per_mille = 40 + 470 * (RANKED - authority.rank(lsoa)) ** 2 // RANKED**2 + lsoa % 20
    return every, every * per_mille // 1000


def decile(rank: int) -> int:
    return -(-10 * rank // RANKED)


def band(age: int) -> str:
    return next(name for name, (low, high) in BANDS.items() if low <= age <= high)


@dataclass(eq=False)
class Stay:
    """A period of care as the returns let it be known."""

    child: care.Child
    period: care.Period
    start: date
    is_start_known: bool

    @property
    def end(self) -> date | None:
        if self.period.vanished_after:
            return last_day(self.period.vanished_after)
        return self.period.end

    @property
    def is_end_told(self) -> bool:
        return self.end is not None and not self.period.vanished_after

    @property
    def band(self) -> str:
        return band(age_on(self.child.born, self.start)) if self.is_start_known else "unknown"

    def is_open_on(self, day: date) -> bool:
        if self.start > day:
            return False
        if self.period.vanished_after:
            return day <= last_day(self.period.vanished_after)
        return self.end is None or self.end > day

    def is_in_year(self, day: date) -> bool:
        """Whether it ended in the year to the day, and a return said so."""
        return self.is_end_told and self.end is not None and collection_year(self.end) == day.year


class _Answers:
    def __init__(self, world: World) -> None:
        self.authority = world.authority
        self.people = world.people
        self.children = world.children
        self.days = [last_day(year) for year in world.years]
        self.years = world.years
        self.stays = {child.number: list(self._stays(child)) for child in world.children}

    def _stays(self, child: care.Child) -> Iterator[Stay]:
        for period in child.periods:
            told = [
                episode
                for episode in period.episodes
                if episode.end is None or episode.end >= first_day(self.years[0])
            ]
            if told:
                is_known = told[0] is period.episodes[0]
                yield Stay(child, period, told[0].start, is_known)

    def cared(self, child: care.Child) -> list[Stay]:
        return [stay for stay in self.stays[child.number] if not stay.period.is_short_break]

    # Children at 31 March.

    @cached_property
    def counts(self) -> dict[tuple[date, str], Counter[str]]:
        """By day and measure, of each ward or place elsewhere."""
        counts: dict[tuple[date, str], Counter[str]] = defaultdict(Counter)
        for child in self.children:
            for day in self.days:
                found = [stay for stay in self.cared(child) if stay.is_open_on(day)]
                if found:
                    counts[day, "looked_after"][self.place(found[-1].period.home)] += 1
        for person in self.people:
            in_care = self.stays[person.in_care.number] if person.in_care else []
            for day in self.days:
                is_open = any(
                    not case.is_nfa
                    and case.referred <= day
                    and (case.closed is None or case.closed > day)
                    for case in person.cases
                )
                if is_open:
                    place = self.place(_home(person.addresses, in_care, day))
                    counts[day, "children_in_need"][place] += 1
                    if any(
                        plan.start <= day and (plan.end is None or plan.end > day)
                        for case in person.cases
                        for plan in case.plans
                    ):
                        counts[day, "child_protection_plan"][place] += 1
            for case in person.cases:
                if first_day(self.years[0]) <= case.referred <= self.days[-1]:
                    place = self.place(_home(person.addresses, in_care, case.referred))
                    counts[last_day(collection_year(case.referred)), "referral"][place] += 1
        return counts

    def place(self, home: Home | None) -> str:
        if home is None or home.status == "unknown":
            return "unknown"
        if home.status == "out of area":
            return "out of area"
        return self.authority.ward_code(home.ward)

    def rates(self) -> Iterator[list[Any]]:
        has_plans = {day: self._has_plans(day.year) for day in self.days}
        for day in self.days:
            for measure in ("looked_after", "children_in_need", "child_protection_plan"):
                if measure == "child_protection_plan" and not has_plans[day]:
                    continue
                yield [
                    day.isoformat(), measure, self.counts[day, measure].total(),
                    self.authority.population_of(day.year - 1), day.year - 1,
                ]  # fmt: skip

    def _has_plans(self, year: int) -> bool:
        """Whether the census of a year has any plan: a very small one may have none."""
        return any(
            plan.start <= last_day(year) and (plan.end is None or plan.end >= first_day(year))
            for person in self.people
            for case in person.cases
            if case.closed is None or case.closed >= first_day(year)
            for plan in case.plans
        )

    # The cohort.

    @cached_property
    def cohort(self) -> list[Stay]:
        """Of each child the first known start of care in the window."""
        chosen = []
        for child in self.children:
            starts = [
                stay
                for stay in self.cared(child)
                if stay.is_start_known and WINDOW[0] <= stay.start <= WINDOW[1]
            ]
            if starts:
                chosen.append(starts[0])
        return chosen

    def first_episodes(self) -> Iterator[list[Any]]:
        counts: Counter[tuple[str, str]] = Counter()
        groups = _ethnic_groups()
        for stay in self.cohort:
            child, home = stay.child, stay.period.home
            age = age_on(child.born, stay.start)
            group = groups.get(child.ethnic, "unknown")
            place = self.place(home)
            town = place if home.status != "in area" else self.authority.township(home.ward)
            tenth = place if home.status != "in area" else str(decile(self.rank(home)))
            counts.update([
                ("all", "all"),
                ("sex", "M" if child.sex == "1" else "F"),
                ("ethnic_origin", "unknown" if group == "unknown" else child.ethnic),
                ("ethnic_group", group),
                ("category_of_need", stay.period.need),
                ("age", "18+" if age > 17 else str(age)),
                ("age_band", band(age)),
                ("entry_year", str(collection_year(stay.start))),
                ("township", town),
                ("ward", place),
                ("deprivation_decile", tenth),
            ])  # fmt: skip
            if age <= 4:
                counts["age_band", "0-4"] += 1
        for (dimension, category), count in sorted(counts.items()):
            yield [dimension, category, count]

    def rank(self, home: Home) -> int:
        return self.authority.rank(home.lsoa)

    # Time in care, and returns to it.

    def time_in_care(self) -> Iterator[list[Any]]:
        for day in self.days:
            spans: dict[tuple[str, bool], list[Stay]] = defaultdict(list)
            for child in self.children:
                stays = self.cared(child)
                for is_open, found in (
                    (True, [stay for stay in stays if stay.is_open_on(day)]),
                    (False, [stay for stay in stays if stay.is_in_year(day)]),
                ):
                    if found:
                        spans[found[-1].band, is_open].append(found[-1])
                        spans["all", is_open].append(found[-1])
            for name in ("all", *BANDS, "unknown"):
                row: list[Any] = [day.isoformat(), name]
                for is_open in (True, False):
                    stays = spans[name, is_open]
                    ends = [
                        (stay.start, day if is_open else stay.end or day)
                        for stay in stays
                        if stay.is_start_known
                    ]
                    row += [
                        len(stays),
                        len(ends),
                        sum(_two_years_after(start) < end for start, end in ends),
                        float(median((end - start).days for start, end in ends)) if ends else None,
                    ]
                yield row

    def returns(self) -> Iterator[list[Any]]:
        ceased: dict[int, dict[int, bool]] = defaultdict(dict)
        started: dict[int, dict[int, tuple[bool, bool]]] = defaultdict(dict)
        for child in self.children:
            stays = self.cared(child)
            for place, stay in enumerate(stays):
                before = stays[place - 1] if place else None
                after = next(
                    (each.start for each in stays[place + 1 :] if each.is_start_known), None
                )
                if self._may_return(stay) and stay.end is not None:
                    is_back = after is not None and after < years_after(stay.end, 1)
                    of_year = ceased[collection_year(stay.end)]
                    of_year[child.number] = of_year.get(child.number, False) or is_back
                if stay.is_start_known:
                    ended = before.end if before else None
                    is_soon = ended is not None and stay.start < years_after(ended, 1)
                    again, soon = started[collection_year(stay.start)].get(
                        child.number, (False, False)
                    )
                    started[collection_year(stay.start)][child.number] = (
                        again or before is not None, soon or is_soon,
                    )  # fmt: skip
        if len(self.years) == 1:
            return
        for year in self.years:
            row: list[Any] = [last_day(year).isoformat(), len(ceased[year]), None, None, None, None]
            if year < self.years[-1]:
                row[2] = sum(ceased[year].values())
            if year > self.years[0]:
                row[3] = len(started[year])
                row[4] = sum(again for again, _ in started[year].values())
                row[5] = sum(soon for _, soon in started[year].values())
            yield row

    def _may_return(self, stay: Stay) -> bool:
        return (
            stay.is_end_told
            and stay.end is not None
            and stay.period.episodes[-1].ending not in NO_RETURN_FROM
            and age_on(stay.child.born, stay.end) < 18
        )

    # Places.

    def _places(self) -> Iterator[tuple[str, list[int]]]:
        """Wards with their LSOAs, and the two places elsewhere."""
        within: dict[int, list[int]] = defaultdict(list)
        for lsoa in range(self.authority.lsoas):
            within[self.authority.ward_of_lsoa(lsoa)].append(lsoa)
        for ward in range(self.authority.wards):
            yield self.authority.ward_code(ward), within[ward]
        yield "out of area", []
        yield "unknown", []

    @cached_property
    def cohort_starts(self) -> dict[str, list[date]]:
        found: dict[str, list[date]] = defaultdict(list)
        for stay in sorted(self.cohort, key=lambda each: each.start):
            found[self.place(stay.period.home)].append(stay.start)
        return found

    def wards(self) -> Iterator[list[Any]]:
        for day in self.days:
            for code, lsoas in self._places():
                yield [day.isoformat(), code, *self._known(day, [code], lsoas, True)]

    def townships(self) -> Iterator[list[Any]]:
        names: dict[str, tuple[list[str], list[int]]] = defaultdict(lambda: ([], []))
        for number, (code, lsoas) in enumerate(self._places()):
            elsewhere = {"out of area": "Out of area", "unknown": "Unknown"}
            codes, within = names[elsewhere.get(code) or self.authority.township(number)]
            codes.append(code)
            within += lsoas
        for day in self.days:
            for name, (codes, lsoas) in names.items():
                yield [day.isoformat(), name, *self._known(day, codes, lsoas, False)]

    def _known(
        self, day: date, codes: list[str], lsoas: list[int], has_referrals: bool
    ) -> list[Any]:
        def children(measure: str) -> int:
            return sum(self.counts[day, measure][code] for code in codes)

        tenths = [decile(self.authority.rank(lsoa)) for lsoa in lsoas]
        is_elsewhere = codes[0] in ("out of area", "unknown")
        residents = sum(self.authority.residents(lsoa) for lsoa in lsoas)
        of_area: list[Any] = [residents, len(lsoas), tenths.count(1), sum(t <= 2 for t in tenths)]
        return [
            children("looked_after"),
            sum(bisect_right(self.cohort_starts[code], day) for code in codes),
            children("children_in_need"),
            children("child_protection_plan") if self._has_plans(day.year) else None,
            *([children("referral")] if has_referrals else []),
            *([None] * 4 if is_elsewhere else of_area),
        ]

    def lsoas(self) -> Iterator[list[Any]]:
        authority = self.authority
        for lsoa in range(authority.lsoas):
            every, poor = poverty(authority, lsoa)
            ward = authority.ward_of_lsoa(lsoa)
            rank = authority.rank(lsoa)
            yield [
                authority.lsoa_code(lsoa), rank, decile(rank), _one_decimal(f"{poor / every:.3f}"),
                authority.residents(lsoa), authority.ward_code(ward), authority.township(ward),
            ]  # fmt: skip

    def priorities(self) -> Iterator[list[Any]]:
        """The most deprived LSOA of each township, and the next of the leading ward."""
        authority = self.authority
        by_rank = sorted(range(authority.lsoas), key=authority.rank)

        def first_of(towns: Iterable[str]) -> Iterator[int]:
            for town in towns:
                yield next(n for n in by_rank if town == self._town(n))

        chosen = sorted(first_of({self._town(n) for n in by_rank}), key=authority.rank)
        sent = {ward: len(self.cohort_starts[authority.ward_code(ward)]) for ward in self._wards()}
        if any(sent.values()):
            leading = self._leading(sent)
            others = [n for n in by_rank if authority.ward_of_lsoa(n) == leading]
            chosen += [n for n in others if n not in chosen][:IN_WARD]
        for order, lsoa in enumerate(chosen, 1):
            yield [authority.lsoa_code(lsoa), order]

    def _wards(self) -> range:
        return range(self.authority.wards)

    def _town(self, lsoa: int) -> str:
        return self.authority.township(self.authority.ward_of_lsoa(lsoa))

    def _leading(self, sent: dict[int, int]) -> int:
        """In the township that sends most children, the ward that does; of equals, the one with
        more residents, then by name or code."""
        residents: Counter[int] = Counter()
        for lsoa in range(self.authority.lsoas):
            residents[self.authority.ward_of_lsoa(lsoa)] += self.authority.residents(lsoa)
        of_town: Callable[[int, Any], int] = lambda ward, of: sum(  # noqa: E731
            of[each]
            for each in self._wards()
            if self.authority.township(each) == self.authority.township(ward)
        )
        return min(
            (ward for ward in self._wards() if sent[ward]),
            key=lambda ward: (
                -of_town(ward, sent), -of_town(ward, residents), self.authority.township(ward),
                -sent[ward], -residents[ward], self.authority.ward_code(ward),
            ),
        )  # fmt: skip


def _two_years_after(day: date) -> date:
    """Of 29 February, 28 February."""
    return day.replace(year=day.year + 2, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _home(
    addresses: list[tuple[Home, date, date | None]], stays: list[Stay], day: date
) -> Home | None:
    """Where a child lived on a day: by its address, else by the period of care open on the day,
    else by the latest before it. What has no postcode tells nothing."""
    for home, since, until in reversed(addresses):
        if home.postcode and since <= day and (until is None or day <= until):
            return home
    begun = [stay for stay in stays if stay.period.home.postcode and stay.start <= day]
    begun.sort(key=lambda stay: (stay.is_open_on(day), stay.start))
    return begun[-1].period.home if begun else None


def _one_decimal(fraction: str) -> float:
    """Of a share as it is printed, the per cent to one decimal place, a half upwards: a fraction of
    three decimals is that already."""
    return round(float(fraction) * 1000) / 10


def _ethnic_groups() -> dict[str, str]:
    with (HOUSE / "seeds/demography/ethnic_origins.csv").open(encoding="utf-8", newline="") as rows:
        return {
            row["ethnic_code"]: row["group_code"]
            for row in csv.DictReader(rows)
            if row["scheme"] == "plan_2011"
        }


def _indicators(world: World) -> Iterator[list[Any]]:
    from benchmarks.generate.files import indicators

    first: dict[str, float] = {}
    for name, _, day, value, *_ in indicators(world):
        first.setdefault(name, float(value))
        yield [name, day, float(value), round(float(value) - first[name], 6)]
