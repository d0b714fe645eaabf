"""The SSDA903 returns of 2002 to 2011: what the authority knew, and got wrong, each summer.

Each return holds the episodes open at some point in its year, the way the department asks.
The columns are those of today's return; what was not collected then (URN, reason for a
placement change) is blank. Faults that later returns explain, or that the repair rules of
the warehouse must, are put into the returns here; the story told by `children` stays true."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flows.sample import places
from flows.sample.children import YEARS, Child, Episode, Period
from flows.sample.dates import age_on, collection_year, days, first_day, last_day, years_after
from flows.sample.dice import Dice
from flows.sample.files import uk, write_csv

# How many of each awkward thing the returns are given.
FAULTS = {
    "start corrected by the next return": 8,
    "first start corrected by the next return": 5,
    "placement that never was": 7,
    "closing row never returned": 7,
    "placement change found late": 7,
    "episodes that overlap": 7,
    "closure corrected by the next return": 9,
    "first returned a year late": 6,
}
SAME_DAY_STARTS = 5
SAME_DAY_MOVES = 8
MOVES_ON_31_MARCH = 8
MOVES_ON_1_APRIL = 6
ETHNIC_ORIGINS_FOUND_LATER = 14
BIRTH_DATES_CORRECTED = 4
SEXES_CORRECTED = 2


@dataclass(eq=False)
class Row:
    """One line of the Episodes table of one return."""

    child: Child
    start: date
    reason: str
    status: str
    need: str
    placement: str
    provider: str
    end: date | None
    ending: str
    home: str
    placement_postcode: str

    def cells(self) -> tuple[str, ...]:
        return (
            self.child.id,
            uk(self.start),
            self.reason,
            self.status,
            self.need,
            self.placement,
            self.provider,
            uk(self.end),
            self.ending,
            "",
            self.home,
            self.placement_postcode,
            "",
        )


Returns = dict[int, dict[int, Row]]  # by year, then by the identity of the episode told


@dataclass(frozen=True)
class Told:
    """An episode where it stands in the story."""

    child: Child
    period: Period
    place: int

    @property
    def episode(self) -> Episode:
        return self.period.episodes[self.place]

    @property
    def before(self) -> Episode | None:
        return self.period.episodes[self.place - 1] if self.place else None

    @property
    def after(self) -> Episode | None:
        is_last = self.place + 1 == len(self.period.episodes)
        return None if is_last else self.period.episodes[self.place + 1]


def write(folder: Path, children: list[Child]) -> list[Path]:
    dice = Dice(9031)
    used: set[int] = set()
    _same_day_episodes(dice, children, used)
    _moves_at_the_year_end(dice, children, used)
    returns = {year: _faithful(children, year) for year in YEARS}
    extra: dict[int, list[Row]] = {year: [] for year in YEARS}
    _err(dice, children, used, returns, extra)
    misheard = _misheard_headers(dice, children, returns, used)
    paths = []
    for year in YEARS:
        rows = [*returns[year].values(), *extra[year]]
        rows.sort(key=lambda row: (row.child.number, row.start, row.end or date.max))
        paths += _write_year(folder / f"ssda903/{year}", year, rows, children, misheard)
    return paths


def _faithful(children: list[Child], year: int) -> dict[int, Row]:
    """The return of a year as it should have been."""
    dice = Dice(90300 + year)
    rows = {}
    for child in children:
        for period in child.periods:
            lost = period is _lost(child)
            for episode in period.episodes:
                if episode.start > last_day(year):
                    continue
                if episode.end and episode.end < first_day(year):
                    continue
                is_open = episode.end is None or episode.end > last_day(year)
                if lost and episode is period.episodes[-1]:
                    is_open = True
                rows[id(episode)] = Row(
                    child,
                    episode.start,
                    episode.reason,
                    episode.legal_status,
                    period.need,
                    episode.placement,
                    episode.provider,
                    None if is_open else episode.end,
                    "" if is_open else episode.ending,
                    places.as_typed(dice, period.home),
                    episode.placement_postcode,
                )
    return rows


def _lost(child: Child) -> Period | None:
    """The period whose end no return tells."""
    if "vanished" in child.marks:
        return child.periods[-1]
    return child.care[0] if "restarted" in child.marks else None


def _told(dice: Dice, children: list[Child], used: set[int]) -> Iterator[Told]:
    """Episodes of children without another oddity, in a random order."""
    every = [
        Told(child, period, place)
        for child in children
        if not child.marks and child.number not in used
        for period in child.care
        for place in range(len(period.episodes))
    ]
    for told in dice.shuffled(every):
        if told.child.number not in used:
            yield told


def _same_day_episodes(dice: Dice, children: list[Child], used: set[int]) -> None:
    """Police protection that gives way on the day it began, and stays of less than a day."""
    starts = moves = 0
    for told in _told(dice, children, used):
        episode, place = told.episode, told.place
        is_within_a_year = episode.end and collection_year(episode.end) == collection_year(
            episode.start
        )
        if not place and starts < SAME_DAY_STARTS and episode.legal_status == "V2":
            if not is_within_a_year or episode.start < first_day(2002):
                continue
            brief = Episode(
                episode.start,
                episode.start,
                "S",
                "L1",
                episode.placement,
                episode.provider,
                episode.placement_postcode,
                "X1",
            )
            episode.reason = "L"
            starts += 1
        elif place and moves < SAME_DAY_MOVES and episode.reason == "P":
            if episode.start < date(2002, 1, 1):
                continue
            brief = Episode(
                episode.start, episode.start, "P", episode.legal_status, "Z1", "", "", "X1"
            )
            moves += 1
        else:
            continue
        told.period.episodes.insert(place, brief)
        used.add(told.child.number)
        if starts == SAME_DAY_STARTS and moves == SAME_DAY_MOVES:
            return


def _moves_at_the_year_end(dice: Dice, children: list[Child], used: set[int]) -> None:
    """Moves on 31 March and on 1 April: one placement ends in one return, the next begins
    in it or in the return after."""
    on_31_march = on_1_april = 0
    for told in _told(dice, children, used):
        before, episode = told.before, told.episode
        if before is None or before.start == episode.start:
            continue
        if on_31_march < MOVES_ON_31_MARCH:
            day = date(episode.start.year, 3, 31)
        else:
            day = date(episode.start.year, 4, 1)
        is_near = abs((episode.start - day).days) <= 40 and episode.start.year > 2001
        if not is_near or before.start >= day - days(2):
            continue
        if episode.end is not None and episode.end <= day + days(2):
            continue
        episode.start = before.end = day
        used.add(told.child.number)
        if on_31_march < MOVES_ON_31_MARCH:
            on_31_march += 1
        else:
            on_1_april += 1
        if on_1_april == MOVES_ON_1_APRIL:
            return


def _err(
    dice: Dice,
    children: list[Child],
    used: set[int],
    returns: Returns,
    extra: dict[int, list[Row]],
) -> None:
    """Put each kind of fault into as many returns as FAULTS says, one a child at most."""
    ways: dict[str, Callable[[Told], bool]] = {
        "start corrected by the next return": lambda told: _start_corrected(told, returns),
        "first start corrected by the next return": lambda told: _first_start(told, returns),
        "placement that never was": lambda told: _never_was(dice, told, returns, extra),
        "closing row never returned": lambda told: _closing_row_lost(told, returns),
        "placement change found late": lambda told: _found_late(told, returns),
        "episodes that overlap": lambda told: _overlap(told, returns),
        "closure corrected by the next return": lambda told: _closure(told, returns),
        "first returned a year late": lambda told: _a_year_late(told, returns),
    }
    for name, way in ways.items():
        made = 0
        for told in _told(dice, children, used):
            if way(told):
                used.add(told.child.number)
                made += 1
                if made == FAULTS[name]:
                    break
        if made < FAULTS[name]:
            raise AssertionError(f"only {made} chances for: {name}")


def _open_at_year_end(told: Told) -> int:
    """The year at whose end the episode, begun in it, was open and told in the next
    return too; 0 when there is none."""
    year = collection_year(told.episode.start)
    end = told.episode.end
    is_open = end is None or end > last_day(year) + days(1)
    return year if is_open and YEARS[0] <= year < YEARS[-1] else 0


def _start_corrected(told: Told, returns: Returns) -> bool:
    """The next return has the move a week later than the return that first told it."""
    year, before, episode = _open_at_year_end(told), told.before, told.episode
    if not year or before is None or episode.reason != "P":
        return False
    if before.start > episode.start - days(20) or before.start < first_day(2002):
        return False
    wrong = episode.start - days(7)
    if collection_year(wrong) != year:
        return False
    returns[year][id(episode)].start = wrong
    returns[year][id(before)].end = wrong
    return True


def _first_start(told: Told, returns: Returns) -> bool:
    """The next return has the child in care some days sooner."""
    year, episode = _open_at_year_end(told), told.episode
    wrong = episode.start + days(4)
    if not year or told.place or collection_year(wrong) != year:
        return False
    if age_on(told.child.born, wrong) != age_on(told.child.born, episode.start):
        return False
    returns[year][id(episode)].start = wrong
    return True


def _never_was(dice: Dice, told: Told, returns: Returns, extra: dict[int, list[Row]]) -> bool:
    """A return tells of a move that the next one takes back."""
    year, episode = _open_at_year_end(told), told.episode
    if not year or episode.start > last_day(year) - days(60):
        return False
    row = returns[year][id(episode)]
    moved = dice.day(episode.start + days(20), last_day(year) - days(10))
    row.end, row.ending = moved, "X1"
    extra[year].append(
        Row(
            told.child,
            moved,
            "P",
            row.status,
            row.need,
            "K2",
            "PR4",
            None,
            "",
            row.home,
            places.home_out_of_area(dice),
        )
    )
    return True


def _closing_row_lost(told: Told, returns: Returns) -> bool:
    """An episode stands open in one return and is missing, closed or not, from the next,
    which has the one that followed."""
    episode, after = told.episode, told.after
    if after is None or episode.end is None or after.start == after.end:
        return False
    year = collection_year(episode.end) - 1
    if year < YEARS[0] or episode.start > last_day(year) or episode.end == first_day(year + 1):
        return False
    del returns[year + 1][id(episode)]
    return True


def _found_late(told: Told, returns: Returns) -> bool:
    """One return closes a placement some days before its year ends; the next one begins in
    the new year, in the next return, and nothing in between."""
    episode, after = told.episode, told.after
    if after is None or episode.end is None or after.start == after.end:
        return False
    year = collection_year(episode.end) - 1
    if year < YEARS[0] or episode.end > last_day(year) + days(60):
        return False
    wrong = last_day(year) - days(4)
    if episode.start >= wrong:
        return False
    row = returns[year][id(episode)]
    row.end, row.ending = wrong, "X1"
    del returns[year + 1][id(episode)]
    return True


def _overlap(told: Told, returns: Returns) -> bool:
    """A placement ends some days after the next one began."""
    episode, after = told.episode, told.after
    if after is None or episode.end is None or after.start == after.end:
        return False
    year, wrong = collection_year(episode.end), episode.end + days(5)
    if year not in YEARS or wrong > last_day(year):
        return False
    if episode.start < first_day(year) or (after.end is not None and after.end <= wrong):
        return False
    returns[year][id(episode)].end = wrong
    return True


def _closure(told: Told, returns: Returns) -> bool:
    """One return has the child home in March; the next has care end in April or May, and
    another way."""
    episode = told.episode
    if told.after is not None or episode.end is None:
        return False
    year = collection_year(episode.end) - 1
    if year < YEARS[0] or episode.end > last_day(year) + days(45):
        return False
    wrong = last_day(year) - days(6)
    if episode.start >= wrong or episode.end == first_day(year + 1):
        return False
    row = returns[year][id(episode)]
    row.end, row.ending = wrong, "E4" if episode.ending != "E4" else "E41"
    return True


def _a_year_late(told: Told, returns: Returns) -> bool:
    """Care that began at the end of a year is first told in the next return."""
    year, episode = _open_at_year_end(told), told.episode
    if not year or told.place or episode.start < last_day(year) - days(40):
        return False
    if len(told.child.periods) > 1:
        return False
    del returns[year][id(episode)]
    return True


Misheard = dict[tuple[int, int], tuple[str, str]]  # by year and child: what the header said


def _misheard_headers(
    dice: Dice, children: list[Child], returns: Returns, used: set[int]
) -> Misheard:
    """Header facts that a later return puts right."""
    misheard: Misheard = {}
    kinds = (
        ["ethnic"] * ETHNIC_ORIGINS_FOUND_LATER
        + ["born"] * BIRTH_DATES_CORRECTED
        + ["sex"] * SEXES_CORRECTED
    )
    years_of: dict[int, list[int]] = {}
    for year in YEARS:
        for row in returns[year].values():
            if year not in years_of.setdefault(row.child.number, []):
                years_of[row.child.number].append(year)
    for child in dice.shuffled(children):
        years = years_of.get(child.number, [])
        if not kinds:
            break
        if len(years) < 2 or child.marks or child.number in used or child.part != "cohort":
            continue
        kind = kinds.pop()
        if kind == "ethnic":
            value = "NOBT"
        elif kind == "born":
            value = uk(child.born - days(2))
        else:
            value = "1" if child.sex == "2" else "2"
        misheard[years[0], child.number] = (kind, value)
    return misheard


EPISODES = (
    "CHILD",
    "DECOM",
    "RNE",
    "LS",
    "CIN",
    "PLACE",
    "PLACE_PROVIDER",
    "DEC",
    "REC",
    "REASON_PLACE_CHANGE",
    "HOME_POST",
    "PL_POST",
    "URN",
)
OC2 = (
    "CHILD",
    "DOB",
    "SDQ_SCORE",
    "SDQ_REASON",
    "CONVICTED",
    "HEALTH_CHECK",
    "IMMUNISATIONS",
    "TEETH_CHECK",
    "HEALTH_ASSESSMENT",
    "SUBSTANCE_MISUSE",
    "INTERVENTION_RECEIVED",
    "INTERVENTION_OFFERED",
)


def _write_year(
    folder: Path, year: int, rows: list[Row], children: list[Child], misheard: Misheard
) -> list[Path]:
    dice = Dice(year)
    present = sorted(
        {row.child.number: row.child for row in rows}.values(), key=lambda child: child.number
    )
    tables: list[tuple[str, tuple[str, ...], Iterable[tuple[str, ...]]]] = [
        (
            "header",
            ("CHILD", "SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB"),
            [_header(child, year, misheard) for child in present],
        ),
        ("episodes", EPISODES, [row.cells() for row in rows]),
        (
            "uasc",
            ("CHILD", "SEX", "DOB", "DUC"),
            [
                (child.id, child.sex, uk(child.born), uk(years_after(child.born, 18)))
                for child in present
                if child.is_unaccompanied
            ],
        ),
        (
            "ad1",
            (
                "CHILD",
                "DOB",
                "DATE_INT",
                "DATE_MATCH",
                "FOSTER_CARE",
                "NB_ADOPTR",
                "SEX_ADOPTR",
                "LS_ADOPTR",
            ),
            _adoptions(dice, rows),
        ),
    ]
    if year >= 2004:
        tables.append(
            (
                "oc3",
                ("CHILD", "DOB", "IN_TOUCH", "ACTIV", "ACCOM"),
                _care_leavers(dice, children, year),
            )
        )
    if year >= 2006:
        tables.append(
            ("reviews", ("CHILD", "DOB", "REVIEW", "REVIEW_CODE"), _reviews(dice, present, year))
        )
    if year >= 2009:
        tables.append(("oc2", OC2, _outcomes(dice, present, year)))
        tables.append(
            (
                "missing",
                ("CHILD", "DOB", "MISSING", "MIS_START", "MIS_END"),
                _missing(dice, present, year),
            )
        )
    made = [(name, heading, list(lines)) for name, heading, lines in tables]
    return [
        write_csv(folder / f"{name}.csv", heading, lines) for name, heading, lines in made if lines
    ]


def _header(child: Child, year: int, misheard: Misheard) -> tuple[str, ...]:
    facts = {"sex": child.sex, "born": uk(child.born), "ethnic": child.ethnic}
    if (year, child.number) in misheard:
        kind, value = misheard[year, child.number]
        facts[kind] = value
    age = age_on(child.born, last_day(year)) if child.born <= last_day(year) else 0
    mother, baby = "", ""
    if child.sex == "2" and age >= 12:
        is_mother = age >= 16 and child.number % 17 == 0
        mother = "1" if is_mother else "0"
        baby = uk(years_after(child.born, 16) + days(100)) if is_mother else ""
        if is_mother and years_after(child.born, 16) + days(100) > last_day(year):
            mother, baby = "0", ""
    upn = unique_pupil_number(child.number, child.born) if age >= 5 else "UN1"
    if child.is_unaccompanied:
        upn = "UN3"
    return (child.id, facts["sex"], facts["born"], facts["ethnic"], upn, mother, baby)


def unique_pupil_number(number: int, born: date, la_code: str = places.LA_CODE) -> str:
    """A number of the right make, check letter included, that no school gave out."""
    digits = f"{la_code}{9000 + number % 997:04d}{(born.year + 5) % 100:02d}{number % 1000:03d}"
    total = sum(weight * int(digit) for weight, digit in enumerate(digits, 2))
    return "ABCDEFGHJKLMNPQRTUVWXYZ"[total % 23] + digits


def _adoptions(dice: Dice, rows: list[Row]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        if row.ending in ("E11", "E12") and row.end:
            decided = row.end - days(dice.between(300, 500))
            matched = decided + days(dice.between(60, 150))
            pair = dice.weigh({("2", "MF", "L11"): 8, ("1", "F1", "L0"): 2, ("2", "FF", "L2"): 1})
            yield (
                row.child.id,
                uk(row.child.born),
                uk(max(decided, row.child.born)),
                uk(max(matched, row.child.born)),
                dice.weigh({"0": 4, "1": 1}),
                *pair,
            )


def _care_leavers(dice: Dice, children: list[Child], year: int) -> Iterator[tuple[str, ...]]:
    """Young people who turned 19 in the year and left care at 16 or later."""
    for child in children:
        birthday = years_after(child.born, 19)
        if not child.care or not first_day(year) <= birthday <= last_day(year):
            continue
        end = child.current.end
        if end is None or end < years_after(child.born, 16) or child.marks:
            continue
        if dice.chance(88):
            yield (
                child.id,
                uk(child.born),
                "YES",
                dice.weigh({"F1": 1, "F2": 5, "F3": 5, "P2": 1, "G4": 1, "G5": 4, "G6": 1}),
                dice.weigh({"B1": 5, "D1": 3, "E1": 2, "U1": 8, "U2": 1, "X2": 1}),
            )
        else:
            yield (child.id, uk(child.born), dice.pick(("NO", "REFU")), "0", "0")


def _reviews(dice: Dice, present: list[Child], year: int) -> Iterator[tuple[str, ...]]:
    for child in present:
        for period in child.care:
            day = period.start + days(dice.between(18, 28))
            gap = 85
            while day <= last_day(year) and (period.end is None or day < period.end):
                if day >= first_day(year):
                    code = "PN0"
                    if age_on(child.born, day) >= 4:
                        code = dice.weigh({"PN1": 6, "PN2": 1, "PN3": 1, "PN6": 2, "PN7": 1})
                    yield (child.id, uk(child.born), uk(day), code)
                day += days(gap + dice.between(-10, 5))
                gap = 180


def _outcomes(dice: Dice, present: list[Child], year: int) -> Iterator[tuple[str, ...]]:
    """Children looked after for the whole year."""
    for child in present:
        whole = [
            period
            for period in child.care
            if period.start <= first_day(year)
            and (period.end is None or period.end > last_day(year))
        ]
        if not whole:
            continue
        age = age_on(child.born, last_day(year))
        sdq, why = "", ""
        if 4 <= age <= 16:
            sdq, why = (str(dice.between(2, 30)), "") if dice.chance(75) else ("", "SDQ4")
        convicted = ("1" if dice.chance(6) else "0") if age >= 10 else ""
        yield (
            child.id,
            uk(child.born),
            sdq,
            why,
            convicted,
            "1" if age < 5 else "",
            "1" if dice.chance(85) else "0",
            "1" if dice.chance(83) else "0",
            "1" if dice.chance(84) else "0",
            "1" if age >= 11 and dice.chance(5) else "0",
            "",
            "",
        )


def _missing(dice: Dice, present: list[Child], year: int) -> Iterator[tuple[str, ...]]:
    for child in present:
        period = child.care[-1] if child.care else None
        if period is None or age_on(child.born, last_day(year)) < 12 or not dice.chance(7):
            continue
        first = max(period.start, first_day(year)) + days(dice.between(1, 60))
        last = min(period.end or last_day(year), last_day(year))
        if first + days(5) < last:
            until = first + days(dice.between(1, 4))
            yield (child.id, uk(child.born), dice.pick("MMA"), uk(first), uk(until))
