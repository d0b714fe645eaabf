"""Children who are planted in a drop folder are found where personal data belongs, and in
nothing else that a command says, writes or leaves: every byte is searched after each of them."""

import gzip
import logging
import os
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import pytest

from flows.audit import TELLING_NAME, name_at_the_door
from flows.land.delivery import pseudonym
from flows.settings import HOUSE, Settings
from tests import planted
from tests.corpus.workbooks import book
from tests.planted import (
    CHILDREN,
    HOMES,
    KEY,
    LA,
    NEW_KEY,
    WORD,
    Search,
    deliver,
    episode,
    table,
)  # fmt: skip

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc and Ctrl-C are Linux's")

GONE = f"{LA}/ssda903/2010/vanishing.csv"
WITHDRAWN = f"{LA}/ssda903/2010/withdrawn.csv"
ERASED = CHILDREN[0]


@dataclass
class Done:
    """A command that has ended: what it said, and where a planted child was found after it."""

    words: str
    code: int
    said: str
    leaks: list[str]


@dataclass
class Place:
    """A drop folder of planted children, a home, and a user's shell whose every folder is
    searched: where they stand, their own home, and where what is temporary goes."""

    folder: Path
    search: Search
    done: list[Done] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # where children were found in the archive
    inside: list[str] = field(default_factory=list)  # ... and in the warehouse
    warned: list[tuple[str, int]] = field(default_factory=list)  # of a telling name
    seen: set[str] = field(default_factory=set)  # command lines of all that ran meanwhile

    @property
    def settings(self) -> Settings:
        return Settings(self.folder / "drop", False, self.folder / "home", LA, KEY.encode())

    @property
    def exports(self) -> Path:
        return self.folder / "exports"

    @property
    def shell(self) -> Path:
        return self.folder / "shell"

    def cyp(self, *words: str, wrong: str = "", told: str = "", until: str | None = None) -> Done:
        """Run a command as a user does, `told` on its standard input, with something that goes
        wrong; or until a line of it begins so, when Ctrl-C is pressed."""
        module = ["tests.harmed", wrong] if wrong else ["flows.cli"]
        worked = _worked()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with self._watched():
            process = subprocess.Popen(
                [sys.executable, "-m", *module, *words],
                cwd=self.shell,
                env=self._environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(told)
            process.stdin.close()
            said = ""
            for line in process.stdout:
                said += line
                if until and line.startswith(until):
                    time.sleep(0.5)
                    os.killpg(process.pid, signal.SIGINT)
                    until = None
            code = process.wait()
        done = Done(f"{wrong} {' '.join(words)}".strip(), code, said, self._leaks(said))
        self.done.append(done)
        print(f"$ cyp {done.words}\n{said}exit {code}, {_worked() - worked:.1f} CPU s\n")
        return done

    def _environment(self) -> dict[str, str]:
        kept = {
            name: text
            for name, text in os.environ.items()
            if not name.startswith(("CYP_", "PREFECT_"))
        }
        return kept | {
            "CYP_HOME": str(self.settings.home),
            "CYP_EXTRACTS": str(self.settings.extracts),
            "CYP_LA": LA,
            "CYP_KEY": KEY,
            "HOME": str(self.shell),
            "TMPDIR": str(self.shell),
            "PYTHONPATH": str(HOUSE),
        }

    def _leaks(self, said: str) -> list[str]:
        home = self.settings.home
        own = (
            self.settings.warehouse,
            self.settings.archive,
            Path(f"{self.settings.warehouse}.wal"),
        )
        return [
            *(f"said: {kind}" for kind in self.search.in_text(said)),
            *(f"home: {found}" for found in self.search.in_folder(home, own)),
            *(f"shell: {found}" for found in self.search.in_folder(self.shell)),
            *(f"a process: {kind}" for kind in self.search.in_text("\n".join(self.seen))),
        ]

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Every user of the machine sees the command lines of what runs."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(0.2):
                for place in Path("/proc").glob("[0-9]*/cmdline"):
                    with suppress(OSError):
                        self.seen.add(place.read_bytes().replace(b"\0", b" ").decode("latin-1"))

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()


def _worked() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, parsed: None) -> Place:
    """What happens to them: a night on which much is wrong, every command that tells of it, an
    audit and a build that fail on a child's value, Ctrl-C, and what is forgotten."""
    folder = tmp_path_factory.mktemp("planted")
    for name in ("exports", "shell"):
        (folder / name).mkdir()
    place = Place(folder, Search.of(pseudonyms(KEY) + pseudonyms(NEW_KEY)))
    deliver(planted.good() | planted.wrong(), place.settings.extracts)
    whole = table(planted.EPISODES, episode(CHILDREN[0]), episode(CHILDREN[1]))
    deliver({GONE: whole}, place.settings.extracts)
    place.cyp("refresh", wrong="no_column_tests,vanishing,examined_badly")
    place.kept = place.search.in_folder(place.settings.archive)
    place.inside = place.search.in_file(place.settings.warehouse, "warehouse")
    with duckdb.connect(str(place.settings.warehouse), read_only=True) as warehouse:
        place.warned = warehouse.execute(
            "select relation, rows_unexpected from quality.findings "
            "where expectation = 'expect_file_name_to_hold_no_identifier'"
        ).fetchall()
    place.cyp("status")
    place.cyp("doctor")
    place.cyp("quarantine", "--export", str(place.exports / "rows.csv"))
    place.cyp("quarantine", "--conversions", "--export", str(place.exports / "values.csv"))
    place.cyp("validate", "--out", str(place.exports / "mend.xlsx"))
    place.cyp("validate", "--out", "-")
    place.cyp("figures")
    place.cyp("docs")
    _spoil_a_mart(place.settings)
    place.cyp("publish")
    with _a_broken_table(place.settings):
        place.cyp("build", wrong="two_nodes")
    deliver(
        {
            WITHDRAWN: whole,
            f"{LA}/ssda903/2011/episodes.csv": table(
                planted.EPISODES, *(episode(child, 1) for child in CHILDREN[:50])
            ),
        },
        place.settings.extracts,
    )
    place.cyp("refresh", until="build ")
    place.cyp("forget", WITHDRAWN, wrong="nothing_built")
    place.cyp("forget", "--child", wrong="nothing_built", told=f"{ERASED}\n")
    new_key = place.exports / "new.key"
    new_key.write_text(NEW_KEY)
    new_key.chmod(0o600)
    place.cyp("rotate-key", "--to", str(new_key), wrong="nothing_built")
    place.cyp("log")
    return place


