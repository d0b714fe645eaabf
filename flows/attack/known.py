"""What an attacker holds: the marts of a version as they are shown, and for the auditor beside
them as they were counted.

A cell is named by its mart, the values of its keys and its column. What no column shows but
somebody could work with (how many referrals there were in all) has a name of the same kind.
"""

from __future__ import annotations

import datetime
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb

Name = tuple[Hashable, ...]
Fields = dict[str, Any]


@dataclass(frozen=True)
class Policy:
    """What one audience may be shown.

    suppress_up_to      counts of children from 1 to this are small
    noughts_are_shown   whether a true nought may be seen
    rounding            1 (none), 5 or 10: shown counts are rounded to it
    least_interval      the most less the least that a withheld count may be, at least (children)
    least_interval_if_unchanged
                        the same, to one who holds an earlier version too and guesses that what
                        is withheld has not changed since; None for as much
    minimum_population  counts of areas with fewer children aged 0-17 are not shown
    lowest_level        'ward', 'township' or 'la': no count of people of an area below is shown
    dominance_leaves    nobody may learn that all of a total, or all but so many, are in one
                        part of it; -1 lets them
    growth_years        what an area's first episodes grow by over up to so many years on end is
                        a count that nobody may learn when it is small
    sensitive           what is counted that falls under all this; None for whatever is
    region              what may be shown of regions, and beside them; None for the same
    region_fewest_authorities
                        nothing is shown of fewer authorities of a region together
    """

    audience: str
    suppress_up_to: int
    noughts_are_shown: bool
    rounding: int
    least_interval: float
    minimum_population: int
    lowest_level: str
    dominance_leaves: int
    growth_years: int = 1
    sensitive: frozenset[str] | None = None
    least_interval_if_unchanged: float | None = None
    region: Policy | None = None
    region_fewest_authorities: int = 0

    def of(self, name: Name) -> Policy:
        """What is asked of a cell: of a region, what is asked of regions."""
        return self.region if self.region and name[0] == REGION else self

    def is_small(self, count: float) -> bool:
        return 1 <= count <= self.suppress_up_to

    def minds(self, name: Name) -> bool:
        """Whether what a cell counts is sensitive."""
        return self.sensitive is None or measure(name) in self.sensitive


REGION = "region_profile"
MEASURES = {
    "time_in_care": "time_in_care",
    "returns_to_care": "returns_to_care",
    "indicator_scorecard": "indicators",
    "data_quality_summary": "deliveries",
    "rule_summary": "returned_rules",
    "first_episode_profile": "first_episodes",
}
OF_REGIONS = {"child_protection_plan": "child_protection_plans", "started": "returns_to_care"}


def measure(name: Name) -> str:
    """What a cell counts, in the words of a policy."""
    mart = str(name[0])
    if mart == "children_rates":
        of = str(name[-2])
        return "child_protection_plans" if of == "child_protection_plan" else of
    if mart == REGION:
        return OF_REGIONS.get(str(name[2]), str(name[2]))
    return MEASURES.get(mart, str(name[-1]))


@dataclass(frozen=True)
class Version:
    """One version of the marts, as somebody holds it.

    shown  mart -> relation or parenthesised query with the public contract's columns
    truth  mart -> relation of the counted mart, unsuppressed; the same keys
    rows   mart -> its rows, once they have been read: what one reader holds another may know
    """

    shown: Mapping[str, str]
    truth: Mapping[str, str]
    rows: dict[str, dict[Name, Row]] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class Layout:
    """Keys of a mart, and its counts of people, each with the numbers that repeat it."""

    keys: tuple[str, ...]
    counts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


AREA_COUNTS = {
    "looked_after": ("looked_after_share", "looked_after_rate"),
    "first_episodes": ("first_episode_share",),
    "children_in_need": ("children_in_need_rate",),
    "child_protection_plans": (),
}

# Of returns_to_care: of which children a share is, and of how many.
RETURNS = {
    "returned_percent": ("returned_children", "ceased_children"),
    "started_again_percent": ("started_again_children", "started_children"),
    "started_within_12_months_percent": ("started_within_12_months_children", "started_children"),
}


def with_limits(share: str) -> tuple[str, str, str]:
    """A share and its limits."""
    return share, f"{share}_lower_95", f"{share}_upper_95"


