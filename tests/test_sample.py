"""The bundled sample holds the children that the plan's figures need, and every awkward thing
that real returns hold. What is checked is the written files, read with the standard library
and reckoned afresh; nothing of the generator but `write` is used."""

import csv
import hashlib
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from flows.figures import FiguresError, recompute
from flows.sample import write
from flows.settings import Settings

YEARS = range(2002, 2012)
WINDOW = (date(2001, 4, 1), date(2011, 3, 31))
FOUR_WARDS = {
    "St Thomas's",
    "Castle and Priory",
    "Netherton, Woodside and St Andrews",
    "St James's",
}
LIKE = ("RNE", "LS", "PLACE", "PLACE_PROVIDER", "PL_POST", "URN")


@dataclass
class Episode:
    """One settled episode: the latest return that mentions it, then the repairs."""

    row: dict[str, str]
    year: int
    start: date
    end: date | None
    ending: str
    repair: str = ""

    @property
    def is_open_in_an_old_return(self) -> bool:
        return self.end is None and self.year < YEARS[-1]

    @property
    def is_short_break(self) -> bool:
        return self.row["LS"] in ("V3", "V4")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    write(folder)
    return folder / "332"


@pytest.fixture(scope="module")
def headers(sample: Path) -> dict[str, dict[str, str]]:
    """Each child's header in the latest return that has one."""
    found = {}
    for year in YEARS:
        found |= {row["CHILD"]: row for row in rows(sample / f"ssda903/{year}/header.csv")}
    return found


@pytest.fixture(scope="module")
def histories(sample: Path) -> dict[str, list[Episode]]:
    """Each child's episodes, settled and repaired by the rules of the design."""
    settled: dict[tuple[str, date, int], Episode] = {}
    for year in YEARS:
        seen: Counter[tuple[str, date]] = Counter()
        returned = [
            Episode(row, year, uk(row["DECOM"]) or date.max, uk(row["DEC"]), row["REC"])
            for row in rows(sample / f"ssda903/{year}/episodes.csv")
        ]
        returned.sort(key=lambda each: (each.row["CHILD"], each.start, each.end or date.max))
        for episode in returned:
            key = (episode.row["CHILD"], episode.start)
            seen[key] += 1
            settled[(*key, seen[key])] = episode
    told = defaultdict(list)
    for key in sorted(settled):
        told[key[0]].append(settled[key])
    return {child: repaired(episodes) for child, episodes in told.items()}


@pytest.fixture(scope="module")
def cohort(histories: dict[str, list[Episode]]) -> dict[str, Episode]:
    """The first episode in the window of every child who is counted."""
    first = {}
    for child, episodes in histories.items():
        for period in periods(episodes):
            opening = period[0]
            is_start = opening.row["RNE"] == "S" and WINDOW[0] <= opening.start <= WINDOW[1]
            if is_start and not all(each.is_short_break for each in period):
                first.setdefault(child, opening)
    return first


@pytest.fixture(scope="module")
def places(sample: Path) -> dict[str, tuple[str, str]]:
    """Ward and township of each postcode in the borough; blanks elsewhere."""
    wards = {row["ward_code"]: row for row in rows(sample / "townships/2011/townships.csv")}
    found = {}
    for row in rows(sample / "postcodes/2011/ONSPD_MAY_2011_Dudley.csv"):
        ward = wards.get(row["osward"], {"ward_name": "", "township_name": ""})
        found[row["pcds"].replace(" ", "")] = (ward["ward_name"], ward["township_name"])
    return found


@pytest.fixture(scope="module")
def censuses(sample: Path) -> dict[int, ET.Element]:
    return {
        year: ET.parse(sample / f"cin_census/{year}/cin_census_{year}.xml").getroot()
        for year in (2009, 2010, 2011)
    }


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def uk(text: str) -> date | None:
    day, month, year = text.split("/") if text else ("", "", "")
    return date(int(year), int(month), int(day)) if text else None