def pseudonyms(key: str) -> list[str]:
    return [pseudonym(key.encode(), LA, child) for child in CHILDREN]


def _spoil_a_mart(settings: Settings) -> None:
    with duckdb.connect(str(settings.warehouse)) as warehouse:
        warehouse.execute(
            "update published.indicator_scorecard set indicator_name = ?, unit = ?",
            [f"Visits to {HOMES[0]}", pseudonym(settings.key, LA, CHILDREN[0])],
        )
        warehouse.execute(f"update published.indicator_scorecard set direction_of_good = '{WORD}'")


@contextmanager
def _a_broken_table(settings: Settings) -> Iterator[None]:
    """A landed table that the engine breaks on, quoting what it broke on, and a ledger that is
    wrong, so that a data test fails."""
    with duckdb.connect(str(settings.warehouse)) as warehouse:
        warehouse.execute("alter table landing.ssda903__headers rename to kept")
        warehouse.execute(
            "create view landing.ssda903__headers as select * replace "
            "(cast(cast(sex as integer) as varchar) as sex) from landing.kept"
        )
        warehouse.execute("update quality.extract_ledger set rows_loaded = rows_loaded + 1")
    yield
    with duckdb.connect(str(settings.warehouse)) as warehouse:
        warehouse.execute("drop view landing.ssda903__headers")
        warehouse.execute("alter table landing.kept rename to ssda903__headers")


