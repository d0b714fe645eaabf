"""Random authorities: invented children, drawn with a seed, and what the marts would count of them.

Shapes differ on purpose: large and small, with wards that nobody lives in, townships of one ward,
years without a return, censuses without plans, homes out of the area or unknown, one ethnic origin
before all others. The counted marts are plain SQL over the children, with the columns and the
meaning of `models/marts`, so that every sum that holds there holds here.
"""

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
WINDOW = (date(2001, 4, 1), date(2011, 3, 31))
FIRST = 100  # the code of the first authority
ELSEWHERE = ("out of area", "unknown")
ORIGINS = [
    "WBRI", "WOTH", "WIRI", "MWBC", "MWAS", "MOTH", "MWBA", "OOTH", "CHNE", "WROM", "WIRT",
    "BAFR", "BCRB", "BOTH", "APKN", "AIND", "AOTH", "ABAN", "unknown",
]  # fmt: skip
COLUMNS = {
    "authorities": "la_code, population, has_deprivation, refused",
    "wards": "la_code, ward_code, ward_name, township_name, children_0_17",
    "lsoas": "la_code, lsoa_code, ward_code, decile",
    "returns": "la_code, at_date, has_ssda903, has_census, has_plans",
    "children": "la_code, child, ward_code, lsoa_code, sex, origin, need",
    "periods": "la_code, child, start_date, end_date, age, is_start_known",
    "needs": "la_code, child, ward_code, start_date, end_date, plan_start, plan_end",
    "indicators": "la_code, indicator, at_date, value, is_count_of_people, baseline_date",
    "deliveries": "la_code, source, collection_year, files, rows_loaded, rows_superseded, "
    "rows_quarantined, rows_refused, rule_failures_error, rule_failures_warning",
}

Rows = dict[str, list[tuple[Any, ...]]]


def invent(connection: duckdb.DuckDBPyConnection, seed: int, numbers: list[int]) -> list[str]:
    """Write the children of some authorities into the schema `people`; their codes."""
    rows: Rows = {name: [] for name in COLUMNS}
    codes = [str(FIRST + number) for number in numbers]
    for code in codes:
        _authority(rows, code, random.Random(f"{seed} {code}"))
    connection.execute("create schema people")
    for name, columns in COLUMNS.items():
        table = pd.DataFrame(rows[name], columns=columns.split(", "))
        for column in table.columns:
            if column in {"age", "children_0_17", "population"}:
                table[column] = table[column].astype("Int64")
            if column.endswith(("_date", "_start", "_end")):
                table[column] = pd.to_datetime(table[column])
        connection.register("given", table)
        dates = [c for c in table.columns if str(table[c].dtype).startswith("datetime")]
        replaced = ", ".join(f"cast({c} as date) as {c}" for c in dates)
        connection.execute(
            f"create table people.{name} as select * "
            f"{f'replace ({replaced})' if dates else ''} from given"
        )
        connection.unregister("given")
    for name, path in {
        "age_bands": "demography/age_bands",
        "ethnic_origins": "demography/ethnic_origins",
        "needs": "ssda903/categories_of_need",
    }.items():
        connection.execute("create schema if not exists reference")
        connection.execute(
            f"create table reference.{name} as select * from read_csv('{SEEDS / path}.csv')"
        )
    connection.execute(  # they are of no region
        "create table if not exists reference.local_authorities (la_code varchar, la_name varchar, "
        "ons_code varchar, region_code varchar, region_name varchar, is_main_code boolean)"
    )
    return codes


