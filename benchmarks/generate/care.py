"""Who is looked after, and what each year's SSDA903 return says of it.

The story is drawn first and the returns are told from it: an episode in every return of a year
in which it was open, until one closes it. Some returns err as real ones do, in ways that a later
return or a repair puts right, so that what the warehouse makes of them is the story again; a
child who vanishes from the returns is the one case in which the story ends as the repair says.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from benchmarks.generate.places import LAST_YEAR, Authority, Home
from flows.sample import files
from flows.sample.dates import age_on, collection_year, days, first_day, last_day, years_after
from flows.sample.dice import Dice

WARM_UP = 8  # years of care before the first return
ENTRIES = 0.07  # of the children of a census, those who come into care in a year

SEXES = ("1", "2")
ORIGINS = {
    "WBRI": 74, "WOTH": 4, "WIRI": 1, "WROM": 1, "MWBC": 4, "MWAS": 2, "MOTH": 2, "MWBA": 1,
    "BAFR": 3, "BCRB": 3, "BOTH": 1, "APKN": 3, "AIND": 1, "AOTH": 2, "ABAN": 1, "CHNE": 1,
    "OOTH": 2, "NOBT": 1, "REFU": 1,
}  # fmt: skip
NEEDS = {"N1": 60, "N2": 4, "N3": 4, "N4": 9, "N5": 14, "N6": 3, "N7": 1, "N8": 5}
STAYS = {(3, 180): 30, (180, 900): 40, (900, 4000): 30}
AGES = {(0, 0): 20, (1, 4): 20, (5, 9): 19, (10, 15): 31, (16, 17): 10}
PLACEMENTS = {
    ("F2", "PR1"): 40, ("F3", "PR4"): 22, ("F5", "PR4"): 10, ("F1", "PR1"): 12, ("K2", "PR4"): 9,
    ("P1", "PR0"): 5, ("H5", "PR4"): 2,
}  # fmt: skip
LEGAL = {"V2": 45, "C1": 40, "C2": 10, "J1": 2, "L1": 3}


@dataclass(slots=True, eq=False)
class Episode:
    start: date
    end: date | None
    reason: str
    status: str
    placement: str
    provider: str
    postcode: str
    ending: str


@dataclass(slots=True, eq=False)
class Period:
    """An unbroken run of episodes. Of one that vanished, the year of the last return of it."""

    need: str
    home: Home
    episodes: list[Episode]
    is_short_break: bool = False
    vanished_after: int = 0

    @property
    def start(self) -> date:
        return self.episodes[0].start

    @property
    def end(self) -> date | None:
        return self.episodes[-1].end


@dataclass(slots=True, eq=False)
class Child:
    number: int
    sex: str
    born: date
    ethnic: str
    periods: list[Period] = field(default_factory=list)
    fault: str = ""
    at: int = 0  # the episode of the last period with which a return errs
    is_ethnic_late: bool = False  # their first return has no ethnic origin yet

    @property
    def id(self) -> str:
        return f"C{self.number:07d}"


def invent(dice: Dice, authority: Authority, years: range) -> list[Child]:
    """Every child of whom a return tells, in the order of their numbers."""
    made: list[Child] = []
    entries = round(ENTRIES * authority.children)
    for year in range(years[0] - WARM_UP, LAST_YEAR + 1):
        for _ in range(entries):
            child = _child(
                dice, authority, len(made) + 1, dice.day(first_day(year), last_day(year))
            )
            last = child.periods[-1].end
            if last is None or last >= first_day(years[0]):
                _err(dice, child, years)
                made.append(child)
    return made


def _child(dice: Dice, authority: Authority, number: int, start: date) -> Child:
    low, high = dice.weigh(AGES)
    born = years_after(start, -dice.between(low, high)) - days(dice.below(360))
    child = Child(number, dice.pick(SEXES), born, dice.weigh(ORIGINS))
    if dice.chance(4):
        end = start + days(dice.between(60, 1200))
        child.periods.append(_short_break(dice, authority, start, _ended(end, child)))
        return child
    while True:
        period = _period(dice, authority, child, start)
        child.periods.append(period)
        end_day, ending = period.end, period.episodes[-1].ending
        if end_day is None or ending not in ("E4", "E8", "E41") or not dice.chance(22):
            return child
        start = end_day + days(dice.weigh({30: 2, 200: 3, 700: 3}) + dice.below(160))
        if start > last_day(LAST_YEAR) or age_on(child.born, start) >= 17:
            return child


def _ended(end: date, child: Child) -> date | None:
    """Not later than the 18th birthday, and not known when it is still to come."""
    end = min(end, years_after(child.born, 18))
    return end if end <= last_day(LAST_YEAR) else None


def _short_break(dice: Dice, authority: Authority, start: date, end: date | None) -> Period:
    end = None if end is None else max(end, start + days(1))
    one = Episode(
        start, end, "S", "V4", "F2", "PR1", _placed(dice, authority), "E8" if end else ""
    )  # fmt: skip
    return Period("N2", authority.home(dice), [one], is_short_break=True)


def _placed(dice: Dice, authority: Authority) -> str:
    """The postcode of a placement, most of them within the area."""
    place = authority if dice.chance(75) else authority.next
    return place.postcode(dice.below(place.postcodes if place is authority else 30))


def _period(dice: Dice, authority: Authority, child: Child, start: date) -> Period:
    low, high = dice.weigh(STAYS)
    end = _ended(start + days(dice.between(low, high)), child)
    if end is not None and end <= start:
        end = start + days(1)
    status = dice.weigh(LEGAL)
    placement = dice.weigh(PLACEMENTS)
    reason, postcode = "S", _placed(dice, authority)
    episodes: list[Episode] = []
    day = start
    while True:
        following = day + days(dice.weigh({15: 3, 90: 4, 250: 4, 500: 2}) + dice.below(120))
        is_last = following >= (end or last_day(LAST_YEAR))
        ends = end if is_last else following
        ending = "" if ends is None else "X1"
        if is_last and end is not None:
            ending = _ending(dice, age_on(child.born, end), status)
        episodes.append(Episode(day, ends, reason, status, *placement, postcode, ending))
        if is_last:
            return Period(dice.weigh(NEEDS), authority.home(dice), episodes)
        day = following
        reason = dice.weigh({"P": 60, "L": 30, "B": 10})
        if reason in ("L", "B"):
            status = {"V2": "C1", "C1": "C2", "L1": "C1", "J1": "V2"}.get(status, "E1")
            if episodes[-1].status == "E1":
                status = "C2"
        if reason in ("P", "B"):
            placement, before = dice.weigh(PLACEMENTS), postcode
            while postcode == before:
                postcode = _placed(dice, authority)


def _ending(dice: Dice, age: int, status: str) -> str:
    if age >= 18:
        return "E7"
    if age >= 16:
        return dice.weigh({"E5": 3, "E6": 1, "E4": 4, "E8": 2})
    if age < 5 and status in ("C2", "E1"):
        return dice.weigh({"E11": 5, "E12": 3, "E4": 2, "E43": 2})
    return dice.weigh({"E4": 62, "E8": 18, "E41": 8, "E43": 6, "E44": 4, "E3": 2})


# What the returns say.


def _err(dice: Dice, child: Child, years: range) -> None:
    """Now and then a return errs about the last period of a child."""
    child.is_ethnic_late = dice.chance(3)
    period = child.periods[-1]
    if period.is_short_break or not dice.chance(12):
        return
    for at in range(len(period.episodes)):
        fault = next((name for name, is_one in FAULTS.items() if is_one(period, at, years)), "")
        if fault == "vanished":
            year = collection_year(period.episodes[at].end or date.max) - 1
            period.vanished_after = year
            period.episodes[at].end, period.episodes[at].ending = None, ""
            return
        if fault:
            child.fault, child.at = fault, at
            return


def _is_moved_early(period: Period, at: int, years: range) -> bool:
    """A return has a move a week before the day that the next return has."""
    episode, before = period.episodes[at], period.episodes[at - 1]
    year = collection_year(episode.start)
    return (
        at > 0
        and years[0] <= year < years[-1]
        and episode.reason == "P"
        and (episode.end is None or episode.end > last_day(year) + days(1))
        and before.start >= first_day(years[0])
        and before.start <= episode.start - days(20)
        and collection_year(episode.start - days(7)) == year
    )


def _is_closing_row_lost(period: Period, at: int, years: range) -> bool:
    """An episode stands open in one return and is missing from the next, which has the one that
    followed."""
    episode = period.episodes[at]
    if episode.end is None or at + 1 == len(period.episodes):
        return False
    year = collection_year(episode.end) - 1
    return (
        years[0] <= year < years[-1]
        and episode.start <= last_day(year)
        and episode.end != first_day(year + 1)
    )


def _is_vanished(period: Period, at: int, years: range) -> bool:
    """Care that a return has open and that no later return mentions."""
    episode = period.episodes[at]
    if episode.end is None or at + 1 < len(period.episodes):
        return False
    year = collection_year(episode.end) - 1
    return years[0] <= year < years[-1] and episode.start <= last_day(year)


FAULTS = {
    "moved early": _is_moved_early,
    "closing row lost": _is_closing_row_lost,
    "vanished": _is_vanished,
}

uk = cache(files.uk)


def told(child: Child, years: range) -> Iterator[tuple[int, Period, Episode, date, date | None]]:
    """Year, period, episode, start and end, as the returns tell them."""
    for period in child.periods:
        errs = child.fault if period is child.periods[-1] else ""
        for at, episode in enumerate(period.episodes):
            first = max(collection_year(episode.start), years[0])
            last = period.vanished_after or years[-1]
            if episode.end is not None:
                last = min(collection_year(episode.end), last)
            for year in range(first, last + 1):
                start, end = episode.start, episode.end
                if end is not None and end > last_day(year):
                    end = None
                if errs == "closing row lost" and at == child.at and year == last:
                    continue
                if errs == "moved early" and year == collection_year(
                    period.episodes[child.at].start
                ):
                    if at == child.at:
                        start -= days(7)
                    elif at == child.at - 1:
                        end = period.episodes[child.at].start - days(7)
                yield year, period, episode, start, end


def is_start_told(period: Period, years: range) -> bool:
    """Whether the returns have the episode with which the period began."""
    first = period.episodes[0]
    return first.end is None or first.end >= first_day(years[0])


def is_told(period: Period, years: range) -> bool:
    return period.end is None or period.end >= first_day(years[0])
