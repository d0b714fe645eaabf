"""Headlines of time in care, the scorecard and the quality of what was delivered."""

from collections.abc import Sequence

from flows.page.headlines.rates import Point, beside
from flows.page.marts import Cell
from flows.page.words import listed, plural

At = tuple[str, Cell]


def in_care(medians: Sequence[At]) -> str:
    """The median days of the last 31 March beside the one before: where records begin, the
    first medians are short because of that. Medians carry no interval, so that longer is no
    more than longer."""
    shown = [(when, cell) for when, cell in medians if cell.is_shown]
    if not medians:
        return "No time in care has been counted yet"
    if not shown:
        return "No median time in care is shown"
    when, end = shown[-1]
    said = f"Median time in care: {end.shown} days at {when}"
    if len(shown) == 1:
        return said
    before, start = shown[-2]
    if end.number == start.number:
        return f"{said}, the same as at {before}"
    than = "longer" if end.number > start.number else "shorter"
    return f"{said}, {than} than at {before} ({start.shown})"


def came_back(years: Sequence[Point]) -> str:
    """What share of the children who left care in the last year that is shown came back, and
    whether that is more than in the first. They differ when their intervals do not touch."""
    shown = [year for year in years if year.is_shown]
    if not years:
        return "No return to care can be told yet"
    if not shown:
        return "No share of children who came back to care is shown"
    first, last = shown[0], shown[-1]
    said = (
        f"{last.rate.shown}% of children who left care in the year to March {last.when} came back "
        "within 12 months"
    )
    return said if len(shown) == 1 else f"{said}, {beside(first, last, '%')}"


def started_again(years: Sequence[tuple[str, Cell, Cell]]) -> str:
    """Which shares of the children who started in the last year that is shown had been looked
    after before, and lately: year, ever, within 12 months. Not beside other years, for the more
    years there are on record, the more children have been looked after before."""
    shown = [(when, ever, lately) for when, ever, lately in years
             if ever.is_shown or lately.is_shown]  # fmt: skip
    if not years:
        return "No start of care has been counted yet"
    if not shown:
        return "No share of children who started again is shown"
    when, ever, lately = shown[-1]
    who = f"of children who started in the year to March {when} had"
    left = "left care less than 12 months earlier"
    if not ever.is_shown:
        return f"{lately.shown}% {who} {left}"
    also = f"; {lately.shown}% had {left}" if lately.is_shown else ""
    return f"{ever.shown}% {who} been looked after before{also}"


def indicators(latest: Sequence[At]) -> str:
    """Which indicators rose and which fell since their baselines: name, change."""
    if not latest:
        return "No indicator has been delivered yet"
    changed = [(name, cell.number) for name, cell in latest if cell.is_shown]
    rose = [name for name, change in changed if change > 0]
    fell = [name for name, change in changed if change < 0]
    if not changed:
        return "No indicator can be held against a baseline"
    if not (rose or fell):
        return "No indicator has moved since its baseline"
    if len(rose) + len(fell) == 1:
        return f"{(rose or fell)[0]}: {'higher' if rose else 'lower'} than at the baseline"
    parts = [f"{len(rose):,} higher"] if rose else []
    parts += [f"{len(fell):,} lower"] if fell else []
    of = plural(len(latest), "indicator")
    return f"Of {of}, {listed(parts)} than at the baseline"


def set_aside(quarantined: Sequence[Cell]) -> str:
    """Whether rows were set aside, over all sources and years."""
    if not quarantined:
        return "Nothing has been delivered yet"
    told = [cell for cell in quarantined if cell.is_shown]
    some = sum(cell.number > 0 for cell in told)
    hidden = len(quarantined) - len(told)
    where = f"{some:,} of {plural(len(quarantined), 'year of a source', 'years of a source')}"
    if some:
        return f"Rows were set aside in {where}" + (f"; {hidden:,} not shown" if hidden else "")
    if hidden:
        return "No row is shown as set aside, and some numbers are withheld"
    return "No row that was delivered had to be set aside"
