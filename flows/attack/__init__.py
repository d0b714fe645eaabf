"""The audit that is an attacker: before anything is published, everything that is known to its
readers is put together, and whatever a withheld count can then still be is worked out.

The attacker has every number shown in every mart of every version that the audience holds, the
sums that hold between them by definition, the rounding and the policy. It shares no code with
what withholds counts, so that what one forgets the other finds.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import duckdb

from flows.attack.additions import Relation, additions, deciles, implied, of_regions
from flows.attack.checks import Places, checks, is_below
from flows.attack.known import REGION, Held, Name, Policy, Version, read
from flows.attack.programme import Aim, Impossible, Key, Programme, Span
from flows.attack.report import Attack, Finding

__all__ = ["Attack", "Finding", "Policy", "Version", "attack"]

TOLD = "withheld, and what else is shown tells it"
TOLD_OF_OLD = "withheld when last published, and what has been shown since tells it"
SHARED = "everybody can see that all of these children, or nearly all, share something"


@dataclass(frozen=True)
class Sought:
    """What the attacker seeks, and how a finding about it would read."""

    name: Name
    kind: str
    aim: Aim
    is_withheld_cell: bool = False


@dataclass
class Side:
    """One version, with the relations that hold in it."""

    held: Held
    relations: list[Relation]


def attack(
    connection: duckdb.DuckDBPyConnection,
    tonight: Version,
    known: Sequence[Version],
    policy: Policy,
    before: Sequence[Version] = (),
) -> Attack:
    """Attack a version, knowing others too: `known` are those of other audiences, and `before`
    those of nights before.

    What was shown on a night before is known as it was then, and what became of it is no secret
    that tonight's version could keep: where both together tell such a count, it was told before.
    Only reads. Raises ValueError where a mart is shown whose counts are not given.
    """
    began = time.monotonic()
    held = read(connection, tonight, policy)
    findings: list[Finding] = []
    sides = []
    for version in (held, *(read(connection, other, None) for other in (*known, *before))):
        # The least that is shown of a region need not be the least that could be.
        version.region_suppress_up_to = min(
            version.region_suppress_up_to, policy.of((REGION,)).suppress_up_to
        )
        relations, wrong = _holding(version)
        sides.append(Side(version, relations))
        findings += wrong
        findings += _not_as_counted(version)
    findings = [*checks(held, policy), *findings]
    dominated = list(_dominated(sides[0], policy))
    sought = _sought(sides, policy, dominated)
    told_before: list[Finding] = []
    if_unchanged: list[Finding] = []
    try:
        spans, solved, programme = _learn(sides, sought)
        within, within_if_unchanged, more = _told_within(programme, sides, len(known), sought)
        findings += within
        if_unchanged += within_if_unchanged
        solved += more
    except Impossible:
        spans, solved = [], 0
        findings.append(
            Finding("all marts", "all together", "counts", "no counts can be as they say they are")
        )
    told = [(one, span) for one, span in zip(sought, spans, strict=False) if not span.is_kept]
    too_late: set[int] = set()
    guessed: set[int] = set()
    if told and len(sides) > 1:
        too_late, more = _told_by_one(sides[1:], [one for one, _ in told])
        solved += more
    if told and before:
        moved, more = _moved_since(sides, len(known), [one for one, _ in told])
        too_late |= moved
        solved += more
        left = {n: one for n, (one, _) in enumerate(told) if n not in too_late}
        guessed, more = _only_guessed(sides, len(known), left, policy)
        solved += more
    for number, (one, span) in enumerate(told):
        finding = Finding.of(one.name, one.kind, None if one.aim.bar else span.width)
        if number in too_late:
            told_before.append(finding)
        elif number in guessed:
            if_unchanged.append(finding)
        else:
            findings.append(finding)
    widths = [span.width for one, span in zip(sought, spans, strict=False) if one.is_withheld_cell]
    return _sum_up(
        sides[0],
        policy,
        dominated,
        findings,
        told_before,
        if_unchanged,
        min(widths, default=None),
        solved,
        began,
    )


def _holding(held: Held) -> tuple[list[Relation], list[Finding]]:
    """The relations that hold for what was counted; a finding for each that should and does not."""
    relations, wrong = [], []
    for relation in additions(held):
        amount = sum(weight * held.counts[name] for name, weight in relation.terms)
        slack = 1e-6 * max(1.0, *(abs(weight) for _, weight in relation.terms))
        if relation.low - slack <= amount <= relation.high + slack:
            relations.append(relation)
        elif relation.is_certain:
            kind = f"what was counted is not what it should add up to: {relation.of}"
            wrong.append(Finding.of(relation.terms[0][0], kind))
    for found in deciles(held).values():
        if _could_be(held, found):
            relations += found
    return relations, wrong


def _not_as_counted(held: Held) -> Iterator[Finding]:
    for name, told in held.cells.items():
        low, high = held.bounds(name)
        if told is not None and not low <= held.counts[name] <= high:
            yield Finding.of(name, "what is shown is not what was counted")


def _could_be(held: Held, relations: list[Relation]) -> bool:
    """Whether relations with unknowns that nobody counted can be as everything was counted."""
    programme = Programme()
    for relation in relations:
        for name, _ in relation.terms:
            count = held.counts.get(name)
            programme.unknown(name, count)
            if count is not None:
                programme.bound(name, count, count)
        programme.relate(relation.terms, relation.low, relation.high)
    return programme.is_possible()


def _key(held: Held, name: Name) -> Key:
    """A cell and the same cell of another version are one unknown where the count is the same:
    the attacker may know that nothing has changed."""
    return name, held.counts.get(name)


def _name(key: Key) -> Name:
    return cast("tuple[Name, float | None]", key)[0]


def _programme(sides: Sequence[Side]) -> Programme:
    programme = Programme()
    for side in sides:
        held = side.held
        for name, count in held.counts.items():
            programme.unknown(_key(held, name), count)
        for name in held.cells:
            low, high = held.bounds(name)
            if low <= held.counts[name] <= high:
                programme.bound(_key(held, name), low, high)
        for relation in side.relations:
            terms = [(_key(held, name), weight) for name, weight in relation.terms]
            for (name, _), (key, _) in zip(relation.terms, terms, strict=True):
                programme.unknown(key, held.counts.get(name))
            programme.relate(terms, relation.low, relation.high)
    return programme


def _learn(sides: Sequence[Side], sought: Sequence[Sought]) -> tuple[list[Span], int, Programme]:
    programme = _programme(sides)
    programme.spread()
    return programme.look([one.aim for one in sought]), programme.solved, programme


def _told_within(
    programme: Programme, sides: Sequence[Side], known: int, sought: Sequence[Sought]
) -> tuple[list[Finding], list[Finding], int]:
    """What an authority of a region, that knows its own counts, learns of the others from the
    totals that it is in; what of it only with earlier versions, by what has not changed since;
    programmes solved."""
    parts = of_regions(sides[0].held)
    if not parts:
        return [], [], 0
    told = _told_to_each(programme, sides, parts, sought)
    if told.findings and len(sides) > 1 + known:
        alone = _programme(sides[: 1 + known])
        alone.spread()
        tonight = _told_to_each(alone, sides[: 1 + known], parts, sought)
        only_with_before = [one for one in told.findings if one not in tonight.findings]
        return tonight.findings, only_with_before, told.solved + tonight.solved
    return told.findings, [], told.solved


@dataclass
class _Learnt:
    findings: list[Finding]
    solved: int


def _told_to_each(
    programme: Programme,
    sides: Sequence[Side],
    parts: Mapping[Name, Sequence[Name]],
    sought: Sequence[Sought],
) -> _Learnt:
    learnt = _Learnt([], 0)
    totals = {
        _key(side.held, name): str(name[1])
        for side in sides
        for name in side.held.cells
        if name[0] == REGION and _key(side.held, name) in programme.index
    }
    for region in sorted(set(totals.values())):
        of_region = programme.around(
            [key for key, code in totals.items() if code == region], [one.aim for one in sought]
        )
        owners = {key: str(_name(key)[1]) for key in of_region.index}
        la_codes = {str(part[1]) for name, of in parts.items() if name[1] == region for part in of}
        for la_code in sorted(la_codes):
            reader = of_region.knowing([key for key, own in owners.items() if own == la_code])
            theirs = [
                one
                for one in sought
                if all(key in reader.index for key, _ in one.aim.terms)
                and one.name[1] != la_code
                and _is_secret(sides[0].held, one.name, parts, la_code)
            ]
            reader.spread()
            spans = reader.look([one.aim for one in theirs])
            learnt.solved += reader.solved
            learnt.findings += [
                Finding.of(one.name, f"{one.kind}, to {la_code}, which knows its own", span.width)
                for one, span in zip(theirs, spans, strict=True)
                if not span.is_kept
            ]
    return learnt


def _is_secret(
    held: Held, name: Name, parts: Mapping[Name, Sequence[Name]], la_code: str = ""
) -> bool:
    """Whether a cell is anything that an authority, if any, could learn: of a region, only where
    a count of another one in it is withheld. What a region says of one is that one's."""
    if name[0] != REGION:
        return True
    if held.row(name).counted.get("la_code") is not None:
        return False
    return any(held.cells.get(part, 0) is None for part in parts[name] if part[1] != la_code)