def _authority(rows: Rows, code: str, dice: random.Random) -> None:
    wards = _places(rows, code, dice)
    last = dice.choice((2009, 2010, 2011, 2011, 2011, 2012, 2013))
    years = range(last - dice.randint(1, 10) + 1, last + 1)
    first_plans = dice.randint(years[0], last + 1)
    for year in years:
        has_ssda903 = dice.random() < 0.9
        has_census = dice.random() < 0.8 or not has_ssda903
        rows["returns"].append((
            code, date(year, 3, 31), has_ssda903, has_census, has_census and year >= first_plans,
        ))  # fmt: skip
    size = int(10 ** dice.uniform(1, 3.18))
    origins = _skewed(ORIGINS, dice, dice.uniform(0.4, 0.99))
    mothers = dice.uniform(0.2, 6)
    stay = dice.uniform(200, 1500)
    known = dice.choice((1.0, 0.9))
    for number in range(size + dice.randint(0, size)):
        child = f"{code}-{number}"
        ward, lsoa = _home(wards, dice)
        _child(rows, code, child, (ward, lsoa), origins, dice)
        start = WINDOW[0] + timedelta(dice.randrange(3652))
        if number >= size:  # not of the cohort
            start = WINDOW[0] - timedelta(dice.randint(1, 3000))
        is_known = number < size or dice.random() < known
        age = None if dice.random() < 0.01 else min(int(dice.betavariate(0.8, 1) * 18), 17)
        age = 18 if dice.random() < 0.005 else age
        days = int(dice.expovariate(1 / stay)) + 1
        while start < date(last, 4, 1):
            end = start + timedelta(days) if start + timedelta(days) < date(last, 4, 1) else None
            if is_known or end is None or end > date(years[0] - 1, 3, 31):
                rows["periods"].append((code, child, start, end, age, is_known))
            if end is None or dice.random() < 0.7:
                break
            start, is_known = end + timedelta(dice.randint(30, 900)), True
            age = None if age is None else min(age + 2, 17)
    outlast = dice.choice((0.0, 0.0, 0.1))
    for number in range(min(int(size * mothers), 4000)):
        ward, _ = _home(wards, dice)
        start = date(years[0] - 1, 4, 1) + timedelta(dice.randrange(365 * len(years)))
        ends = start + timedelta(int(dice.expovariate(1 / 300)) + 1)
        plan = (None, None)
        if dice.random() < 0.15:
            from_ = start + timedelta(dice.randrange(60))
            to = ends + timedelta(200) if dice.random() < outlast else ends
            plan = (from_, to) if from_ < to else plan
        rows["needs"].append((code, f"{code}+{number}", ward, start, ends, *plan))
    _others(rows, code, list(years), dice)


def _places(rows: Rows, code: str, dice: random.Random) -> dict[str, tuple[float, list[str]]]:
    """Wards, with how many children come from each in proportion, and their LSOAs."""
    number = int(3 * 10 ** dice.random())
    towns = min(dice.randint(1, 7), number)
    wards: dict[str, tuple[float, list[str]]] = {}
    lack = dice.choice((0.0, 0.1, 1.0)) if dice.random() < 0.5 else 0.0
    for i in range(number):
        ward = f"E{code}{i:02d}"
        town = i if i < towns else dice.randrange(towns)
        people = None if dice.random() < lack else int(dice.lognormvariate(7.3, 0.9)) + 20
        rows["wards"].append((code, ward, f"Ward {i:02d}", f"Town {town}", people))
        lsoas = []
        for j in range(dice.randint(1, 4)):
            lsoas.append(f"L{code}{i:02d}{j}")
            rows["lsoas"].append((code, lsoas[-1], ward, dice.randint(1, 10)))
        wards[ward] = dice.paretovariate(1.2), lsoas
    if dice.random() < 0.5:
        empty = dice.choice(list(wards))
        wards[empty] = 0.0, wards[empty][1]
    of_all = sum(weight for weight, _ in wards.values())
    for ward, most in zip(ELSEWHERE, (0.1, 0.2), strict=True):
        wards[ward] = of_all * dice.choice((0.0, dice.uniform(0, most))), []
    population = None if dice.random() < 0.1 else int(10 ** dice.uniform(3.7, 5.2))
    rows["authorities"].append((code, population, dice.random() < 0.85, dice.random() < 0.05))
    return wards


def _home(wards: dict[str, tuple[float, list[str]]], dice: random.Random) -> tuple[str, str | None]:
    (ward,) = dice.choices(list(wards), [weight for weight, _ in wards.values()])
    return ward, dice.choice(wards[ward][1]) if wards[ward][1] else None


