"""Stitching holds for whatever returns say.

Messy returns of two authorities are made up, and the SQL of the models, compiled once by dbt, is
run on them: hundreds of children at a time, drawn by a seed, and a few at a time, drawn so that
what fails shrinks to the few rows it fails on. The repairs are held against the same rules told
plainly: one row at a time, neighbours looked up afresh after every change.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import duckdb
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.build import dbt
from flows.settings import HOUSE, Settings

MODELS = [
    "int_episodes_returned",
    "int_episodes_repaired",
    "int_children_settled",
    "int_episodes_stitched",
    "int_periods_of_care",
    "episode_repairs",
]
NO_DATE = "31/02/2009"
NO_CODE = "Z9"  # in no code set
AUTHORITIES = ["900", "901"]
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
    """One row of the episodes table of a return, dates as text. `delivery` counts how often
    the authority has delivered that year: the last one stands."""

    child: str
    year: int
    decom: str
    rne: str = "S"
    ls: str = "C2"
    place: str = "U6"
    dec: str = ""
    rec: str = ""
    la: str = AUTHORITIES[0]
    delivery: int = 1

    @property
    def child_key(self) -> str | None:
        """As at the door: one child to an authority, in whatever case it writes it."""
        known = self.child.strip().upper()
        return f"{self.la}:{known}" if known else None

    @property
    def is_readable(self) -> bool:
        return bool(self.child_key and self.decom and self.decom != NO_DATE)


def standing(rows: list[Row]) -> list[Row]:
    """The rows of deliveries that no later one of the same year has replaced."""
    last: dict[tuple[str, int], int] = {}
    for row in rows:
        slot = row.la, row.year
        last[slot] = max(last.get(slot, 0), row.delivery)
    return [row for row in rows if row.delivery == last[row.la, row.year]]


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
        stands = {(row.la, row.year, row.delivery) for row in standing(rows)}

        def file(row: Row) -> str:
            name = f"{row.la} {row.year} {row.delivery}"
            return f"{salt}{name}" if row.year % 2 else f"{name}{salt}"

        columns: dict[str, list[Any]] = {
            "_file_id": [file(row) for row in rows],
            "_row": list(range(1, len(rows) + 1)),
            "_line": list(range(2, len(rows) + 2)),
            "_la_code": [row.la for row in rows],
            "_collection_year": [row.year for row in rows],
            "_child_key": [row.child_key for row in rows],
            **{
                name: [getattr(row, name) or None for row in rows]
                for name in ("child", "decom", "rne", "ls", "place", "dec", "rec")
            },
        }
        self._fill("ssda903__episodes", columns)
        files = {file(row): (row.la, row.year, row.delivery) in stands for row in rows}
        self._fill(
            "extract_files",
            {
                "file_id": list(files),
                "table_name": ["ssda903__episodes"] * len(files),
                "outcome": ["landed" if stands else "superseded" for stands in files.values()],
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
    dbt(
        Settings(home, True, home, None, b"key"), "build",
        "--exclude-resource-type", "test", "unit_test",
        "--select", "+episode_repairs", "+int_periods_of_care",
    )  # fmt: skip
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


def spoiled(chance: random.Random, row: Row) -> Row:
    """The row with what deliverers get wrong: a child without an identifier or in another case,
    a code that nobody knows, a day that is not, an end without its reason, a reason without
    its end."""
    slips: list[dict[str, Any]] = [
        {"child": ""}, {"child": " "}, {"child": row.child.upper() + " "}, {"rne": NO_CODE},
        {"ls": NO_CODE}, {"place": NO_CODE}, {"rec": NO_CODE}, {"decom": ""}, {"rec": ""},
        {"dec": NO_DATE}, {"dec": "", "rec": "E4A"}, {"dec": row.decom, "rec": ""},
    ]  # fmt: skip
    return replace(row, **chance.choice(slips))


def corrected(chance: random.Random, rows: list[Row]) -> list[Row]:
    """Some returns are delivered twice, the second time with rows left out and put right; one
    is missing altogether."""
    missing = chance.choice([None, *((la, year) for la in AUTHORITIES for year in YEARS)])
    twice = {(la, year) for la in AUTHORITIES for year in YEARS if chance.random() < 0.3}
    kept = [row for row in rows if (row.la, row.year) != missing]
    again = [
        replace(row, delivery=2, rec=row.rec if chance.random() < 0.9 else "E4A")
        for row in kept
        if (row.la, row.year) in twice and chance.random() < 0.95
    ]
    return kept + again


def many_children(seed: int, children: int = 250) -> list[Row]:
    """The same identifiers in both authorities, of whom they are different children."""
    chance = random.Random(seed)
    rows = [
        replace(row, la=AUTHORITIES[number % 2])
        for number in range(children)
        for row in chance.choice([told_anew, told_again])(chance, f"child {number // 2}")
    ]
    rows = [spoiled(chance, row) if chance.random() < 0.04 else row for row in rows]
    return corrected(chance, rows)


# A few rows, drawn so that they shrink. The first of each choice is the plainest.
DAYS = ["01/04/2008", "02/04/2008", "31/03/2009", "01/04/2009", "01/01/2010", "31/03/2011"]
any_row = st.builds(
    Row,
    child=st.sampled_from(["a", "b", "A ", ""]),
    year=st.sampled_from(YEARS),
    decom=st.sampled_from([*DAYS, "", NO_DATE]),
    rne=st.sampled_from(["S", "P", "L", "", NO_CODE]),
    ls=st.sampled_from(["C2", "V2", "V3", NO_CODE]),
    place=st.sampled_from(["U6", "K2", NO_CODE]),
    dec=st.sampled_from(["", *DAYS, NO_DATE]),
    rec=st.sampled_from(["", "X1", "E4A", NO_CODE]),
    la=st.sampled_from([*AUTHORITIES[:1] * 3, AUTHORITIES[1]]),
    delivery=st.sampled_from([1] * 7 + [2]),
)


@dataclass(frozen=True)
class Stay:
    """One episode of a life, and how each year's return tells it."""

    days_before: int
    days: int
    rec: str
    ls: str
    told: list[str]


