"""Kill a refresh at random moments, and see that nothing of it is to be seen.

    python -m benchmarks.crash [--kills 200] [--seed 1] [--prefect 0.15] [--narrow]
                               [--folder FOLDER]

A change is delivered, and a night that takes it in is killed (kill -9) one to nine times, each
at a moment drawn evenly from the measured length of a night; then a night runs undisturbed.
Nothing is done by hand in between. A second home takes in the same deliveries and is never
killed: after each completed night every published cell, the ledger, the landed rows and the
archive must be the same in both. All the while a reader opens what is published, over and over,
and holds every file against the data package of its version.

Most kills take the night's whole process group; one in four takes only the night itself, as
the system does that is out of memory, and its children are left to themselves. A share of the
nights is `cyp refresh` as a user starts it, with Prefect's temporary server; the others run the
same night plainly, in a process that has its imports done, so that more of the time that is
killed in is the night's own. The deliveries are the bundled sample cut down (one child in
six, the last two returns, the last census, every other source), because a short night can be
killed more often, and every stage and every mart is still in it.

With --narrow each night's dbt builds only what tells of the deliveries, up to the mart that
leaves, and no test of a column, which writes nothing; and of the marts only that and another leave:
a night of a third of the length, with every stage.
With --folder a run that was stopped is taken up where it stopped. Linux only.
"""

import argparse
import csv
import json
import os
import random
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zlib import crc32

import duckdb

from benchmarks.place import folder_of, machine
from flows import tether
from flows.settings import HOUSE

LA_CODE = "332"
KEY = "a key for killed nights"
PATIENCE = 900.0  # seconds after which a night counts as one that hangs

# Which of the sample's files are delivered; those of one year change with every delivery.
LAST = 2011
SSDA903 = ("episodes.csv", "header.csv", "uasc.csv")
CHANGING = ("ssda903/2011/episodes.csv", "ssda903/2011/header.csv")
CHANGING_CENSUS = "cin_census/2011/cin_census_2011.xml"
# What dbt is told of a narrow night, once all stands.
NARROW = (
    "--exclude", "test_type:generic", "path:seeds", "path:models/staging",
    "path:models/intermediate", "path:models/marts", "path:models/validation", "rule_summary_safe+",
    "conversions", "episode_repairs", "priority_lsoas", "area_outlines", "referral_differences",
    "region_members+",  # of one authority there is none
    *(f"{name}_safe+" for name in (
        "children_rates", "comparator_rates", "first_episode_profile", "time_in_care",
        "township_profile", "ward_profile", "indicator_scorecard", "star_figures",
    )),
)  # fmt: skip
# The marts that leave on a narrow night: what it builds, and one that stays as it was.
FEW = ("data_quality_summary", "indicator_scorecard")
BEFORE_BUILT = ("start", "prefect", "land", "build")
PLAN_OF_CHANGES = 17  # after as many deliveries the first comes again


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--prefect", type=float, default=0.15, help="share of real cyp refresh")
    parser.add_argument("--narrow", action="store_true", help="dbt builds little of what is new")
    parser.add_argument("--folder", type=Path, help="kept, and taken up again")
    options = parser.parse_args()
    with folder_of(options.folder, "crash") as folder:
        extra = NARROW if options.narrow else ()
        trial = Trial.at(folder, options.seed, options.prefect, extra=extra)
        with trial:
            while trial.kills < options.kills:
                trial.round(min(trial.chance.randint(1, 9), options.kills - trial.kills))
                print(trial.line, file=sys.stderr, flush=True)
        print(f"{machine()}; seed {options.seed}\n\n{trial.summary}")
    sys.exit(1 if trial.failures else 0)


# ---- what is delivered -------------------------------------------------------------------------


def is_told(child: str, one_in: int) -> bool:
    return crc32(child.encode()) % one_in == 0


def is_left_out(child: str, delivery: int) -> bool:
    """Every delivery leaves out another of seventeen parts of the children."""
    return crc32(child.encode()[::-1]) % PLAN_OF_CHANGES == delivery % PLAN_OF_CHANGES


