"""Which counts are withheld so that no withheld one can be worked out.

Small counts are withheld to begin with; `models/disclosure` says which and why. Alone that is
no protection: a total less the other parts is the part that is missing. So others are withheld
with them, and which is a linear programme (the heuristic of Kelly, Golden and Assad 1992 for
the cell suppression problem, with the table as a system of equations as in Fischetti and
Salazar 2001). A withheld count is safe when other counts are possible that agree with
everything that is published, in which it is higher, and others in which it is lower, by as
much as the policy asks between them. Such counts are looked for at the least cost: what must
move for them, and is not withheld yet, is withheld.

The same tables give the same answer on every run.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse.csgraph import connected_components

from flows.linear import Linear, Numbers

Truths = NDArray[numpy.bool_]
Moved = dict[int, list[Numbers]]  # by the first count of those that hang together

TOLERANCE = 1e-6
# While no more than this share of the counts is left, they are looked at together again.
WORTH_A_LOOK = 0.8


@dataclass(frozen=True)
class Counts:
    """Counts and how they add up.

    values       the counts, one each
    sums         one row for each addition: 1 for a part, -1 for the whole
    is_known     whether a reader knows it, whatever is withheld now
    floors       the least that a reader takes it for, once it is withheld
    costs        what it costs to withhold it
    widths       how far apart the least and the most must lie that a reader can work out for it,
                 once it is withheld
    """

    values: Numbers
    sums: sparse.csr_matrix
    is_known: Truths
    floors: Numbers
    costs: Numbers
    widths: Numbers


def withhold(counts: Counts, already: Truths, seen_moves: Moved | None = None) -> Truths:
    """Which counts are to be withheld, those included that are already. Where what would have to
    move for one is known, it is protected as far as can be: the attack says how far.

    `seen_moves` are those that were found when the same counts were asked for another reader; what
    of them this one could not rule out either need not be found again. New ones are added."""
    is_withheld: Truths = already.copy()
    is_to_protect = already & ~counts.is_known & (counts.widths > TOLERANCE)
    by_count = counts.sums.tocsc()
    for members in _apart(counts.sums):
        # Most groups of a nation are a count that adds up with nothing, or have none withheld.
        if is_to_protect[members].any() and len(rows := numpy.unique(by_count[:, members].indices)):
            part = _Part(counts, _sums_of(by_count, members, rows), members, is_withheld[members])
            if seen_moves is not None:
                part.keep(seen_moves.setdefault(int(members[0]), []))
            part.protect()
            is_withheld[members] = part.is_withheld
    return is_withheld


def _sums_of(
    by_count: sparse.csc_matrix, members: NDArray[numpy.int64], rows: NDArray[numpy.int64]
) -> sparse.csr_matrix:
    """The additions of some counts: those rows, the others being empty. To look at every addition
    for every group would take a nation the square of an authority's time."""
    theirs = by_count[:, members]
    places = numpy.searchsorted(rows, theirs.indices)
    shape = (len(rows), len(members))
    return sparse.csc_matrix((theirs.data, places, theirs.indptr), shape=shape).tocsr()


def _apart(sums: sparse.csr_matrix) -> list[NDArray[numpy.int64]]:
    """The counts in groups that have no addition in common, in the order of their first."""
    number, group = connected_components(sums.T @ sums, directed=False)
    order = numpy.argsort(group, kind="stable")
    return numpy.split(order, numpy.searchsorted(group[order], numpy.arange(1, number)))