stays = st.builds(
    Stay,
    days_before=st.sampled_from([0, 1, 50, 500]),
    days=st.sampled_from([0, 1, 30, 200, 700]),
    rec=st.sampled_from(["X1", "E4A", ""]),
    ls=st.sampled_from(["C2", "V2"]),
    told=st.lists(
        st.sampled_from(["as it was", "left open", "slipped", "twice", "not"]),
        min_size=len(YEARS), max_size=len(YEARS),
    ),
)  # fmt: skip


def life(child: str, la: str, began: int, stayed: list[Stay]) -> list[Row]:
    """Stays one after another, each told by every return of a year that it reaches into."""
    rows: list[Row] = []
    start, rne = date(2007, 1, 1) + timedelta(days=began), "S"
    for stay in stayed:
        start += timedelta(days=stay.days_before)
        end = start + timedelta(days=stay.days)
        for year, told in zip(YEARS, stay.told, strict=True):
            if start > date(year, 3, 31) or end < date(year - 1, 4, 1) or told == "not":
                continue
            is_over = end <= date(year, 3, 31) and told != "left open"
            begun = start + timedelta(days=2 * (told == "slipped"))
            row = Row(
                child, year, _uk(begun), rne, stay.ls, "U6",
                _uk(end) if is_over else "", stay.rec if is_over else "", la,
            )  # fmt: skip
            rows += [row] * (2 if told == "twice" else 1)
        start, rne = end, "P" if stay.rec == "X1" else "S"
    return rows