class Drop:
    """The drop folder: a cut of the bundled sample, some files of which change."""

    def __init__(self, folder: Path, one_in: int = 6) -> None:
        self.folder = folder / LA_CODE
        self.kept = folder.with_name("sample") / LA_CODE
        self.one_in = one_in

    def fill(self) -> None:
        from flows import sample

        with tempfile.TemporaryDirectory() as place:
            for path in sample.write(Path(place)):
                name = path.relative_to(Path(place) / LA_CODE)
                source, year = name.parts[:2]
                if source == "ssda903" and (int(year) < LAST - 1 or name.name not in SSDA903):
                    continue
                if source == "cin_census" and int(year) < LAST:
                    continue
                if source == "population" and int(year) < LAST - 1:
                    continue
                text = self._cut(name.as_posix(), path.read_text(encoding="utf-8"))
                for home in (self.kept, self.folder):
                    (home / name).parent.mkdir(parents=True, exist_ok=True)
                    (home / name).write_text(text, encoding="utf-8")

    def deliver(self, delivery: int) -> None:
        """Lay the changed files into the folder, each at a stroke."""
        for name in CHANGING:
            head, *rows = (self.kept / name).read_text(encoding="utf-8").splitlines()
            told = [row for row in rows if not is_left_out(row.split(",")[0], delivery)]
            self._put(name, "\n".join([head, *told, ""]))
        if delivery % 3:  # a census is the longest to land
            return
        census = (self.kept / CHANGING_CENSUS).read_text(encoding="utf-8")
        self._put(
            CHANGING_CENSUS,
            _without(census, lambda child: is_left_out(child, delivery)),
        )

    def _put(self, name: str, text: str) -> None:
        part = self.folder / f".{Path(name).name}.part"
        part.write_text(text, encoding="utf-8")
        os.replace(part, self.folder / name)

    def _cut(self, name: str, text: str) -> str:
        if name.startswith("cin_census"):
            return _without(text, lambda child: not is_told(child, self.one_in))
        if name.startswith(("ssda903", "addresses")):
            head, *rows = text.splitlines()
            kept = [row for row in rows if is_told(row.split(",")[0], self.one_in)]
            return "\n".join([head, *kept, ""])
        return text


def _without(census: str, is_out: Any) -> str:
    def child(found: re.Match[str]) -> str:
        identifier = re.search(r"<LAchildID>([^<]*)<", found[0])
        return "" if identifier and is_out(identifier[1]) else found[0]

    return re.sub(r"\n *<Child>.*?</Child>", child, census, flags=re.DOTALL)


# ---- the nights --------------------------------------------------------------------------------

# Has its imports done, then does each piece of work that it is asked for in a process of its own,
# which leads a group of its own; its dbt is forked from it, for the same reason. Says the process's
# id, and how it ended when it has. What dbt is to be told besides comes with each.
NURSERY = """
import os, sys
from importlib import import_module
import benchmarks.loaded, great_expectations, numpy
from benchmarks.crash import FORKED, narrow
from flows import audit, build, collector, night
collector.seldom()
audit._whole_frame()
build.subprocess = FORKED
for line in sys.stdin:
    work, home, said, *extra = line.rstrip("\\n").split("\\t")
    child = os.fork()
    if child == 0:
        narrow(extra)
        os.setsid()
        os.close(0)
        os.environ["CYP_HOME"] = home
        out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(out, 1)
        os.dup2(out, 2)
        code = 2
        try:
            module, _, name = work.rpartition(".")
            code = getattr(import_module(module), name)()
        except BaseException as error:
            print(type(error).__name__, error, flush=True)
        finally:
            os._exit(code)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def one_night() -> int:
    """What the nursery does unless it is asked for something else."""
    from flows.night import run_night
    from flows.settings import Settings

    told = run_night(Settings.from_environment(), report=lambda line: print(line, flush=True))
    print(told.sentence, flush=True)
    return int(told.is_red)


# `cyp refresh`, whose dbt is told the same as a plain night's: or it would build what the home that
# is never killed does not.
REFRESH = """
import sys
from benchmarks.crash import narrow
from flows import cli
narrow([sys.argv.pop() for _ in sys.argv[2:]][::-1])
cli.main()
"""


def narrow(extra: Sequence[str]) -> None:
    """In a night's own process: what dbt is told besides, and that few marts leave."""
    if extra:
        from flows import build, manifest

        dbt, public_models = build.dbt, manifest._public_models
        build.dbt = lambda settings, *words, **options: dbt(settings, *words, *extra, **options)
        manifest._public_models = lambda *asked: [
            model for model in public_models(*asked) if model.name in FEW
        ]


