"""Headlines of rates: against a comparator, and over the years."""

from collections.abc import Sequence
from dataclasses import dataclass

from flows.page.marts import Cell
from flows.page.words import MARKERS

OF = {"higher": "higher than", "lower": "lower than", "similar": "similar to"}


def against(
    what: str,
    year: int,
    children: Cell,
    rate: Cell,
    comparison: Cell,
    comparator_name: Cell,
    comparator_rate: Cell,
    comparator_date: Cell,
) -> str:
    """Looked after: 94.9 per 10,000, higher than England's 58.0; of which year that is, where
    it is another than ours."""
    if not rate.is_shown:
        if children.is_shown:
            return f"{what}: {children.shown}, and no rate, for there is no population"
        return f"{what}: the number is {MARKERS[children.marker or 'x'][1]}"
    said = f"{what}: {rate.shown} per 10,000"
    if not (comparison.is_shown and comparator_name.is_shown and comparator_rate.is_shown):
        return f"{said}, and nobody to compare with"
    said += f", {OF[comparison.value]} {comparator_name.shown}'s {comparator_rate.shown}"
    if comparator_date.is_shown and comparator_date.value.year != year:
        said += f" in {comparator_date.value.year}"
    return said


@dataclass(frozen=True)
class Point:
    """A rate at a moment, with its 95% interval."""

    when: str
    rate: Cell
    lower: Cell
    upper: Cell

    @property
    def is_shown(self) -> bool:
        return self.rate.is_shown and self.lower.is_shown and self.upper.is_shown


def trend(points: Sequence[Point]) -> str:
    """The first and the last rate that are shown. They differ when their intervals do not
    touch, which is stricter than a test of the difference."""
    shown = [point for point in points if point.is_shown]
    if not points:
        return "No rate has been counted yet"
    if not shown:
        return "No rate of any year is shown"
    first, last = shown[0], shown[-1]
    if len(shown) == 1:
        return f"The rate of one year is shown: {last.rate.shown} in {last.when}"
    return f"The rate in {last.when} ({last.rate.shown}) is {beside(first, last)}"


def beside(first: Point, last: Point, unit: str = "") -> str:
    """What the last is beside the first: higher or lower where their intervals do not touch."""
    if last.lower.number > first.upper.number:
        return f"higher than in {first.when} ({first.rate.shown}{unit})"
    if last.upper.number < first.lower.number:
        return f"lower than in {first.when} ({first.rate.shown}{unit})"
    if last.rate.shown == first.rate.shown:
        return f"the same as in {first.when}"
    return f"similar to {first.when} ({first.rate.shown}{unit})"
