"""From relations to decisions: the counts, how they add up, what the policy withholds and what
was published before go in, and what is withheld in the end comes out."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy
from numpy.typing import NDArray

from flows.disclosure.withhold import Counts, Moved, Truths, flows_of, sums_of, withhold

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

# A whole is dearer than its parts: more hangs on it.
WHOLE = 4.0

Name = tuple[str, str]  # version ('' is tonight's) and count
Additions = dict[Name, list[tuple[Name, int]]]


class Decision(NamedTuple):
    """A count that is withheld from an audience; reason is the policy's, or `others`."""

    audience: str
    mart: str
    column_name: str
    row_key: str
    count_id: str
    reason: str


class Seen(NamedTuple):
    """A count of a version that was published: what it was, and who was told."""

    version: str
    count_id: str
    audience: str
    role: str
    counted: int
    is_withheld: bool


def decide(
    *,
    policies: "DuckDBPyRelation",
    counts: "DuckDBPyRelation",
    sums: "DuckDBPyRelation",
    reaches: "DuckDBPyRelation",
    reasons: "DuckDBPyRelation",
    seen_counts: "DuckDBPyRelation",
    seen_sums: "DuckDBPyRelation",
) -> list[Decision]:
    """One decision per audience and withheld count.

    Whoever may see most is decided on first, and what is withheld from them is withheld from all
    others: so nobody's version tells anybody else anything.
    """
    told = counts.project("count_id, mart, column_name, row_key, at_least, role, counted")
    rows = told.order("count_id").fetchall()
    where = {count_id: (mart, column, key) for count_id, mart, column, key, *_ in rows}
    tonight = {("", count_id): (role, float(counted)) for count_id, *_, role, counted in rows}
    least = {("", count_id): float(at_least) for count_id, *_, at_least, _, _ in rows}
    why: dict[str, dict[str, str]] = {}
    for audience, count_id, reason in reasons.project("audience, count_id, reason").fetchall():
        why.setdefault(audience, {})[count_id] = reason
    seen = [
        Seen(*row)
        for row in seen_counts.project("version, count_id, audience, role, counted, is_withheld")
        .order("all")
        .fetchall()
    ]
    additions = _additions(
        (("", sum_id), ("", count_id), sign)
        for sum_id, count_id, sign in sums.project("sum_id, count_id, sign").fetchall()
    )
    pairs = reaches.project("la_code, ward_count_id, decile_count_id").order("all").fetchall()
    add_flows(tonight, additions, pairs)
    additions_before = _additions(
        ((version, sum_id), (version, count_id), sign)
        for version, sum_id, count_id, sign in seen_sums.project(
            "version, sum_id, count_id, sign"
        ).fetchall()
    )
    decided: list[Decision] = []
    withheld_from_more: set[Name] = set()
    policy = policies.order("sort_order desc").project("audience, least_interval")
    for audience, least_interval in policy.fetchall():
        theirs = [each for each in seen if each.audience == audience]
        system = System.of(tonight, theirs, additions, additions_before, least)
        reason = why.get(audience, {})
        asked = {("", count_id) for count_id in reason} | withheld_from_more
        is_withheld = system.solve(asked, float(least_interval))
        for number, name in enumerate(system.names):
            version, count_id = name
            if version or not is_withheld[number]:
                continue
            if name in asked or system.roles[number] == "shown":
                withheld_from_more.add(name)
                decided.append(
                    Decision(audience, *where[count_id], count_id, reason.get(count_id, "others"))
                )
    return decided


