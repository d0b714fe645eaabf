"""What all rules of the returns cost, over one authority-year and over a country's children.

    python benchmarks/validation.py [--children 400 50000 650000] [--runs 3] [--long-runs 1]

Four hundred invented children of many shapes, in every table of both returns and of two years
(the rules of one read the other), are landed through the door, with a directory of postcodes and a
register of providers. More children are these again with other identifiers, copied in SQL from
landing to landing: what is measured is the rules. Then, as `cyp validate FILE` does it, dbt builds
the models of the rules and what they read: all rules on four returns of so many children each.
Seconds are those on the clock, dbt's start and its work around the SQL among them, and of the
processor; memory is the peak of the dbt process. Medians of several runs. `--slowest` names the
models that took longest.
"""

import argparse
import json
import random
import resource
import statistics
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.landing_xml import KINDS, LA_CODE, MANY, write_census
from benchmarks.place import apart, machine
from flows.build import dbt, timings
from flows.disclosure import ledger
from flows.land import find, land, prepare
from flows.settings import Settings
from flows.warehouse import warehouse
from tests.rules.cases import CASES
from tests.rules.returns import ssda903_files

YEARS = (2024, 2025)
FURTHER = 1_000_000  # rows and lines by which a copy lies further down
BUILD = (
    "build", "--select", "+path:models/validation",
    "--resource-type", "model", "--resource-type", "seed",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--children", type=int, nargs="+", default=[KINDS, 50_000, 650_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--long-runs", type=int, default=1, help=f"from {MANY:,} children")
    parser.add_argument("--slowest", type=int, default=0, metavar="N")
    parser.add_argument("--memory", default="4GB", help="the most that DuckDB takes")
    parser.add_argument("--measure", type=Path, metavar="FOLDER", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(_measured(_settings(options.measure, options.memory))))
        return
    _compare(options)


def _compare(options: argparse.Namespace) -> None:
    print(
        f"{machine()}, memory limit {options.memory}; medians of "
        f"{options.runs} runs, {options.long_runs} from {MANY:,} children\n"
    )
    print(
        "| children of each return | rows | failures | seconds | CPU s | SQL, s "
        "| children a second | peak MB |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---:|", flush=True)
    for children in options.children:
        with tempfile.TemporaryDirectory(prefix="cyp-bench-") as folder:
            settings = _settings(Path(folder), options.memory)
            _land(settings)
            rows = _copy(settings, children)
            dbt(settings, "parse")
            runs = options.long_runs if children >= MANY else options.runs
            words = ("--measure", folder, "--memory", options.memory)
            found = [apart("validation", *words) for _ in range(runs)]
            middle = {
                part: statistics.median(one[part] for one in found)
                for part in ("seconds", "cpu", "sql", "megabytes")
            }
            print(
                f"| {children:,} | {rows:,} | {_failures(settings):,} | {middle['seconds']:.1f} "
                f"| {middle['cpu']:.1f} | {middle['sql']:.1f} "
                f"| {children / middle['seconds']:,.0f} | {middle['megabytes']:,.0f} |",
                flush=True,
            )
            slowest = sorted(found[-1]["models"].items(), key=lambda model: -model[1])
            for name, seconds in slowest[: options.slowest]:
                print(f"    {seconds:7.1f} s  {name}", flush=True)


def _settings(folder: Path, memory: str) -> Settings:
    return Settings(
        extracts=folder / "extracts",
        is_sample=False,
        home=folder / "home",
        la_code=LA_CODE,
        key=b"a benchmark's key, which protects nobody",
        memory_limit=memory,
    )


def _measured(settings: Settings) -> dict[str, Any]:
    began = time.perf_counter()
    dbt(settings, *BUILD)
    seconds = time.perf_counter() - began
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    unit = 1024**2 if sys.platform == "darwin" else 1024  # kilobytes, but bytes on a Mac
    models = {
        name.rsplit(".", 1)[-1]: took
        for name, took in timings(settings).items()
        if name.startswith("model.")
    }
    return {
        "seconds": seconds,
        "cpu": spent.ru_utime + spent.ru_stime,
        "sql": sum(models.values()),
        "megabytes": spent.ru_maxrss / unit,
        "models": models,
    }