def iso(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def repaired(episodes: list[Episode]) -> list[Episode]:
    """The repairs, one after another, with neighbours taken afresh."""
    kept = [
        each
        for place, each in enumerate(episodes)
        if not (
            each.is_open_in_an_old_return
            and any(
                other.year > each.year and all(other.row[name] == each.row[name] for name in LIKE)
                for other in episodes[max(place - 1, 0) : place + 2]
            )
        )
    ]
    for place in range(len(kept) - 1, 0, -1):
        before, each = kept[place - 1], kept[place]
        runs_past = before.end is None or before.end > each.start
        if each.is_open_in_an_old_return and before.year > each.year and runs_past:
            del kept[place]
    for place, each in enumerate(kept):
        if each.is_open_in_an_old_return:
            following = kept[place + 1] if place + 1 < len(kept) else None
            return_end = date(each.year, 3, 31)
            if following is None:
                each.end, each.repair = return_end, "vanished"
            elif following.row["RNE"] == "S":
                each.end = min(return_end, following.start - timedelta(days=1))
                each.repair = "restarted"
            else:
                each.end, each.ending, each.repair = following.start, "X1", "continued"
    for each, following in pairwise(kept):
        if each.end and each.end > following.start:
            each.end, each.repair = following.start, "overlap"
        elif each.end and each.ending == "X1" and following.year > each.year:
            each.repair = "gap" if each.end < following.start else each.repair
            each.end = following.start
    return kept


def periods(episodes: list[Episode]) -> Iterator[list[Episode]]:
    period: list[Episode] = []
    for episode in episodes:
        if period and (episode.row["RNE"] == "S" or period[-1].ending != "X1"):
            yield period
            period = []
        period.append(episode)
    yield period


def looked_after(
    histories: dict[str, list[Episode]], headers: dict[str, dict[str, str]], day: date
) -> dict[str, list[Episode]]:
    """Children looked after on the day, with the period of care that was open."""
    found = {}
    for child, episodes in histories.items():
        born = uk(headers[child]["DOB"])
        if born is None or age(born, day) >= 18:
            continue
        for period in periods(episodes):
            if any(is_open(each, day) and not each.is_short_break for each in period):
                found[child] = period
    return found


def is_open(episode: Episode, day: date) -> bool:
    if episode.start > day:
        return False
    if episode.end == day:
        return episode.repair in ("vanished", "restarted")
    return episode.end is None or episode.end > day


def home(episode: Episode) -> str:
    return episode.row["HOME_POST"].upper().replace(" ", "")


def share(part: int, whole: int) -> Decimal:
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)


def cases(census: ET.Element) -> Iterator[tuple[str, ET.Element]]:
    for child in census.iter("Child"):
        for details in child.findall("CINdetails"):
            yield child.findtext("ChildIdentifiers/LAchildID") or "", details


# The sample as files.


def test_the_sample_is_the_same_whenever_it_is_written(sample: Path, tmp_path: Path) -> None:
    again = write(tmp_path)
    assert again == sorted(again)
    assert [path.relative_to(tmp_path) for path in again] == sorted(
        path.relative_to(sample.parent) for path in sample.rglob("*") if path.is_file()
    )
    for path in again:
        assert path.read_bytes() == (sample.parent / path.relative_to(tmp_path)).read_bytes()


def test_every_source_has_its_files_below_its_year(sample: Path) -> None:
    found = {path.relative_to(sample).parts[:2] for path in sample.rglob("*") if path.is_file()}
    expected = {("ssda903", str(year)) for year in YEARS}
    expected |= {("population", str(year)) for year in range(2001, 2011)}
    expected |= {("cin_census", str(year)) for year in (2009, 2010, 2011)}
    expected |= {("comparators", "2010"), ("comparators", "2011")}
    expected |= {("deprivation", "2007"), ("child_poverty", "2007")}
    expected |= {
        (source, "2011")
        for source in ("addresses", "indicators", "lookups", "postcodes", "townships")
    }
    assert found == expected