def after(place: Place, words: str) -> Done:
    """The only command that ends with these words."""
    (done,) = [done for done in place.done if done.words.endswith(words)]
    return done


def test_no_planted_child_is_found_where_none_may_be(place: Place) -> None:
    found = {done.words: done.leaks for done in place.done if done.leaks}
    assert found == {}


def test_the_planted_children_are_found_where_they_may_be(place: Place) -> None:
    """Or else the test above would say nothing."""
    kinds = {found.split(": ")[-1] for found in place.kept}
    assert kinds >= {
        "an identifier, name or note", "a pupil number", "a placement's number",
        "a social worker", "a property", "a postcode", "a date",
    }  # fmt: skip
    assert {found.split(": ")[-1] for found in place.inside} == kinds | {"a pseudonym"}
    tables = {found.partition("(")[2].partition(")")[0] for found in place.inside}
    assert tables >= {"quality.quarantine", "core.dim_children", "core.fct_episodes"}
    for export in ("rows.csv", "values.csv"):
        assert place.search.in_file(place.exports / export, export)


def test_what_was_to_go_wrong_went_wrong(place: Place) -> None:
    """And of what was let in, something was published."""
    night = after(place, "examined_badly refresh")
    assert night.code == 1
    for name in planted.wrong():
        assert f"land      REFUSED {name}" in night.said, name
    assert "ValueError at tests/harmed.py" in night.said
    assert "it was there and is gone" in night.said
    assert re.search(r"^publish   \d+ marts", night.said, re.MULTILINE)
    assert looked_after(place.settings) > 40
    said = after(place, "rows.csv").said
    assert "No child identifier" in said
    assert "Start date that is no date" in said
    assert "Code that the code set does not hold" in after(place, "values.csv").said
    stopped = after(place, "publish")
    assert (stopped.code, "The audit stopped publication" in stopped.said) == (1, True)
    failed = after(place, "two_nodes build")
    assert failed.code == 1
    assert "int_children_settled" in failed.said
    assert "every_delivered_row_is_accounted_for" in failed.said
    interrupted, *forgotten, rotated, logged = place.done[-5:]
    assert (interrupted.code, "Stopped." in interrupted.said) == (1, True)
    for done in forgotten:
        assert "gone from landing, archive and everything built" in done.said
    with duckdb.connect(str(place.settings.warehouse), read_only=True) as warehouse:
        keys = warehouse.execute("select _child_key from landing.ssda903__headers").fetchall()
    assert {key for (key,) in keys} <= set(pseudonyms(NEW_KEY)), rotated.said
    assert (logged.code, "the chain holds" in logged.said) == (0, True)
    assert any("flows.run_dbt" in line for line in place.seen)
    assert any("prefect" in line for line in place.seen)


def test_a_refresh_runs_in_prefect_and_ends_red_when_files_are_refused_and_the_rest_goes_on(
    place: Place,
) -> None:
    """The product's own path: the flow, a temporary server, artifacts and an exit code."""
    night = after(place, "examined_badly refresh")
    assert night.code == 1
    assert "RED: 18 files were refused" in night.said
    assert str(place.settings.published) in night.said
    assert "Traceback" not in night.said
    runs = _prefect(place.settings, "select name, state_type from flow_run order by created")
    assert runs[0][0].startswith("night 20")
    assert runs[0][1] == "FAILED"
    tasks = set(_prefect(place.settings, "select name, state_type from task_run"))
    refused = next(iter(planted.wrong()))
    assert {(f"land {refused}", "FAILED"), ("publish", "COMPLETED")} <= tasks
    keys = {key for (key,) in _prefect(place.settings, "select key from artifact")}
    assert keys == {
        "night", "landed", "refused", "differences", "published", "findings", "durations",
    }  # fmt: skip