class Forked:
    """Of Popen as much as flows.build asks for, of a night that has dbt loaded: dbt as a child, on
    its tether and in the night's group."""

    def __init__(self, command: list[str], *, env: dict[str, str], cwd: Path, **_: Any) -> None:
        held, self.tether = os.pipe()
        said, out = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            for old, new in ((held, 0), (out, 1), (out, 2)):
                os.dup2(old, new)
            tracker = resource_tracker.getfd()  # of multiprocessing, which expects it open
            os.closerange(3, tracker)  # the lock among them
            os.closerange(tracker + 1, os.sysconf("SC_OPEN_MAX"))
            threading.Thread(target=tether.go_with_the_parent, daemon=True).start()
            os._exit(run_dbt(command, env, cwd))
        os.close(held)
        os.close(out)
        self.stdout = os.fdopen(said, errors="replace")
        self.code: int | None = None

    def wait(self) -> int:
        if self.code is None:
            self.code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.code

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def __enter__(self) -> "Forked":
        return self

    def __exit__(self, *_: object) -> None:
        self.stdout.close()
        os.close(self.tether)
        self.wait()


def run_dbt(command: list[str], env: dict[str, str], cwd: Path) -> int:
    """What a tethered command runs, in a process that was forked for it and has dbt loaded."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    from benchmarks import loaded
    from flows import run_dbt

    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    words = command[len(tether.command("flows.run_dbt")) :]
    try:
        return run_dbt.main(words, loaded.parsed_for(words))
    finally:  # as when Python ends
        DuckDBConnectionManager.close_all_connections()


FORKED = SimpleNamespace(Popen=Forked, PIPE=subprocess.PIPE, STDOUT=subprocess.STDOUT)


def environment(drop: Path, home: Path) -> dict[str, str]:
    kept = {
        name: text for name, text in os.environ.items() if not name.startswith(("CYP_", "PREFECT_"))
    }
    return {
        **kept,
        "CYP_HOME": str(home),
        "CYP_EXTRACTS": str(drop),
        "CYP_KEY": KEY,
        "PYTHONPATH": str(HOUSE),
    }


class Nursery:
    """Starts plain nights quickly; one at a time."""

    def __init__(self, drop: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", NURSERY],
            cwd=HOUSE,
            env=environment(drop, drop),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, work: str, home: Path, said: Path, *extra: str) -> int:
        assert self.process.stdin
        self.process.stdin.write("\t".join([work, str(home), str(said), *extra]) + "\n")
        self.process.stdin.flush()
        return int(self._line())

    def wait(self) -> int:
        return int(self._line())

    def _line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline()

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=60)


@dataclass
class Ended:
    """How a night ended: its exit code (-9 where it was killed), where it stood, how long, and the
    file of what it said."""

    code: int
    stage: str
    seconds: float
    last_line: str
    said: Path


class Nights:
    """Runs nights in homes that share a drop folder, plainly or as `cyp refresh`."""

    def __init__(self, drop: Path) -> None:
        self.drop = drop
        self.nursery = Nursery(drop)
        self.sessions: set[int] = set()  # each night leads one

    def run(
        self,
        home: Path,
        *,
        in_prefect: bool = False,
        kill_after: float | None = None,
        is_group: bool = True,
        extra: tuple[str, ...] = (),
        work: str = "benchmarks.crash.one_night",
    ) -> Ended:
        said = home.with_name(f"{home.name}.said")
        said.write_text("")  # before the child makes it
        started = time.monotonic()
        if in_prefect:
            with said.open("w") as out:
                refresh = subprocess.Popen(
                    [sys.executable, "-c", REFRESH, "refresh", *extra],
                    cwd=HOUSE,
                    env=environment(self.drop, home),
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    start_new_session=True,
                )
            pid = refresh.pid
        else:
            pid = self.nursery.start(work, home, said, *extra)
        self.sessions.add(pid)
        _kill_at(pid, started + (PATIENCE if kill_after is None else kill_after), is_group)
        code = refresh.wait() if in_prefect else self.nursery.wait()
        seconds = time.monotonic() - started
        lines = [line for line in said.read_text(errors="replace").splitlines() if line.strip()]
        return Ended(code, _stage(lines), seconds, lines[-1] if lines else "", said)

    def close(self) -> None:
        self.nursery.close()


def _kill_at(pid: int, moment: float, is_group: bool) -> None:
    with suppress(ProcessLookupError):  # it may have ended
        ended = os.pidfd_open(pid)
        try:
            has_ended, _, _ = select.select([ended], [], [], max(0.0, moment - time.monotonic()))
        finally:
            os.close(ended)
        if not has_ended:
            (os.killpg if is_group else os.kill)(pid, signal.SIGKILL)


def lives(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has waited for does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def _stage(lines: list[str]) -> str:
    """The stage that the last line announces; a line is told when a stage ends or begins."""
    stages = ("land", "build", "audit", "publish", "docs", "prefect")
    told = [line.split(maxsplit=1)[0] for line in lines]
    return next((word for word in reversed(told) if word in stages), "start")


def left_alive(home: Path, sessions: Collection[int] = ()) -> list[int]:
    """Processes that still work for a home, or belong to the nights that led these sessions."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            told = (place / "environ").read_bytes() + (place / "cmdline").read_bytes()
            session = int((place / "stat").read_text().rpartition(")")[2].split()[3])
            is_its = f"CYP_HOME={home}\0".encode() in told or session in sessions
            if is_its and lives(int(place.name)):
                found.append(int(place.name))
    return found


