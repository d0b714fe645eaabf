"""The invented children and the true story of their care; the returns are told from it.

The numbers the plan prints are set here: who becomes looked after each year, by age, sex,
ethnic origin and need, and how many are looked after on each 31 March."""

from dataclasses import dataclass, field
from datetime import date

from flows.sample import places
from flows.sample.dates import age_on, collection_year, days, first_day, last_day, years_after
from flows.sample.dice import Dice

FIRST_YEAR, LAST_YEAR = 2002, 2011
YEARS = range(FIRST_YEAR, LAST_YEAR + 1)

# Looked after on 31 March; 613 is the department's figure for 2010, 622 the plan's for 2011.
LOOKED_AFTER = {
    2001: 340,
    2002: 352,
    2003: 371,
    2004: 395,
    2005: 421,
    2006: 447,
    2007: 478,
    2008: 518,
    2009: 563,
    2010: 613,
    2011: 622,
}
# Children whose first episode in the ten years began in the year (1,450), and those who came
# back into care in it.
FIRST_TIMERS = {
    2002: 128,
    2003: 131,
    2004: 135,
    2005: 139,
    2006: 142,
    2007: 146,
    2008: 150,
    2009: 156,
    2010: 160,
    2011: 163,
}
RETURNERS = {
    2002: 12,
    2003: 18,
    2004: 22,
    2005: 24,
    2006: 27,
    2007: 29,
    2008: 32,
    2009: 34,
    2010: 36,
    2011: 38,
}

SEXES = {"2": 726, "1": 724}
ORIGINS = {
    "WBRI": 1206,
    "WOTH": 9,
    "WIRI": 5,
    "MWBC": 65,
    "MWAS": 37,
    "MOTH": 18,
    "MWBA": 5,
    "OOTH": 20,
    "CHNE": 1,
    "WROM": 1,
    "BAFR": 15,
    "BCRB": 12,
    "BOTH": 12,
    "APKN": 31,
    "AIND": 10,
    "AOTH": 3,
}
NEEDS = {"N1": 960, "N2": 13, "N3": 90, "N4": 87, "N5": 198, "N6": 63, "N7": 1, "N8": 38}
AGES = (290, 98, 90, 84, 76, 62, 54, 50, 46, 45, 46, 50, 56, 70, 84, 102, 114, 33)

SENT_IN_2011 = 276  # of the 622, from Dudley Central: over 44 and under 45 per cent
BEFORE_THE_RECORDS_AND_BACK = 25  # of the 1,450, looked after before April 2001 as well
UNACCOMPANIED = 14
SHORT_BREAKS_THEN_CARE = 12
SHORT_BREAKS_ONLY = 64
BORN_ON_29_FEBRUARY = 8
VANISHED = 8
RESTARTED = 6


@dataclass(eq=False)
class Episode:
    start: date
    end: date | None
    reason: str
    legal_status: str
    placement: str
    provider: str
    placement_postcode: str
    ending: str = ""


@dataclass(eq=False)
class Period:
    start: date
    end: date | None
    need: str
    home: str = ""
    ending: str = ""
    is_short_break: bool = False
    episodes: list[Episode] = field(default_factory=list)


@dataclass(eq=False)
class Child:
    """A child; `part` says why the child was invented (cohort, before, short breaks)."""

    number: int
    part: str
    sex: str
    born: date
    ethnic: str
    periods: list[Period] = field(default_factory=list)
    is_unaccompanied: bool = False
    home: str = ""
    marks: set[str] = field(default_factory=set)

    @property
    def id(self) -> str:
        return f"C{self.number:07d}"

    @property
    def care(self) -> list[Period]:
        return [period for period in self.periods if not period.is_short_break]

    @property
    def current(self) -> Period:
        return self.care[-1]


def is_open_on(period: Period, day: date) -> bool:
    return period.start <= day and (period.end is None or period.end > day)