def _child(
    rows: Rows, code: str, child: str, home: tuple[str, str | None],
    origins: dict[str, float], dice: random.Random,
) -> None:  # fmt: skip
    (origin,) = dice.choices(list(origins), list(origins.values()))
    sex = dice.choice("MF") if dice.random() < 0.99 else "unknown"
    needs = {
        "N1": 9,
        "N2": 1,
        "N3": 2,
        "N4": 3,
        "N5": 4,
        "N6": 1,
        "N7": 0.1,
        "N8": 2,
        "unknown": 0.2,
    }
    (need,) = dice.choices(list(needs), list(needs.values()))
    rows["children"].append((code, child, *home, sex, origin, need))


def _skewed(names: list[str], dice: random.Random, largest: float) -> dict[str, float]:
    first, *others = dice.sample(names, len(names)) if dice.random() < 0.3 else names
    weights = [dice.paretovariate(0.8) * (dice.random() < 0.8) for _ in others]
    return {first: largest} | {
        name: (1 - largest) * weight / max(sum(weights), 1)
        for name, weight in zip(others, weights, strict=True)
    }


def _others(rows: Rows, code: str, years: list[int], dice: random.Random) -> None:
    for i in range(dice.randint(0, 6)):
        is_people, value = dice.random() < 0.7, 10 ** dice.uniform(0, 2.5)
        baseline = date(dice.choice(years), 3, 31)
        for year in years:
            figure = float(int(value * dice.uniform(0.8, 1.2))) if is_people else round(value, 1)
            rows["indicators"].append((
                code, f"indicator {i}", date(year, 3, 31), figure, is_people, baseline,
            ))  # fmt: skip
    for year in years:
        for source in ("ssda903", "cin_census"):
            few = [int(10 ** dice.uniform(0, 2)) - 1 if dice.random() < 0.5 else 0 for _ in "abcde"]
            loaded = int(10 ** dice.uniform(1, 4))
            refused = dice.randint(1, 9) if dice.random() < 0.02 else 0
            rows["deliveries"].append((
                code, source, year, dice.randint(1, 4), loaded, few[0], few[1], refused, *few[2:4],
            ))  # fmt: skip


def change(connection: duckdb.DuckDBPyConnection, seed: int, night: int) -> None:
    """What comes to light by the next night: of each authority some children have another home,
    some are gone, and some are there that were not."""
    for table in ("children", "needs"):
        connection.execute(
            f"""
            update people.{table} as moved set ward_code = given.ward_code
            from (
                select child, arg_min(wards.ward_code, hash(wards.ward_code || child)) as ward_code
                from people.{table} as counted inner join people.wards using (la_code)
                where hash(child || ?) % 60 = 0
                group by child
            ) as given
            where moved.child = given.child
            """,
            [f"moved {seed} {night}"],
        )
        connection.execute(
            f"delete from people.{table} where hash(child || ?) % 80 = 0", [f"gone {seed} {night}"]
        )
    connection.execute(
        "update people.children set lsoa_code = (select min(lsoa_code) from people.lsoas "
        "where lsoas.ward_code = children.ward_code) "
        "where lsoa_code is not null and lsoa_code not in "
        "(select lsoa_code from people.lsoas where lsoas.ward_code = children.ward_code)"
        " or lsoa_code is null and ward_code like 'E%'"
    )
    new = f"|| ' {night}'"
    for table in ("children", "periods", "needs"):
        connection.execute(
            f"insert into people.{table} select * replace (child {new} as child) "
            f"from people.{table} where hash(child || ?) % 70 = 0",
            [f"new {seed} {night}"],
        )
    connection.execute(
        "delete from people.periods where child not in (select child from people.children)"
    )


def count(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the counted marts anew from the children."""
    for schema in ("rates", "looked_after", "places", "progress", "quality", "validation"):
        connection.execute(f"create schema if not exists {schema}")
    connection.execute((Path(__file__).parent / "authorities.sql").read_text(encoding="utf-8"))
