"""The children in need census of 2009 (its first half year), 2010 and 2011, and the address
spells of the children in it. Children who are looked after are in it under the same
identifier as in the SSDA903 return."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from flows.sample import places
from flows.sample.children import Child, Period, is_open_on
from flows.sample.dates import age_on, days, years_after
from flows.sample.dice import Dice
from flows.sample.files import write_csv, write_text
from flows.sample.ssda903 import unique_pupil_number


@dataclass(frozen=True)
class Census:
    """One census: its span, the children in need and the plans on its last day, and what
    begins in it; some of the cases closed in it are opened again before it ends."""

    year: int
    first: date
    last: date
    in_need: int
    new_cases: int
    no_further_action: int
    plans: int
    new_plans: int
    back_within_the_year: int


# 2,706 in need and 171 plans are the department's figures for 2010, 2,748 and 234 the plan's
# for 2011; so are the plans begun in 2010 and 2011.
CENSUSES = (
    Census(2009, date(2008, 10, 1), date(2009, 3, 31), 2684, 700, 310, 163, 115, 60),
    Census(2010, date(2009, 4, 1), date(2010, 3, 31), 2706, 1390, 640, 171, 280, 150),
    Census(2011, date(2010, 4, 1), date(2011, 3, 31), 2748, 1420, 660, 234, 299, 160),
)
IN_NEED_AT_THE_START = 2660
PLANS_AT_THE_START = 158
END = CENSUSES[-1].last

# Children ever looked after who were referred in March 2008: 33 of the 82 from four wards,
# over 40 and under 41 per cent.
REFERRED_IN_MARCH_2008 = 82
OF_THEM_FROM_FOUR_WARDS = 33

GROWN_UP = 14  # disabled young people of 18 and over still in need, besides care leavers
MISSING_FROM_2011 = 9  # cases open in 2010's census of which the next says nothing
NEED_STATED_LATER = 12
TRANSFERRED_IN = 7

ORIGINS = {
    "WBRI": 842,
    "WOTH": 9,
    "WIRI": 3,
    "WROM": 2,
    "MWBC": 31,
    "MWAS": 14,
    "MOTH": 9,
    "MWBA": 4,
    "OOTH": 7,
    "CHNE": 2,
    "BAFR": 9,
    "BCRB": 7,
    "BOTH": 6,
    "APKN": 30,
    "AIND": 8,
    "ABAN": 2,
    "AOTH": 4,
    "REFU": 2,
    "NOBT": 9,
}
NEEDS = {"N1": 44, "N2": 12, "N3": 6, "N4": 12, "N5": 16, "N6": 4, "N7": 1, "N8": 2, "N9": 3}
DISABILITIES = ("MOB", "COMM", "LD", "AUT", "BEH", "HEAR", "VIS", "PC", "INC", "CON", "HAND", "DDA")


@dataclass(eq=False)
class Plan:
    start: date
    end: date | None
    initial: str
    latest: str
    previous: int
    is_transferred_in: bool = False


@dataclass(eq=False)
class Case:
    """A referral and what came of it."""

    referred: date
    closed: date | None
    need: str
    is_nfa: bool = False
    assessment: tuple[date, date] | None = None
    enquiries: list[tuple[date, date | None]] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    need_stated_from: int = 0
    last_census: int = 9999


@dataclass(eq=False)
class Person:
    number: int
    sex: str
    born: date
    ethnic: str
    child: Child | None = None
    disabilities: tuple[str, ...] = ()
    cases: list[Case] = field(default_factory=list)
    addresses: list[tuple[str, date, date | None]] = field(default_factory=list)

    @property
    def id(self) -> str:
        return f"C{self.number:07d}"


def write(folder: Path, children: list[Child]) -> list[Path]:
    dice = Dice(2748)
    known = _looked_after(dice, children)
    others = _others(dice, known)
    people = sorted([*known, *others], key=lambda person: person.number)
    _work_done(dice, people)
    _protect(dice, people)
    _forget(dice, others)
    paths = [
        write_text(
            folder / f"cin_census/{census.year}/cin_census_{census.year}.xml",
            "\n".join(_message(people, census)) + "\n",
        )
        for census in CENSUSES
    ]
    return [*paths, _addresses(folder, people)]


# Who is in need, and when.


def _looked_after(dice: Dice, children: list[Child]) -> list[Person]:
    """Children looked after, or with short breaks, since October 2008."""
    people = []
    for child in children:
        spans = [span for period in child.periods if (span := _span(dice, child, period))]
        if not spans or dice.chance(3):
            continue
        person = Person(child.number, child.sex, child.born, child.ethnic, child)
        if child.periods[-1].need == "N2":
            person.disabilities = tuple(dice.some(DISABILITIES, dice.between(1, 3)))
        for case in sorted(spans, key=lambda case: case.referred):
            before = person.cases[-1] if person.cases else None
            if before and (before.closed is None or before.closed >= case.referred):
                if before.closed is not None:
                    before.closed = case.closed and max(case.closed, before.closed)
                continue
            person.cases.append(case)
        people.append(person)
        if dice.chance(60) and child.home:
            person.addresses.append((child.home, max(child.born, date(2000, 4, 1)), None))
    _refer_in_march_2008(dice, people)
    return people


def _span(dice: Dice, child: Child, period: Period) -> Case | None:
    """The case round a period of care: from some time before it to some time after."""
    lead = dice.weigh({10: 3, 60: 4, 240: 3})
    referred = period.start - days(dice.between(0, lead))
    closed = None
    if period.end:
        closed = period.end + days(dice.between(0, 150))
        if age_on(child.born, period.end) >= 16 and dice.chance(45):
            closed = period.end + days(dice.between(300, 900))
        if closed < CENSUSES[0].first:
            return None
        closed = closed if closed <= END else None
    if (referred.year, referred.month) == (2008, 3):
        referred -= days(31)
    return Case(referred, closed, period.need)


def _refer_in_march_2008(dice: Dice, people: list[Person]) -> None:
    inside: list[tuple[Case, Person, Period]] = []
    outside: list[tuple[Case, Person, Period]] = []
    for person in dice.shuffled(people):
        child, case = person.child, person.cases[0]
        if child is None or not child.care or child.is_unaccompanied:
            continue
        period = next((each for each in child.care if each.start >= date(2008, 3, 20)), None)
        is_first = case.closed is None or case.closed > date(2008, 10, 20)
        if period is None or period.start > date(2009, 9, 30) or not is_first:
            continue
        if not date(2007, 6, 1) < case.referred <= period.start or not period.home:
            continue
        if any(each.start < date(2008, 3, 20) for each in child.periods):
            continue
        ward = places.ward_of(period.home)
        chosen = inside if ward and ward.code in places.FOUR_WARDS else outside
        chosen.append((case, person, period))
    inside = inside[:OF_THEM_FROM_FOUR_WARDS]
    outside = outside[: REFERRED_IN_MARCH_2008 - OF_THEM_FROM_FOUR_WARDS]
    if len(inside) + len(outside) < REFERRED_IN_MARCH_2008:
        raise AssertionError(f"only {len(inside)} and {len(outside)} to refer in March 2008")
    for case, person, period in inside + outside:
        case.referred = dice.day(date(2008, 3, 3), min(period.start, date(2008, 3, 31)))
        person.addresses = [(period.home, date(2006, 1, 9), None)]


def _others(dice: Dice, known: list[Person]) -> list[Person]:
    """Children in need who were never looked after: as many as fill each census up."""
    people: list[Person] = []
    first = CENSUSES[0].first
    opened: list[tuple[Person, Case]] = []
    for _ in range(IN_NEED_AT_THE_START - _open(known, first - days(1))):
        back = dice.weigh({90: 6, 300: 6, 900: 4, 2200: 2})
        referred = first - days(dice.between(1, back))
        person = _person(dice, people, referred)
        opened.append((person, _case(dice, person, referred)))
    for person, case in opened[:GROWN_UP]:
        person.born = years_after(case.referred, -17) - days(dice.between(200, 360))
        person.disabilities = ("LD", "PC")
        case.need = "N2"
    closed: list[tuple[Person, Case]] = []
    for census in CENSUSES:
        for _ in range(census.new_cases):
            opened.append(_new_case(dice, people, closed, census))
        for _ in range(census.no_further_action):
            _no_further_action(dice, people, closed, census)
        again = census.back_within_the_year
        leave = len(opened) + again + _open(known, census.last) - census.in_need
        ready = [
            ((person, case), _readiness(person, case, census))
            for person, case in opened
            if case.referred < census.last - days(12)
        ]
        leaving = dice.heaviest(ready, leave)
        for _, case in leaving:
            case.closed = dice.day(max(case.referred + days(10), census.first), census.last)
        for person, case in leaving:
            since = (case.closed or census.last) + days(12)
            if again and since < census.last - days(28):
                opened.append((person, _case(dice, person, dice.day(since, census.last))))
                again -= 1
            else:
                closed.append((person, case))
        opened = [pair for pair in opened if pair[1].closed is None]
    return people


def _open(people: list[Person], day: date) -> int:
    return sum(
        any(
            case.referred <= day and (case.closed is None or case.closed > day)
            for case in person.cases
        )
        for person in people
    )


def _readiness(person: Person, case: Case, census: Census) -> int:
    """How likely a case is to be closed: early or late, but not before the child is born."""
    if person.born > census.last:
        return 1
    stay = (census.last - case.referred).days
    return 7 if stay < 120 else 4 if stay < 365 else 1


def _person(dice: Dice, people: list[Person], referred: date) -> Person:
    is_late = any(census.last - days(110) < referred <= census.last for census in CENSUSES)
    if dice.chance(5 if is_late else 2):
        born = referred + days(dice.between(15, 160))
    else:
        age = dice.weigh({0: 14, 1: 8, 3: 16, 6: 18, 9: 16, 12: 16, 15: 12})
        born = years_after(referred, -age) - days(dice.between(0, 700 if age < 15 else 400))
    person = Person(40009 + 3 * len(people), dice.pick("12"), born, dice.weigh(ORIGINS))
    if dice.chance(11) and born < referred:
        person.disabilities = tuple(dice.some(DISABILITIES, dice.between(1, 2)))
    _give_addresses(dice, person, referred)
    people.append(person)
    return person


def _give_addresses(dice: Dice, person: Person, referred: date) -> None:
    """Most have an address on record, some moved; a few postcodes are in no directory."""
    if dice.chance(6):
        return
    since = max(person.born, referred - days(dice.between(30, 1500)))
    home = _home(dice)
    if dice.chance(12):
        moved = since + days(dice.between(60, 900))
        if moved < END:
            person.addresses.append((home, since, moved - days(1)))
            home, since = _home(dice), moved
    person.addresses.append((home, since, None))


def _home(dice: Dice) -> str:
    where = dice.weigh(
        {
            "Dudley Central": 31,
            "Brierley Hill": 22,
            "Dudley North": 16,
            "Halesowen": 15,
            "Stourbridge": 13,
            "elsewhere": 2,
            "no directory": 1,
        }
    )
    if where == "elsewhere":
        return places.home_out_of_area(dice)
    if where == "no directory":
        return places.home_in_no_directory(dice)
    return places.home_in(dice, where)


def _case(dice: Dice, person: Person, referred: date) -> Case:
    need = "N2" if person.disabilities and dice.chance(70) else dice.weigh(NEEDS)
    case = Case(referred, None, need)
    person.cases.append(case)
    return case


def _new_case(
    dice: Dice, people: list[Person], closed: list[tuple[Person, Case]], census: Census
) -> tuple[Person, Case]:
    """A new child, or one who comes back: within the twelve months, on the day they are up
    and after them."""
    if closed and dice.chance(16):
        person, case = closed.pop(dice.below(len(closed)))
        if case.closed and case is person.cases[-1]:
            earliest = max(census.first, case.closed + days(15))
            if dice.chance(6):
                earliest = years_after(case.referred, 1)
            again = earliest if dice.chance(6) else dice.day(earliest, census.last)
            if max(census.first, case.closed + days(1)) <= again <= census.last:
                return person, _case(dice, person, again)
    referred = dice.day(census.first, census.last)
    person = _person(dice, people, referred)
    return person, _case(dice, person, referred)


def _no_further_action(
    dice: Dice, people: list[Person], closed: list[tuple[Person, Case]], census: Census
) -> None:
    """A referral of which nothing comes; now and then of a child known from before."""
    referred = dice.day(census.first, census.last)
    known = dice.pick(closed) if closed and dice.chance(20) else None
    if known and known[1].closed and known[1].closed < referred and known[1] is known[0].cases[-1]:
        person = known[0]
    else:
        person = _person(dice, people, referred)
    closure = referred + days(dice.between(0, 2)) if dice.chance(30) else None
    if closure and closure > census.last:
        closure = None
    case = Case(referred, closure, "" if dice.chance(60) else dice.weigh(NEEDS), is_nfa=True)
    person.cases.append(case)
    person.cases.sort(key=lambda each: each.referred)


# What is done for them.


def _work_done(dice: Dice, people: list[Person]) -> None:
    """Assessments and section 47 enquiries."""
    for person in people:
        for case in person.cases:
            if case.is_nfa:
                continue
            start = case.referred + days(dice.between(0, 9))
            done = start + days(dice.weigh({8: 5, 30: 5, 60: 2}) + dice.between(0, 6))
            if case.closed:
                start, done = min(start, case.closed), min(done, case.closed)
            case.assessment = (start, done)
            if case.need == "N1" and dice.chance(22):
                begun = case.referred + days(dice.between(0, 5))
                case.enquiries.append((begun, None))


def _protect(dice: Dice, people: list[Person]) -> None:
    """Child protection plans: as many on each 31 March as there should be."""
    pairs = [(person, case) for person in people for case in person.cases if not case.is_nfa]
    on_plans: list[tuple[Case, Plan]] = []
    before = CENSUSES[0]
    eligible = [pair for pair in pairs if _could_be_on_a_plan(pair, before, before.first)]
    for person, case in dice.some(eligible, PLANS_AT_THE_START):
        latest = before.first - days(10)
        earliest = max(case.referred + days(12), before.first - days(700))
        on_plans.append((case, _plan(dice, person, case, dice.day(earliest, latest))))
    for census in CENSUSES:
        going = []
        for case, plan in on_plans:
            if case.closed and case.closed <= census.last:
                earliest = max(plan.start + days(1), census.first)
                plan.end = max(case.closed - days(dice.between(0, 20)), earliest)
            else:
                going.append((case, plan))
        busy = {id(case) for case, _ in going}
        eligible = [
            pair
            for pair in pairs
            if id(pair[1]) not in busy and _could_be_on_a_plan(pair, census, census.last)
        ]
        for person, case in dice.some(eligible, census.new_plans):
            ends = [plan.end for plan in case.plans if plan.end]
            earliest = max(
                [case.referred + days(12), census.first, *(end + days(5) for end in ends)]
            )
            start = dice.day(earliest, census.last - days(1))
            going.append((case, _plan(dice, person, case, start)))
        ready = [pair for pair in going if pair[1].start < census.last - days(45)]
        for _, plan in dice.some(ready, len(going) - census.plans):
            plan.end = dice.day(max(plan.start + days(30), census.first), census.last)
        on_plans = [pair for pair in going if pair[1].end is None]


def _could_be_on_a_plan(pair: tuple[Person, Case], census: Census, day: date) -> bool:
    person, case = pair
    if case.referred > day - days(40) or person.born > day - days(10):
        return False
    if case.closed and case.closed <= census.last:
        return False
    is_looked_after = person.child is not None and any(
        is_open_on(period, day) for period in person.child.care
    )
    ended_late = any(plan.end and plan.end > day - days(20) for plan in case.plans)
    if is_looked_after and person.number % 5:
        return False
    return age_on(person.born, day) < 16 and case.need in ("N1", "N5", "N3") and not ended_late


def _plan(dice: Dice, person: Person, case: Case, start: date) -> Plan:
    initial = dice.weigh({"NEG": 40, "PHY": 17, "SAB": 6, "EMO": 29, "MUL": 8})
    latest = initial if dice.chance(85) else dice.pick(("NEG", "EMO"))
    previous = sum(len(each.plans) for each in person.cases) + (1 if dice.chance(8) else 0)
    plan = Plan(start, None, initial, latest, previous)
    begun = max(case.referred, start - days(dice.between(9, 20)))
    if dice.chance(2):
        plan.is_transferred_in = True
    else:
        case.enquiries.append((begun, start))
    case.plans.append(plan)
    return plan


def _forget(dice: Dice, others: list[Person]) -> None:
    """What the censuses tell differently: cases that the next census does not mention, and
    needs that are stated only later."""
    found = 0
    year = CENSUSES[-1]
    for person in dice.shuffled(others):
        case = person.cases[0]
        if len(person.cases) > 1 or case.plans or case.is_nfa or not case.closed:
            continue
        if case.referred < year.first <= case.closed:
            case.last_census = 2010
            found += 1
            if found == MISSING_FROM_2011:
                break
    late = [
        case
        for person in dice.shuffled(others)
        for case in person.cases
        if not case.is_nfa
        and case.closed is None
        and case.referred < date(2010, 3, 1)
        and case.referred >= date(2009, 4, 1)
    ]
    for case in late[:NEED_STATED_LATER]:
        case.need_stated_from = 2011


# The files.


def _message(people: list[Person], census: Census) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="utf-8"?>'
    yield "<Message>"
    yield "  <Header>"
    yield "    <CollectionDetails>"
    yield from _leaves(6, Collection="CIN", Year=census.year, ReferenceDate=census.last)
    yield "    </CollectionDetails>"
    yield "    <Source>"
    yield from _leaves(
        6,
        SourceLevel="L",
        LEA=places.LA_CODE,
        SoftwareCode="Invented children",
        Release="1",
        SerialNo="001",
        DateTime=f"{census.year}-06-30T09:30:00",
    )
    yield "    </Source>"
    yield "  </Header>"
    yield "  <Children>"
    for person in people:
        cases = [case for case in person.cases if _is_told(case, census)]
        if cases:
            yield from _child(person, cases, census)
    yield "  </Children>"
    yield "</Message>"


def _is_told(case: Case, census: Census) -> bool:
    if case.referred > census.last or census.year > case.last_census:
        return False
    if case.is_nfa:
        return case.referred >= census.first
    return case.closed is None or case.closed >= census.first


def _leaves(indent: int, **values: object) -> Iterator[str]:
    """Elements with text, in order; none for None. Every text of ours is free of markup."""
    for name, value in values.items():
        if value is not None and value != "":
            yield f"{' ' * indent}<{name}>{value}</{name}>"


def _child(person: Person, cases: list[Case], census: Census) -> Iterator[str]:
    is_born = person.born <= census.last
    is_pupil = is_born and 5 <= age_on(person.born, census.last) < 17
    upn = unique_pupil_number(person.number, person.born) if is_pupil else None
    unknown = "UN7" if all(case.is_nfa for case in cases) else "UN1"
    yield "    <Child>"
    yield "      <ChildIdentifiers>"
    yield from _leaves(
        8,
        LAchildID=person.id,
        UPN=upn,
        UPNunknown=None if upn else unknown,
        PersonBirthDate=person.born if is_born else None,
        ExpectedPersonBirthDate=None if is_born else person.born,
        GenderCurrent=person.sex if is_born else "0",
    )
    yield "      </ChildIdentifiers>"
    yield "      <ChildCharacteristics>"
    yield from _leaves(8, Ethnicity=person.ethnic if is_born else "NOBT")
    if is_born and not all(case.is_nfa for case in cases):
        yield "        <Disabilities>"
        for code in person.disabilities or ("NONE",):
            yield from _leaves(10, Disability=code)
        yield "        </Disabilities>"
    yield "      </ChildCharacteristics>"
    for case in cases:
        yield from _details(person, case, census)
    yield "    </Child>"


def _details(person: Person, case: Case, census: Census) -> Iterator[str]:
    closed = case.closed if case.closed and case.closed <= census.last else None
    need = "N0" if census.year < case.need_stated_from else case.need
    plans = [
        plan
        for plan in case.plans
        if plan.start <= census.last and (plan.end is None or plan.end >= census.first)
    ]
    moved_in = [plan.start for plan in plans if plan.is_transferred_in]
    yield "      <CINdetails>"
    yield from _leaves(
        8,
        CINreferralDate=case.referred,
        PrimaryNeedCode=need,
        CINclosureDate=closed,
        ReasonForClosure=_reason(person, case, closed) if closed else None,
        DateOfInitialCPC=moved_in[0] if moved_in else None,
    )
    if case.assessment and case.assessment[0] <= census.last:
        start, done = case.assessment
        if done >= census.first:
            yield "        <Assessments>"
            yield from _leaves(
                10,
                AssessmentActualStartDate=start,
                AssessmentAuthorisationDate=done if done <= census.last else None,
            )
            yield "        </Assessments>"
    for begun, conference in sorted(case.enquiries, key=lambda each: each[0]):
        if not census.first <= begun <= census.last:
            continue
        held = conference if conference and conference <= census.last else None
        yield "        <Section47>"
        yield from _leaves(
            10,
            S47ActualStartDate=begun,
            InitialCPCtarget=begun + days(21),
            DateOfInitialCPC=held,
            ICPCnotRequired="0" if conference else "1",
        )
        yield "        </Section47>"
    yield from _leaves(8, ReferralNFA="true" if case.is_nfa else "false")
    for plan in plans:
        yield from _told_plan(plan, census)
    yield "      </CINdetails>"


def _reason(person: Person, case: Case, closed: date) -> str:
    if person.child and any(period.ending in ("E11", "E12") for period in person.child.care):
        return "RC1"
    if age_on(person.born, closed) >= 18:
        return "RC6"
    if (closed - case.referred).days < 60 and closed >= date(2009, 4, 1):
        return "RC8"
    return ("RC7", "RC7", "RC7", "RC7", "RC3", "RC5", "RC7")[person.number % 7]


def _told_plan(plan: Plan, census: Census) -> Iterator[str]:
    ended = plan.end if plan.end and plan.end <= census.last else None
    yield "        <ChildProtectionPlans>"
    yield from _leaves(
        10,
        CPPstartDate=plan.start,
        CPPendDate=ended,
        InitialCategoryOfAbuse=plan.initial,
        LatestCategoryOfAbuse=plan.latest,
        NumberOfPreviousCPP=plan.previous,
    )
    review, until = plan.start + days(80), ended or census.last
    if review <= until:
        yield "          <Reviews>"
        while review <= until:
            yield from _leaves(12, CPPreviewDate=review)
            review += days(171)
        yield "          </Reviews>"
    yield "        </ChildProtectionPlans>"


def _addresses(folder: Path, people: list[Person]) -> Path:
    dice = Dice(1)
    return write_csv(
        folder / "addresses/2011/addresses.csv",
        ("la_child_id", "postcode", "from_date", "to_date"),
        [
            (person.id, places.as_typed(dice, postcode), since, until or "")
            for person in people
            for postcode, since, until in person.addresses
            if since <= END
        ],
    )