def invent() -> list[Child]:
    """All children ever looked after, with their periods of care and episodes."""
    dice = Dice(903)
    cohort = _cohort(dice)
    before = _before_the_records(dice)
    _live(dice, cohort, before)
    breaks = _short_breaks(dice, cohort)
    children = [*cohort, *before, *breaks]
    _vanish_and_restart(dice, children)
    _give_homes(dice, children)
    for number, child in enumerate(dice.shuffled(children)):
        child.number = 10007 + 7 * number
    children.sort(key=lambda child: child.number)
    for child in children:
        _tell_episodes(Dice(child.number), child)
    return children


def _cohort(dice: Dice) -> list[Child]:
    """The 1,450, each with the start of the first episode."""
    ages = [age for age, number in enumerate(AGES) for _ in range(number)]
    years = dice.shuffled([year for year, number in FIRST_TIMERS.items() for _ in range(number)])
    sexes = dice.shuffled([sex for sex, number in SEXES.items() for _ in range(number)])
    cohort = []
    for age, year, sex in zip(ages, years, sexes, strict=True):
        start = dice.day(first_day(year), last_day(year))
        child = Child(0, "cohort", sex, _born(dice, start, age), "")
        child.periods.append(Period(start, None, ""))
        cohort.append(child)
    _give_needs(dice, cohort)
    _give_origins(dice, cohort)
    _born_on_29_february(dice, cohort)
    return cohort


def _born(dice: Dice, start: date, age: int) -> date:
    """A day of birth that makes the child that old at the start."""
    if age == 0 and dice.chance(45):
        return start - days(dice.between(0, 30))
    born = years_after(start, -age) - days(dice.between(0, 355))
    while age_on(born, start) != age:
        born += days(1)
    return born


def _give_needs(dice: Dice, cohort: list[Child]) -> None:
    """Behaviour and absent parents are the needs of older children; the rest fall on all."""
    old = dice.shuffled([child for child in cohort if _age_at_start(child) >= 12])
    teens = [child for child in old if _age_at_start(child) >= 15][:UNACCOMPANIED]
    for child in teens:
        child.is_unaccompanied = True
    left = [child for child in old if not child.is_unaccompanied]
    special = {"N8": NEEDS["N8"] - UNACCOMPANIED - 8, "N6": NEEDS["N6"] - 5}
    for child in teens:
        child.periods[0].need = "N8"
    for need, number in special.items():
        for child in left[:number]:
            child.periods[0].need = need
        left = left[number:]
    counts = NEEDS | {"N8": 8, "N6": 5}
    needs = dice.shuffled([need for need, number in counts.items() for _ in range(number)])
    without = [child for child in cohort if not child.periods[0].need]
    for child, need in zip(without, needs, strict=True):
        child.periods[0].need = need


def _give_origins(dice: Dice, cohort: list[Child]) -> None:
    """Unaccompanied children come from abroad; the other origins fall on all."""
    counts = dict(ORIGINS)
    alone = [child for child in cohort if child.is_unaccompanied]
    for child, origin in zip(alone, ["OOTH"] * 8 + ["BAFR"] * 4 + ["AOTH"] * 2, strict=True):
        child.ethnic = origin
        counts[origin] -= 1
    origins = dice.shuffled([origin for origin, number in counts.items() for _ in range(number)])
    others = [child for child in cohort if not child.is_unaccompanied]
    for child, origin in zip(others, origins, strict=True):
        child.ethnic = origin


