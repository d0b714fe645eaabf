"""Headlines of an authority among others: in the funnel around England's rate, and beside its
statistical neighbours."""

from collections.abc import Sequence

from flows.page.charts.funnel import Limits, Mark
from flows.page.headlines.rates import OF, Point
from flows.page.marts import Cell
from flows.page.words import MARKERS, listed, plural

# The outer limits leave two in a thousand outside; where more than this share of all lie there,
# they differ for other reasons than chance.
MANY = 0.1


def in_funnel(what: str, year: int, rate: Cell, england: Cell, limits: Limits) -> str:
    """Beyond which limits around England's rate a rate lies, the outer ones named first; on a
    limit is within it."""
    said = f"{what} in {year}"
    if not rate.is_shown:
        return f"{said}: the rate is {MARKERS[rate.marker or 'x'][1]}, and is not in the funnel"
    said += f": {rate.shown} per 10,000"
    if not (england.is_shown and limits.are_shown):
        return f"{said}, and no limits around England's rate to hold it against"
    theirs = f"England's {england.shown}"
    if rate.number > limits.upper_998.number:
        return f"{said}, higher than {theirs}: above the 99.8% limit"
    if rate.number < limits.lower_998.number:
        return f"{said}, lower than {theirs}: below the 99.8% limit"
    if rate.number > limits.upper_95.number:
        return f"{said}, higher than {theirs}: above the 95% limit, within the 99.8% limit"
    if rate.number < limits.lower_95.number:
        return f"{said}, lower than {theirs}: below the 95% limit, within the 99.8% limit"
    return f"{said}, similar to {theirs}: within the 95% limits"


def scattered(others: Sequence[Mark]) -> str:
    """How many other authorities lie outside the outer limits, of those whose rate is shown; and
    what it means where they are many."""
    held = [mark for mark in others if mark.rate.is_shown and mark.limits.are_shown]
    if not held:
        return "No other authority's rate can be held against its limits."
    above = sum(mark.rate.number > mark.limits.upper_998.number for mark in held)
    below = sum(mark.rate.number < mark.limits.lower_998.number for mark in held)
    of = plural(len(held), "other authority", "other authorities")
    if not (above or below):
        return f"Of {of} none lies outside the 99.8% limits."
    said = f"Of {of} {above:,} {'lies' if above == 1 else 'lie'} above and {below:,} below"
    if above + below > MANY * len(held):
        return f"{said} the 99.8% limits: far more than chance would put there."
    return f"{said} the 99.8% limits."


def beside_neighbours(what: str, year: int, own: Point, mean: Cell) -> str:
    """Higher or lower than the mean of the neighbours when the 95% interval does not hold it."""
    said = f"{what} in {year}"
    if not mean.is_shown:
        return f"{said}: no rate of a statistical neighbour is shown"
    theirs = f"statistical neighbours, {mean.shown}"
    if not own.is_shown:
        why = MARKERS[own.rate.marker or "x"][1]
        return f"{said}: the rate is {why}; the mean of the {theirs}"
    if own.lower.number > mean.number:
        compared = OF["higher"]
    elif own.upper.number < mean.number:
        compared = OF["lower"]
    else:
        compared = OF["similar"]
    return f"{said}: {own.rate.shown} per 10,000, {compared} the mean of its {theirs}"


def order(rate: Cell, neighbours: Sequence[Cell]) -> str:
    """How many neighbours have a lower, the same or a higher rate; of how many none is shown."""
    shown = [cell.number for cell in neighbours if cell.is_shown]
    hidden = len(neighbours) - len(shown)
    said = ""
    if rate.is_shown and shown:
        how_many = {
            "a lower rate": sum(each < rate.number for each in shown),
            "the same rate": sum(each == rate.number for each in shown),
            "a higher rate": sum(each > rate.number for each in shown),
        }
        parts = [
            f"{number:,} {'has' if number == 1 else 'have'} {how}"
            for how, number in how_many.items()
            if number
        ]
        of = plural(len(shown), "statistical neighbour")
        said = f"Of {of} {listed(parts)}."
        if len(parts) == 1:
            how = next(how for how, number in how_many.items() if number)
            each = f"Each of {of}" if len(shown) > 1 else "The one statistical neighbour shown"
            said = f"{each} has {how}."
    if hidden:
        said += f" {plural(hidden, 'rate is', 'rates are')} not shown."
    return said.strip()