def _told_by_one(sides: Sequence[Side], told: Sequence[Sought]) -> tuple[set[int], int]:
    """Which of what is told any one earlier version tells by itself; programmes solved."""
    before: set[int] = set()
    solved = 0
    for side in sides:
        aims = {n: one.aim for n, one in enumerate(told) if n not in before}
        found, more = _told_in(side, aims)
        before |= found
        solved += more
    return before, solved


def _told_in(side: Side, aims: Mapping[int, Aim]) -> tuple[set[int], int]:
    """Which of these one version tells by itself, of those that it holds; programmes solved."""
    programme = _programme([side])
    try:
        return _told_by(programme, aims), programme.solved
    except Impossible:
        return set(), programme.solved


def _told_by(programme: Programme, aims: Mapping[int, Aim]) -> set[int]:
    """Which of these are told by what a programme holds, of those that stand in it. Raises
    Impossible."""
    there = {
        number: aim
        for number, aim in aims.items()
        if all(key in programme.index for key, _ in aim.terms)
    }
    programme.spread()
    spans = programme.look(list(there.values()))
    return {number for number, span in zip(there, spans, strict=True) if not span.is_kept}


def _moved_since(sides: Sequence[Side], known: int, told: Sequence[Sought]) -> tuple[set[int], int]:
    """Which of what is told was told on a night before, as it was then, and is not told by
    tonight's versions alone; programmes solved."""
    tonight, before = sides[: 1 + known], sides[1 + known :]
    programme = _programme(tonight)
    there = [
        n for n, one in enumerate(told) if all(key in programme.index for key, _ in one.aim.terms)
    ]
    then: set[int] = set()
    solved = 0
    for side in before:
        left = [number for number in there if number not in then]
        were, more = _told_then(side, [told[number] for number in left])
        then |= {left[number] for number in were}
        solved += more
    shown = sorted(then)
    try:
        programme.spread()
        spans = programme.look([told[number].aim for number in shown])
    except Impossible:
        return set(), solved + programme.solved
    moved = {n for n, span in zip(shown, spans, strict=True) if span.is_kept}
    return moved, solved + programme.solved