def _prefect(settings: Settings, query: str) -> list[tuple[str, ...]]:
    with sqlite3.connect(settings.home / "prefect" / "prefect.db") as database:
        return database.execute(query).fetchall()


def test_a_file_that_is_named_after_a_child_who_is_in_it_is_warned_of(place: Place) -> None:
    assert place.warned == [("ssda903__missing", 1)]
    pages = list((place.settings.docs / "data_docs").glob("in-ssda903-missing-the-file-s-name-*"))
    assert [TELLING_NAME in page.read_text() for page in pages] == [True]


@pytest.mark.parametrize(
    ("name", "child", "is_telling"),
    [
        ("return of zz-c12345.csv", "ZZ-C12345", True),
        ("a/return of 1234567890.csv", "1234567890", True),
        ("return of 2011.csv", "2011", False),  # too short to be nobody else's
        ("return.csv", "RETURNS", False),
        ("return.csv", "", False),
    ],
)
def test_a_name_tells_of_a_child_when_it_holds_what_is_nobody_elses(
    name: str, child: str, is_telling: bool
) -> None:
    with duckdb.connect() as connection:
        connection.execute("create table staged as select ? as child, 'x' as dob", [child])
        found = name_at_the_door(connection, "ssda903__missing", "staged", "f1", name)
        assert [finding.rows_unexpected for finding in found] == [1] * is_telling
        connection.execute("alter table staged drop child")
        assert name_at_the_door(connection, "postcodes__postcodes", "staged", "f1", name) == []