def _born_on_29_february(dice: Dice, cohort: list[Child]) -> None:
    """Some were born on a leap day; one of them comes into care on the eve of a birthday and
    one on the birthday itself, which in a year without a leap day is 1 March."""
    candidates = [child for child in dice.shuffled(cohort) if not child.is_unaccompanied]
    made = 0
    for child in candidates:
        age, start = _age_at_start(child), child.periods[0].start
        for year in (1988, 1992, 1996, 2000, 2004, 2008):
            leap_day = date(year, 2, 29)
            if leap_day < start and age_on(leap_day, start) == age and 0 < age < 17:
                child.born = leap_day
                child.marks.add("leap day")
                made += 1
                break
        if made == BORN_ON_29_FEBRUARY - 2:
            break
    eve = next(child for child in candidates if _age_at_start(child) == 14 and _year(child) == 2007)
    eve.born, eve.periods[0].start = date(1992, 2, 29), date(2007, 2, 28)
    birthday = next(
        child for child in candidates if _age_at_start(child) == 7 and _year(child) == 2003
    )
    birthday.born, birthday.periods[0].start = date(1996, 2, 29), date(2003, 3, 1)
    for child, age in ((eve, 14), (birthday, 7)):
        child.marks.add("leap day")
        if _age_at_start(child) != age:
            raise AssertionError("the leap-day child is not as old as was meant")


def _age_at_start(child: Child) -> int:
    return age_on(child.born, child.periods[0].start)


def _year(child: Child) -> int:
    return collection_year(child.periods[0].start)