LAYOUTS: dict[str, Layout] = {
    "children_rates": Layout(
        ("la_code", "at_date", "measure"),
        {"children": ("rate_per_10000", "rate_lower_95", "rate_upper_95", "comparison")},
    ),
    # Other publishers count these; what they tell of ours is looked at in checks.
    "comparator_rates": Layout(("la_code", "at_date", "measure", "area_code")),
    "first_episode_profile": Layout(
        ("la_code", "cohort_start_date", "cohort_end_date", "dimension", "category_code"),
        {"children": ("percent", "percent_lower_95", "percent_upper_95", "comparison")},
    ),
    "township_profile": Layout(("la_code", "township_name", "at_date"), AREA_COUNTS),
    "ward_profile": Layout(
        ("la_code", "ward_code", "at_date"), {**AREA_COUNTS, "referrals": ("referral_share",)}
    ),
    "lsoa_profile": Layout(("la_code", "lsoa_code")),
    "priority_lsoas": Layout(("la_code", "lsoa_code")),
    "time_in_care": Layout(
        ("la_code", "at_date", "age_at_entry_band"),
        {
            "children": ("median_days", "share_over_2_years"),
            "ended_children": ("ended_median_days", "ended_share_over_2_years"),
        },
    ),
    "returns_to_care": Layout(
        ("la_code", "at_date"),
        {
            count: tuple(
                column
                for share, of in RETURNS.items() if count in of
                for column in with_limits(share)
            )
            for count in dict.fromkeys(count for of in RETURNS.values() for count in of)
        },
    ),
    "indicator_scorecard": Layout(
        ("la_code", "indicator", "at_date"), {"value": ("change_since_baseline",)}
    ),
    "data_quality_summary": Layout(
        ("la_code", "source", "collection_year"),
        dict.fromkeys(
            (
                "rows_delivered", "rows_loaded", "rows_superseded", "rows_quarantined",
                "rule_failures_error", "rule_failures_warning",
            ),
            (),
        ),
    ),
    "rule_summary": Layout(
        ("la_code", "source", "collection_year", "rule_code"), {"children_failing": ()}
    ),
    REGION: Layout(
        ("region_code", "measure", "at_date", "dimension", "category_code", "area_code"),
        {
            "children": (
                "percent", "rate_per_10000", "rate_lower_95", "rate_upper_95", "comparison",
            )
        },
    ),
}  # fmt: skip

# Of time_in_care: what a share or a median of the children, or of those whose care ended, is of.
TIMES = {
    "": ("share_over_2_years", "median_days", "children"),
    "ended_": ("ended_share_over_2_years", "ended_median_days", "ended_children"),
}
PARTS_OF_TIME = ("children_with_known_start", "children_over_2_years", "children_under_2_years")


@dataclass
class Row:
    """One row of a mart: as it is shown (empty where the row is left out), and as counted."""

    shown: Fields
    counted: Fields

    def public(self, column: str) -> Any:
        """A number that anybody can have, such as a population, shown here or not."""
        told = self.shown.get(column)
        return self.counted.get(column) if told is None else told


@dataclass
class Held:
    """A version, read.

    rows    mart -> values of its keys -> row
    counts  name -> count, of every cell and of what no column shows
    cells   name -> the number shown; None where it is withheld
    strays  names of numbers shown where nothing was counted
    """

    rows: dict[str, dict[Name, Row]] = field(default_factory=dict)
    counts: dict[Name, float] = field(default_factory=dict)
    cells: dict[Name, float | None] = field(default_factory=dict)
    strays: list[Name] = field(default_factory=list)
    rounding: int = 1
    noughts_are_shown: bool = False
    suppress_up_to: int = 0
    region_rounding: int = 1
    region_suppress_up_to: int = 0

    def of(self, mart: str) -> Iterator[tuple[Name, Row]]:
        yield from self.rows.get(mart, {}).items()

    def row(self, name: Name) -> Row:
        return self.rows[str(name[0])][name[1:-1]]

    def bounds(self, name: Name) -> tuple[float, float]:
        """The least and the most that a cell can be, seen by itself."""
        count, told = self.counts[name], self.cells[name]
        if told is None:
            return (1.0 if self.noughts_are_shown and count >= 1 else 0.0), float("inf")
        rounding, suppress_up_to = self.rounding_of(name)
        if rounding == 1:
            return told, told
        half = rounding // 2
        if name[0] == REGION and self.row(name).counted.get("la_code"):
            half += self.rounding // 2  # it repeats what is rounded already
        if told == 0 and suppress_up_to >= half:
            return 0.0, 0.0  # what would have been rounded to nought is withheld
        least = max(told - half, 0.0)
        # What is shown is not small, and everybody knows.
        return (
            max(least, suppress_up_to + 1.0) if count > suppress_up_to else least,
            told + half,
        )

    def rounding_of(self, name: Name) -> tuple[int, int]:
        """To what a cell is rounded, and what is withheld of its kind for being small."""
        if name[0] == REGION:
            return self.region_rounding, self.region_suppress_up_to
        return self.rounding, self.suppress_up_to


