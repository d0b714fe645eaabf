"""Headlines of a breakdown: which category is largest, which differ from the area, what stands
out along an order."""

from collections.abc import Sequence
from dataclasses import dataclass

from flows.page.marts import Cell
from flows.page.words import capital, listed

Category = tuple[str, Cell]


@dataclass(frozen=True)
class Portion:
    """A category's share of all, with its 95% interval."""

    name: str
    share: Cell
    lower: Cell
    upper: Cell


def largest(what: str, portions: Sequence[Portion]) -> str:
    """The most frequent of `what` (a category of need), or those whose intervals reach into
    its own. A share that is withheld may be large, so that where there is one it is the most
    frequent of those that are shown."""
    if not portions:
        return f"Nothing is counted by {what} yet"
    shown = [portion for portion in portions if portion.share.is_shown]
    if not shown:
        return f"No share by {what} is shown"
    top = max(shown, key=lambda portion: portion.share.number)
    if top.share.number == 0:
        return f"There are no children in any {what} that is shown"
    if len(portions) == 1:
        return f"{capital(top.name)}: {top.share.shown}%, the only {what} there is"
    alike = [
        portion for portion in shown
        if portion is top or portion.share.number == top.share.number
        or (top.lower.is_shown and portion.upper.is_shown
            and portion.upper.number >= top.lower.number)
    ]  # fmt: skip
    of = "" if len(shown) == len(portions) else " of those shown"
    if len(alike) == 1:
        return f"{capital(top.name)}: {top.share.shown}%, the most frequent {what}{of}"
    if len(alike) > 3:
        return f"No {what}{of} is the most frequent by more than chance"
    told = listed([f"{portion.name} ({portion.share.shown}%)" for portion in alike])
    rest = "" if len(alike) == len(portions) else f", the most frequent by {what}{of}"
    return f"{capital(told)}: alike but for chance{rest}"


def represented(what: str, categories: Sequence[Category]) -> str:
    """Which categories are a larger or a smaller share of the children than of the area, by
    what each comparison says (higher, lower, similar)."""
    if not categories:
        return f"Nothing is counted by {what} yet"
    compared = [(name, cell.value) for name, cell in categories if cell.is_shown]
    if not compared:
        return f"No share by {what} can be compared with the area's"
    higher, lower = (
        [name for name, said in compared if said == wanted] for wanted in ("higher", "lower")
    )
    if not (higher or lower):
        return f"Each {what} compared is as large a share as in the area, give or take chance"
    size, names = ("larger", higher) if higher else ("smaller", lower)
    said = f"By {what}, a {size} share than in the area: {listed(names)}"
    return f"{said}; a smaller: {listed(lower)}" if higher and lower else said


def peaks(ages: Sequence[Category]) -> list[str]:
    """The one or two ages that stand out: more children than at every age shown within two
    years of it, most children first. Empty where all are alike or nothing is shown."""
    shown = [(place, cell.number) for place, (_, cell) in enumerate(ages) if cell.is_shown]
    if len({number for _, number in shown}) < 2:
        return []
    found = []
    for place, number in shown:
        near = [other for at, other in shown if 0 < abs(at - place) <= 2]
        if number > 0 and all(number > other for other in near):
            found.append((-number, place))
    return [ages[place][0] for _, place in sorted(found)[:2]]


def standing_out(ages: Sequence[Category]) -> str:
    """Which ages are peaks, with their numbers."""
    if not ages:
        return "Nothing is counted by age yet"
    cells = dict(ages)
    if not any(cell.is_shown for cell in cells.values()):
        return "No number by age is shown"
    found = [f"{age.lower()} ({cells[age].shown})" for age in peaks(ages)]
    of = "" if all(cell.is_shown for cell in cells.values()) else " of those shown"
    if not found:
        return f"No age{of} stands out"
    if len(found) == 1:
        return f"One age{of} stands out: {found[0]}"
    return f"Two ages{of} stand out: {listed(found)}"


def first_and_last(what: str, years: Sequence[Category]) -> str:
    """The last year that is shown beside the first."""
    shown = [(name, cell) for name, cell in years if cell.is_shown]
    if not years:
        return f"No {what} has been counted yet"
    if not shown:
        return f"No number of {what} is shown"
    (first, start), (last, end) = shown[0], shown[-1]
    if len(shown) == 1:
        return f"One year's {what} is shown: {end.shown} in {last}"
    if end.number == start.number:
        return f"As many {what} in {last} as in {first}: {end.shown}"
    than = "More" if end.number > start.number else "Fewer"
    return f"{than} {what} in {last} ({end.shown}) than in {first} ({start.shown})"