def test_the_departments_tables_tell_of_every_authority_and_add_up(sample: Path) -> None:
    """Seven as published, and the others to what is left of England; those that have few children
    are not printed."""
    need = rows(sample / "comparators/2010/children_in_need_31_march_2010.csv")
    cared = rows(sample / "comparators/2010/children_looked_after_31_march_2010.csv")
    levels = Counter(row["geog_l"] for row in need)
    assert levels == {"National": 1, "GOR": 9, "LA": 152}
    assert Counter(row["geographic_level"] for row in cared).most_common()[0][1] == 152
    by_name = {row["geog_n"]: list(row.values())[3:] for row in need}
    assert by_name["Dudley"] == ["2706", "412.1", "171", "26"]
    assert by_name["England"] == ["375900", "339", "39100", "36"]
    numbers = {row["old_la_code"]: row for row in cared}
    assert (numbers["332"]["number"], numbers["332"]["rate_per_10000"]) == ("613", "93")
    people = [int(row["population_estimate"]) for row in cared]
    assert sum(people[10:]) == sum(people[1:10]) == people[0] == 11012300
    assert sum(int(row["CINAt310310"]) for row in need if row["geog_l"] == "LA") == 375900
    for printed, england in (
        ([row["CPPAt310310"] for row in need if row["geog_l"] == "LA"], 39100),
        ([row["number"] for row in cared[10:]], 64400),
    ):
        shown = [int(each) for each in printed if each != "x"]
        assert 0 < england - sum(shown) <= 5 * printed.count("x")
        assert all(each == 0 or each > 5 for each in shown)
    (neighbours,) = rows(sample / "comparators/2011/statistical_neighbours.csv")
    assert {neighbours[f"SN{place}"] for place in range(1, 11)} < set(numbers)


def test_no_line_ends_as_windows_would_end_it(sample: Path) -> None:
    assert not [path for path in sample.rglob("*.*") if b"\r" in path.read_bytes()]


def test_a_return_holds_only_episodes_open_at_some_point_in_its_year(sample: Path) -> None:
    for year in YEARS:
        first, last = date(year - 1, 4, 1), date(year, 3, 31)
        described = {row["CHILD"] for row in rows(sample / f"ssda903/{year}/header.csv")}
        for row in rows(sample / f"ssda903/{year}/episodes.csv"):
            start, end = uk(row["DECOM"]), uk(row["DEC"])
            assert start is not None
            assert start <= last
            assert end is None or max(first, start) <= end <= last
            assert (row["DEC"] == "") == (row["REC"] == "")
            assert row["CHILD"] in described


# The plan's cohort.