def read(connection: duckdb.DuckDBPyConnection, version: Version, policy: Policy | None) -> Held:
    """Everything in a version. Without a policy (a version of another night or audience) its
    rounding and whether it shows noughts are seen from its numbers, as anybody would see it.

    Raises ValueError where a mart is shown whose counts are not given, or has not its keys.
    """
    held = Held()
    for mart, layout in LAYOUTS.items():
        if mart not in version.shown:
            continue
        if mart not in version.truth:
            raise ValueError(f"{mart} is shown, but what was counted is not given.")
        if mart not in version.rows:
            version.rows[mart] = _rows(connection, version.shown[mart], version.truth[mart], layout)
        held.rows[mart] = version.rows[mart]
        for key, row in held.of(mart):
            for column in layout.counts:
                _take(held, mart, key, row, column)
    if policy is not None:
        held.rounding = policy.rounding
        held.noughts_are_shown = policy.noughts_are_shown
        held.suppress_up_to = policy.suppress_up_to
        if policy.region:
            held.region_rounding = policy.region.rounding
            held.region_suppress_up_to = policy.region.suppress_up_to
    else:
        _see_policy(held)
    return held


def _rows(
    connection: duckdb.DuckDBPyConnection, shown: str, counted: str, layout: Layout
) -> dict[Name, Row]:
    rows: dict[Name, Row] = {}
    for key, fields in _read(connection, counted, layout.keys):
        rows[key] = Row({}, fields)
    for key, fields in _read(connection, shown, layout.keys):
        rows.setdefault(key, Row({}, {})).shown = fields
    return rows


def _read(
    connection: duckdb.DuckDBPyConnection, relation: str, keys: tuple[str, ...]
) -> Iterator[tuple[Name, Fields]]:
    cursor = connection.execute(f"select * from {relation} as rows_")
    columns = [str(column[0]) for column in cursor.description or ()]
    if missing := set(keys) - set(columns):
        raise ValueError(f"{relation} has no column {', '.join(sorted(missing))}.")
    for values in cursor.fetchall():
        fields = dict(zip(columns, values, strict=True))
        yield tuple(fields[key] for key in keys), fields


def _take(held: Held, mart: str, key: Name, row: Row, column: str) -> None:
    """One count of one row, when it is a count of people and there is one."""
    name = (mart, *key, column)
    told = row.shown.get(column)
    count = row.counted.get(column)
    if mart == "indicator_scorecard" and not row.counted.get("is_count_of_people", True):
        return
    if count is None:
        if told is not None:
            held.strays.append(name)
        return
    held.counts[name] = float(count)
    held.cells[name] = None if told is None else float(told)


def _see_policy(held: Held) -> None:
    told, of_regions = (
        [
            (held.counts[name], shown)
            for name, shown in held.cells.items()
            if shown is not None and (name[0] == REGION) == is_regional
        ]
        for is_regional in (False, True)
    )
    held.rounding, held.suppress_up_to = _seen_policy(told)
    held.noughts_are_shown = any(shown == 0 and count == 0 for count, shown in told)
    held.region_rounding, held.region_suppress_up_to = _seen_policy(of_regions)


def _seen_policy(told: list[tuple[float, float]]) -> tuple[int, int]:
    """To what counts are rounded, and up to what they are withheld, by those that are shown."""
    rounding = 1
    furthest = max((abs(count - shown) for count, shown in told), default=0.0)
    if furthest > 0:
        for step in (10, 5):
            if furthest <= step / 2 and not any(shown % step for _, shown in told):
                rounding = step
    return rounding, int(min((count for count, _ in told if count > 0), default=1)) - 1


def in_words(name: Name) -> str:
    """The keys of a cell as a reader finds them; dates as dates."""
    layout = LAYOUTS.get(str(name[0]))
    keys = layout.keys if layout else ()
    values = name[1 : 1 + len(keys)]
    return ", ".join(
        f"{key} {value.isoformat() if isinstance(value, datetime.date) else value}"
        for key, value in zip(keys, values, strict=False)
    )