lives = st.builds(
    life,
    child=st.sampled_from(["a", "c"]),
    la=st.sampled_from(AUTHORITIES),
    began=st.sampled_from([0, 400, 800]),
    stayed=st.lists(stays, min_size=1, max_size=5),
)
some_rows = st.one_of(
    st.lists(any_row, min_size=1, max_size=14),
    st.builds(
        lambda told, any_rows: [row for one in told for row in one] + any_rows,
        st.lists(lives, min_size=1, max_size=2),
        st.lists(any_row, max_size=3),
    ),
)


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
    latest: int  # year of the authority's latest return
    year: int
    start: date
    end: date | None
    rne: str | None
    rec: str | None
    like: str
    code: str | None = None

    @property
    def is_left_open(self) -> bool:
        return self.end is None and self.year < self.latest


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


def check_repairs(scratch: Scratch, rows: list[Row]) -> None:
    """Repairs are what the rules say, told plainly."""
    latest: dict[str, int] = {}
    for row in standing(rows):
        if row.is_readable:
            latest[row.la] = max(latest.get(row.la, 0), row.year)
    by_child: dict[str, list[Episode]] = {}
    for child, la, *facts in scratch.ask(
        """
        select
            child_key, la_code, start_date, number_on_day, collection_year, end_date,
            start_reason_code, end_reason_code, likeness_key
        from intermediate.int_episodes_returned
        where account = 'latest'
        order by child_key, start_date, number_on_day desc
        """
    ):
        start, number, year, end, rne, rec, like = cast(list[Any], facts)
        by_child.setdefault(str(child), []).append(
            Episode(
                (start, number),
                latest[str(la)],
                year,
                start,
                end,
                rne,
                rec,
                like,
            )
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


def check_overlaps(scratch: Scratch, rows: list[Row]) -> None:
    """Episodes of a child never overlap."""
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


def check_fates(scratch: Scratch, rows: list[Row]) -> None:
    """Every delivered episode is accounted for, and each under its own authority."""
    fates = scratch.ask(
        """
        select
            returned.account,
            repaired.is_dropped,
            repairs.is_dropped,
            latest.collection_year > returned.collection_year,
            returned.unusable_reason is not null,
            stitched.child_key is not null,
            delivered._child_key is null or coalesce(delivered.decom, ?) = ?,
            count(*)
        from landing.ssda903__episodes as delivered
        inner join landing.extract_files as files
            on delivered._file_id = files.file_id and files.outcome = 'landed'
        left join intermediate.int_episodes_returned as returned
            on
                delivered._file_id = returned.file_id and delivered._row = returned.row_number
                and delivered._la_code = returned.la_code
        left join intermediate.int_episodes_repaired as repaired
            on returned.file_id = repaired.file_id and returned.row_number = repaired.row_number
        left join intermediate.int_episodes_stitched as stitched
            on
                repaired.la_code = stitched.la_code
                and repaired.child_key = stitched.child_key
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
        NO_DATE,
    )
    stands = standing(rows)
    assert sum(int(str(fate[-1])) for fate in fates) == len(stands)
    assert {fate[:-1] for fate in fates} <= {
        ("latest", False, None, None, False, True, False),  # kept as returned
        ("latest", False, False, None, False, True, False),  # kept, its end repaired and told
        ("latest", True, True, None, False, False, False),  # dropped and told
        ("repeated", None, True, None, False, False, False),  # dropped and told
        ("superseded", None, None, True, False, False, False),  # a later return tells it
        ("unusable", None, True, None, True, False, False),  # no end to be had: dropped and told
        (None, None, None, None, False, False, True),  # no child or start: quarantine's
    }
    # Nothing but what stands has come in, and nobody under another authority.
    ((returned, children),) = scratch.ask(
        """
        select count(*), count(distinct (la_code, child_key))
        from intermediate.int_episodes_returned
        """
    )
    readable = [row for row in stands if row.is_readable]
    assert returned == len(readable)
    assert children == len({(row.la, row.child_key) for row in readable})


def check_periods(scratch: Scratch, rows: list[Row]) -> None:
    """Periods of care are unbroken: only X1 links the episodes of a period, and only a return
    that itself leaves days between two episodes leaves them in the period."""
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
    # A period is its episodes from the first to the last.
    assert (
        scratch.ask(
            """
            select la_code, child_key, period_number, opened_date, end_date
            from intermediate.int_periods_of_care
            except
            select
                la_code, child_key, period_number, min(start_date),
                case when count(*) = count(end_date) then max(end_date) end
            from intermediate.int_episodes_stitched
            group by all
            """
        )
        == []
    )


def check_nobody_is_lost(scratch: Scratch, rows: list[Row]) -> None:
    """A child with a usable row has a history, and nobody else has."""
    returned, stitched, periods = (
        scratch.ask(f"select distinct la_code, child_key from intermediate.{model} order by all")
        for model in (
            "int_episodes_returned where account = 'latest'",
            "int_episodes_stitched",
            "int_periods_of_care",
        )
    )
    assert returned == stitched == periods


def history(scratch: Scratch, rows: list[Row], order: random.Random | None = None) -> list[Any]:
    scratch.stitch(rows, order)
    return [
        sorted(scratch.ask(question), key=repr)
        for question in (
            "select * from intermediate.int_episodes_stitched",
            "select * from intermediate.int_periods_of_care",
            "select * exclude (file_id, row_number, line_number) from quality.episode_repairs",
        )
    ]


def check_order(scratch: Scratch, rows: list[Row], seed: int) -> None:
    """The order in which returns, and rows in them, arrive changes nothing."""
    told = [history(scratch, rows, order) for order in (None, random.Random(seed))]
    assert told[0] == told[1]


def check_what_changes_nothing(scratch: Scratch, rows: list[Row]) -> None:
    """Neither a row told again in its return, nor a delivery that has been replaced, nor the
    other authority changes the history of a child."""
    *whole, _ = history(scratch, rows)
    *once, _ = history(scratch, list(dict.fromkeys(standing(rows))))
    assert once == whole
    alone = [
        history(scratch, [row for row in rows if row.la == la])
        for la in AUTHORITIES
        if any(row.la == la for row in rows)
    ]
    for number, told in enumerate(whole):
        assert sorted((row for one in alone for row in one[number]), key=repr) == told


CHECKS = [check_repairs, check_overlaps, check_fates, check_periods, check_nobody_is_lost]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__doc__.split(":")[0].rstrip("."))
@SLOWLY
@given(seed=st.integers(0, 2**32))
def test_of_hundreds_of_children(
    scratch: Scratch, check: Callable[[Scratch, list[Row]], None], seed: int
) -> None:
    rows = many_children(seed)
    scratch.stitch(rows)
    check(scratch, rows)


@settings(SLOWLY, max_examples=40)
@given(rows=some_rows)
def test_whatever_a_few_rows_say_history_holds(scratch: Scratch, rows: list[Row]) -> None:
    scratch.stitch(rows)
    for check in CHECKS:
        check(scratch, rows)


@settings(SLOWLY, max_examples=8)
@given(rows=some_rows, seed=st.integers(0, 99))
def test_neither_order_nor_repetition_of_a_few_rows_changes_history(
    scratch: Scratch, rows: list[Row], seed: int
) -> None:
    check_order(scratch, rows, seed)
    check_what_changes_nothing(scratch, rows)


@settings(SLOWLY, max_examples=2)
@given(seed=st.integers(0, 2**32))
def test_neither_order_nor_repetition_of_many_rows_changes_history(
    scratch: Scratch, seed: int
) -> None:
    rows = many_children(seed, children=150)
    check_order(scratch, rows, seed)
    check_what_changes_nothing(scratch, rows)


def test_the_made_up_returns_need_every_repair(scratch: Scratch) -> None:
    """Or else the tests above would say little."""
    scratch.stitch(many_children(seed=1))
    needed = scratch.ask("select repair_code from quality.episode_repairs group by all")
    rules = scratch.ask("select repair_code from reference.episode_repair_rules")
    assert sorted(needed) == sorted(rules)
