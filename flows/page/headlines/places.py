"""Headlines of places: townships, wards and LSOAs."""

from collections.abc import Sequence

from flows.page.marts import Cell, Row
from flows.page.words import capital, listed, plural

Place = tuple[str, Cell]


def highest(what: str, places: Sequence[Place], kind: str = "township", unit: str = "") -> str:
    """The highest and the lowest rate; of those shown, where one is withheld."""
    if not places:
        return f"No {kind} is told of yet"
    shown = [(name, cell) for name, cell in places if cell.is_shown]
    if not shown:
        return f"{what}: no {kind}'s number is shown"
    top, low = (choose(cell.number for _, cell in shown) for choose in (max, min))
    highs, lows = ([name for name, cell in shown if cell.number == at] for at in (top, low))
    text = {cell.number: cell.shown + unit for _, cell in shown}
    if len(shown) == 1:
        return f"{what}: {text[top]} in {highs[0]}, the only {kind} shown"
    if top == low:
        return f"{what}: {text[top]} in every {kind} that is shown"
    of = "" if len(shown) == len(places) else " of those shown"
    high, under = (f"{listed(at)} ({text[number]})" for at, number in ((highs, top), (lows, low)))
    return f"{what}: highest{of} in {high}, lowest in {under}"


def spread(what: str, lsoas: Sequence[Cell], unit: str = "%") -> str:
    """From where to where a measure goes over all LSOAs."""
    shown = sorted((cell for cell in lsoas if cell.is_shown), key=lambda cell: cell.number)
    if not lsoas:
        return f"{what}: no LSOA is told of yet"
    if not shown:
        return f"{what} is not available by LSOA"
    low, top = shown[0].shown + unit, shown[-1].shown + unit
    if low == top:
        return f"{what} is {low} in every LSOA that is told of"
    return f"{what} goes from {low} of children in one LSOA to {top} in another"


def most_areas(townships: Sequence[Place]) -> str:
    """Where the LSOAs are that lie in the most deprived tenth of England."""
    if not townships:
        return "No township is told of yet"
    shown = [(name, cell) for name, cell in townships if cell.is_shown]
    if not shown:
        return "Deprivation is not available by township"
    top = max(cell.number for _, cell in shown)
    if top == 0:
        return "No LSOA is in England's most deprived tenth"
    most = [name for name, cell in shown if cell.number == top]
    areas = plural(int(top), "LSOA")
    if len(shown) == 1:
        return f"{most[0]} has {areas} in England's most deprived tenth"
    if len(most) > 1:
        return f"{listed(most)} have most LSOAs in England's most deprived tenth: {int(top):,} each"
    return f"{most[0]} has most LSOAs in England's most deprived tenth: {int(top):,}"


def most_deprived(deciles: Sequence[Cell]) -> str:
    """How many LSOAs lie in that tenth, where there are no townships to tell of."""
    shown = [cell for cell in deciles if cell.is_shown]
    if not shown:
        return "Deprivation is not available by LSOA"
    tenth = sum(cell.number == 1 for cell in shown)
    if not tenth:
        return "No LSOA is in England's most deprived tenth"
    are = "is" if tenth == 1 else "are"
    return f"{plural(tenth, 'LSOA')} {are} in England's most deprived tenth"


def priorities(lsoas: Sequence[Row]) -> str:
    """How many LSOAs to begin with, in which townships."""
    if not lsoas:
        return "No LSOA has been chosen to begin with"
    where = list(dict.fromkeys(row["township_name"] or "no township" for row in lsoas))
    return capital(f"{plural(len(lsoas), 'LSOA')} to begin with, in {listed(where, 5)}")
