"""Which totals of a region are told: those that tell no count of one of its authorities that is
withheld.

What each authority tells has been decided by then, and stands: it hangs on no other authority. A
total of the region is what gives way. Two readers are assumed for whom this has to hold, one of
what the public is told and one of what all partners are told, and each may be of one of the
authorities besides, and know all that was counted of it.

What a reader is told of the authorities is left out before the programme is solved. Not much of a
region is left then, as most of what is counted is told.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy

from flows.disclosure import REGION
from flows.disclosure.decide import Additions, Name, Seen, System, add_flows

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

MART = "region_profile"


class RegionDecision(NamedTuple):
    """A total of a region that is withheld; reason is the policy's, or `others`."""

    count_id: str
    reason: str


@dataclass
class _Region:
    """A region: its authorities and its totals, tonight's counts of theirs, those of the version
    before, and how they add up."""

    la_codes: set[str] = field(default_factory=set)
    totals: set[Name] = field(default_factory=set)
    tonight: dict[Name, tuple[str, float]] = field(default_factory=dict)
    least: dict[Name, float] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    additions: Additions = field(default_factory=dict)
    before: Additions = field(default_factory=dict)


def decide_regions(
    *,
    policies: "DuckDBPyRelation",
    counts: "DuckDBPyRelation",
    sums: "DuckDBPyRelation",
    reaches: "DuckDBPyRelation",
    decisions: "DuckDBPyRelation",
    totals: "DuckDBPyRelation",
    region_sums: "DuckDBPyRelation",
    reasons: "DuckDBPyRelation",
    seen_counts: "DuckDBPyRelation",
    seen_sums: "DuckDBPyRelation",
) -> list[RegionDecision]:
    """One decision per withheld total."""
    regions: dict[str, _Region] = {}
    for count_id, role in totals.project("count_id, role").order("all").fetchall():
        region = regions.setdefault(whose(count_id), _Region())
        if role == "shown":
            region.totals.add(("", count_id))
    if not regions:
        return []
    for rows in (region_sums, seen_sums):
        for sum_id, count_id in rows.project("sum_id, count_id").fetchall():
            # one of the version before may have left since
            if sum_id.startswith(f"{MART}|") and whose(sum_id) in regions:
                regions[whose(sum_id)].la_codes |= {whose(count_id)} - regions.keys()
    of = {la_code: region for region in regions.values() for la_code in region.la_codes} | regions

    def by_region(
        rows: "DuckDBPyRelation", columns: str
    ) -> Iterator[tuple[_Region, tuple[Any, ...]]]:
        """The rows of counts of a region or of one of its authorities; the count comes first."""
        for count_id, *row in rows.project(f"count_id, {columns}").order("all").fetchall():
            if region := of.get(whose(count_id)):
                yield region, (count_id, *row)

    for rows, least in ((counts, "at_least"), (totals, "0")):
        for region, (count_id, role, counted, at_least) in by_region(
            rows, f"role, counted, {least}"
        ):
            region.tonight["", count_id] = role, float(counted)
            region.least["", count_id] = float(at_least)
    for rows in (sums, region_sums):
        for region, (count_id, sum_id, sign) in by_region(rows, "sum_id, sign"):
            region.additions.setdefault(("", sum_id), []).append((("", count_id), sign))
    for region, (count_id, version, sum_id, sign) in by_region(seen_sums, "version, sum_id, sign"):
        region.before.setdefault((version, sum_id), []).append(((version, count_id), sign))
    for region, (count_id, version, *told) in by_region(
        seen_counts, "version, audience, role, counted, is_withheld"
    ):
        region.seen.append(Seen(version, count_id, *told))
    pairs = reaches.project("la_code, ward_count_id, decile_count_id").order("all").fetchall()
    for region in regions.values():
        theirs = [pair for pair in pairs if pair[0] in region.la_codes]
        add_flows(region.tonight, region.additions, theirs)
    hidden: dict[str, set[Name]] = {}
    for audience, count_id in decisions.project("audience, count_id").fetchall():
        hidden.setdefault(audience, set()).add(("", count_id))
    readers = policies.order("sort_order").project("audience, least_interval").fetchall()
    why: dict[str, str] = dict(reasons.project("count_id, reason").fetchall())
    withheld: set[Name] = {("", count_id) for count_id in why}
    for region in regions.values():
        withheld |= _withheld(region, readers, hidden, withheld)
    return [
        RegionDecision(count_id, why.get(count_id, "others")) for _, count_id in sorted(withheld)
    ]


def whose(count_id: str) -> str:
    """The authority, or the region, that a count is of: the key of its row begins with it."""
    return count_id.split("|", 3)[2]


def _withheld(
    region: _Region,
    readers: Iterable[tuple[str, float]],
    hidden: dict[str, set[Name]],
    asked: set[Name],
) -> set[Name]:
    """The totals that are withheld so that no reader can work out what is hidden from them: each is
    asked in turn until all have been asked since the last one was added."""
    found = region.totals & asked
    everybody = []
    for audience, width in readers:
        theirs = hidden.get(audience, set())
        system = _left_to(audience, region, theirs)
        owners = numpy.array([whose(count_id) for _, count_id in system.names])
        for la_code in sorted(region.la_codes):
            everybody.append((system, theirs, width, owners == la_code))
    content = 0
    for system, theirs, width, own in cycle(everybody):
        is_withheld = system.solve(theirs | found, float(width), own)
        more = region.totals & {system.names[at] for at in numpy.flatnonzero(is_withheld)} - found
        found |= more
        content = 1 if more else content + 1
        if content >= len(everybody):
            break
    return found


def _left_to(audience: str, region: _Region, hidden: set[Name]) -> System:
    """The counts that hang together with a total of the region and that an audience is not told."""
    seen = [each for each in region.seen if each.audience in (audience, REGION)]
    told = {
        name
        for name, (role, _) in region.tonight.items()
        if role == "shown" and name not in hidden and name not in region.totals
    }
    same: dict[Name, Name] = {}
    for each in seen:
        then, now = (each.version, each.count_id), ("", each.count_id)
        if region.tonight.get(now) == (each.role, float(each.counted)):
            same[then] = now
    told |= {then for then, now in same.items() if now in told}

    def unknown(additions: Additions) -> Additions:
        return {
            name: [(member, sign) for member, sign in members if member not in told]
            for name, members in additions.items()
        }

    def canonical(members: Iterable[tuple[Name, int]]) -> set[Name]:
        return {same.get(member, member) for member, _ in members}

    additions, before = unknown(region.additions), unknown(region.before)
    waiting = [
        members
        for of, left in ((region.additions, additions), (region.before, before))
        for name, members in left.items()
        if any(whose(member[1]) not in region.la_codes for member, _ in of[name])
    ]
    by_count: dict[Name, list[list[tuple[Name, int]]]] = {}
    for members in (*additions.values(), *before.values()):
        for name in canonical(members):
            by_count.setdefault(name, []).append(members)
    reached: set[Name] = set()
    while waiting:
        new = canonical(waiting.pop()) - reached
        reached |= new
        waiting += [members for name in new for members in by_count[name]]
    return System.of(
        {name: of for name, of in region.tonight.items() if name in reached},
        [each for each in seen if same.get(name := (each.version, each.count_id), name) in reached],
        {name: members for name, members in additions.items() if canonical(members) & reached},
        {name: members for name, members in before.items() if canonical(members) & reached},
        region.least,
    )