class _Part:
    """Counts that hang together. `up` and `down` are how much higher and lower than it is each
    withheld count is known to be possible."""

    def __init__(
        self,
        counts: Counts,
        sums: sparse.csr_matrix,
        members: NDArray[numpy.int64],
        is_withheld: Truths,
    ) -> None:
        self.moves = _Moves(sums)
        self.values = counts.values[members]
        self.costs = counts.costs[members]
        self.widths = counts.widths[members]
        self.is_withheld = is_withheld
        self.is_done = self.is_withheld & counts.is_known[members]
        # A nought that is not withheld already is shown, and stays so.
        is_fixed = counts.is_known[members] | (~self.is_withheld & (self.values <= 0))
        self.rises = numpy.where(is_fixed, 0.0, numpy.inf)
        self.falls = numpy.where(is_fixed, 0.0, (self.values - counts.floors[members]).clip(min=0))
        self.up, self.down = numpy.zeros(len(members)), numpy.zeros(len(members))
        self.kept: list[Numbers] | None = None

    def keep(self, moves: list[Numbers]) -> None:
        """Take up the moves that are possible here, too, and add to them those that are found."""
        if moves:
            every = numpy.array(moves)
            rises = numpy.where(self.is_withheld, self.rises, 0.0) + TOLERANCE
            falls = numpy.where(self.is_withheld, self.falls, 0.0) + TOLERANCE
            is_possible = ((every <= rises) & (-every <= falls)).all(axis=1)
            for moved in every[is_possible]:
                self._note(moved)
        self.kept = moves

    def protect(self) -> None:
        self._look()
        while len(pending := numpy.flatnonzero(self._is_short())):
            self._protect(int(pending[numpy.argmax(self.widths[pending])]))

    def _is_short(self) -> Truths:
        is_short: Truths = (
            self.is_withheld & ~self.is_done & (self.up + self.down < self.widths - TOLERANCE)
        )
        return is_short

    def _look(self) -> None:
        """How far the counts that are withheld can move already, many at once, again and again
        while it finds a good part of them to be safe: a night that changes little has hardly
        anything else to do."""
        before, short = numpy.inf, numpy.flatnonzero(self._is_short())
        while 0 < len(short) <= WORTH_A_LOOK * before:
            before = len(short)
            for is_up in _directions(before):
                if not len(short):
                    return
                if (moved := self._moved_together(short, is_up[: len(short)])) is not None:
                    self._note(moved)
                    short = numpy.flatnonzero(self._is_short())

    def _moved_together(self, counts: NDArray[numpy.int64], is_up: Truths) -> Numbers | None:
        """How all counts move when these move as far as they can together, each in its direction
        and up to what is asked of it, and nothing moves that is not withheld."""
        size = len(self.values)
        rises = numpy.where(self.is_withheld, self.rises, 0.0)
        falls = numpy.where(self.is_withheld, self.falls, 0.0)
        most = numpy.concatenate([rises, falls])
        mine = numpy.where(is_up, counts, size + counts)
        other = numpy.where(is_up, size + counts, counts)
        aim = numpy.zeros(2 * size)
        aim[mine] = -1.0
        most[mine] = numpy.minimum(most[mine], self.widths[counts])
        most[other] = 0.0
        return self._solved(aim, numpy.zeros_like(most), most)

    def _protect(self, count: int) -> None:
        """By what is withheld already, if that will do, so that the same counts withheld once more
        take no others with them. Else as far down as it goes, or as far as is asked; the rest
        is up."""
        for is_up in (True, False):
            moved = self._moved_together(numpy.array([count]), numpy.array([is_up]))
            if moved is not None:
                self._note(moved)
        if not self._is_short()[count]:
            return
        self._move(count, -min(self.falls[count], self.widths[count]))
        if self._is_short()[count]:
            self._move(count, self.widths[count] - self.down[count])
        self.is_done[count] = self._is_short()[count]

    def _move(self, count: int, by: float) -> None:
        """Withhold what has to move for this count to move so far, or else as far as it can."""
        if abs(by) < TOLERANCE:
            return
        moved = self._moved(count, by)
        if moved is None:
            moved = self._moved(count, by, is_most=True)
        if moved is None:
            return
        self.is_withheld |= numpy.abs(moved) > TOLERANCE
        self._note(moved)
        # The other way round, as far as nothing falls below its floor.
        falls = moved > TOLERANCE
        if falls.any():
            share = min(1.0, float((self.falls[falls] / moved[falls]).min()))
            self._note(-share * moved)

    def _note(self, moved: Numbers) -> None:
        """Counts are whole: half a child more is no other count."""
        self.up = numpy.maximum(self.up, numpy.floor(moved + TOLERANCE))
        self.down = numpy.maximum(self.down, numpy.floor(TOLERANCE - moved))
        if self.kept is not None:
            self.kept.append(moved)

    def _moved(self, count: int, by: float, *, is_most: bool = False) -> Numbers | None:
        """How all counts move when this one moves so far, what is not withheld moving as little
        as can be; or, for the most, how they move when it moves as far as it can in that
        direction, but no further than asked."""
        size = len(self.values)
        costs = numpy.where(self.is_withheld, 1e-4, self.costs)
        least = numpy.zeros(2 * size)
        most = numpy.concatenate([self.rises, self.falls])
        mine, other = (count, size + count) if by > 0 else (size + count, count)
        most[other] = 0.0
        if not is_most and most[mine] < abs(by) - TOLERANCE:
            return None
        most[mine] = min(abs(by), most[mine])
        aim = numpy.concatenate([costs, costs])
        if is_most:
            aim[mine] -= 1e6
        else:
            least[mine] = most[mine]
        return self._solved(aim, least, most)

    def _solved(self, aim: Numbers, least: Numbers, most: Numbers) -> Numbers | None:
        """How all counts move, in the way that serves the aim best."""
        return self.moves.best(aim, least, most) if (most > 0).any() else None


def _directions(number: int) -> Iterator[Truths]:
    """Which of so many counts are to move up and not down: all, none, and halves, so that any two,
    of which one may have to fall for the other to rise, go apart in some of them."""
    places = numpy.arange(number)
    yield places >= 0
    yield places < 0
    for bit in range((number - 1).bit_length()):
        half: Truths = (places >> bit) % 2 == 0
        yield half
        yield ~half


class _Moves:
    """The ways in which counts can move that keep every sum. Every count may rise and may fall:
    these are two unknowns, neither below nought."""

    def __init__(self, sums: sparse.csr_matrix) -> None:
        rows, self.size = sums.shape
        still, unmoved = numpy.zeros(rows), numpy.zeros(2 * self.size)
        moves = sparse.hstack([sums, -sums], format="csc")
        self.programme = Linear(moves, still, still, unmoved, unmoved)

    def best(self, aim: Numbers, least: Numbers, most: Numbers) -> Numbers | None:
        """None where there is no such way."""
        self.programme.bound(least, most)
        moved = self.programme.where_least(aim)
        return None if moved is None else moved[: self.size] - moved[self.size :]


def sums_of(additions: Sequence[tuple[int, int, int]], rows: int, size: int) -> sparse.csr_matrix:
    """Additions as a matrix, from (addition, count, sign)."""
    if not additions:
        return sparse.csr_matrix((rows, size))
    at, of, sign = zip(*additions, strict=True)
    return sparse.csr_matrix((sign, (at, of)), shape=(rows, size), dtype=float)


def flows_of(pairs: Sequence[tuple[str, str]], wholes: dict[str, float]) -> list[float] | None:
    """Numbers, one for each pair of wholes, that add up to every whole; None where none do."""
    place = {whole: row for row, whole in enumerate(wholes)}
    entries = [(place[whole], column, 1) for column, pair in enumerate(pairs) for whole in pair]
    found = linprog(
        numpy.zeros(len(pairs)),
        A_eq=sums_of(entries, len(wholes), len(pairs)),
        b_eq=list(wholes.values()),
        method="highs",
    )
    return [float(flow) for flow in found.x] if found.status == 0 else None