def leftovers(home: Path) -> list[str]:
    """What should not be there after a night: things made aside, and versions beyond two."""
    found = [
        *home.glob(".*.part"),
        *home.glob(".publishing-*"),
        *(home / "archive").glob(".landing-*"),
        *(home / "nights").glob(".*"),
        *(home / "docs").glob(".*"),
        *(home / "docs" / "validations").glob(".*"),
        *(home / "scratch").glob("*"),
        *home.glob("build.unfinished"),
        *sorted((home / ".published").iterdir())[:-2],
        *sorted((home / ".partners").iterdir())[:-2],
    ]
    return [path.relative_to(home).as_posix() for path in found]


# ---- the reader --------------------------------------------------------------------------------


def look(published: Path) -> str:
    """Read a published version as a careful reader does, who finds out once which it is, and
    hold every file against its data package. Returns the version; raises Torn."""
    version = published.resolve(strict=True)
    package = json.loads((version / "datapackage.json").read_text(encoding="utf-8"))
    rows = {}
    for resource in package["resources"]:
        path = version / resource["path"]
        if path.stat().st_size != resource["bytes"]:
            raise Torn(f"{resource['path']} is not as long as the package says")
        digest = hashlib_of(path)
        if f"sha256:{digest}" != resource["hash"]:
            raise Torn(f"{resource['path']} is of another version than the package")
        if "rowCount" in resource:
            rows[path.stem] = resource["rowCount"]
    if not rows:
        raise Torn("no mart is published")
    with duckdb.connect(str(version / "cyp.duckdb"), read_only=True) as connection:
        for mart, number in rows.items():
            counts = {
                "table": _counted(connection, f"published.{mart}"),
                "Parquet file": _counted(connection, f"'{version / 'parquet' / mart}.parquet'"),
                "CSV file": _rows_of_csv(version / "csv" / f"{mart}.csv"),
            }
            for what, counted in counts.items():
                if counted != number:
                    raise Torn(f"{mart}'s {what} has {counted} rows, the package {number}")
    return version.name


