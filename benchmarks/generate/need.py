"""Who is in need, and what each year's census says of them. The children who are looked after
are among them, under the same identifiers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from benchmarks.generate.care import NEEDS as NEEDS_IN_CARE
from benchmarks.generate.care import ORIGINS, Child
from benchmarks.generate.places import LAST_YEAR, Authority, Home
from flows.sample.dates import age_on, days, first_day, last_day, years_after
from flows.sample.dice import Dice
from flows.sample.ssda903 import unique_pupil_number

WARM_UP = 3  # years of referrals before the first census
REFERRALS = 0.44  # of the children of a census, those who are referred in a year for the first time
FIRST_NUMBER = 1_000_001  # of a child who was never looked after

NEEDS = {**NEEDS_IN_CARE, "N2": 10}
STAYS = {(1, 45): 3, (45, 180): 4, (180, 500): 3, (500, 1500): 1}
DISABILITIES = ("MOB", "COMM", "LD", "AUT", "BEH", "HEAR", "VIS", "PC")
ABUSE = {"NEG": 44, "EMO": 35, "PHY": 9, "SAB": 5, "MUL": 7}


@dataclass(slots=True, eq=False)
class Plan:
    start: date
    end: date | None
    category: str
    previous: int


@dataclass(slots=True, eq=False)
class Case:
    """A referral and what came of it."""

    referred: date
    closed: date | None
    need: str
    is_nfa: bool = False
    plans: list[Plan] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Person:
    number: int
    sex: str
    born: date
    ethnic: str
    cases: list[Case] = field(default_factory=list)
    addresses: list[tuple[Home, date, date | None]] = field(default_factory=list)
    disabilities: tuple[str, ...] = ()
    in_care: Child | None = None

    @property
    def id(self) -> str:
        return f"C{self.number:07d}"


def invent(dice: Dice, authority: Authority, years: range, cared: list[Child]) -> list[Person]:
    """Every child of whom a census tells, in the order of their numbers."""
    people = [person for child in cared if is_told(person := _cared(dice, child), years)]
    number = FIRST_NUMBER
    for year in range(years[0] - WARM_UP, LAST_YEAR + 1):
        for _ in range(round(REFERRALS * authority.children)):
            day = dice.day(first_day(year), last_day(year))
            person = _referred(dice, authority, number, day)
            if is_told(person, years):
                people.append(person)
                number += 1
    return people


def is_told(person: Person, years: range) -> bool:
    return any(is_case_told(case, year) for case in person.cases for year in years)


def is_case_told(case: Case, year: int) -> bool:
    """Whether the census of a year has it: open at some time in the year or, when nothing came
    of it, referred in it."""
    if case.referred > last_day(year):
        return False
    if case.is_nfa:
        return case.referred >= first_day(year)
    return case.closed is None or case.closed >= first_day(year)


def _known(day: date) -> date | None:
    """None for a day that is still to come."""
    return day if day <= last_day(LAST_YEAR) else None


def _cared(dice: Dice, child: Child) -> Person:
    """Cases that span the periods of care; those that would overlap are one."""
    person = Person(child.number, child.sex, child.born, child.ethnic, in_care=child)
    for period in child.periods:
        referred = max(period.start - days(dice.below(90)), child.born)
        ended = period.end or (last_day(period.vanished_after) if period.vanished_after else None)
        closed = _known(ended + days(dice.below(150))) if ended else None
        before = person.cases[-1] if person.cases else None
        if before and (before.closed is None or before.closed >= referred):
            before.closed = closed
        else:
            person.cases.append(Case(referred, closed, period.need))
    if dice.chance(60):
        person.addresses.append((child.periods[0].home, child.born, None))
    return person


def _referred(dice: Dice, authority: Authority, number: int, day: date) -> Person:
    person = Person(number, dice.pick("12"), _born(dice, day), dice.weigh(ORIGINS))
    if dice.chance(11):
        person.disabilities = tuple(dice.some(DISABILITIES, dice.between(1, 2)))
    _give_addresses(dice, authority, person, day)
    while True:
        case = Case(day, None, dice.weigh(NEEDS), is_nfa=dice.chance(15))
        person.cases.append(case)
        if case.is_nfa:
            case.closed = _known(day + days(dice.below(3))) if dice.chance(60) else None
        else:
            low, high = dice.weigh(STAYS)
            case.closed = _known(day + days(dice.between(low, high)))
            _protect(dice, person, case)
        if not dice.chance(18):
            return person
        closed = case.closed or (day if case.is_nfa else None)
        if closed is None:
            return person
        day = closed + days(1 + dice.weigh({0: 4, 200: 3, 400: 3}) + dice.below(200))
        if dice.chance(3):  # the anniversary itself, which is not within twelve months
            day = max(years_after(case.referred, 1), closed + days(1))
        if day > last_day(LAST_YEAR) or age_on(person.born, day) >= 18:
            return person


def _born(dice: Dice, referred: date) -> date:
    if dice.chance(2):
        return referred + days(dice.between(15, 150))
    age = dice.weigh({0: 14, 1: 8, 3: 16, 6: 18, 9: 16, 12: 16, 15: 12})
    return years_after(referred, -age) - days(dice.below(700 if age < 15 else 400))


def _give_addresses(dice: Dice, authority: Authority, person: Person, day: date) -> None:
    """Most have an address on record, some moved."""
    if dice.chance(6):
        return
    since = min(person.born, day)
    if dice.chance(12):
        moved = day + days(dice.between(-400, 400))
        if moved > since:
            person.addresses.append((authority.home(dice), since, moved - days(1)))
            since = moved
    person.addresses.append((authority.home(dice), since, None))


def _protect(dice: Dice, person: Person, case: Case) -> None:
    """A plan for some of those who are at risk, of which now and then a second one follows."""
    until = case.closed or last_day(LAST_YEAR)
    if case.need not in ("N1", "N3", "N5") or not dice.chance(15):
        return
    start = case.referred + days(dice.between(12, 60))
    while start < until and (not case.plans or case.plans[-1].end is not None):
        end = start + days(dice.between(60, 500))
        ended = min(end, case.closed) if case.closed else _known(end)
        previous = sum(len(each.plans) for each in person.cases)
        case.plans.append(Plan(start, ended, dice.weigh(ABUSE), previous))
        if ended is None or not dice.chance(10):
            return
        start = ended + days(dice.between(5, 200))


# What a census says.

iso = cache(date.isoformat)


def child_lines(person: Person, year: int, authority: Authority) -> Iterator[str]:
    """The child's element in the census of a year, by the piece; nothing where it is not told."""
    cases = [case for case in person.cases if is_case_told(case, year)]
    if not cases:
        return
    first, last = first_day(year), last_day(year)
    is_born = person.born <= last
    is_known = any(not case.is_nfa for case in cases)
    upn = "        <UPNunknown>UN1</UPNunknown>\n"
    if is_born and 5 <= age_on(person.born, last) < 17:
        number = unique_pupil_number(person.number, person.born, authority.code)
        upn = f"        <UPN>{number}</UPN>\n"
    birth = "PersonBirthDate" if is_born else "ExpectedPersonBirthDate"
    yield (
        "    <Child>\n      <ChildIdentifiers>\n"
        f"        <LAchildID>{person.id}</LAchildID>\n{upn}"
        f"        <{birth}>{iso(person.born)}</{birth}>\n"
        f"        <GenderCurrent>{person.sex if is_born else '0'}</GenderCurrent>\n"
        "      </ChildIdentifiers>\n      <ChildCharacteristics>\n"
        f"        <Ethnicity>{person.ethnic if is_born else 'NOBT'}</Ethnicity>\n"
    )
    if is_born and is_known:
        yield "        <Disabilities>\n"
        for code in person.disabilities or ("NONE",):
            yield f"          <Disability>{code}</Disability>\n"
        yield "        </Disabilities>\n"
    yield "      </ChildCharacteristics>\n"
    for case in cases:
        yield from _details(case, first, last, (person.number + case.referred.day) % 7)
    yield "    </Child>\n"


