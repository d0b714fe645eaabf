"""Stitching holds for whatever returns say.

Messy returns are made up, hundreds of children at a time, and the SQL of the models, compiled
once by dbt, is run on them. The repairs are held against the same rules told plainly: one
row at a time, neighbours looked up afresh after every change.
"""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

HOUSE = Path(__file__).resolve().parent.parent
MODELS = [
    "int_episodes_returned",
    "int_episodes_repaired",
    "int_children_settled",
    "int_episodes_stitched",
    "int_periods_of_care",
    "episode_repairs",
]
NO_DATE = "31/02/2009"
YEARS = [2008, 2009, 2010, 2011]
WHOLE_NUMBERS = {"_row", "_line", "_collection_year", "child_row", "referral_row"}
LEDGER = """
    file_id varchar, path varchar, file_name varchar, sha256 varchar, bytes bigint,
    source varchar, table_name varchar, la_code varchar, collection_year integer,
    rows_delivered integer, rows_landed integer, rows_forgotten integer,
    landed_at timestamp, outcome varchar,
    superseded_by varchar, reason varchar
"""


@dataclass(frozen=True)
class Row:
    """One row of the episodes table of a return, dates as text."""

    child: str
    year: int
    decom: str
    rne: str = "S"
    ls: str = "C2"
    place: str = "U6"
    dec: str = ""
    rec: str = ""


# ---- the warehouse ---------------------------------------------------------------------------


