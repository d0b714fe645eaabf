"""What counts can be, given all that is known of them: intervals by linear programming (HiGHS).

Bounds are first passed on from relation to relation, in whole numbers: where that leaves a count
too narrow, it is proved narrow at no cost. What is left is proved wide by solutions: one found
for one count is a witness for all others, and what was counted is the first of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, inf, isinf
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from flows.linear import Linear

Key = Hashable
SLACK = 1e-6
ROUNDS = 8


@dataclass(frozen=True)
class Aim:
    """Something that nobody may come to know: a weighted sum of unknowns and a constant.

    need  the most less the least that it may be, at least; in whole numbers
    bar   where given, it is enough that it may be as much as that
    """

    terms: tuple[tuple[Key, float], ...]
    constant: float = 0.0
    need: float = 0.0
    bar: float | None = None

    def is_kept(self, least: float, most: float) -> bool:
        if self.bar is not None:
            return most >= self.bar - SLACK
        if isinf(most) or isinf(least):
            return True
        return floor(most + SLACK) - ceil(least - SLACK) >= self.need - SLACK


@dataclass(frozen=True)
class Span:
    """What is proved of an aim: not kept, and between what it is known to be; or kept, and how
    far apart two solutions were found."""

    is_kept: bool
    least: float
    most: float

    @property
    def width(self) -> float:
        return max(self.most - self.least, 0.0)


class Impossible(Exception):
    """No counts are as everything that is known says."""


class Programme:
    """Unknown counts and relations between them.

    Each unknown is given with what was counted, None where nobody counted it.
    """

    def __init__(self) -> None:
        self.index: dict[Key, int] = {}
        self.counted: list[float | None] = []
        self.low: list[float] = []
        self.high: list[float] = []
        self.rows: list[tuple[tuple[tuple[int, float], ...], float, float]] = []
        self._seen: set[Hashable] = set()
        self.solved = 0

    def unknown(self, key: Key, counted: float | None) -> int:
        """The number of an unknown, a new one where it is new; counts are 0 or more."""
        if key not in self.index:
            self.index[key] = len(self.counted)
            self.counted.append(counted)
            self.low.append(0.0 if counted is None or counted >= 0 else -inf)
            self.high.append(inf)
        return self.index[key]

    def bound(self, key: Key, low: float, high: float) -> None:
        i = self.index[key]
        self.low[i] = max(self.low[i], low)
        self.high[i] = min(self.high[i], high)

    def relate(self, terms: Iterable[tuple[Key, float]], low: float, high: float) -> None:
        """Add a relation, once; the same unknown may be named twice in it."""
        added: dict[int, float] = {}
        for key, weight in terms:
            i = self.index[key]
            added[i] = added.get(i, 0.0) + weight
        row = (tuple(sorted((i, weight) for i, weight in added.items() if weight)), low, high)
        if row[0] and row not in self._seen:
            self._seen.add(row)
            self.rows.append(row)

    # Bounds

    def spread(self) -> None:
        """Pass bounds on until nothing moves. Counts are whole, so bounds are."""
        for i, counted in enumerate(self.counted):
            self._set(i, self.low[i], self.high[i], counted)
        of: list[list[int]] = [[] for _ in self.counted]
        for r, (terms, _, _) in enumerate(self.rows):
            for i, _ in terms:
                of[i].append(r)
        waiting = deque(range(len(self.rows)))
        is_waiting = [True] * len(self.rows)
        left = 60 * len(self.rows) + 1000
        while waiting and left:
            left -= 1
            r = waiting.popleft()
            is_waiting[r] = False
            for i in self._tighten(*self.rows[r]):
                for other in of[i]:
                    if not is_waiting[other]:
                        is_waiting[other] = True
                        waiting.append(other)

    def _set(self, i: int, low: float, high: float, counted: float | None) -> bool:
        if counted is None or float(counted).is_integer():
            low = low if isinf(low) else ceil(low - SLACK)
            high = high if isinf(high) else floor(high + SLACK)
        moved = low > self.low[i] + SLACK or high < self.high[i] - SLACK
        if low > high + SLACK:
            raise Impossible
        self.low[i], self.high[i] = max(low, self.low[i]), min(high, self.high[i])
        return moved

    def _tighten(self, terms: tuple[tuple[int, float], ...], low: float, high: float) -> list[int]:
        """Bounds of each unknown of a relation from those of the others; which have moved."""
        least = most = 0.0
        open_below = open_above = 0
        ends = []
        for i, weight in terms:
            down, up = weight * self.low[i], weight * self.high[i]
            if weight < 0:
                down, up = up, down
            ends.append((down, up))
            if isinf(down):
                open_below += 1
            else:
                least += down
            if isinf(up):
                open_above += 1
            else:
                most += up
        moved = []
        for (i, weight), (down, up) in zip(terms, ends, strict=True):
            if self.high[i] - self.low[i] < SLACK:
                continue
            others_least = (
                -inf if open_below - isinf(down) else least - (0 if isinf(down) else down)
            )
            others_most = inf if open_above - isinf(up) else most - (0 if isinf(up) else up)
            a, b = (low - others_most) / weight, (high - others_least) / weight
            if weight < 0:
                a, b = b, a
            if self._set(i, max(a, self.low[i]), min(b, self.high[i]), self.counted[i]):
                moved.append(i)
        return moved

    # Solutions

    def is_possible(self) -> bool:
        """Whether there are counts that are as everything says."""
        try:
            self.spread()
            members = [i for i in range(len(self.low)) if self.high[i] - self.low[i] > SLACK]
            if members:
                part = _Part(self, members, range(len(self.rows)), 0.0)
                part.solve(np.zeros(len(members)))
        except Impossible:
            return False
        return True

    def around(self, keys: Iterable[Key], aims: Iterable[Aim]) -> Programme:
        """What is still unknown and hangs together with some unknowns, as a programme of its own,
        and with it whatever the aims at any of it name. `spread` comes before it."""
        is_open = [high - low > SLACK for low, high in zip(self.low, self.high, strict=True)]
        groups = _Groups(len(self.counted))
        for terms, _, _ in self.rows:
            groups.join([i for i, _ in terms if is_open[i]])
        wanted = {groups.of(self.index[key]) for key in keys if is_open[self.index[key]]}
        part = Programme()

        def take(key: Key, i: int) -> None:
            part.unknown(key, self.counted[i])
            part.low[part.index[key]], part.high[part.index[key]] = self.low[i], self.high[i]

        place: dict[int, int] = {}
        for key, i in self.index.items():
            if is_open[i] and groups.of(i) in wanted:
                place[i] = len(place)
                take(key, i)
        for terms, low, high in self.rows:
            known = sum(weight * self.low[i] for i, weight in terms if i not in place)
            unknown = tuple((place[i], weight) for i, weight in terms if i in place)
            if unknown:
                part.rows.append((unknown, low - known, high - known))
        for aim in aims:
            named = [key for key, _ in aim.terms]
            if any(key in part.index for key in named):
                for key in named:
                    if key not in part.index:
                        take(key, self.index[key])
        return part

    def knowing(self, keys: Iterable[Key]) -> Programme:
        """The same for somebody who knows what some of the unknowns were counted as."""
        other = Programme()
        other.index, other.counted, other.rows = dict(self.index), list(self.counted), self.rows
        other.low, other.high = list(self.low), list(self.high)
        for key in keys:
            if (counted := self.counted[self.index[key]]) is not None:
                other.bound(key, counted, counted)
        return other

    def look(self, aims: Sequence[Aim]) -> list[Span]:
        """What is proved of each aim. `spread` comes before it."""
        spans: list[Span | None] = [None] * len(aims)
        is_open = [high - low > SLACK for low, high in zip(self.low, self.high, strict=True)]
        groups = _Groups(len(self.counted))
        for terms, _, _ in self.rows:
            groups.join([i for i, _ in terms if is_open[i]])
        inside = []
        for number, aim in enumerate(aims):
            weighed = [(self.index[key], weight) for key, weight in aim.terms]
            constant = aim.constant + sum(w * self.low[i] for i, w in weighed if not is_open[i])
            weighed = [(i, w) for i, w in weighed if is_open[i]]
            least = constant + sum(w * (self.low if w > 0 else self.high)[i] for i, w in weighed)
            most = constant + sum(w * (self.high if w > 0 else self.low)[i] for i, w in weighed)
            if not weighed or not aim.is_kept(least, most):
                spans[number] = Span(aim.is_kept(least, most), least, most)
                continue
            groups.join([i for i, _ in weighed])
            inside.append((number, weighed, constant))
        parts: dict[int, list[tuple[int, list[tuple[int, float]], float]]] = {}
        for one in inside:
            parts.setdefault(groups.of(one[1][0][0]), []).append(one)
        members: dict[int, list[int]] = {}
        for i, opened in enumerate(is_open):
            if opened and groups.of(i) in parts:
                members.setdefault(groups.of(i), []).append(i)
        rows: dict[int, list[int]] = {}
        for r, (terms, _, _) in enumerate(self.rows):
            opened_ = [i for i, _ in terms if is_open[i]]
            if len(opened_) > 1 and groups.of(opened_[0]) in parts:
                rows.setdefault(groups.of(opened_[0]), []).append(r)
        need = max((aim.need for aim in aims), default=0.0)
        for group, wanted in parts.items():
            part = _Part(self, members[group], rows.get(group, []), need)
            found = part.look([(aims[number], terms, c) for number, terms, c in wanted])
            self.solved += part.solved
            for (number, _, _), span in zip(wanted, found, strict=True):
                spans[number] = span
        return [span for span in spans if span is not None]


class _Groups:
    """Which unknowns hang together."""

    def __init__(self, size: int) -> None:
        self.parent = list(range(size))

    def of(self, i: int) -> int:
        while self.parent[i] != i:
            self.parent[i] = self.parent[self.parent[i]]
            i = self.parent[i]
        return i

    def join(self, members: list[int]) -> None:
        for i in members[1:]:
            self.parent[self.of(i)] = self.of(members[0])


class _Part:
    """Unknowns that hang together, as a linear programme."""

    def __init__(
        self, whole: Programme, members: list[int], rows: Sequence[int], need: float
    ) -> None:
        self.place = {i: j for j, i in enumerate(members)}
        counts = [whole.counted[i] or 0.0 for i in members]
        # An unknown that nothing limits may be this: far more than is needed to be wide.
        most = 2 * max(map(abs, counts), default=0.0) + 10 * need + 100
        self.low = np.array([max(whole.low[i], -most) for i in members])
        self.high = np.array([min(whole.high[i], most + whole.low[i]) for i in members])
        self.counted: Any = np.array(
            [count if (count := whole.counted[i]) is not None else np.nan for i in members]
        )
        starts, places, weights = [0], [], []
        least, greatest = [], []
        for number in rows:
            terms, below, above = whole.rows[number]
            for i, weight in terms:
                if i in self.place:
                    places.append(self.place[i])
                    weights.append(weight)
                else:
                    below -= weight * whole.low[i]
                    above -= weight * whole.low[i]
            starts.append(len(places))
            least.append(below)
            greatest.append(above)
        self.relations = (weights, places, starts), np.array(least), np.array(greatest)
        self.solver: Linear | None = None
        self.solved = 0

    def solve(self, weights: Any) -> Any:
        """The counts at which a weighted sum is least."""
        from scipy.sparse import csr_matrix

        from flows.linear import Linear

        self.solved += 1
        if self.solver is None:
            terms, least, greatest = self.relations
            sums = csr_matrix(terms, shape=(len(least), len(self.place)), dtype=float)
            self.solver = Linear(sums, least, greatest, self.low, self.high)
        found = self.solver.where_least(np.asarray(weights, dtype=float))
        if found is None:
            raise Impossible
        return found

    def look(self, aims: list[tuple[Aim, list[tuple[int, float]], float]]) -> list[Span]:
        from scipy.sparse import csr_matrix

        r_, j_, w_ = zip(
            *((r, self.place[i], w) for r, (_, terms, _) in enumerate(aims) for i, w in terms),
            strict=True,
        )
        matrix = csr_matrix((w_, (r_, j_)), shape=(len(aims), len(self.place)))
        constants = np.array([constant for _, _, constant in aims])
        # What was counted is a solution, and tells of every aim where all of it was counted.
        known: Any = constants + matrix @ np.nan_to_num(self.counted)
        low, high = known.copy(), known.copy()
        waiting = set(range(len(aims)))

        def witness(solution: Any) -> None:
            values = constants + matrix @ solution
            np.minimum(low, values, out=low)
            np.maximum(high, values, out=high)
            waiting.difference_update(
                [r for r in waiting if aims[r][0].is_kept(float(low[r]), float(high[r]))]
            )

        witness(np.where(np.isnan(self.counted), 0, self.counted))
        draw = np.random.default_rng(0)
        for _ in range(ROUNDS):
            if len(waiting) < 3:
                break
            before = len(waiting)
            signs = np.zeros(len(aims))
            order = sorted(waiting)
            signs[order] = draw.choice([-1.0, 1.0], len(order)) * draw.uniform(0.5, 1, len(order))
            weights = matrix.T @ signs
            witness(self.solve(weights))
            witness(self.solve(-weights))
            if len(waiting) > 0.9 * before:
                break
        narrow: dict[int, Span] = {}
        for r in range(len(aims)):
            if r not in waiting:
                continue
            aim = aims[r][0]
            weights = matrix[[r]].toarray()[0]
            highest = self.solve(-weights)
            witness(highest)
            most = float(constants[r] + weights @ highest)
            if r in waiting and aim.bar is None:
                lowest = self.solve(weights)
                witness(lowest)
                least = float(constants[r] + weights @ lowest)
            else:
                least = float(low[r])
            if r in waiting:
                narrow[r] = Span(False, least, most)
                waiting.discard(r)
        return [narrow.get(r, Span(True, float(low[r]), float(high[r]))) for r in range(len(aims))]
