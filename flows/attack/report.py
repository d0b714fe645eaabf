"""What an attack came to: what it learnt, and what the protection costs. A finding names the
mart and the cell, and never what is withheld."""

from __future__ import annotations

from dataclasses import dataclass

from flows.attack.known import REGION, Name, in_words


@dataclass(frozen=True)
class Finding:
    """Something that an attacker learns, or that should not be shown. Every one is critical.

    cell   its keys in words
    kind   how it leaks
    width  to within how many children the attacker knows it; None where that is not the matter
    la_code whose cell it is; empty where it is no authority's
    """

    mart: str
    cell: str
    column: str
    kind: str
    width: float | None = None
    la_code: str = ""

    severity = "critical"
    is_critical = True

    @classmethod
    def of(cls, name: Name, kind: str, width: float | None = None) -> Finding:
        """A finding about a cell by its name."""
        la_code = str(name[1]) if len(name) > 2 and name[0] != REGION else ""
        return cls(str(name[0]), in_words(name), str(name[-1]), kind, width, la_code)

    def __str__(self) -> str:
        within = "" if self.width is None else f" (to within {self.width:g})"
        return f"{self.mart}.{self.column} of {self.cell}: {self.kind}{within}."


@dataclass(frozen=True)
class Attack:
    """One attack on one version.

    findings        what must be mended before it may be published
    told_before     what an earlier version, by itself, tells already; nothing helps any more
    if_unchanged    told only to one who guesses that what is withheld has not changed since the
                    last version, and within the policy's interval for that
    cells           counts of people in the marts, a nought included
    primary         withheld for its own sake: small, of an area that is too small or too low,
                    or of children who nearly all share something
    secondary       withheld to protect others
    least_interval  the least that is proved of what a withheld count may range over (children);
                    None where nothing is withheld
    cells_lost      share of the counts above nought that are withheld
    counts_lost     share of the sum of all counts that is withheld
    programmes      linear programmes solved
    """

    audience: str
    findings: tuple[Finding, ...]
    told_before: tuple[Finding, ...]
    if_unchanged: tuple[Finding, ...]
    cells: int
    shown: int
    withheld: int
    primary: int
    secondary: int
    least_interval: float | None
    cells_lost: float
    counts_lost: float
    programmes: int
    seconds: float

    def __str__(self) -> str:
        found = len(self.findings)
        leaks = "no leak" if not found else "1 leak" if found == 1 else f"{found:,} leaks"
        least = "-" if self.least_interval is None else f"{self.least_interval:g}"
        before = f"; {len(self.told_before):,} told before" if self.told_before else ""
        if self.if_unchanged:
            before += f"; {len(self.if_unchanged):,} narrower to one who guesses"
        return (
            f"{self.audience}: {leaks} found{before}; "
            f"{self.cells:,} counts, {self.shown:,} shown, {self.withheld:,} withheld "
            f"({self.primary:,} for their own sake, {self.secondary:,} for others), least interval "
            f"{least}; withheld are {self.cells_lost:.1%} of the counts above nought and "
            f"{self.counts_lost:.1%} of what they count; {self.programmes:,} linear programmes, "
            f"{self.seconds:.1f} s"
        )