def _only_guessed(
    sides: Sequence[Side], known: int, told: Mapping[int, Sought], policy: Policy
) -> tuple[set[int], int]:
    """Which of what is told is told only to one who guesses that what is withheld has not changed
    since, and then not too narrowly; programmes solved."""
    narrower = policy.least_interval_if_unchanged
    if narrower is None or not told:
        return set(), 0
    kept = set(told)
    solved = 0
    tonight, before = sides[: 1 + known], sides[1 + known :]
    for part, need in (
        (sides, narrower), (tonight, policy.least_interval), (before, policy.least_interval),
    ):  # fmt: skip
        programme = _programme(part)
        try:
            kept -= _told_by(programme, {n: replace(told[n].aim, need=need) for n in sorted(kept)})
        except Impossible:
            return set(), solved + programme.solved
        solved += programme.solved
    return kept, solved


def _told_then(side: Side, told: Sequence[Sought]) -> tuple[set[int], int]:
    """Which of these an earlier version told, as they were in it: it showed them, or what stands
    in no cell followed from what it showed; programmes solved."""
    names = [[_name(key) for key, _ in one.aim.terms] for one in told]
    shown = {
        number
        for number, of in enumerate(names)
        if all(side.held.cells.get(name) is not None for name in of)
    }
    aims = {
        number: replace(
            one.aim,
            terms=tuple((_key(side.held, _name(key)), weight) for key, weight in one.aim.terms),
        )
        for number, one in enumerate(told)
        if number not in shown and all(name in side.held.counts for name in names[number])
    }
    followed, solved = _told_in(side, aims)
    return shown | followed, solved


