"""Hold what a warehouse counted against what is known.

    python -m benchmarks.generate --check HOME --folder F

compares every row of every mart of every authority: before disclosure control each number that is
known, and after it each that is shown; that no count from 1 to the policy's limit is shown is
held too. Of two marts nothing is known beforehand: what the rules find (`rule_summary`), and
outlines (`area_outlines`), which a generated authority does not deliver.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from benchmarks.generate.answers import TABLES
from benchmarks.generate.places import LAST_YEAR
from flows.sample import elsewhere
from flows.settings import HOUSE

Row = dict[str, Any]
COMPARED = (("at_date", "measure", "area_code"), ("children", "rate_per_10000"))
REGIONS = "region_profile"
REGION_KEY = ("region_code", "measure", "at_date", "dimension", "category_code", "area_code")
# Of what a region breaks its cohort down by, the category that overlaps others.
OVERLAPPING = ("age_band", "0-4")
FIGURES = (("area_level", "area_code", "at_date", "measure"), ("children",))
# Measures of star_figures, and the columns of the profiles that they are taken from.
PROFILED = {
    "children_in_need": "children_in_need",
    "child_protection_plan": "child_protection_plans",
    "looked_after": "looked_after",
    "first_episode": "first_episodes",
    "referral": "referrals",
}


@dataclass
class Held:
    """How much was compared, and what was found to differ."""

    rows: int = 0
    numbers: int = 0
    withheld: int = 0
    different: list[str] = field(default_factory=list)

    def add(self, what: str) -> None:
        self.different.append(what)


def known_rows(folder: Path) -> Iterator[tuple[str, dict[str, list[list[Any]]]]]:
    for path in sorted((folder / "known").glob("*.json")):
        yield path.stem, json.loads(path.read_text(encoding="utf-8"))


def check(connection: duckdb.DuckDBPyConnection, folder: Path, *marts: str) -> dict[str, Held]:
    """By mart, counted and published; of some marts, or of all that are there."""
    known = dict(known_rows(folder))
    tables = {**TABLES, "comparator_rates": COMPARED}
    there = {
        name: schema
        for schema, name in connection.execute(
            "select table_schema, table_name from information_schema.tables"
        ).fetchall()
    }
    held: dict[str, Held] = {}
    for mart, (key, values) in tables.items():
        if marts and mart not in marts:
            continue
        expected = {
            (la_code, *row[: len(key)]): dict(zip(values, row[len(key) :], strict=True))
            for la_code, rows in known.items()
            for row in (_compared(folder, la_code, rows) if mart not in rows else rows[mart])
        }
        for table in (f"{mart}_counted", mart):
            if table in there:
                relation = f'"{there[table]}"."{table}"'
                held[table] = _hold(connection, relation, key, values, expected, table == mart)
    if "star_figures" in there and not marts:
        held["star_figures"] = _hold_star(connection, known)
    for table in (f"{REGIONS}_counted", REGIONS):
        if table in there and not marts:
            relation = f'"{there[table]}"."{table}"'
            held[table] = _hold_regions(connection, relation, known, table == REGIONS)
    return held


def _hold(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    key: tuple[str, ...],
    values: tuple[str, ...],
    expected: dict[tuple[Any, ...], Row],
    is_published: bool,
) -> Held:
    held = Held()
    seen = set()
    found = connection.execute(f"select * from {relation}")
    columns = [column[0] for column in found.description]
    told = [name for name in values if name in columns]
    while block := found.fetchmany(10_000):
        for values_of in block:
            row = dict(zip(columns, values_of, strict=True))
            at = (row["la_code"], *(_plain(row[name]) for name in key))
            if row["la_code"] == "national" or row.get("area_level") == "neighbours":
                continue  # the neighbours' mean is of the rates that are shown
            held.rows += 1
            seen.add(at)
            known = expected.get(at)
            for name in told:
                if known is None:  # a category that nobody is in has no row of its own
                    known = dict.fromkeys(values, 0)
                _compare(held, at, name, row, known[name], is_published)
    for at in expected.keys() - seen:
        if not is_published or any(expected[at][name] for name in told):
            held.add(f"{at} is missing")
    return held


def _compare(
    held: Held, at: tuple[Any, ...], name: str, row: Row, known: Any, is_published: bool
) -> None:
    shown = _plain(row[name])
    marker = row.get(f"{name}_marker")
    if is_published and shown is None:
        held.withheld += 1
        return
    held.numbers += 1
    if isinstance(known, float) and shown is not None:
        is_same = abs(known - float(shown)) < 0.051 if name == "rate_per_10000" else known == shown
    else:
        is_same = known == shown
    if not is_same:
        held.add(f"{at} {name}: {shown}, not {known}")
    if marker is not None:
        held.add(f"{at} {name} is shown and marked {marker}")
    if f"{name}_marker" in row and is_published and name in COUNTS and 0 < shown <= small():
        held.add(f"{at} {name}: {shown} is shown")


# What the policy withholds for its own sake: counts of children.
COUNTS = {
    "children", "looked_after", "first_episodes", "children_in_need", "child_protection_plans",
    "referrals", "ceased_children", "returned_children", "started_children",
    "started_again_children", "started_within_12_months_children", "children_over_2_years",
    "ended_children", "ended_children_over_2_years",
}  # fmt: skip


@cache
def small() -> int:
    """Up to which counts are withheld from the public."""
    return _var("public_suppress_up_to")


@cache
def _var(name: str) -> int:
    project = yaml.safe_load((HOUSE / "dbt_project.yml").read_text(encoding="utf-8"))
    return int(project["vars"][name])


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else value


# Figures of other areas are what the department's tables say of them.


def _compared(folder: Path, la_code: str, known: dict[str, list[list[Any]]]) -> Iterator[list[Any]]:
    for day, measure, *_ in known["children_rates"]:
        for area, of_la, children, rate in _published(folder, int(day[:4]), measure):
            own = of_la == la_code
            if own or area == "E92000001" or of_la or area == _codes()[la_code][1]:
                yield [day, measure, area, None if own else children, None if own else rate]


@cache
def _codes() -> dict[str, tuple[str, str]]:
    """By the authority's code, its latest code of the Office for National Statistics and its
    region's."""
    with elsewhere.SEED.open(encoding="utf-8", newline="") as file:
        return {
            row["la_code"]: (row["ons_code"], row["region_code"])
            for row in csv.DictReader(file)
            if row["is_main_code"] == "true"
        }