def _counted(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    [(counted,)] = connection.execute(f"select count(*) from {relation}").fetchall()
    return int(counted)


def _rows_of_csv(path: Path) -> int:
    """DuckDB would guess each file's dialect first, which is most of what a look would cost."""
    csv.field_size_limit(1 << 30)  # an outline may be long
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def hashlib_of(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Torn(Exception):
    """What a reader should never see."""


READER = """
import os, sys, threading, time
from pathlib import Path
from benchmarks.crash import look
import duckdb

def go_with_the_parent():
    os.read(0, 1)
    os._exit(0)

threading.Thread(target=go_with_the_parent, daemon=True).start()
published, pause = Path(sys.argv[1]), float(sys.argv[2])
reads, versions = 0, set()
while True:
    try:
        duckdb.connect(str(published / "cyp.duckdb"), read_only=True).close()
        versions.add(look(published))
    except Exception as error:
        print("TORN", type(error).__name__, error, flush=True)
    reads += 1
    print(reads, len(versions), flush=True)
    time.sleep(pause)
"""


class Reader:
    """A process that reads what is published, over and over, until it is stopped."""

    def __init__(self, published: Path, said: Path, pause: float) -> None:
        self.said = said
        with said.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", READER, str(published), str(pause)],
                cwd=HOUSE,
                env={**os.environ, "PYTHONPATH": str(HOUSE)},
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=out,
            )

    def told(self) -> tuple[int, int, list[str]]:
        """Reads, versions seen, and whatever was torn."""
        lines = self.said.read_text(errors="replace").splitlines()
        counts = [line.split() for line in lines if re.fullmatch(r"\d+ \d+", line)]
        torn = [line for line in lines if not re.fullmatch(r"\d+ \d+", line)]
        reads, versions = map(int, counts[-1]) if counts else (0, 0)
        return reads, versions, torn

    def stop(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


# ---- what must be the same ---------------------------------------------------------------------


def told_by(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that two homes with the same deliveries must have in common: every published
    cell, the ledger but for its clock, what was found at the door, landed rows, the archive."""
    told: dict[str, list[tuple[Any, ...]]] = {}
    for place in ("published", "partners"):
        with duckdb.connect(str(home / place / "cyp.duckdb"), read_only=True) as connection:
            for (mart,) in connection.execute(
                "select table_name from duckdb_tables() where schema_name = 'published'"
            ).fetchall():
                told[f"{place}: {mart}"] = _sorted(connection, f"from published.{mart}")
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        told["the ledger"] = _sorted(
            connection, "select * exclude (landed_at) from landing.extract_files"
        )
        told["findings at the door"] = _sorted(
            connection,
            "select * exclude (run_id, found_at) from quality.findings where door = 'in'",
        )
        for (table,) in connection.execute(
            "select distinct table_name from information_schema.columns "
            "where table_schema = 'landing' and column_name = '_file_id'"
        ).fetchall():
            told[f"landing.{table}"] = _sorted(connection, f"from landing.{table}")
    told["the archive"] = sorted(
        (path.name,) for path in (home / "archive").rglob("*") if path.is_file()
    )
    return told


def _sorted(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return sorted(connection.execute(query).fetchall(), key=repr)


def differences(one: Path, other: Path) -> list[str]:
    """Names of what differs."""
    here, there = told_by(one), told_by(other)
    return sorted(name for name in here.keys() | there.keys() if here.get(name) != there.get(name))


# ---- the trial ---------------------------------------------------------------------------------


NOTED = (
    "rounds", "killed", "ways", "swept", "reads", "versions", "too_late", "torn", "failures",
)  # fmt: skip


@dataclass
class Trial:
    """Nights that are killed and nights that are not, and what came of it. `extra` is what dbt
    is told besides, once everything has been built."""

    folder: Path
    chance: random.Random
    prefect: float
    pause: float
    extra: tuple[str, ...]
    first: tuple[str, ...] = ()  # what it is told at the first night
    rounds: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)
    swept: Counter[str] = field(default_factory=Counter)
    reads: int = 0
    versions: int = 0
    too_late: int = 0
    torn: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    length: float = 0.0  # of the last night that took in a change in peace
    length_built: float = 0.0  # and of one that finds everything built
    start_of_prefect: float = 0.0  # that `cyp refresh` takes beside

    @classmethod
    def at(
        cls,
        folder: Path,
        seed: int,
        prefect: float,
        pause: float = 1.0,
        extra: tuple[str, ...] = (),
    ) -> "Trial":
        trial = cls(folder, random.Random(seed), prefect, pause, extra)
        if trial.record.exists():
            told = json.loads(trial.record.read_text(encoding="utf-8"))
            for name in ("killed", "ways", "swept"):
                setattr(trial, name, Counter(told.pop(name)))
            for name, value in told.items():
                setattr(trial, name, value)
            trial.chance = random.Random(f"{seed} {trial.rounds}")
        return trial

    @property
    def record(self) -> Path:
        return self.folder / "trial.json"

    @property
    def drop(self) -> Path:
        return self.folder / "drop"

    @property
    def home(self) -> Path:
        return self.folder / "killed"

    @property
    def calm(self) -> Path:
        return self.folder / "calm"

    @property
    def kills(self) -> int:
        return sum(self.killed.values())

    def __enter__(self) -> "Trial":
        self.nights = Nights(self.drop)
        self.before = (self.reads, self.versions, list(self.torn))
        if is_new := not self.record.exists():
            self._begin()
        self.reader = Reader(self.home / "published", self.folder / "reader", self.pause)
        if not is_new:  # it may have been stopped in the middle of a round
            self._calm()
            self._complete()
        if self.prefect:
            self._measure_prefect()
        return self

    def __exit__(self, *_: object) -> None:
        self.reader.stop()
        self._hear()
        self._note()
        self.nights.close()

    def _begin(self) -> None:
        for place in (self.drop, self.home, self.calm, self.drop.with_name("sample")):
            shutil.rmtree(place, ignore_errors=True)
        Drop(self.drop).fill()
        first = self.nights.run(self.home, extra=self.first)
        if first.code:
            sys.exit(f"The first night ended red, so there is nothing to kill: {first.last_line}")
        shutil.copytree(self.home, self.calm, symlinks=True)

    def _measure_prefect(self) -> None:
        """Two nights with nothing to do, one of them as `cyp refresh`."""
        plain = self._whole(self.calm, "a measured night")
        refresh = self._whole(self.calm, "a measured refresh", in_prefect=True)
        self.start_of_prefect = refresh.seconds - plain.seconds

    def round(self, kills: int) -> None:
        """A delivery, taken in in peace in one home; in the other some kills in a row, a night
        that completes, and the comparison."""
        self.rounds += 1
        Drop(self.drop).deliver(self.rounds)
        self._calm()
        length = self.length
        for _ in range(kills):
            in_prefect = self.chance.random() < self.prefect
            is_group = self.chance.random() < 0.75
            ended = self.nights.run(
                self.home,
                in_prefect=in_prefect,
                kill_after=self.chance.uniform(
                    0, length + (self.start_of_prefect if in_prefect else 0)
                ),
                is_group=is_group,
                extra=self.extra,
            )
            if ended.code != -signal.SIGKILL:
                self.too_late += 1
                if ended.code:
                    self._fail(f"a night after a kill: {ended.last_line}")
                self._compare()  # nobody came between: it is the night after
                return
            self.killed[ended.stage] += 1
            if ended.stage not in BEFORE_BUILT:  # from now on a night has nothing to build
                length = self.length_built
            way = "cyp refresh" if in_prefect else "plain night"
            self.ways[f"{way}, {'whole group' if is_group else 'parent only'}"] += 1
            self.swept.update(
                re.sub(r"-.*|[0-9a-fTZ]{16,}.*", "*", left) for left in leftovers(self.home)
            )
        self._complete()

    def _calm(self) -> None:
        self.length = self._whole(self.calm, "a night in peace").seconds
        record = max((self.calm / "nights").glob("*.json")).read_text(encoding="utf-8")
        self.length_built = self.length - json.loads(record)["seconds"].get("build", 0.0)

    def _complete(self) -> None:
        in_prefect = self.chance.random() < self.prefect
        self._whole(self.home, "the night after", in_prefect=in_prefect)
        self._compare()

    def _compare(self) -> None:
        if left := leftovers(self.home):
            self._fail(f"left over after a night: {', '.join(left)}")
        if alive := left_alive(self.home, self.nights.sessions):
            self._fail(f"{len(alive)} processes outlived a night")
        if differ := differences(self.home, self.calm):
            self._fail(f"not the same as without kills: {', '.join(differ)}")
        self._hear()
        self._note()

    def _whole(self, home: Path, which: str, *, in_prefect: bool = False) -> Ended:
        ended = self.nights.run(home, in_prefect=in_prefect, extra=self.extra)
        if ended.code:
            self._fail(f"{which} in {home.name} ended with {ended.code}: {ended.last_line}")
        return ended

    def _fail(self, what: str) -> None:
        self.failures.append(f"round {self.rounds}: {what}")
        print("FAILED", self.failures[-1], file=sys.stderr, flush=True)

    def _hear(self) -> None:
        reads, versions, torn = self.reader.told()
        self.reads = self.before[0] + reads
        self.versions = self.before[1] + versions
        self.torn = self.before[2] + torn

    def _note(self) -> None:
        part = self.record.with_suffix(".part")
        part.write_text(json.dumps({name: getattr(self, name) for name in NOTED}))
        os.replace(part, self.record)

    @property
    def line(self) -> str:
        return (
            f"{time.strftime('%H:%M:%S')} round {self.rounds}: {self.kills} kills, "
            f"{self.reads} reads of {self.versions} versions, {len(self.torn)} torn, "
            f"{len(self.failures)} failures"
        )

    @property
    def summary(self) -> str:
        def counted(counter: Counter[str]) -> str:
            return ", ".join(f"{name} {number}" for name, number in counter.most_common()) or "none"

        return "\n".join([
            "| kills | deliveries | killed while | how | too late | reads meanwhile "
            "| versions read | torn | failures | found lying, and swept |",
            "|---:|---:|---|---|---:|---:|---:|---:|---:|---|",
            f"| {self.kills} | {self.rounds} | {counted(self.killed)} | {counted(self.ways)} "
            f"| {self.too_late} | {self.reads:,} | {self.versions} | {len(self.torn)} "
            f"| {len(self.failures)} | {counted(self.swept)} |",
            *self.failures,
            *self.torn[:20],
        ])  # fmt: skip


if __name__ == "__main__":
    main()