def test_a_night_that_cannot_begin_repeats_nothing_that_an_engine_said(
    tmp_path: Path,
    environment: Callable[[Settings], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Prefect keeps what a flow ends with."""
    environment(Settings(tmp_path, False, tmp_path.with_name("home"), LA, KEY.encode()))
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    from flows import nightly

    def begin(*_: object, **__: object) -> None:
        duckdb.sql(f"select cast('{CHILDREN[0]}' as integer)").fetchall()

    monkeypatch.setattr(nightly, "run_night", begin)
    monkeypatch.setattr(nightly, "get_run_logger", lambda: logging.getLogger("nobody"))
    state = nightly.nightly.fn()
    assert state.is_failed()
    assert str(state.message).startswith("ConversionException at tests/test_leaks.py:")
    assert WORD not in repr(state)


def looked_after(settings: Settings) -> int:
    """How many of the planted children are counted in what is published."""
    with duckdb.connect(str(settings.published / "cyp.duckdb"), read_only=True) as marts:
        return marts.execute(
            "select max(children) from published.children_rates where measure = 'looked_after'"
        ).fetchall()[0][0]


# ---- the search itself -------------------------------------------------------------------------

TEXT = f"a line about {WORD}0001"


def _sqlite(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("create table run (message text, told blob)")
        database.execute("insert into run values (?, null)", [TEXT])
    database.close()


def _sqlite_overflowing(path: Path) -> None:
    """A cell that no page holds whole: in the bytes, the word is torn asunder."""
    with sqlite3.connect(path) as database:
        database.execute("create table run (message text)")
        for length in range(4000, 4200):
            database.execute("insert into run values (?)", ["." * length + TEXT + "." * 9000])
    database.close()


def _duckdb(*statements: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with duckdb.connect(str(path)) as database:
            for statement in statements:
                database.execute(statement)

    return write


def _parquet(query: str) -> Callable[[Path], None]:
    return lambda path: duckdb.sql(f"copy ({query}) to '{path}' (format parquet, compression zstd)")


def _bytes(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


MANY = f"select 'a line about ' || range || ' {WORD}' as told from range(100000)"
DAY = date(1907, 3, 11)
# A kind of place -> how one value is put into it.
PLACES: dict[str, Callable[[Path], object]] = {
    "cyp.log": _bytes(f"an error in {TEXT}\n".encode()),
    "small letters.log": _bytes(TEXT.lower().encode()),
    "wide.log": _bytes(TEXT.encode("utf-16-le")),
    "widest.log": _bytes(TEXT.encode("utf-16-be")),
    "in a value.json": _bytes(b'{"message": "bmVhciBaWlBMQU5UMDAwMQ=="}'),
    "day.json": _bytes(b'{"day": "1907-03-11T00:00:00"}'),
    "compact.json": _bytes(b"19070311"),
    "moment.json": _bytes(str((DAY - date(1970, 1, 1)).days * 86_400_000).encode()),
    "serial.csv": _bytes(b"township,day\nNorth,2627\n"),
    "home.html": _bytes(b"<td>zz99za</td>"),
    "address.html": _bytes(b"<a href='?postcode=ZZ9%209ZA'>"),
    "key.json": _bytes(KEY.encode().hex().encode()),
    "pseudonym.msgpack": _bytes(
        b"\x81\xa3key\xb4" + pseudonym(KEY.encode(), LA, CHILDREN[7]).encode()
    ),
    "copy.csv.gz": _bytes(gzip.compress(TEXT.encode())),
    "copy of a copy.gz": _bytes(gzip.compress(gzip.compress(TEXT.encode()))),
    "table.xlsx": _bytes(book(["a", "b"], [1, TEXT])),
    "sheet.xlsx": _bytes(book(["a"], [1], bend=lambda made: made.create_sheet(f"{WORD}"))),
    "runs.db": _sqlite,
    "overflowing.db": _sqlite_overflowing,
    "rows.duckdb": _duckdb(f"create table t as {MANY}"),
    "comment.duckdb": _duckdb("create table t (a int)", f"comment on column t.a is '{TEXT}'"),
    "table comment.duckdb": _duckdb("create table t (a int)", f"comment on table t is '{TEXT}'"),
    "column.duckdb": _duckdb(f'create table t ("{WORD}" int)'),
    "view.duckdb": _duckdb(f"create view v as select '{WORD}' as a"),
    "days.duckdb": _duckdb("create table t as select date '1907-03-11' as a from range(3)"),
    "serials.duckdb": _duckdb("create table t as select -22942 as a from range(3)"),
    "rows.parquet": _parquet(MANY),
    "days.parquet": _parquet("select date '1907-03-11' as a"),
    "column.parquet": _parquet(f'select 1 as "{WORD}"'),
    f"named {WORD}.csv": _bytes(b"a,b\n"),
    f"{WORD}/nothing.csv": _bytes(b"a,b\n"),
}


def test_the_search_finds_a_value_in_each_kind_of_place(tmp_path: Path) -> None:
    search = Search.of(pseudonyms(KEY))
    for name, put in PLACES.items():
        path = tmp_path / "found" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        put(path)
    found = "\n".join(search.in_folder(tmp_path / "found"))
    missed = [name for name in PLACES if f"{name}" not in found]
    assert missed == []
    for clean in ("cyp.log", "rows.duckdb", "rows.parquet", "runs.db"):
        path = tmp_path / "clean" / clean
        path.parent.mkdir(exist_ok=True)
        {
            "cyp.log": _bytes(b"332/ssda903/2011/episodes.csv: 60 rows, 11/03/2011"),
            "rows.duckdb": _duckdb("create table t as select 'E05001236' as ward, 12 as children"),
            "rows.parquet": _parquet("select 'E05001236' as ward, 12 as children"),
            "runs.db": lambda path: sqlite3.connect(path).execute("create table t (a)"),
        }[clean](path)
    assert search.in_folder(tmp_path / "clean") == []


def test_the_search_finds_a_value_in_a_log_of_a_database_that_is_not_written_home_yet(
    tmp_path: Path,
) -> None:
    search = Search.of([])
    database = sqlite3.connect(tmp_path / "prefect.db")
    database.execute("pragma journal_mode=wal")
    database.execute("create table log (message text)")
    database.execute("insert into log values (?)", [TEXT])
    database.commit()
    assert any("prefect.db (log)" in found for found in search.in_folder(tmp_path))
    database.close()