class System:
    """The counts that an audience could hold, tonight's and those of versions before, in one
    order, with their additions. A count that has not changed is the same count."""

    def __init__(
        self, names: list[Name], roles: list[str], values: list[float], additions: Additions
    ) -> None:
        self.names = names
        self.roles = numpy.array(roles)
        self.values = numpy.array(values)
        self.place = {name: number for number, name in enumerate(names)}
        self.additions = additions
        self.is_known = numpy.zeros(len(names), dtype=bool)
        self.was_withheld = numpy.zeros(len(names), dtype=bool)
        self.was_told = numpy.zeros(len(names), dtype=bool)
        self.least = numpy.zeros(len(names))
        self.seen_moves: tuple[Moved, Moved] = ({}, {})

    @classmethod
    def of(
        cls,
        tonight: dict[Name, tuple[str, float]],
        seen: list[Seen],
        additions: Additions,
        additions_before: Additions,
        least: dict[Name, float],
    ) -> "System":
        counts = dict(tonight)
        same: dict[Name, Name] = {}
        for each in seen:
            name, now = (each.version, each.count_id), ("", each.count_id)
            if now in tonight and tonight[now] == (each.role, float(each.counted)):
                same[name] = now
            else:
                counts[name] = (each.role, float(each.counted))
        all_additions = dict(additions)
        told = {_alike(members) for members in additions.values()}
        for name, members in additions_before.items():
            if not all(member in same or member in counts for member, _ in members):
                continue
            then = [(same.get(member, member), sign) for member, sign in members]
            if _alike(then) not in told:
                told.add(_alike(then))
                all_additions[name] = then
        names = sorted(counts)
        system = cls(
            names,
            [counts[name][0] for name in names],
            [counts[name][1] for name in names],
            all_additions,
        )
        system.least = numpy.array([least.get(name, 0.0) for name in names])
        for each in seen:
            name = (each.version, each.count_id)
            number = system.place[same.get(name, name)]
            if ("", each.count_id) in tonight:
                was_told = each.role == "implied" or not each.is_withheld
                system.was_told[system.place["", each.count_id]] |= was_told
            if each.role == "shown":
                system.is_known[number] |= not each.is_withheld
                system.was_withheld[number] |= each.is_withheld
        return system

    def at(self, names: set[Name]) -> Truths:
        return numpy.array([name in names for name in self.names], dtype=bool)

    def solve(self, asked: set[Name], least_interval: float, own: Truths | None = None) -> Truths:
        """What is withheld.

        Tonight's version by itself tells no withheld count. Nor do both versions together, to one
        who knows what has not changed, but for counts that the version before showed: of those
        everybody knows what they were. `own` are those that the reader made, and so knows.
        """
        seen_moves, seen_together = (None, None) if own is None else self.seen_moves
        own = numpy.zeros(len(self.names), dtype=bool) if own is None else own
        is_asked = self.at(asked)
        is_implied = self.roles == "implied"
        is_past = numpy.array([bool(version) for version, _ in self.names], dtype=bool)
        is_known = self.is_known | (is_past & ~self.was_withheld & ~is_implied)
        # What stands in no column is only to be kept from being told where it is small.
        widths = numpy.where(is_implied & ~is_asked, 0.0, least_interval)
        # What was withheld goes on being so while it has not changed.
        is_withheld: Truths = is_asked | is_implied | (self.was_withheld & ~self.is_known)
        by_itself = self._counts(
            is_known=is_past | own,
            widths=numpy.where(is_past, 0.0, widths),
            is_of_tonight=True,
        )
        if not is_past.any() and not is_known.any():
            return withhold(by_itself, is_withheld, seen_moves)
        together = self._counts(
            is_known=is_known | own, widths=numpy.where(self.was_told, 0.0, widths)
        )
        while True:
            more: Truths = withhold(by_itself, is_withheld, seen_moves)
            if not is_past.any() and not (more & is_known).any():
                return more  # nothing has changed but what is new
            still_more = withhold(together, more, seen_together)
            if (still_more == is_withheld).all():
                return is_withheld
            is_withheld = still_more

    def _counts(
        self, *, is_known: Truths, widths: NDArray[numpy.float64], is_of_tonight: bool = False
    ) -> Counts:
        costs = 1 + numpy.log2(1 + self.values.clip(min=0))
        entries = []
        for row, ((version, _), members) in enumerate(self.additions.items()):
            for member, sign in members:
                number = self.place[member]
                if not (is_of_tonight and version):
                    entries.append((row, number, sign))
                if sign < 0:
                    costs[number] *= WHOLE
        return Counts(
            values=self.values,
            sums=sums_of(entries, len(self.additions), len(self.names)),
            is_known=is_known,
            # A nought that is not asked for is shown, and so whoever sees none knows that
            # there is one at least.
            floors=numpy.where((self.roles == "implied") | (self.values <= 0), self.least, 1.0),
            costs=costs,
            widths=widths,
        )


def add_flows(
    tonight: dict[Name, tuple[str, float]], additions: Additions, pairs: list[tuple[str, str, str]]
) -> None:
    """How many come from a ward and are in a decile, as implied counts: nobody says, but what
    is said of wards and of deciles must be possible together. Any such numbers will do to start
    from; where there are none, nobody can hold one against the other."""
    by_authority: dict[str, list[tuple[str, str]]] = {}
    for la_code, ward, decile in pairs:
        by_authority.setdefault(la_code, []).append((ward, decile))
    for found in by_authority.values():
        wholes = {count_id: tonight["", count_id][1] for pair in found for count_id in pair}
        flows = flows_of(found, wholes)
        if flows is None:
            continue
        for (ward, decile), flow in zip(found, flows, strict=True):
            name = ("", f"{ward}|{decile}")
            tonight[name] = ("implied", flow)
            for whole in (ward, decile):
                added = additions.setdefault(("", f"flows|{whole}"), [(("", whole), -1)])
                added.append((name, 1))


def _additions(rows: Iterable[tuple[Name, Name, int]]) -> Additions:
    found: Additions = {}
    for name, count, sign in sorted(rows):
        found.setdefault(name, []).append((count, sign))
    return found


def _alike(members: list[tuple[Name, int]]) -> frozenset[tuple[Name, int]]:
    return frozenset(members)