class Scratch:
    """A warehouse with empty landing tables and the compiled SQL of the models."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, sql: dict[str, str]) -> None:
        self.connection = connection
        self.sql = sql

    def stitch(self, rows: list[Row], order: random.Random | None = None) -> None:
        """Land the rows, in another order under other file names if asked, and build."""
        rows = order.sample(rows, len(rows)) if order else rows
        salt = f"{order.random()}" if order else ""
        columns: dict[str, list[Any]] = {
            "_file_id": [
                f"{salt}{row.year}" if row.year % 2 else f"{row.year}{salt}" for row in rows
            ],
            "_row": list(range(1, len(rows) + 1)),
            "_line": list(range(2, len(rows) + 2)),
            "_la_code": ["900"] * len(rows),
            "_collection_year": [row.year for row in rows],
            "_child_key": [row.child for row in rows],
            "child": [row.child for row in rows],
            "decom": [row.decom for row in rows],
            "rne": [row.rne for row in rows],
            "ls": [row.ls for row in rows],
            "place": [row.place for row in rows],
            "dec": [row.dec for row in rows],
            "rec": [row.rec for row in rows],
        }
        self._fill("ssda903__episodes", columns)
        files = sorted(set(columns["_file_id"]))
        self._fill(
            "extract_files",
            {
                "file_id": files,
                "table_name": ["ssda903__episodes"] * len(files),
                "outcome": ["landed"] * len(files),
                "file_name": ["episodes.csv"] * len(files),
            },
        )
        for name, sql in self.sql.items():
            self.connection.execute(f"create or replace temp table {name}_ as {sql}")
            self.connection.execute(f"delete from {_relation(name)}")
            self.connection.execute(f"insert into {_relation(name)} select * from {name}_")

    def _fill(self, table: str, columns: dict[str, list[Any]]) -> None:
        self.connection.execute(f"delete from landing.{table}")
        names = ", ".join(columns)
        values = ", ".join("unnest(?)" for _ in columns)
        self.connection.execute(
            f"insert into landing.{table} ({names}) select {values}", list(columns.values())
        )

    def ask(self, sql: str, *parameters: object) -> list[tuple[object, ...]]:
        return self.connection.execute(sql, list(parameters)).fetchall()


def _relation(model: str) -> str:
    return f"quality.{model}" if model == "episode_repairs" else f"intermediate.{model}"


def _create_landing(path: Path) -> None:
    """The ledger, and every landing table of the sources that the models read."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema landing")
        connection.execute(f"create table landing.extract_files ({LEDGER})")
        for name in ("ssda903", "cin_census"):
            file = HOUSE / f"models/staging/{name}/_{name}__sources.yml"
            for table in yaml.safe_load(file.read_text())["sources"][0]["tables"]:
                columns = ", ".join(
                    f"{name} {'integer' if name in WHOLE_NUMBERS else 'varchar'}"
                    for name in (column["name"] for column in table["columns"])
                )
                connection.execute(f"create table landing.{table['identifier']} ({columns})")


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scratch]:
    home = tmp_path_factory.mktemp("stitching")
    _create_landing(home / "warehouse.duckdb")
    done = subprocess.run(
        [
            sys.executable, "-m", "dbt.cli.main", "build", "--quiet",
            "--exclude-resource-type", "test", "unit_test",
            "--select", "+episode_repairs", "+int_periods_of_care",
            "--project-dir", str(HOUSE), "--profiles-dir", str(HOUSE),
            "--target-path", str(home / "target"), "--log-path", str(home / "logs"),
        ],
        env={
            **os.environ,
            "CYP_WAREHOUSE": str(home / "warehouse.duckdb"),
            "CYP_SCRATCH": str(home / "scratch"),
            "DO_NOT_TRACK": "1",
        },
        cwd=HOUSE, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    compiled = {path.stem: path.read_text() for path in (home / "target/compiled").rglob("*.sql")}
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        yield Scratch(connection, {name: compiled[name] for name in MODELS})


# ---- messy returns ---------------------------------------------------------------------------


def told_anew(chance: random.Random, child: str) -> list[Row]:
    """Rows that have little to do with each other: what must never break stitching."""
    days = [date(2007, 3, 30) + timedelta(days=chance.choice([0, 1, 60, 90])) * n for n in range(9)]
    rows = []
    for year in YEARS:
        for _ in range(chance.choice([0, 0, 1, 2, 3, 4])):
            start = chance.choice(days)
            dec = chance.choice(["", "", "open", "same", "later", "later", "earlier", "bad"])
            end = {
                "same": start,
                "later": start + timedelta(days=chance.choice([1, 60, 400])),
                "earlier": start - timedelta(days=1),
            }.get(dec)
            rows.append(
                Row(
                    child=child,
                    year=year,
                    decom=_uk(start) if chance.random() > 0.03 else NO_DATE,
                    rne=chance.choice(["S", "P", "L", "P", ""]),
                    ls=chance.choice(["C2", "C2", "V2", "V3"]),
                    place=chance.choice(["U6", "U6", "K2"]),
                    dec="30/2/10" if dec == "bad" else _uk(end) if end else "",
                    rec=chance.choice(["X1", "X1", "E4A", ""]),
                )
            )
            if chance.random() < 0.1:
                rows.append(rows[-1])
    return rows


def told_again(chance: random.Random, child: str) -> list[Row]:
    """A life in care told in return after return, with slips: a row forgotten, a start
    corrected, an end that came late, a row told twice."""
    rows: list[Row] = []
    start = date(2006, 4, 1) + timedelta(days=chance.randrange(900))
    rne, ended = "S", False
    for _ in range(chance.randint(1, 6)):
        end = start + timedelta(days=chance.choice([0, 1, 30, 200, 700]))
        rec = chance.choice(["X1", "X1", "X1", "E4A"])
        life = Row(child, 0, _uk(start), rne, chance.choice(["C2", "V2"]), "U6")
        for year in YEARS:
            first, last = date(year - 1, 4, 1), date(year, 3, 31)
            if start <= last and end >= first and chance.random() > 0.15:
                ended = end <= last and chance.random() > 0.05
                slip = timedelta(days=chance.choice([0, 0, 0, 0, 2]))
                row = replace(
                    life,
                    year=year,
                    decom=_uk(start + slip) if not ended else life.decom,
                    dec=_uk(end) if ended else "",
                    rec=rec if ended else "",
                )
                rows += [row, row] if chance.random() < 0.05 else [row]
        start = end if rec == "X1" else end + timedelta(days=chance.choice([1, 50, 500]))
        rne = "P" if rec == "X1" else "S"
    return rows


def _uk(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def many_children(seed: int, children: int = 250) -> list[Row]:
    chance = random.Random(seed)
    return [
        row
        for number in range(children)
        for row in chance.choice([told_anew, told_again])(chance, f"child {number}")
    ]


SLOWLY = settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)


# ---- the rules, told plainly -----------------------------------------------------------------


@dataclass
class Episode:
    key: tuple[date, int]
    year: int
    start: date
    end: date | None
    rne: str | None
    rec: str | None
    like: str
    code: str | None = None

    @property
    def is_left_open(self) -> bool:
        return self.end is None and self.year < LATEST


LATEST = YEARS[-1]


def repaired(episodes: list[Episode]) -> tuple[list[Episode], list[Episode]]:
    """What is kept and what is dropped of a child's episodes, in order of start."""
    kept, dropped = list(episodes), []

    def falls_as_duplicate() -> Episode | None:
        for one, other in [pair for a, b in pairwise(kept) for pair in ((a, b), (b, a))]:
            if one.is_left_open and one.like == other.like and other.year > one.year:
                return one
        return None

    while falling := falls_as_duplicate():
        falling.code = "duplicate"
        kept.remove(falling)
        dropped.append(falling)

    standing: list[Episode] = []
    for one in kept:
        before = standing[-1] if standing else None
        if (
            one.is_left_open
            and before
            and before.year > one.year
            and (before.end is None or before.end > one.start)
        ):
            one.code = "replaced"
            dropped.append(one)
        else:
            standing.append(one)
    kept = standing

    for one, following in zip(kept, [*kept[1:], None], strict=True):
        year_end = date(one.year, 3, 31)
        if one.is_left_open and following is None:
            one.code, one.end, one.rec = "vanished", max(one.start, year_end), None
        elif one.is_left_open and following and following.rne == "S":
            day_before = following.start - timedelta(days=1)
            one.code, one.end = "restarted", max(one.start, min(year_end, day_before))
            one.rec = None
        elif one.is_left_open and following:
            one.code, one.end, one.rec = "continued", following.start, "X1"
    for one, following in pairwise(kept):
        if one.end is None or one.end > following.start:
            one.code, one.end = "overlap", following.start
            one.rec = one.rec if following.rne == "S" else "X1"
        elif one.rec == "X1" and one.end < following.start and following.year > one.year:
            one.code, one.end = "gap", following.start
    return kept, dropped


# ---- what must hold --------------------------------------------------------------------------


@SLOWLY
@given(seed=st.integers(0, 2**32))
def test_repairs_are_what_the_rules_say_told_plainly(scratch: Scratch, seed: int) -> None:
    rows = many_children(seed)
    scratch.stitch([*rows, Row("witness", LATEST, "01/04/2010")])
    by_child: dict[str, list[Episode]] = {}
    for child, *facts in scratch.ask(
        """
        select
            child_key, start_date, number_on_day, collection_year, end_date,
            start_reason_code, end_reason_code, likeness_key
        from intermediate.int_episodes_returned
        where account = 'latest'
        order by child_key, start_date, number_on_day desc
        """
    ):
        start, number, year, end, rne, rec, like = facts
        by_child.setdefault(str(child), []).append(
            Episode((start, number), year, start, end, rne, rec, like)  # type: ignore[arg-type]
        )
    expected = set()
    for child, episodes in by_child.items():
        kept, dropped = repaired(episodes)
        expected |= {(child, *one.key, False, one.code, one.end, one.rec) for one in kept}
        expected |= {(child, *one.key, True, one.code, None, None) for one in dropped}
    told = scratch.ask(
        """
        select
            child_key, start_date, number_on_day, is_dropped, repair_code, end_date,
            end_reason_code
        from intermediate.int_episodes_repaired
        """
    )
    assert set(told) == expected
    assert len(told) == len(expected)


@SLOWLY
@given(seed=st.integers(0, 2**32))
def test_episodes_of_a_child_never_overlap(scratch: Scratch, seed: int) -> None:
    scratch.stitch(many_children(seed))
    assert (
        scratch.ask(
            """
            select * from intermediate.int_episodes_stitched
            qualify
                end_date < start_date
                or coalesce(end_date, date '9999-12-31') > lead(start_date) over (
                    partition by la_code, child_key order by episode_number
                )
            """
        )
        == []
    )


@SLOWLY
@given(seed=st.integers(0, 2**32))
def test_every_delivered_episode_is_accounted_for(scratch: Scratch, seed: int) -> None:
    rows = many_children(seed)
    scratch.stitch(rows)
    fates = scratch.ask(
        """
        select
            returned.account,
            repaired.is_dropped,
            repairs.is_dropped,
            latest.collection_year > returned.collection_year,
            returned.unusable_reason is not null,
            stitched.child_key is not null,
            delivered.decom = ?,
            count(*)
        from landing.ssda903__episodes as delivered
        left join intermediate.int_episodes_returned as returned
            on delivered._file_id = returned.file_id and delivered._row = returned.row_number
        left join intermediate.int_episodes_repaired as repaired
            on returned.file_id = repaired.file_id and returned.row_number = repaired.row_number
        left join intermediate.int_episodes_stitched as stitched
            on
                repaired.child_key = stitched.child_key
                and repaired.episode_number = stitched.episode_number
        left join quality.episode_repairs as repairs
            on returned.file_id = repairs.file_id and returned.row_number = repairs.row_number
        left join intermediate.int_episodes_returned as latest
            on
                latest.account = 'latest'
                and returned.account = 'superseded'
                and returned.child_key = latest.child_key
                and returned.start_date = latest.start_date
                and returned.number_on_day = latest.number_on_day
        group by all
        """,
        NO_DATE,
    )
    assert sum(int(str(fate[-1])) for fate in fates) == len(rows)
    assert {fate[:-1] for fate in fates} <= {
        ("latest", False, None, None, False, True, False),  # kept as returned
        ("latest", False, False, None, False, True, False),  # kept, its end repaired and told
        ("latest", True, True, None, False, False, False),  # dropped and told
        ("repeated", None, True, None, False, False, False),  # dropped and told
        ("superseded", None, None, True, False, False, False),  # a later return tells it
        ("unusable", None, True, None, True, False, False),  # no end to be had: dropped and told
        (None, None, None, None, False, False, True),  # no start to be had: quarantine's
    }


@SLOWLY
@given(seed=st.integers(0, 2**32))
def test_periods_of_care_are_unbroken(scratch: Scratch, seed: int) -> None:
    """Only X1 links the episodes of a period, and only a return that itself leaves days
    between two episodes leaves them in the period."""
    scratch.stitch(many_children(seed))
    assert (
        scratch.ask(
            """
            with linked as (
                select
                    *,
                    lag(period_number) over child as period_before,
                    lag(end_reason_code) over child as reason_before,
                    lag(end_date) over child as end_before,
                    lag(last_returned_year) over child as year_before
                from intermediate.int_episodes_stitched
                window child as (partition by la_code, child_key order by episode_number)
            )
            select * from linked
            where
                period_number <> coalesce(period_before, 0) + case
                    when
                        reason_before = 'X1'
                        and coalesce(start_reason_code, '') <> 'S' then 0
                    else 1
                end
                or (
                    period_number = period_before
                    and end_before <> start_date
                    and last_returned_year > year_before
                )
            """
        )
        == []
    )


@SLOWLY
@given(seed=st.integers(0, 2**32))
def test_the_order_in_which_returns_arrive_changes_nothing(scratch: Scratch, seed: int) -> None:
    rows = many_children(seed, children=150)
    questions = [
        "select * from intermediate.int_episodes_stitched",
        "select * from intermediate.int_periods_of_care",
        "select * exclude (file_id, row_number, line_number) from quality.episode_repairs",
    ]
    told = []
    for order in (None, random.Random(seed), random.Random(seed + 1)):
        scratch.stitch(rows, order)
        told.append([sorted(scratch.ask(question), key=repr) for question in questions])
    assert told[0] == told[1] == told[2]


@settings(SLOWLY, max_examples=20)
@given(
    rows=st.lists(
        st.builds(
            Row,
            child=st.just("child"),
            year=st.sampled_from(YEARS),
            decom=st.sampled_from(["01/04/2008", "02/04/2008", "31/03/2009", "01/01/2010"]),
            rne=st.sampled_from(["S", "P"]),
            ls=st.sampled_from(["C2", "V3"]),
            dec=st.sampled_from(["", "", "02/04/2008", "31/03/2009", "01/06/2010"]),
            rec=st.sampled_from(["X1", "E4A", ""]),
        ),
        min_size=1,
        max_size=7,
    )
)
def test_a_child_with_a_usable_row_has_a_history(scratch: Scratch, rows: list[Row]) -> None:
    scratch.stitch(rows)
    ((usable, kept, periods),) = scratch.ask(
        """
        select
            (select count(*) from intermediate.int_episodes_returned where account = 'latest'),
            (select count(*) from intermediate.int_episodes_stitched),
            (select count(*) from intermediate.int_periods_of_care)
        """
    )
    assert bool(usable) == bool(kept) == bool(periods)


def test_the_made_up_returns_need_every_repair(scratch: Scratch) -> None:
    """Or else the tests above would say little."""
    scratch.stitch(many_children(seed=1))
    needed = scratch.ask("select repair_code from quality.episode_repairs group by all")
    rules = scratch.ask("select repair_code from reference.episode_repair_rules")
    assert sorted(needed) == sorted(rules)