def _failures(settings: Settings) -> int:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        [(number,)] = connection.execute("select count(*) from quality.rule_failures").fetchall()
    return int(number)


def _land(settings: Settings) -> None:
    dice = random.Random(903)
    looked_after = [_LookedAfter(dice, number) for number in range(KINDS)]
    for year in YEARS:
        folder = settings.extracts / LA_CODE / "ssda903" / str(year)
        folder.mkdir(parents=True)
        told = [(f"C{child.number:07d}", child.told(year)) for child in looked_after]
        for name, text in ssda903_files(year, told, is_whole=True).items():
            (folder / name).write_text(text, encoding="utf-8")
        folder = settings.extracts / LA_CODE / "cin_census" / str(year)
        folder.mkdir(parents=True)
        write_census(folder / "census.xml", KINDS, year)
    for extract in (CASES / "extracts").rglob("*.csv"):
        lies = settings.extracts / extract.relative_to(CASES / "extracts")
        lies.parent.mkdir(parents=True)
        lies.write_bytes(extract.read_bytes())
    prepare(settings)
    for extract in find(settings):
        landed = land(extract, settings)
        if landed.outcome != "landed":
            sys.exit(f"A return was not let in: {landed.reason}")
    with warehouse(settings) as connection:
        ledger.prepare(connection)


def _copy(settings: Settings, children: int) -> int:
    """More children, from landing to landing; returns the rows of all returns."""
    copies = children // KINDS - 1
    rows = 0
    with warehouse(settings) as connection:
        tables = connection.execute(
            "select table_name, list(column_name) from information_schema.columns "
            "where table_schema = 'landing' and (table_name like 'ssda903\\_\\_%' escape '\\' "
            "or table_name like 'cin\\_census\\_\\_%' escape '\\') group by all order by all"
        ).fetchall()
        for table, columns in tables:
            if "_child_key" in columns and copies > 0:
                others = {
                    "_child_key": "_child_key || '-' || copy",
                    "child": "child || 'X' || copy",
                    "la_child_id": "la_child_id || 'X' || copy",
                    "sw_id": "sw_id || 'X' || copy",
                    **dict.fromkeys(
                        ("upn", "former_upn"), "'UN1'" if table.startswith("ssda903") else "null"
                    ),
                    "upn_unknown": "'UN2'",
                    **{
                        column: f'"{column}" + copy * {FURTHER}'
                        for column in columns
                        if column == "_line" or column.endswith("_row")
                    },
                }
                replaced = ", ".join(
                    f'{told} as "{column}"' for column, told in others.items() if column in columns
                )
                connection.execute(
                    f'insert into landing."{table}" select * exclude (copy) replace ({replaced}) '
                    f'from landing."{table}" cross join range(1, {copies + 1}) as copies (copy)'
                )
            [(there,)] = connection.execute(f'select count(*) from landing."{table}"').fetchall()
            rows += there
    return int(rows)