@cache
def _published(folder: Path, year: int, measure: str) -> list[tuple[str, str, int, float]]:
    """Code of the area, of the authority if it is one, children and rate."""
    return list(_read(folder, year, measure))


def _read(folder: Path, year: int, measure: str) -> Iterator[tuple[str, str, int, float]]:
    tables = folder / f"extracts/comparators/{year}"
    if measure == "looked_after":
        path = tables / f"children_looked_after_31_march_{year}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                la_code = row["old_la_code"]
                area = row["region_code"] or row["country_code"]
                area = _codes()[la_code][0] if la_code else area
                yield area, la_code, int(row["number"]), float(row["rate_per_10000"])
        return
    offices: dict[str, str] = {}
    with (tables / f"children_looked_after_31_march_{year}.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            offices.setdefault(row["region_name"], row["region_code"])
    of = "CINAt" if measure == "children_in_need" else "CPPAt"
    at = f"{of}3103{year % 100:02d}"
    with (tables / f"children_in_need_31_march_{year}.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            la_code = row["geog_c"] if row["geog_l"] == "LA" else ""
            area = _codes()[la_code][0] if la_code else offices.get(row["geog_n"], "")
            rate = row.get(f"{at}RatePer10K") or row[f"{at}RatePer10k"]
            yield area or "E92000001", la_code, int(row[at]), float(rate)


# The star is the same figures in another shape.


def _hold_star(
    connection: duckdb.DuckDBPyConnection, known: dict[str, dict[str, list[list[Any]]]]
) -> Held:
    expected: dict[tuple[Any, ...], Row] = {}
    for la_code, rows in known.items():
        for day, measure, children, *_ in rows["children_rates"]:
            expected[la_code, "authority", la_code, day, measure] = {"children": children}
        for level, mart in (("ward", "ward_profile"), ("township", "township_profile")):
            _, values = TABLES[mart]
            for day, code, *numbers in rows[mart]:
                of_area = dict(zip(values, numbers, strict=True))
                for measure, column in PROFILED.items():
                    if column in of_area:
                        at = (la_code, level, code, day, measure)
                        expected[at] = {"children": of_area[column]}
    connection.execute(
        "create or replace temp view star_told as select figures.la_code, areas.area_level, "
        "case when areas.area_level = 'township' then areas.township_name else areas.area_code end "
        "as area_code, dates.calendar_date as at_date, measures.measure, figures.children, "
        "figures.children_marker "
        "from published.star_figures as figures "
        "inner join published.star_areas as areas using (area_key) "
        "inner join published.star_dates as dates using (date_key) "
        "inner join published.star_measures as measures using (measure_key)"
    )
    return _hold(connection, "star_told", *FIGURES, expected, True)


# Regions are the sum of their authorities.


def _hold_regions(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    known: dict[str, dict[str, list[list[Any]]]],
    is_published: bool,
) -> Held:
    dimensions = {"all", "sex", "ethnic_group", "category_of_need", "age_band", "entry_year"}
    last_day = f"{LAST_YEAR}-03-31"
    counts: dict[tuple[str, ...], dict[str, int]] = {}

    def add(la_code: str, measure: str, day: str, dimension: str, category: str, of: int) -> None:
        key = (_codes()[la_code][1], measure, day, dimension, category)
        counts.setdefault(key, {})[la_code] = of

    for la_code, rows in known.items():
        for day, measure, children, *_ in rows["children_rates"]:
            add(la_code, measure, day, "all", "all", children)
        for day, _, _, started, *_ in rows["returns_to_care"]:
            if started is not None:
                add(la_code, "started", day, "all", "all", started)
        for dimension, category, children in rows["first_episode_profile"]:
            if dimension in dimensions and (dimension, category) != OVERLAPPING:
                add(la_code, "first_episodes", last_day, dimension, category, children)
    expected: dict[tuple[Any, ...], Row] = {}
    for (region, measure, day, dimension, category), by_authority in counts.items():
        # whoever has a cohort has a count, if of none, of each of its categories
        told = counts[region, measure, day, "all", "all"]
        if len(told) < _var("region_fewest_authorities"):
            continue
        key = (region, measure, day, dimension, category)
        expected[None, *key, region] = {"children": sum(by_authority.values())}
        if dimension == "all":
            for la_code, children in by_authority.items():
                expected[la_code, *key, _codes()[la_code][0]] = {"children": children}
    if is_published:
        to = _var("region_rounds_to")
        for row in expected.values():
            row["children"] = (row["children"] + to // 2) // to * to
    return _hold(connection, relation, REGION_KEY, ("children",), expected, is_published)