REFERRERS = ("1A", "3A", "5A", "5B", "6", "7", "10")


def _leaf(indent: int, name: str, text: str) -> str:
    return f"{' ' * indent}<{name}>{text}</{name}>\n"


def _details(case: Case, first: date, last: date, lag: int) -> Iterator[str]:
    closed = case.closed if case.closed and case.closed <= last else None
    yield (
        f"      <CINdetails>\n        <CINreferralDate>{iso(case.referred)}</CINreferralDate>\n"
        f"        <ReferralSource>{REFERRERS[lag]}</ReferralSource>\n"
        f"        <PrimaryNeedCode>{case.need}</PrimaryNeedCode>\n"
    )
    if closed:
        reason = "RC8" if (closed - case.referred).days < 60 else "RC7"
        yield (
            f"        <CINclosureDate>{iso(closed)}</CINclosureDate>\n"
            f"        <ReasonForClosure>{reason}</ReasonForClosure>\n"
        )
    if not case.is_nfa:
        yield from _work(case, first, last, closed, lag)
    yield f"        <ReferralNFA>{'true' if case.is_nfa else 'false'}</ReferralNFA>\n"
    for plan in case.plans:
        if plan.start <= last and (plan.end is None or plan.end >= first):
            yield from _plan(plan, last)
    yield "      </CINdetails>\n"