def _sought(sides: Sequence[Side], policy: Policy, dominated: list[Sought]) -> list[Sought]:
    """Everything that the attacker would like to know."""
    held = sides[0].held
    places = Places(held)
    parts = of_regions(held)
    need = policy.least_interval
    sought = []
    for name, told in held.cells.items():
        if not policy.minds(name) or not _is_secret(held, name, parts):
            continue
        if told is not None or (held.counts[name] == 0 and policy.noughts_are_shown):
            continue  # a nought that may be shown harms nobody when it is told
        if (
            policy.lowest_level == "township"
            and is_below(name, policy)
            and places.is_whole_township(name, held.row(name))
        ):
            continue  # its township may be shown, and is the same area
        aim = Aim(((_key(held, name), 1.0),), need=need)
        sought.append(Sought(name, TOLD, aim, is_withheld_cell=True))
    for count in implied(held, policy.growth_years):
        amount = count.constant + sum(w * held.counts[name] for name, w in count.terms)
        if policy.is_small(amount) and policy.minds(count.name):
            terms = tuple((_key(held, name), weight) for name, weight in count.terms)
            kind = f"a small count is told: {count.kind}"
            sought.append(Sought(count.name, kind, Aim(terms, count.constant, need)))
    sought += dominated
    sought += _old(sides, policy)
    return sought


def _dominated(side: Side, policy: Policy) -> Iterator[Sought]:
    """Totals of which all children, or all but so many, are in one part; of unknown, nothing is
    learnt."""
    held, leaves = side.held, policy.dominance_leaves
    if leaves < 0:
        return
    for relation in side.relations:
        whole, parts = relation.breakdown[:1], relation.breakdown[1:]
        if len(parts) < 2 or held.counts[whole[0]] <= policy.suppress_up_to:
            continue
        if not policy.minds(whole[0]):
            continue
        for part in parts:
            is_unknown = "unknown" in {str(value).lower() for value in part[1:-1]}
            if held.counts[whole[0]] - held.counts[part] <= leaves and not is_unknown:
                terms = ((_key(held, whole[0]), 1.0), (_key(held, part), -1.0))
                kind = f"{SHARED} ({relation.of})"
                yield Sought(whole[0], kind, Aim(terms, bar=leaves + 1.0))
    for count in implied(held, policy.growth_years):
        if count.constant > policy.suppress_up_to and policy.minds(count.name):
            ((name, weight),) = count.terms
            if 0 <= count.constant - held.counts[name] <= leaves:
                aim = Aim(((_key(held, name), weight),), count.constant, bar=leaves + 1.0)
                yield Sought(name, f"{SHARED} (all children of the area)", aim)


def _old(sides: Sequence[Side], policy: Policy) -> Iterator[Sought]:
    """Small counts of earlier versions that are different now or gone, and were withheld."""
    now = {_key(sides[0].held, name) for name in sides[0].held.cells}
    shown = {
        _key(side.held, name)
        for side in sides[1:]
        for name, told in side.held.cells.items()
        if told is not None
    }
    seen = now | shown
    for side in sides[1:]:
        for name in side.held.cells:
            key = _key(side.held, name)
            if key in seen or not policy.minds(name) or name[0] == REGION:
                continue
            if policy.is_small(side.held.counts[name]):
                seen.add(key)
                yield Sought(name, TOLD_OF_OLD, Aim(((key, 1.0),), need=policy.least_interval))


def _sum_up(
    side: Side,
    policy: Policy,
    dominated: list[Sought],
    findings: list[Finding],
    told_before: list[Finding],
    if_unchanged: list[Finding],
    least_interval: float | None,
    solved: int,
    began: float,
) -> Attack:
    held = side.held
    places = Places(held)
    withheld = [name for name, told in held.cells.items() if told is None]
    totals = {one.name for one in dominated}
    near = totals | {
        part
        for relation in side.relations
        if relation.breakdown and relation.breakdown[0] in totals
        for part in relation.breakdown[1:]
    }

    def is_primary(name: Name) -> bool:
        population = places.population(name, held.row(name))
        return (
            policy.of(name).is_small(held.counts[name])
            or (held.counts[name] == 0 and not policy.noughts_are_shown)
            or is_below(name, policy)
            or (population is not None and population < policy.minimum_population)
            or name in near
        )

    primary = sum(map(is_primary, withheld))
    above = [count for name in held.cells if (count := held.counts[name]) > 0]
    lost = [count for name in withheld if (count := held.counts[name]) > 0]
    return Attack(
        audience=policy.audience,
        findings=tuple(dict.fromkeys(findings)),
        told_before=tuple(dict.fromkeys(told_before)),
        if_unchanged=tuple(dict.fromkeys(if_unchanged)),
        cells=len(held.cells),
        shown=len(held.cells) - len(withheld),
        withheld=len(withheld),
        primary=primary,
        secondary=len(withheld) - primary,
        least_interval=least_interval,
        cells_lost=len(lost) / max(len(above), 1),
        counts_lost=sum(lost) / max(sum(above), 1),
        programmes=solved,
        seconds=time.monotonic() - began,
    )