class _LookedAfter:
    """A child whose care began at some time since 2019, told year by year."""

    def __init__(self, dice: random.Random, number: int) -> None:
        self.number = number
        self.is_girl = dice.random() < 0.45
        self.ethnic = dice.choice(("WBRI", "WOTH", "MWBC", "APKN", "BCRB"))
        self.need = f"N{dice.randint(1, 8)}"
        self.home = f"ZZ1 1A{dice.choice('ABCEF')}"
        self.born = date(dice.randint(2008, 2023), dice.randint(1, 12), dice.randint(1, 28))
        start = max(self.born, date(2019, 1, 1) + timedelta(dice.randint(0, 6 * 365)))
        self.episodes: list[tuple[date, date | None, str, str]] = []
        reason = "S"
        for _ in range(dice.choice((1, 1, 2, 3, 4))):
            end = start + timedelta(dice.randint(20, 700))
            status = dice.choice(("C1", "C2", "V2", "E1"))
            self.episodes.append((start, end, reason, status))
            start, reason = end, dice.choice("PPL")
        if dice.random() < 0.6:
            self.episodes[-1] = (self.episodes[-1][0], None, *self.episodes[-1][2:])
        self.ending = dice.choice(("E4A", "E4B", "E13", "E8"))

    def told(self, year: int) -> dict[str, Any]:
        dice = random.Random(self.number * 10_000 + year)
        sexes = "MF" if year >= 2025 else "12"
        first, last = date(year - 1, 4, 1), date(year, 3, 31)
        there = [
            (start, end if end and end <= last else None, reason, status)
            for start, end, reason, status in self.episodes
            if start <= last and (end is None or end >= first)
        ]
        given: dict[str, Any] = {
            "Header": {
                "SEX": sexes[self.is_girl],
                "DOB": _uk(self.born),
                "ETHNIC": self.ethnic,
                "MOTHER": "0" if self.is_girl else None,
                "UPN": "UN1" if year - self.born.year < 6 else "UN3",
            },
            "Episodes": [
                {
                    "DECOM": _uk(start),
                    "RNE": reason,
                    "LS": status,
                    "CIN": self.need,
                    "PLACE": ("U1", "U4", "U6", "K2", "H5")[start.day % 5],
                    "PLACE_PROVIDER": ("PR1", "PR2", "PR4")[start.day % 3],
                    "DEC": _uk(end),
                    "REC": None if end is None else self._reason(end),
                    "REASON_PLACE_CHANGE": "CARPL" if end else None,
                    "HOME_POST": self.home,
                    "PL_POST": f"ZZ1 1A{'ABCEF'[start.day % 5]}",
                    "URN": "SC000001",
                }
                for start, end, reason, status in there
            ],
        }
        if not there:
            return given | self._left(dice)
        days = [first + timedelta(dice.randint(0, 364)) for _ in range(4)]
        given["Reviews"] = [{"REVIEW": _uk(day), "REVIEW_CODE": "PN1"} for day in sorted(days[:2])]
        given["SWEpisodes"] = {
            "SW_ID": f"SW{self.number}", "SW_DECOM": _uk(there[0][0]), "SW_REASON": "FCONTA",
        }  # fmt: skip
        given["PrevPerm"] = {"PREV_PERM": "Z1"}
        if there[0][0] <= first:
            flags = ("CONVICTED", "HEALTH_CHECK", "IMMUNISATIONS", "TEETH_CHECK")
            flags += ("HEALTH_ASSESSMENT", "SUBSTANCE_MISUSE")
            given["OC2"] = dict.fromkeys(flags, "0")
            given["OC2"]["SDQ_SCORE"] = dice.randint(0, 40)
        if dice.random() < 0.2:
            given["Missing"] = {
                "MISSING": dice.choice("MA"), "MIS_START": _uk(days[2]),
                "MIS_END": _uk(days[2] + timedelta(2)),
            }  # fmt: skip
        if dice.random() < 0.05:
            given["UASC"] = {"DUC": _uk(days[3])}
        if dice.random() < 0.1:
            given["PlacedAdoption"] = {"DATE_PLACED": _uk(days[2])}
            given["AD1"] = {
                "DATE_INT": _uk(days[2]), "DATE_MATCH": _uk(days[2]), "FOSTER_CARE": "0",
                "NB_ADOPTR": "2", "SEX_ADOPTR": "MF", "LS_ADOPTR": "L11",
            }  # fmt: skip
        if dice.random() < 0.02:
            given["DoLo"] = {"DOLO_START": _uk(days[2]), "DOLO_END": _uk(days[2] + timedelta(9))}
        return given

    def _left(self, dice: random.Random) -> dict[str, Any]:
        if dice.random() < 0.5:
            return {}
        return {"OC3": {"IN_TOUCH": "YES", "ACTIV": "F1", "ACCOM": "B1"}}

    def _reason(self, end: date) -> str:
        return self.ending if end == self.episodes[-1][1] else "X1"


def _uk(day: date | None) -> str | None:
    return day.strftime("%d/%m/%Y") if day else None


if __name__ == "__main__":
    main()