def _work(case: Case, first: date, last: date, closed: date | None, lag: int) -> Iterator[str]:
    """An assessment, and the enquiries that plans began with."""
    start, done = case.referred + days(lag), case.referred + days(10 + 5 * lag)
    if closed:
        start, done = min(start, closed), min(done, closed)
    if start <= last and done >= first:
        yield (
            "        <Assessments>\n          <AssessmentActualStartDate>"
            f"{iso(start)}</AssessmentActualStartDate>\n"
        )
        if done <= last:
            yield _leaf(10, "AssessmentAuthorisationDate", iso(done))
        yield "        </Assessments>\n"
    for plan in case.plans:
        begun = max(case.referred, plan.start - days(12))
        if first <= begun <= last:
            held = plan.start <= last
            yield (
                f"        <Section47>\n          <S47ActualStartDate>{iso(begun)}"
                f"</S47ActualStartDate>\n          <InitialCPCtarget>{iso(begun + days(21))}"
                "</InitialCPCtarget>\n"
                + (f"          <DateOfInitialCPC>{iso(plan.start)}</DateOfInitialCPC>\n" * held)
                + "          <ICPCnotRequired>0</ICPCnotRequired>\n        </Section47>\n"
            )


def _plan(plan: Plan, last: date) -> Iterator[str]:
    ended = plan.end if plan.end and plan.end <= last else None
    yield "        <ChildProtectionPlans>\n"
    yield _leaf(10, "CPPstartDate", iso(plan.start))
    if ended:
        yield _leaf(10, "CPPendDate", iso(ended))
    yield (
        f"          <InitialCategoryOfAbuse>{plan.category}</InitialCategoryOfAbuse>\n"
        f"          <LatestCategoryOfAbuse>{plan.category}</LatestCategoryOfAbuse>\n"
        f"          <NumberOfPreviousCPP>{plan.previous}</NumberOfPreviousCPP>\n"
    )
    review, until = plan.start + days(80), ended or last
    if review <= until:
        yield "          <Reviews>\n"
        while review <= until:
            yield _leaf(12, "CPPreviewDate", iso(review))
            review += days(171)
        yield "          </Reviews>\n"
    yield "        </ChildProtectionPlans>\n"