def test_the_cohort_is_the_plans(
    cohort: dict[str, Episode], headers: dict[str, dict[str, str]]
) -> None:
    assert len(cohort) == 1450
    assert Counter(headers[child]["SEX"] for child in cohort) == {"2": 726, "1": 724}
    assert Counter(headers[child]["ETHNIC"] for child in cohort) == {
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
    assert Counter(first.row["CIN"] for first in cohort.values()) == {
        "N1": 960,
        "N2": 13,
        "N3": 90,
        "N4": 87,
        "N5": 198,
        "N6": 63,
        "N7": 1,
        "N8": 38,
    }


def test_most_come_into_care_as_babies_and_the_next_peak_is_at_fifteen_and_sixteen(
    cohort: dict[str, Episode], headers: dict[str, dict[str, str]]
) -> None:
    ages: Counter[int] = Counter()
    for child, first in cohort.items():
        born = uk(headers[child]["DOB"])
        assert born is not None
        assert born <= first.start
        ages[age(born, first.start)] += 1
    assert round(100 * ages[0] / 1450) == 20
    assert round(100 * sum(ages[each] for each in range(5)) / 1450) == 44
    assert (ages[15], ages[16]) == (102, 114)
    assert max(number for each, number in ages.items() if each not in (0, 15, 16)) < 102


def test_most_of_the_cohort_come_from_dudley_central_and_of_its_wards_from_st_thomass(
    cohort: dict[str, Episode], places: dict[str, tuple[str, str]]
) -> None:
    origins = [places.get(home(first), ("", "")) for first in cohort.values()]
    townships = Counter(township for _, township in origins if township)
    wards = Counter(ward for ward, _ in origins if ward)
    assert len(townships) == 5
    assert len(wards) == 24
    assert townships.most_common(1)[0][0] == "Dudley Central"
    assert wards.most_common(1)[0][0] == "St Thomas's"


def test_children_whose_care_is_not_the_windows_are_there_too(
    cohort: dict[str, Episode], histories: dict[str, list[Episode]]
) -> None:
    others = {
        child: list(periods(told)) for child, told in histories.items() if child not in cohort
    }
    only_short_breaks = [
        child
        for child, told in others.items()
        if all(each.is_short_break for period in told for each in period)
    ]
    start_unknown = [child for child, told in others.items() if told[0][0].row["RNE"] != "S"]
    started_before = [
        child
        for child, told in others.items()
        if told[0][0].row["RNE"] == "S"
        and told[0][0].start < WINDOW[0]
        and not told[0][0].is_short_break
    ]
    assert len(only_short_breaks) == 64
    assert len(start_unknown) > 200
    assert len(started_before) > 50


# 31 March.


def test_the_number_looked_after_rises_to_622(
    histories: dict[str, list[Episode]], headers: dict[str, dict[str, str]]
) -> None:
    numbers = [len(looked_after(histories, headers, date(year, 3, 31))) for year in YEARS]
    assert numbers == sorted(numbers)
    assert numbers[0] == 352
    assert numbers[-2:] == [613, 622]


def test_over_44_per_cent_of_the_looked_after_come_from_dudley_central(
    histories: dict[str, list[Episode]],
    headers: dict[str, dict[str, str]],
    places: dict[str, tuple[str, str]],
) -> None:
    now = looked_after(histories, headers, date(2011, 3, 31))
    central = [
        child
        for child, period in now.items()
        if places.get(home(period[0]), ("", ""))[1] == "Dudley Central"
    ]
    assert 44 < 100 * len(central) / len(now) < 45


def test_children_stay_longer_than_they_did(
    histories: dict[str, list[Episode]], headers: dict[str, dict[str, str]]
) -> None:
    shares = []
    for year in (2002, 2006, 2011):
        day = date(year, 3, 31)
        now = looked_after(histories, headers, day)
        long = [period for period in now.values() if (day - period[0].start).days > 730]
        shares.append(len(long) / len(now))
    assert shares == sorted(shares)


@pytest.mark.parametrize(
    ("year", "in_need", "plans"), [(2009, 2684, 163), (2010, 2706, 171), (2011, 2748, 234)]
)
def test_children_in_need_and_on_plans_are_as_many_as_they_should_be(
    censuses: dict[int, ET.Element], year: int, in_need: int, plans: int
) -> None:
    day = date(year, 3, 31)
    needing, protected = set(), set()
    for child, details in cases(censuses[year]):
        referred, closed = (
            iso(details.findtext(name)) for name in ("CINreferralDate", "CINclosureDate")
        )
        assert referred is not None
        assert referred <= day
        if details.findtext("ReferralNFA") == "false" and (closed is None or closed > day):
            needing.add(child)
        for plan in details.findall("ChildProtectionPlans"):
            ended = iso(plan.findtext("CPPendDate"))
            started = iso(plan.findtext("CPPstartDate"))
            assert started is not None
            assert started >= referred
            if ended is None or ended > day:
                protected.add(child)
    assert len(needing) == in_need
    assert len(protected) == plans


def test_over_40_per_cent_of_the_referrals_of_march_2008_are_of_four_wards(
    sample: Path,
    censuses: dict[int, ET.Element],
    headers: dict[str, dict[str, str]],
    places: dict[str, tuple[str, str]],
) -> None:
    spells = {row["la_child_id"]: row for row in rows(sample / "addresses/2011/addresses.csv")}
    referred = {
        child
        for census in censuses.values()
        for child, details in cases(census)
        if (details.findtext("CINreferralDate") or "").startswith("2008-03") and child in headers
    }
    wards = Counter(
        places.get(spells[child]["postcode"].upper().replace(" ", ""), ("", ""))[0]
        for child in referred
    )
    assert 40 < 100 * sum(wards[ward] for ward in FOUR_WARDS) / len(referred) < 41


# Places and statistics.


def test_the_rule_for_priority_areas_chooses_the_nine_that_the_plan_names(sample: Path) -> None:
    ranks = {
        row["LSOA"]: int(row["RANK OF IMD (where 1 is most deprived)"])
        for row in rows(sample / "deprivation/2007/IMD_2007_Dudley.csv")
    }
    wards = {row["ward_code"]: row for row in rows(sample / "townships/2011/townships.csv")}
    lookup = {
        row["LSOA01CD"]: wards[row["WD11CD"]]
        for row in rows(sample / "lookups/2011/LSOA01_WD11_LAD11_lookup.csv")
    }
    assert len(ranks) == len(set(ranks.values())) == len(lookup) == 202
    chosen = {
        township: min(
            (code for code in ranks if lookup[code]["township_name"] == township),
            key=ranks.__getitem__,
        )
        for township in (
            "Dudley North",
            "Dudley Central",
            "Brierley Hill",
            "Stourbridge",
            "Halesowen",
        )
    }
    assert {code: ranks[code] for code in chosen.values()} == {
        "E01009786": 4775,
        "E01009755": 377,
        "E01009748": 2953,
        "E01009833": 2630,
        "E01009733": 728,
    }
    in_ward = sorted(
        (ranks[code], code) for code, ward in lookup.items() if ward["ward_name"] == "St Thomas's"
    )[:4]
    assert in_ward == [
        (1283, "E01009889"),
        (1831, "E01009891"),
        (2374, "E01009893"),
        (4694, "E01009892"),
    ]


def test_children_by_lsoa_add_up_to_the_boroughs_and_give_the_plans_rates(sample: Path) -> None:
    children = {}
    to_16 = {}
    for row in rows(sample / "population/2010/mid_2010_LSOA01_single_year_of_age.csv"):
        ages = [int(row[str(each)]) for each in range(18)]
        everybody = [int(number) for name, number in row.items() if name[0].isdigit()]
        assert sum(everybody) == int(row["All Ages"])
        children[row["LSOA Code"]], to_16[row["LSOA Code"]] = sum(ages), sum(ages[:17])
    borough = rows(sample / "population/2010/children_0_17_mid_2010.csv")[0]
    population = sum(children.values())
    assert population == int(borough["population_estimate"])
    assert [round(10000 * number / population) for number in (2748, 234, 622)] == [419, 36, 95]
    named = ("E01009786", "E01009755", "E01009748", "E01009833", "E01009733")
    assert [children[code] for code in named] == [416, 537, 407, 481, 354]
    in_ward = ("E01009889", "E01009891", "E01009892", "E01009893")
    assert [to_16[code] for code in in_ward] == [407, 492, 367, 604]
    assert all(children[code] > to_16[code] for code in in_ward)


def test_the_census_gives_the_shares_that_the_plan_prints(sample: Path) -> None:
    groups = {
        row["Ethnic group (17 categories)"]: int(row["Observation"])
        for row in rows(sample / "comparators/2011/census_2001_under_18_ethnic_group.csv")
    }
    total = sum(groups.values())
    shares = {name: share(number, total) for name, number in groups.items()}
    printed = "88.6 0.1 0.6 0.0 2.0 0.1 0.7 0.3 1.9 3.7 0.0 0.5 0.7 0.1 0.2 0.3 0.2"
    assert " ".join(str(each) for each in shares.values()) == printed
    for start, printed in (("White", "89.3"), ("Mixed", "3.1"), ("Asian", "6.1"), ("Black", "1.0")):
        number = sum(count for name, count in groups.items() if name.startswith(start))
        assert str(share(number, total)) == printed


def test_each_lsoa_has_a_share_of_children_in_poverty(sample: Path) -> None:
    found = [
        row
        for row in rows(sample / "child_poverty/2007/HMRC_LSOA_2007_Dudley.csv")
        if row["LSOA code"].startswith("E010")
    ]
    heading = "% of Children in low-income families | All Children"
    assert len(found) == 202
    assert all(0 < Decimal(row[heading]) < 1 for row in found)
    counts = [
        int(number) for row in found for name, number in row.items() if name.startswith("Children")
    ]
    assert all(number % 5 == 0 for number in counts)


# Awkward things.


def test_the_returns_need_every_repair(histories: dict[str, list[Episode]], sample: Path) -> None:
    repairs = Counter(each.repair for told in histories.values() for each in told)
    for name in ("continued", "restarted", "vanished", "overlap", "gap"):
        assert repairs[name] >= 6, name
    returned = {
        (row["CHILD"], row["DECOM"], row["RNE"], row["PLACE"])
        for year in YEARS
        for row in rows(sample / f"ssda903/{year}/episodes.csv")
    }
    kept = {
        (child, each.row["DECOM"], each.row["RNE"], each.row["PLACE"])
        for child, told in histories.items()
        for each in told
    }
    assert len(returned - kept) >= 20  # dropped as duplicate or replaced


def test_repaired_histories_never_overlap(histories: dict[str, list[Episode]]) -> None:
    for told in histories.values():
        for each, following in pairwise(told):
            assert each.end is not None
            assert each.end <= following.start


def test_awkward_children_are_there(
    histories: dict[str, list[Episode]],
    headers: dict[str, dict[str, str]],
    places: dict[str, tuple[str, str]],
    sample: Path,
) -> None:
    leap_days = [row for row in headers.values() if row["DOB"].startswith("29/02")]
    assert len(leap_days) >= 8
    spells = [list(periods(told)) for told in histories.values()]
    came_back = [
        told for told in spells if sum(not period[0].is_short_break for period in told) > 1
    ]
    assert len(came_back) > 150
    breaks_then_care = [
        told for told in spells if told[0][0].is_short_break and not told[-1][0].is_short_break
    ]
    assert len(breaks_then_care) == 12
    same_day = [each for told in histories.values() for each in told if each.start == each.end]
    assert same_day
    homes = [home(period[0]) for told in spells for period in told if not period[0].is_short_break]
    assert sum(not each for each in homes) > 20
    assert sum(each != "" and each not in places for each in homes) > 5
    assert sum(places.get(each, ("in", ""))[0] == "" for each in homes) > 20
    assert (
        sum(
            len(rows(sample / f"ssda903/{year}/uasc.csv")) > 0
            for year in YEARS
            if (sample / f"ssda903/{year}/uasc.csv").exists()
        )
        > 5
    )
    corrected = {
        (row["CHILD"], row["ETHNIC"])
        for year in YEARS
        for row in rows(sample / f"ssda903/{year}/header.csv")
        if row["ETHNIC"] != headers[row["CHILD"]]["ETHNIC"]
    }
    assert len(corrected) == 14


def test_the_censuses_hold_what_real_ones_do(
    censuses: dict[int, ET.Element], headers: dict[str, dict[str, str]]
) -> None:
    for year, census in censuses.items():
        assert census.findtext("Header/CollectionDetails/ReferenceDate") == f"{year}-03-31"
        assert census.findtext("Header/Source/LEA") == "332"
        unborn = [
            child
            for child in census.iter("Child")
            if child.findtext("ChildIdentifiers/ExpectedPersonBirthDate")
        ]
        assert len(unborn) >= 9
        reviews = [
            len(plan.findall("Reviews/CPPreviewDate"))
            for plan in census.iter("ChildProtectionPlans")
        ]
        assert max(reviews) >= 3
        flags = Counter(details.findtext("ReferralNFA") for _, details in cases(census))
        assert flags["true"] > 300
        ids = [child.findtext("ChildIdentifiers/LAchildID") for child in census.iter("Child")]
        assert len(ids) == len(set(ids))
        assert len(headers.keys() & set(ids)) > 600
    open_in_2010 = {
        (child, details.findtext("CINreferralDate"))
        for child, details in cases(censuses[2010])
        if details.findtext("ReferralNFA") == "false" and details.findtext("CINclosureDate") is None
    }
    told_in_2011 = {
        (child, details.findtext("CINreferralDate")) for child, details in cases(censuses[2011])
    }
    assert len(open_in_2010 - told_in_2011) == 9


# The comparison of figures.


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as warehouse:
        warehouse.execute("create table counts as select 83.15 as share, 44.4 as part, 3 as n")
    return Settings(tmp_path, is_sample=True, home=tmp_path, la_code=None, key=b"")


@pytest.mark.parametrize(
    ("printed", "rounding", "query", "recomputed", "agrees"),
    [
        ("3", "exact", "select n from counts", "3", True),
        ("3", "exact", "select cast(n as double) from counts", "3", True),
        ("4", "exact", "select n from counts", "3", False),
        ("83.2", "nearest 0.1", "select share from counts", "83.2", True),
        ("83.2", "nearest 0.1", "select 0.15e0 + 83", "83.2", True),
        ("35", "nearest 1", "select 34.5", "35", True),
        ("44", "over", "select part from counts", "44.4", True),
        ("44", "over", "select 44.0", "44.0", False),
        ("top 10%", "exact", "select 'top 10%'", "top 10%", True),
        ("3", "exact", "select n from no_such_mart", None, False),
        ("1", "exact", "select unnest([1, 2])", None, False),
        ("0", "exact", "select n from counts where n = 0", None, False),
    ],
)
def test_a_figure_agrees_when_it_rounds_to_what_was_printed(
    settings: Settings,
    tmp_path: Path,
    printed: str,
    rounding: str,
    query: str,
    recomputed: str | None,
    agrees: bool,
) -> None:
    file = tmp_path / "figures.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("id", "figure", "dimensions", "printed", "unit", "rounding", "query"))
        writer.writerow(("F1", "A figure", "", printed, "", rounding, query))
    figure = recompute(settings, file)[0]
    assert (figure.recomputed, figure.agrees) == (recomputed, agrees)
    assert bool(figure.note) == (recomputed is None)


def test_a_file_without_queries_is_refused(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "figures.csv").write_text("id,printed\nF1,3\n", encoding="utf-8")
    with pytest.raises(FiguresError, match="no column"):
        recompute(settings, tmp_path / "figures.csv")


def test_every_figure_of_the_plan_has_a_query() -> None:
    figures = rows(Path(__file__).parent.parent / "flows/sample/plan_figures.csv")
    assert [row["id"] for row in figures] == [f"P{number:03d}" for number in range(1, 134)]
    assert all(row["query"].startswith("select ") for row in figures)


def test_the_sample_is_byte_for_byte_the_one_last_looked_at(sample: Path) -> None:
    """On every machine and version of Python. Who changes the sample changes this too."""
    digest = hashlib.sha256()
    for path in sorted(sample.rglob("*.*"), key=lambda path: path.relative_to(sample).as_posix()):
        digest.update(path.relative_to(sample).as_posix().encode() + path.read_bytes())
    assert digest.hexdigest()[:16] == "8a8bb498608f4de3"
