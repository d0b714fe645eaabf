"""The files that an authority delivers, and those that are published of all of England.

Each authority is written by a process of its own, from a story that depends on the seed and the
authority alone; of a national file each writes its part, and the parts are put together in order.
"""

import csv
import json
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks.generate import answers, care, need
from benchmarks.generate.places import (
    HOMES_OUTSIDE,
    LAST_YEAR,
    POSTCODES_PER_LSOA,
    RELEASE,
    Authority,
    authorities,
)
from benchmarks.landing_xml import FOOTER, HEADER
from flows.sample import elsewhere, places
from flows.sample.dates import age_on, days, first_day, last_day
from flows.sample.dice import Dice
from flows.sample.ssda903 import EPISODES, OC2, unique_pupil_number
from flows.sample.statistics import CENSUS_2001

PARTS = ".parts"  # nothing whose name begins with a dot is delivered
DIRECTORY = (
    "pcd", "pcd2", "pcds", "dointr", "doterm", "oscty", "oslaua", "osward", "usertype",
    "oseast1m", "osnrth1m", "oacode", "oaind", "casward", "park", "soa1",
)  # fmt: skip
AGES = [str(age) for age in range(90)] + ["90+"]
ADULTS = [11] * 12 + [10] * 20 + [9] * 20 + [6] * 10 + [3] * 10 + [2]
POVERTY_GROUPS = (
    "Children in IS/JSA families",
    "Children in families in receipt of CTC (<60% median income) or IS/JSA",
    "Children in Child Benefit families",
    "% of Children in low-income families",
)
# National files: where each lies and its heading.
NATIONAL: dict[str, tuple[str, Sequence[str]]] = {
    "postcodes": (f"postcodes/{LAST_YEAR}/postcode_directory.csv", DIRECTORY),
    "wards": (
        f"lookups/{LAST_YEAR}/LSOA01_WD11_LAD11_lookup.csv",
        ("LSOA01CD", "LSOA01NM", "WD11CD", "WD11NM", "LAD11CD", "LAD11NM"),
    ),
    "changes": (
        f"lookups/{LAST_YEAR}/LSOA01_LSOA11_LAD11_changes.csv",
        ("LSOA01CD", "LSOA01NM", "LSOA11CD", "LSOA11NM", "CHGIND", "LAD11CD", "LAD11NM"),
    ),
    "deprivation": (
        f"deprivation/{RELEASE}/IMD_{RELEASE}.csv",
        (
            "LSOA", "LA CODE", "LA NAME", "GOR CODE", "GOR NAME", "IMD SCORE",
            "RANK OF IMD (where 1 is most deprived)",
        ),
    ),
    "child_poverty": (
        f"child_poverty/{LAST_YEAR - 1}/HMRC_LSOA_{LAST_YEAR - 1}.csv",
        (
            "LSOA code", "LSOA name", "Local Authority Code", "Local Authority",
            *(f"{group} | {of}" for group in POVERTY_GROUPS for of in ("Under 16", "All Children")),
        ),
    ),
    "population": (
        f"population/{LAST_YEAR - 1}/mid_{LAST_YEAR - 1}_LSOA01_single_year_of_age.csv",
        ("LSOA Code", "LSOA Name", "LA Code", "LA Name", "All Ages", *AGES),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class World:
    """All that is true of one authority."""

    authority: Authority
    years: range
    seed: int

    def dice(self, theme: int) -> Dice:
        return Dice((self.seed * 1000 + self.authority.number) * 100 + theme)

    @cached_property
    def children(self) -> list[care.Child]:
        return care.invent(self.dice(1), self.authority, self.years)

    @cached_property
    def people(self) -> list[need.Person]:
        return need.invent(self.dice(2), self.authority, self.years, self.children)


def write_authority(world: World, extracts: Path, known: Path) -> dict[str, int]:
    """Its own files, its part of the national ones, and what is known of it; what was counted
    on the way."""
    home = extracts / world.authority.code
    rows: Counter[tuple[str, int]] = Counter()
    counted = _write_care(world, home, rows)
    counted["census_children"] = _write_need(world, home, rows)
    _write_own(world, home, rows)
    delivered: Counter[tuple[str, int]] = Counter()
    for path in home.glob("*/*/*"):
        delivered[path.parts[-3], int(path.parts[-2])] += 1
    for name, part in _parts(world):
        counted[name] = _write(extracts / PARTS / f"{name}.{world.authority.number:03d}", part)
    answer = answers.of(world, rows, delivered)
    known.mkdir(parents=True, exist_ok=True)
    (known / f"{world.authority.code}.json").write_text(
        json.dumps(answer, separators=(",", ":")), encoding="utf-8"
    )
    return counted


def _write(path: Path, rows: Iterable[Sequence[object]], heading: Sequence[str] = ()) -> int:
    """How many rows there were, without the heading."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if heading:
            writer.writerow(heading)
        for number, row in enumerate(rows, 1):  # noqa: B007 - the last is how many
            writer.writerow(row)
    return number


# What an authority returns.


def _write_care(world: World, home: Path, rows: Counter[tuple[str, int]]) -> dict[str, int]:
    years = world.years
    episodes: dict[int, list[Sequence[str]]] = {year: [] for year in years}
    present: dict[int, list[care.Child]] = {year: [] for year in years}
    dice = world.dice(3)
    for child in world.children:
        for year, period, episode, start, end in care.told(child, years):
            if not present[year] or present[year][-1] is not child:
                present[year].append(child)
            episodes[year].append((
                child.id, care.uk(start), episode.reason, episode.status, period.need,
                episode.placement, episode.provider, care.uk(end),
                "" if end is None else episode.ending, "",
                places.as_typed(dice, period.home.postcode), episode.postcode, "",
            ))  # fmt: skip
    counted = {"episodes": 0, "looked_after": 0}
    first_told: set[int] = set()
    for year in years:
        folder = home / f"ssda903/{year}"
        counted["episodes"] += _write(folder / "episodes.csv", episodes[year], EPISODES)
        headers = []
        for child in present[year]:
            is_late = child.is_ethnic_late and child.number not in first_told
            is_late = is_late and year != years[-1] and child in present[year + 1]
            first_told.add(child.number)
            headers.append(_header(child, year, world.authority, "NOBT" if is_late else ""))
        counted["looked_after"] += _write(
            folder / "header.csv",
            headers,
            ("CHILD", "SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB"),
        )
        whole_year = [child for child in present[year] if _is_there_all_year(child, year)]
        rows["ssda903", year] += len(episodes[year]) + len(headers)
        rows["ssda903", year] += _write(folder / "oc2.csv", _outcomes(dice, whole_year, year), OC2)
        rows["ssda903", year] += _write(
            folder / "reviews.csv",
            _reviews(dice, present[year], year),
            ("CHILD", "DOB", "REVIEW", "REVIEW_CODE"),
        )
    return counted


def _header(child: care.Child, year: int, authority: Authority, ethnic: str) -> Sequence[str]:
    age = age_on(child.born, last_day(year))
    upn = unique_pupil_number(child.number, child.born, authority.code) if age >= 5 else "UN1"
    mother = "0" if child.sex == "2" and age >= 12 else ""
    return (child.id, child.sex, care.uk(child.born), ethnic or child.ethnic, upn, mother, "")


def _is_there_all_year(child: care.Child, year: int) -> bool:
    return any(
        period.start <= first_day(year) and (period.end is None or period.end > last_day(year))
        and not period.is_short_break and period.vanished_after in (0, year)
        for period in child.periods
    )  # fmt: skip


def _outcomes(dice: Dice, children: list[care.Child], year: int) -> Iterator[Sequence[str]]:
    for child in children:
        age = age_on(child.born, last_day(year))
        score, why = "", ""
        if 4 <= age <= 16:
            score, why = (str(dice.between(2, 30)), "") if dice.chance(75) else ("", "SDQ4")
        yield (
            child.id, care.uk(child.born), score, why,
            ("1" if dice.chance(6) else "0") if age >= 10 else "",
            "1" if age < 5 else "",
            *("1" if dice.chance(84) else "0" for _ in range(3)),
            "1" if age >= 11 and dice.chance(5) else "0", "", "",
        )  # fmt: skip


def _reviews(dice: Dice, children: list[care.Child], year: int) -> Iterator[Sequence[str]]:
    for child in children:
        for period in child.periods:
            if period.is_short_break or (period.vanished_after and period.vanished_after < year):
                continue
            day = period.start + days(dice.between(18, 28))
            while day <= last_day(year) and (period.end is None or day < period.end):
                if day >= first_day(year):
                    code = "PN0"
                    if age_on(child.born, day) >= 4:
                        code = dice.weigh({"PN1": 6, "PN2": 1, "PN3": 1, "PN6": 2, "PN7": 1})
                    yield (child.id, care.uk(child.born), care.uk(day), code)
                day += days(170 + dice.below(12))


ROWS = (
    "<Child>", "<Disability>", "<CINdetails>", "<Assessments>", "<Section47>",
    "<ChildProtectionPlans>", "<CPPreviewDate>",
)  # fmt: skip


def _write_need(world: World, home: Path, rows: Counter[tuple[str, int]]) -> int:
    number = 0
    for year in world.years:
        path = home / f"cin_census/{year}/census.xml"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            file.write(HEADER.format(year=year, la_code=world.authority.code))
            for person in world.people:
                if lines := "".join(need.child_lines(person, year, world.authority)):
                    file.write(lines)
                    number += 1
                    rows["cin_census", year] += sum(lines.count(row) for row in ROWS)
            file.write(FOOTER)
        rows["cin_census", year] += 1  # the header
    return number


def _write_own(world: World, home: Path, rows: Counter[tuple[str, int]]) -> None:
    authority, dice = world.authority, world.dice(4)
    rows["townships", LAST_YEAR] = _write(
        home / f"townships/{LAST_YEAR}/townships.csv",
        (
            (authority.code, authority.ward_code(n), authority.ward_name(n), authority.township(n))
            for n in range(authority.wards)
        ),
        ("la_code", "ward_code", "ward_name", "township_name"),
    )
    rows["addresses", LAST_YEAR] = _write(
        home / f"addresses/{LAST_YEAR}/addresses.csv",
        (
            (person.id, places.as_typed(dice, lived.postcode), since, until or "")
            for person in world.people
            for lived, since, until in person.addresses
            if lived.postcode  # a spell without one would be set aside
        ),
        ("la_child_id", "postcode", "from_date", "to_date"),
    )
    rows["indicators", LAST_YEAR] = _write(
        home / f"indicators/{LAST_YEAR}/indicators.csv",
        indicators(world),
        (
            "indicator", "indicator_name", "at_date", "value", "unit", "direction_of_good",
            "target", "baseline_date",
        ),
    )  # fmt: skip


def indicators(world: World) -> Iterator[Sequence[str]]:
    """Two, since the first year: a count of children, and a share."""
    first, dice = last_day(world.years[0]).isoformat(), world.dice(5)
    assessed, good = 3 + world.authority.children // 10, 600
    for year in world.years:
        day = last_day(year).isoformat()
        yield (
            "common_assessments", "Children supported by the common assessment framework", day,
            str(assessed), "children", "up", "", first,
        )  # fmt: skip
        yield (
            "early_years_good", "Early years settings judged at least good by Ofsted", day,
            f"{good / 10}", "%", "up", "80", first,
        )  # fmt: skip
        assessed += dice.between(0, 20)
        good += dice.between(-10, 30)


# What is published of all of England, the part that is of one authority.


def _parts(world: World) -> Iterator[tuple[str, Iterable[Sequence[object]]]]:
    authority = world.authority
    lsoas = range(authority.lsoas)
    la = (authority.named.ons_code, authority.named.name)
    old_code = _old_codes()[authority.code]
    yield "postcodes", _postcodes(authority, range(authority.postcodes))
    yield (
        "wards",
        (
            (
                authority.lsoa_code(n), authority.lsoa_name(n),
                authority.ward_code(authority.ward_of_lsoa(n)),
                authority.ward_name(authority.ward_of_lsoa(n)), *la,
            )
            for n in lsoas
        ),
    )  # fmt: skip
    yield (
        "changes",
        (2 * (authority.lsoa_code(n), authority.lsoa_name(n)) + ("U", *la) for n in lsoas),
    )
    region = authority.named.region
    office = elsewhere.GOVERNMENT_OFFICES[authority.named.region_code]
    yield (
        "deprivation",
        (
            (
                authority.lsoa_code(n), old_code, la[1], office, region,
                f"{81 * (1 - authority.rank(n) / 32_483) ** 2 + 1:.2f}", authority.rank(n),
            )
            for n in lsoas
        ),
    )  # fmt: skip
    yield "child_poverty", (_poverty(authority, n, old_code) for n in lsoas)
    yield "population", (_people(authority, n, *la) for n in lsoas)


def _old_codes() -> dict[str, str]:
    """The code before 2009 of each authority, and none of those that are younger."""
    with elsewhere.SEED.open(encoding="utf-8", newline="") as lines:
        return {row["la_code"]: row["pre_2009_code"] for row in csv.DictReader(lines)}


def _postcodes(authority: Authority, numbers: Iterable[int]) -> Iterator[Sequence[object]]:
    for number in numbers:
        pcds = authority.postcode(number)
        outward, inward = pcds.split()
        terminated = f"{2003 + number % 8}{number % 12 + 1:02d}" if number % 13 == 5 else ""
        yield (
            f"{outward:<4}{inward}", f"{outward:<4} {inward}", pcds, "198001", terminated,
            "E99999999", authority.named.ons_code,
            authority.ward_code(authority.ward_of_postcode(number)), "0",
            200_000 + authority.number * 2_000 + number % 1_999,
            200_000 + authority.number * 1_000 + number % 997, "", "", "", "E99999999",
            authority.lsoa_code(number // POSTCODES_PER_LSOA),
        )  # fmt: skip


def _poverty(authority: Authority, lsoa: int, old_code: str) -> Sequence[object]:
    """Counts rounded to 5; shares as fractions of the counts that were not."""
    every, poor = answers.poverty(authority, lsoa)
    younger, poor_younger = every * 86 // 100, poor * 86 // 100
    counts = (poor_younger * 8 // 10, poor * 8 // 10, poor_younger, poor, younger, every)
    return (
        authority.lsoa_code(lsoa), authority.lsoa_name(lsoa), old_code, authority.named.name,
        *((count + 2) // 5 * 5 for count in counts),
        f"{poor_younger / younger:.3f}", f"{poor / every:.3f}",
    )  # fmt: skip


def _people(authority: Authority, lsoa: int, *la: str) -> Sequence[object]:
    children = authority.residents(lsoa)
    ages = [children // 18 + (age < children % 18) for age in range(18)]
    ages += [children * share // 100 for share in ADULTS]
    return (authority.lsoa_code(lsoa), authority.lsoa_name(lsoa), *la, sum(ages), *ages)


def put_together(extracts: Path, made: list[Authority]) -> None:
    """The national files, of their parts."""
    parts = extracts / PARTS
    if (outside := made[-1].next).number not in {authority.number for authority in made}:
        # the postcodes next door from which some children of the last authority come
        _write(parts / "postcodes.999", _postcodes(outside, range(HOMES_OUTSIDE)))
    for name, (place, heading) in NATIONAL.items():
        path = extracts / place
        _write(path, (), heading)
        with path.open("ab") as whole:
            for part in sorted(parts.glob(f"{name}.*")):
                with part.open("rb") as file:
                    shutil.copyfileobj(file, whole)
    shutil.rmtree(parts)


# Tables of the department: every authority of England, those that are generated as they are.

Told = dict[str, dict[str, dict[str, int]]]  # by authority, measure and day


def write_tables(
    extracts: Path, known: Path, years: range, census_children: int, seed: int
) -> None:
    every = [Authority(number, census_children) for number in range(len(authorities()))]
    told: Told = {}
    for authority in every:
        answer = known / f"{authority.code}.json"
        if answer.exists():
            rates = json.loads(answer.read_text(encoding="utf-8"))["children_rates"]
            told[authority.code] = {}
            for day, measure, count, *_ in rates:
                told[authority.code].setdefault(measure, {})[day] = count
    dice = Dice(seed)
    for year in years:
        day = last_day(year).isoformat()
        figures = {
            authority.code: {
                measure: told.get(authority.code, {}).get(measure, {}).get(day, usual)
                for measure, usual in _usual(dice, authority).items()
            }
            for authority in every
        }
        _write_populations(extracts, every, year - 1)
        _write_comparators(extracts, every, year, figures)
    _write_neighbours(extracts, every)
    _write_census(extracts, every)


def _usual(dice: Dice, authority: Authority) -> dict[str, int]:
    """What an authority has that is not generated."""
    people = authority.population
    return {
        "children_in_need": people * dice.between(250, 420) // 10_000,
        "child_protection_plan": people * dice.between(25, 55) // 10_000,
        "looked_after": people * dice.between(40, 110) // 10_000,
    }


def _write_populations(extracts: Path, every: list[Authority], year: int) -> None:
    _write(
        extracts / f"population/{year}/children_0_17_mid_{year}.csv",
        (
            (
                year, "Reporting year", "Local authority", "E92000001", "England",
                authority.named.region_code, authority.named.region, authority.code,
                authority.named.ons_code, authority.named.name, "Children aged 0 to 17 years",
                authority.population_of(year),
            )
            for authority in every
        ),
        (
            "time_period", "time_identifier", "geographic_level", "country_code", "country_name",
            "region_code", "region_name", "old_la_code", "new_la_code", "la_name", "age_group",
            "population_estimate",
        ),
    )  # fmt: skip


def _write_comparators(
    extracts: Path, every: list[Authority], year: int, figures: dict[str, dict[str, int]]
) -> None:
    people = {authority.code: authority.population_of(year - 1) for authority in every}
    areas = [("National", "921", "England", [authority.code for authority in every])]
    regions = sorted({authority.named.region_code for authority in every})
    for region in regions:
        within = [authority for authority in every if authority.named.region_code == region]
        areas.append((
            "GOR", elsewhere.GOVERNMENT_OFFICES[region], within[0].named.region,
            [authority.code for authority in within],
        ))  # fmt: skip
    areas += [("LA", each.code, each.named.name, [each.code]) for each in every]

    def figure(codes: list[str], measure: str) -> tuple[int, str]:
        count = sum(figures[code][measure] for code in codes)
        return count, f"{count * 10_000 / sum(people[code] for code in codes):.1f}"

    at = f"3103{year % 100:02d}"
    folder = extracts / f"comparators/{year}"
    _write(
        folder / f"children_in_need_31_march_{year}.csv",
        (
            (
                *named,
                *figure(codes, "children_in_need"),
                *figure(codes, "child_protection_plan"),
            )
            for *named, codes in areas
        ),
        (
            "geog_l", "geog_c", "geog_n", f"CINAt{at}", f"CINAt{at}RatePer10K", f"CPPAt{at}",
            f"CPPAt{at}RatePer10k",
        ),
    )  # fmt: skip
    of_codes = {authority.code: authority.named for authority in every}
    by_region = {named.region: named for named in of_codes.values()}

    def looked_after() -> Iterator[Sequence[object]]:
        for level, code, name, codes in areas:
            count, rate = figure(codes, "looked_after")
            where: tuple[str, ...] = ("National", "E92000001", "England", "", "", "", "", "")
            if level == "GOR":
                where = ("Regional", *where[1:3], by_region[name].region_code, name, "", "", "")
            elif level == "LA":
                of = of_codes[code]
                where = (
                    "Local authority", *where[1:3], of.region_code, of.region, code, of.name,
                    of.ons_code,
                )  # fmt: skip
            yield (
                year, "Reporting year", *where, "Children looked after at 31 March each year",
                sum(people[each] for each in codes), count, rate,
            )  # fmt: skip

    _write(
        folder / f"children_looked_after_31_march_{year}.csv",
        looked_after(),
        (
            "time_period", "time_identifier", "geographic_level", "country_code", "country_name",
            "region_code", "region_name", "old_la_code", "la_name", "new_la_code",
            "population_count", "population_estimate", "number", "rate_per_10000",
        ),
    )  # fmt: skip


def _write_neighbours(extracts: Path, every: list[Authority]) -> None:
    """Ten each: those whose turn is next."""
    pairs = [heading for number in range(1, 11) for heading in (f"SN{number}", "SNP")]
    _write(
        extracts / f"comparators/{LAST_YEAR}/statistical_neighbours.csv",
        (
            (
                each.code, each.named.name, each.code,
                regional(each), each.named.region,
                *(
                    cell
                    for step in range(1, 11)
                    for cell in (every[(each.number + step) % len(every)].code, "Close")
                ),
            )
            for each in every
        ),
        ("LA num", "LA Name", "LA number", "GOInd", "GOReg", *pairs),
    )  # fmt: skip


def regional(authority: Authority) -> str:
    """The number of its region."""
    return str(int(authority.named.region_code[-1]))


def _write_census(extracts: Path, every: list[Authority]) -> None:
    whole = sum(count for _, count in CENSUS_2001)
    _write(
        extracts / f"comparators/{LAST_YEAR}/census_2001_under_18_ethnic_group.csv",
        (
            (
                each.named.ons_code, each.named.name, number, label,
                count * each.population // whole,
            )
            for each in every
            for number, (label, count) in enumerate(CENSUS_2001, 1)
        ),
        (
            "2001 Local authorities Code", "2001 Local authorities",
            "Ethnic group (17 categories) Code", "Ethnic group (17 categories)", "Observation",
        ),
    )  # fmt: skip
