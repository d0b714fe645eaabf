"""Headlines of a breakdown: which category is largest, which differ from the area, what stands
out along an order."""

from collections.abc import Sequence

from flows.page.marts import Cell
from flows.page.words import capital, listed

Category = tuple[str, Cell]


def largest(what: str, categories: Sequence[Category], unit: str = "") -> str:
    """The largest of `what` (a category of need). A number that is withheld may be large, so
    that where there is one it is the largest of those that are shown."""
    if not categories:
        return f"Nothing is counted by {what} yet"
    shown = [(name, cell) for name, cell in categories if cell.is_shown]
    if not shown:
        return f"No number by {what} is shown"
    top = max(cell.number for _, cell in shown)
    if top == 0:
        return f"There are no children in any {what} that is shown"
    tied = [name for name, cell in shown if cell.number == top]
    number = next(cell.shown for _, cell in shown if cell.number == top) + unit
    by = f"by {what}" if len(shown) == len(categories) else f"by {what} of those shown"
    if len(categories) == 1:
        return f"{capital(tied[0])}: {number}, the only number by {what}"
    if len(tied) == len(shown) > 1:
        return f"Each number {by} is the same: {number}"
    if len(tied) > 1:
        return f"{capital(listed(tied))}: {number} each, the largest {by}"
    return f"{capital(tied[0])}: {number}, the largest {by}"


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
    parts = []
    if higher:
        parts.append(f"larger share than in the area: {listed(higher)}")
    if lower:
        parts.append(
            f"smaller: {listed(lower)}"
            if higher
            else f"smaller share than in the area: {listed(lower)}"
        )
    return capital("; ".join(parts))


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