def _before_the_records(dice: Dice) -> list[Child]:
    """Children looked after on 31 March 2001, whose care began before the returns do."""
    made = []
    for _ in range(LOOKED_AFTER[2001] - BEFORE_THE_RECORDS_AND_BACK):
        stay = dice.weigh({300: 5, 800: 5, 1800: 4, 3500: 3})
        start = date(2001, 3, 31) - days(dice.between(stay // 4, stay))
        age = min(dice.weigh({0: 20, 1: 12, 3: 14, 5: 12, 8: 12, 11: 14, 13: 10}), 16 - stay // 365)
        born = _born(dice, start, max(age, 0))
        child = Child(0, "before", dice.pick("12"), born, dice.weigh(ORIGINS))
        child.periods.append(Period(start, None, dice.weigh(NEEDS)))
        made.append(child)
    return made


def _live(dice: Dice, cohort: list[Child], before: list[Child]) -> None:
    """Ten years: children come, come back, grow up and leave, so that on each 31 March as
    many are looked after as should be. Those who stay, stay longer from year to year."""
    back = [
        child
        for child in dice.shuffled(cohort)
        if 2003 <= _year(child) <= 2008
        and child.born < date(1999, 6, 1)
        and not child.is_unaccompanied
        and "leap day" not in child.marks
    ][:BEFORE_THE_RECORDS_AND_BACK]
    for child in back:
        start = dice.day(child.born + days(20), date(2001, 2, 1))
        end = dice.day(first_day(2002) + days(1), last_day(2002) - days(10))
        child.periods.insert(0, Period(start, end, dice.pick(("N1", "N4", "N5"))))
        child.marks.add("back")
    inside = list(before)
    left: list[Child] = []
    starters: dict[int, list[Child]] = {year: [] for year in YEARS}
    for child in cohort:
        starters[collection_year(child.current.start)].append(child)
    for year in YEARS:
        opening, closing = first_day(year), last_day(year)
        inside += starters[year]
        returners = _return(dice, left, year)
        inside += returners
        growing = [child for child in inside if years_after(child.born, 18) <= closing]
        for child in growing:
            birthday = years_after(child.born, 18)
            earliest = max(opening, child.current.start + days(1), birthday - days(120))
            leaves = birthday if dice.chance(60) else dice.day(min(earliest, birthday), birthday)
            child.current.end = leaves
        staying = [child for child in inside if child.current.end is None]
        leaving = dice.heaviest(
            [
                (child, _readiness(child.current.start, year))
                for child in staying
                if child.current.start < closing - days(1)
            ],
            len(staying) - LOOKED_AFTER[year],
        )
        for child in leaving:
            child.current.end = dice.day(max(opening, child.current.start + days(1)), closing)
        left += [child for child in inside if child.current.end is not None]
        inside = [child for child in inside if child.current.end is None]


def _readiness(start: date, year: int) -> int:
    """How likely a child is to leave in the year, by how long the child has stayed."""
    stay = (last_day(year) - start).days
    if stay < 365:
        return 7
    if stay < 1095:
        return 4 if year < 2006 else 3
    return 4 if year < 2006 else 2


def _return(dice: Dice, left: list[Child], year: int) -> list[Child]:
    candidates = [
        child
        for child in left
        if child.current.end is not None
        and child.current.end < last_day(year) - days(60)
        and child.current.end > first_day(year) - days(1300)
        and age_on(child.born, last_day(year)) < 17
        and not child.is_unaccompanied
        and len(child.care) < 4
        and child.part == "cohort"
    ]
    chosen = dice.some(candidates, min(RETURNERS[year], len(candidates)))
    for child in chosen:
        end = child.current.end
        if end is None:
            raise AssertionError("a child who comes back has left")
        start = dice.day(max(first_day(year), end + days(20)), last_day(year) - days(5))
        need = child.current.need if dice.chance(70) else dice.pick(("N1", "N4", "N5"))
        child.periods.append(Period(start, None, need))
        left.remove(child)
    return chosen


def _short_breaks(dice: Dice, cohort: list[Child]) -> list[Child]:
    """Disabled children with short breaks only (V3: each stay; V4: the agreement), and some
    who had short breaks before they came into care."""
    made = []
    for number in range(SHORT_BREAKS_ONLY):
        start = dice.day(date(2000, 9, 1), date(2010, 12, 1))
        child = Child(
            0,
            "short breaks",
            dice.pick("12"),
            _born(dice, start, dice.between(3, 13)),
            dice.weigh(ORIGINS),
        )
        until = min(start + days(dice.between(200, 2500)), years_after(child.born, 17))
        _add_breaks(dice, child, start, until, is_series=number % 3 == 0)
        made.append(child)
    older = [
        child
        for child in dice.shuffled(cohort)
        if _age_at_start(child) >= 4
        and child.marks == set()
        and len(child.care) == 1
        and not child.is_unaccompanied
        and _year(child) >= 2004
    ][:SHORT_BREAKS_THEN_CARE]
    for number, child in enumerate(older):
        until = child.periods[0].start - days(dice.between(20, 90))
        start = until - days(dice.between(120, 600))
        _add_breaks(dice, child, start, until, is_series=number % 2 == 0)
        child.periods.sort(key=lambda period: period.start)
        child.marks.add("short breaks first")
    return made


def _add_breaks(dice: Dice, child: Child, start: date, until: date, *, is_series: bool) -> None:
    """V4 is one agreement that may still be open in 2011; V3 is a row for each stay."""
    if not is_series:
        end = until if until <= last_day(LAST_YEAR) else None
        child.periods.append(Period(start, end, "N2", is_short_break=True, ending="E8"))
        return
    while start < min(until, last_day(LAST_YEAR) - days(20)):
        end = start + days(dice.between(1, 10))
        child.periods.append(Period(start, end, "N2", is_short_break=True, ending="E8"))
        start += days(dice.between(30, 75))


def _vanish_and_restart(dice: Dice, children: list[Child]) -> None:
    """Two faults change the story itself, for no return tells how the care ended: a child
    who was open in a return and is never mentioned again, and one who next appears with a
    new start. The warehouse can only end both on that return's 31 March."""
    found = 0
    for child in dice.shuffled(children):
        last = child.periods[-1]
        if last.is_short_break or last.end is None or child.marks:
            continue
        year = collection_year(last.end) - 1
        if last.start > last_day(year) - days(30) or year < FIRST_YEAR:
            continue
        last.end = last_day(year)
        child.marks.add("vanished")
        found += 1
        if found == VANISHED:
            break
    found = 0
    for child in dice.shuffled(children):
        if len(child.care) != 2 or child.marks:
            continue
        first = child.care[0]
        if first.end is None:
            continue
        year = collection_year(first.end) - 1
        if first.start > last_day(year) - days(30) or year < FIRST_YEAR:
            continue
        first.end = last_day(year)
        child.marks.add("restarted")
        found += 1
        if found == RESTARTED:
            break


def _give_homes(dice: Dice, children: list[Child]) -> None:
    """Where each period's child came from. Few are out of area or unknown; unaccompanied
    children and short breaks have no home postcode."""
    for child in children:
        child.home = _home(dice)
        for period in child.care:
            if not child.is_unaccompanied:
                period.home = child.home if dice.chance(75) else _home(dice)
    inside = [child for child in children if child.care and child.current.end is None]
    central = [
        child for child in inside if places.township_of(child.current.home) == "Dudley Central"
    ]
    others = [
        child
        for child in inside
        if places.township_of(child.current.home) not in ("Dudley Central", "")
    ]
    short = SENT_IN_2011 - len(central)
    for child in dice.some(others, max(short, 0)):
        child.home = child.current.home = places.home_in(dice, "Dudley Central")
        while places.township_of(child.home) != "Dudley Central":
            child.home = child.current.home = places.home_in(dice, "Dudley Central")
    for child in dice.some(central, max(-short, 0)):
        while places.township_of(child.current.home) == "Dudley Central":
            child.home = child.current.home = places.home_in(dice, "Brierley Hill")


def _home(dice: Dice) -> str:
    where = dice.weigh(
        {
            "Dudley Central": 43,
            "Brierley Hill": 18,
            "Dudley North": 13,
            "Halesowen": 11,
            "Stourbridge": 9,
            "elsewhere": 3,
            "no directory": 1,
            "missing": 2,
        }
    )
    if where == "missing":
        return ""
    if where == "elsewhere":
        return places.home_out_of_area(dice)
    if where == "no directory":
        return places.home_in_no_directory(dice)
    return places.home_in(dice, where)


# The codes of those years: foster placements with a relative or friend, and with others.
FOSTER_KIN, FOSTER = "Q1", "Q2"
# Special guardianship and placement orders came into force with the Adoption and Children Act.
GUARDIANSHIP = date(2005, 12, 30)
PROVIDERS = {"P1": "PR0", "R2": "PR3", "R5": "PR3", "T0": "", "Z1": ""}


def _tell_episodes(dice: Dice, child: Child) -> None:
    for period in child.periods:
        if period.is_short_break:
            status = "V4" if period.end is None or (period.end - period.start).days > 20 else "V3"
            period.episodes = [
                Episode(
                    period.start,
                    period.end,
                    "S",
                    status,
                    "K2",
                    "PR1",
                    "",
                    period.ending if period.end else "",
                )
            ]
            continue
        _tell_care(dice, child, period)


def _tell_care(dice: Dice, child: Child, period: Period) -> None:
    """Legal statuses and placements of one period, one after another."""
    age = age_on(child.born, period.start)
    until = period.end or last_day(LAST_YEAR)
    statuses = _statuses(dice, child, period, age, until)
    moves = _moves(dice, age, period.start, until)
    status = statuses[period.start]
    placement = _placement(dice, age, status)
    postcode, provider = _placed(dice, placement)
    turns = sorted({*statuses, *moves})
    episodes: list[Episode] = []
    for turn in turns:
        is_move, is_status = turn in moves and turn != period.start, turn in statuses
        status = statuses.get(turn, status)
        if is_move:
            placement = _placement(dice, age_on(child.born, turn), status)
            postcode, provider = _placed(dice, placement)
        reason = "S"
        if turn != period.start:
            reason = "B" if is_move and is_status else "P" if is_move else "L"
            episodes[-1].end, episodes[-1].ending = turn, "X1"
        episodes.append(Episode(turn, None, reason, status, placement, provider, postcode))
    last = episodes[-1]
    last.end = period.end
    if period.end is not None:
        last.ending = period.ending = _ending(dice, child, period.end, status)
        if last.ending in ("E11", "E12") and (period.end - last.start).days > 150:
            placed = period.end - days(dice.between(90, 140))
            last.end, last.ending = placed, "X1"
            placement = "A6" if placed >= GUARDIANSHIP else "A4"
            episodes.append(
                Episode(
                    placed,
                    period.end,
                    "P",
                    status,
                    placement,
                    last.provider,
                    places.home_out_of_area(dice),
                    period.ending,
                )
            )
    period.episodes = episodes


def _statuses(dice: Dice, child: Child, period: Period, age: int, until: date) -> dict[date, str]:
    """Legal status by the day on which it begins."""
    if child.is_unaccompanied:
        return {period.start: "V2"}
    if period.need == "N6" and dice.chance(25):
        return {period.start: "J1"}
    first = dice.weigh(
        {"V2": 55, "C1": 25, "L1": 8, "L2": 12}
        if period.need == "N1"
        else {"V2": 88, "C1": 9, "L2": 3}
    )
    statuses = {period.start: first}
    day = period.start
    if first in ("L1", "L2"):
        day += days(dice.between(1, 3) if first == "L1" else dice.between(4, 8))
        if day < until:
            statuses[day] = dice.weigh({"C1": 3, "V2": 2})
    if statuses[max(statuses)] == "V2" and dice.chance(35):
        day += days(dice.between(30, 300))
        if day < until:
            statuses[day] = "C1"
    if statuses[max(statuses)] == "C1":
        day += days(dice.between(120, 400))
        if day < until:
            statuses[day] = "C2"
            day += days(dice.between(1, 200))
            if age < 5 and dice.chance(40) and day < until:
                statuses[day] = "E1" if day >= GUARDIANSHIP else "D1"
    return statuses


def _moves(dice: Dice, age: int, start: date, until: date) -> set[date]:
    """Days on which the child moves to another placement."""
    moves: set[date] = set()
    day = start
    while True:
        gap = dice.weigh(
            {40: 2, 150: 4, 420: 5, 900: 4} if age >= 10 else {60: 2, 250: 3, 700: 4, 1500: 5}
        )
        day += days(dice.between(gap // 3, gap))
        if day > until - days(4):
            return moves
        moves.add(day)


def _placement(dice: Dice, age: int, status: str) -> str:
    if status == "J1":
        return dice.weigh({"R5": 1, "K1": 2})
    if age >= 16:
        return dice.weigh({FOSTER: 45, FOSTER_KIN: 6, "K2": 20, "H5": 18, "P2": 8, "P1": 3})
    if age >= 11:
        return dice.weigh({FOSTER: 60, FOSTER_KIN: 9, "K2": 22, "P1": 5, "S1": 4})
    if status == "C2" and dice.chance(12):
        return "P1"
    return dice.weigh({FOSTER: 76, FOSTER_KIN: 14, "P1": 4, "R3": 3, "K2": 3})


def _placed(dice: Dice, placement: str) -> tuple[str, str]:
    """Postcode and provider of a placement."""
    if dice.chance(28):
        postcode = places.home_out_of_area(dice)
    else:
        postcode = places.home_in(
            dice,
            dice.pick(
                ("Brierley Hill", "Dudley North", "Halesowen", "Stourbridge", "Dudley Central")
            ),
        )
    provider = PROVIDERS.get(placement)
    if provider is None:
        provider = dice.weigh({"PR1": 65, "PR4": 27, "PR5": 5, "PR2": 3})
    return postcode, provider


def _ending(dice: Dice, child: Child, end: date, status: str) -> str:
    age = age_on(child.born, end)
    if age >= 18:
        return dice.weigh({"E5": 5, "E6": 3, "E8": 2, "E7": 1})
    if age >= 16:
        return dice.weigh({"E5": 4, "E6": 2, "E4": 4, "E8": 2})
    if status in ("E1", "D1"):
        return dice.weigh({"E11": 2, "E12": 3})
    if status == "J1":
        return dice.weigh({"E9": 1, "E4": 2})
    if end < GUARDIANSHIP:
        return dice.weigh({"E4": 72, "E41": 18, "E3": 2, "E8": 8})
    return dice.weigh({"E4": 68, "E41": 12, "E43": 9, "E44": 4, "E3": 2, "E8": 5})
