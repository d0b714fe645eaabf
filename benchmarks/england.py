"""What a night costs of one authority, of thirty, of England, beside what it could cost.

    python -m benchmarks.england --authorities 1 3 10 30 [--memory 4GB] [--folder F] [--checked]
    python -m benchmarks.england --authorities 150 --memory 8GB --folder F     all of England

Writes the returns of so many authorities over ten years (benchmarks/generate) and takes them in, in
a new home: each stage's seconds on the clock and of the processors, with those of dbt, and the most
memory that the night and its children held in it. Then a night with nothing new, and the floors,
each in a process of its own over the same files and the same landed rows: the censuses through
lxml's iterparse and a flattening that checks nothing, the CSV files through DuckDB's reader, every
statement that dbt compiled of models and tests run straight in DuckDB, the core of the models as
plain SQL that tells of nothing it cannot read and repairs nothing (england.sql) beside the models
of the same, and Python's start with what a night with nothing new imports.
"""

import argparse
import importlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from benchmarks import generate
from benchmarks.generate.check import check
from benchmarks.generate.places import CENSUS_CHILDREN
from benchmarks.place import folder_of, machine
from flows import build
from flows.settings import HOUSE, Settings

KEY = b"a benchmark's key, which protects nobody"
STAGES = ("land", "build", "audit", "publish", "docs")
# The models that say what england.sql says.
CORE = (
    "int_episodes_returned", "int_episodes_repaired", "int_episodes_stitched",
    "int_children_settled", "int_periods_of_care", "int_children_looked_after_at_31_march",
    "int_referrals_numbered", "int_child_protection_plans_numbered",
    "int_children_in_need_at_31_march", "int_children_on_plan_at_31_march",
    "cohort_first_episodes", "children_rates_counted",
)  # fmt: skip


@dataclass
class Spent:
    """Seconds on the clock, of the processors (with the children's), and MB at the peak."""

    wall: float = 0.0
    cpu: float = 0.0
    megabytes: float = 0.0


@dataclass
class Found:
    """One size, measured once."""

    authorities: int
    years: int
    files: int = 0
    rows: int = 0
    episodes: int = 0
    census_children: int = 0
    xml_megabytes: float = 0.0
    warehouse_megabytes: float = 0.0
    stages: dict[str, Spent] = field(default_factory=dict)
    again: dict[str, Spent] = field(default_factory=dict)
    floors: dict[str, Spent] = field(default_factory=dict)
    slowest: dict[str, float] = field(default_factory=dict)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--authorities", type=int, nargs="+", default=[1, 3, 10, 30])
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--children", type=int, default=CENSUS_CHILDREN)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--memory", default="4GB", help="CYP_MEMORY_LIMIT of the nights")
    parser.add_argument("--folder", type=Path, help="kept; what is there already is not done again")
    parser.add_argument(
        "--checked", action="store_true", help="hold the marts against what is known"
    )
    parser.add_argument("--no-floors", action="store_true")
    parser.add_argument("--measure", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        name, *places = options.measure
        MEASURES[name](*map(Path, places))
        return
    print(f"{machine()}; DuckDB held to {options.memory}\n", flush=True)
    with folder_of(options.folder, "england") as folder:
        for authorities in options.authorities:
            runs = [
                measured(
                    folder, authorities, options.years, options.children, options.memory,
                    with_floors=not options.no_floors, is_checked=options.checked,
                )
                for _ in range(options.runs)
            ]  # fmt: skip
            print("\n".join(table(runs)) + "\n", flush=True)
            if options.checked:
                print("Every number that is known beforehand was as it should be.\n", flush=True)


def measured(
    folder: Path,
    authorities: int,
    years: int,
    children: int,
    memory: str,
    *,
    with_floors: bool = True,
    is_checked: bool = False,
) -> Found:
    """A first night, one with nothing new, and the floors."""
    world = written(folder, authorities, years, children)
    home = folder / f"home-{authorities}-{years}-{children}"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    found = Found(authorities, years)
    found.xml_megabytes = _megabytes(world.rglob("*.xml"))
    told = _night(world, home, memory, found.stages)
    found.files, found.rows = told["files"], told["rows"]
    found.slowest = told["slowest"]
    found.warehouse_megabytes = _megabytes([home / "warehouse.duckdb"])
    _night(world, home, memory, found.again)
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        [(found.episodes, found.census_children)] = connection.execute(
            "select (select count(*) from landing.ssda903__episodes), "
            "(select count(*) from landing.cin_census__children)"
        ).fetchall()
        if is_checked:
            differing = [
                f"{mart}: {one}"
                for mart, held in check(connection, world).items()
                for one in held.different
            ]
            if differing:
                sys.exit("Not as is known beforehand: " + "; ".join(differing[:5]))
    if with_floors:
        for name in FLOORS:
            spent, _ = watched([name, str(world), str(home)], memory)
            found.floors[name] = spent["all"]
    shutil.rmtree(home)
    return found


def written(folder: Path, authorities: int, years: int, children: int) -> Path:
    """The returns, which are written once."""
    world = folder / f"world-{authorities}-{years}-{children}"
    if not (world / "written").exists():
        shutil.rmtree(world, ignore_errors=True)
        generate.write(world, authorities, years, census_children=children)
        (world / "written").touch()
    return world


def _night(world: Path, home: Path, memory: str, stages: dict[str, Spent]) -> dict[str, Any]:
    spent, told = watched(["night", str(world), str(home)], memory)
    stages |= spent
    return told


# Work in a process of its own, watched while it is at it.


def watched(words: list[str], memory: str) -> tuple[dict[str, Spent], dict[str, Any]]:
    """What each stage took, and what the process says last. A stage begins with a line `stage`,
    a progress line with anything else."""
    spent: dict[str, Spent] = defaultdict(Spent)
    stage, said = ["all"], ""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.england", "--measure", *words],
        cwd=HOUSE,
        env={**_environment(), "CYP_MEMORY_LIMIT": memory},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        is_over = threading.Event()
        watch = threading.Thread(target=_watch, args=(process.pid, spent, stage, is_over))
        watch.start()
        assert process.stdout
        for line in process.stdout:
            kind, _, rest = line.partition(" ")
            if kind == "stage":
                stage[0] = rest.strip()
            elif kind == "told":
                said = rest
        is_over.set()
        watch.join()
    if process.returncode or not said:
        sys.exit(f"{words[0]} ended with {process.returncode}")
    told: dict[str, Any] = json.loads(said)
    for name, (wall, cpu) in told.pop("seconds").items():
        spent[name].wall, spent[name].cpu = wall, cpu
    spent["all"].megabytes = max(each.megabytes for each in spent.values())
    return dict(spent), told


def _environment() -> dict[str, str]:
    return {name: text for name, text in os.environ.items() if not name.startswith("CYP_")}


def _watch(pid: int, spent: dict[str, Spent], stage: list[str], is_over: threading.Event) -> None:
    while not is_over.wait(0.1):
        held = sum(_resident(one) for one in _family(pid)) / 1e3
        spent[stage[0]].megabytes = max(spent[stage[0]].megabytes, held)


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    except OSError:
        return
    for child in children:
        yield from _family(int(child))


def _resident(pid: int) -> int:
    """Kilobytes."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        return int(status.split("VmRSS:")[1].split()[0])
    except (OSError, IndexError):
        return 0


def _cpu() -> float:
    mine, theirs = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return mine.ru_utime + mine.ru_stime + theirs.ru_utime + theirs.ru_stime


class _Clock:
    """Tells the process that watches which stage is on, and keeps what each took."""

    def __init__(self) -> None:
        self.seconds: dict[str, tuple[float, float]] = {}
        # with what Python took to start and to import
        self.began = time.perf_counter() - time.process_time()

    def timed(self, _: object, stage: str, work: Callable[[], Any]) -> Any:
        print("stage", stage, flush=True)
        wall, cpu = time.perf_counter(), _cpu()
        try:
            return work()
        finally:
            self.seconds[stage] = (time.perf_counter() - wall, _cpu() - cpu)
            print("stage all", flush=True)

    def tell(self, **more: object) -> None:
        self.seconds["all"] = (time.perf_counter() - self.began, _cpu())
        print("told", json.dumps({"seconds": self.seconds, **more}), flush=True)


def _settings(world: Path, home: Path) -> Settings:
    return Settings(
        extracts=world / "extracts", is_sample=False, home=home, la_code=None, key=KEY,
        memory_limit=os.environ["CYP_MEMORY_LIMIT"],
    )  # fmt: skip


def _measure_night(world: Path, home: Path) -> None:
    from flows import night as nights

    clock = _Clock()
    nights.timed = clock.timed  # type: ignore[assignment]
    settings = _settings(world, home)
    night = nights.run_night(settings, report=lambda line: print(line, flush=True))
    if night.is_red:
        print(night.sentence, file=sys.stderr)
        sys.exit(1)
    new = [one for one in night.landed if one.outcome == "landed"]
    slowest = sorted(build.timings(settings).items(), key=lambda one: -one[1])[:12]
    clock.tell(
        files=len(new), rows=sum(sum(one.tables.values()) for one in new), slowest=dict(slowest)
    )


# The floors.


def _measure_xml(world: Path, _: Path) -> None:
    from benchmarks import landing_xml

    clock = _Clock()
    work = landing_xml.MEASURES["floor"]
    clock.timed(None, "xml", lambda: [work(path) for path in sorted(world.rglob("*.xml"))])
    clock.tell()


def _measure_csv(world: Path, home: Path) -> None:
    """Every CSV file, those of one name into one table, all of it text."""
    clock = _Clock()
    names = {path.name for path in world.rglob("extracts/**/*.csv")}

    def work() -> None:
        with _plain(home) as connection:
            for name in sorted(names):
                table = name.removesuffix(".csv")
                connection.execute(
                    f'create table "{table}" as select * from read_csv('
                    f"'{world}/extracts/**/{name}', all_varchar = true, union_by_name = true)"
                )

    clock.timed(None, "csv", work)
    clock.tell()


def _measure_sql(_: Path, home: Path) -> None:
    clock = _Clock()
    statements = (HOUSE / "benchmarks/england.sql").read_text(encoding="utf-8")

    def work() -> None:
        with _plain(home) as connection:
            connection.execute(f"attach '{home / 'warehouse.duckdb'}' as landed (read_only)")
            connection.execute(statements)

    clock.timed(None, "sql", work)
    clock.tell()


def _measure_models(_: Path, home: Path) -> None:
    """The models of the same, as dbt compiled them, without dbt."""
    from benchmarks import floor

    clock = _Clock()
    built = floor.compiled_in_order(home)

    def work() -> None:
        with _plain(home) as connection:
            connection.execute(f"attach '{home / 'warehouse.duckdb'}' as warehouse (read_only)")
            for node, compiled in built:
                if node["name"] in CORE:
                    connection.execute(f"create table {node['name']} as {compiled}")

    clock.timed(None, "models", work)
    clock.tell()


def _measure_same(_: Path, home: Path) -> None:
    """All models and tests as dbt compiled them, without dbt."""
    from benchmarks import floor

    clock = _Clock()
    built = floor.compiled_in_order(home)
    copy = home / "same.duckdb"
    shutil.copy(home / "warehouse.duckdb", copy)

    def work() -> None:
        with _plain(home) as connection:
            floor.run(connection, copy, built)

    try:
        clock.timed(None, "same", work)
    finally:
        copy.unlink()
    clock.tell()


@contextmanager
def _plain(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    path = home / "floor.duckdb"
    limit: dict[str, Any] = {
        "memory_limit": os.environ["CYP_MEMORY_LIMIT"],
        "temp_directory": str(home / "floor.scratch"),
        "preserve_insertion_order": False,
    }
    try:
        with duckdb.connect(str(path), config=limit) as connection:
            yield connection
    finally:
        path.unlink(missing_ok=True)


def _measure_start(_: Path, __: Path) -> None:
    """Python, and what a night with nothing new imports."""
    clock = _Clock()

    def work() -> None:
        importlib.import_module("flows.night")

    clock.timed(None, "start", work)
    clock.tell()


FLOORS = ("start", "xml", "csv", "same", "sql", "models")
MEASURES: dict[str, Callable[[Path, Path], None]] = {
    "night": _measure_night,
    "start": _measure_start,
    "xml": _measure_xml,
    "csv": _measure_csv,
    "same": _measure_same,
    "sql": _measure_sql,
    "models": _measure_models,
}


# What is told of it.


def table(runs: list[Found]) -> Iterator[str]:
    """Medians of some runs, in Markdown."""
    found = middle(runs)
    yield (
        f"{'one authority' if found.authorities == 1 else f'{found.authorities} authorities'}, "
        f"{found.years} years: {found.files:,} files, "
        f"{found.rows:,} rows landed, {found.episodes:,} episodes, {found.census_children:,} "
        f"children of censuses ({found.xml_megabytes:,.0f} MB of XML); a warehouse of "
        f"{found.warehouse_megabytes:,.0f} MB; {len(runs)} run{'s' * (len(runs) > 1)}"
    )
    yield ""
    yield "| stage | on the clock, s | CPU s | rows a CPU second | peak, MB | nothing new, CPU s |"
    yield "|---|---:|---:|---:|---:|---:|"
    for stage in ("all", *STAGES):
        one, again = found.stages.get(stage, Spent()), found.again.get(stage, Spent())
        rate = f"{found.rows / one.cpu:,.0f}" if one.cpu and stage != "docs" else ""
        yield (
            f"| {stage} | {one.wall:,.1f} | {one.cpu:,.1f} | {rate} | {one.megabytes:,.0f} "
            f"| {again.cpu:,.1f} |"
        )
    if found.floors:
        yield ""
        yield "| compared | CPU s | floor | CPU s | times |"
        yield "|---|---:|---|---:|---:|"
        for what, of, than, under in compared(found):
            yield f"| {what} | {of:,.1f} | {than} | {under:,.1f} | {of / under:.1f} |"
    yield ""
    yield "Slowest: " + ", ".join(
        f"{name.rsplit('.', 1)[-1]} {seconds:.1f} s" for name, seconds in found.slowest.items()
    )


def compared(found: Found) -> Iterator[tuple[str, float, str, float]]:
    floors = {name: spent.cpu for name, spent in found.floors.items()}
    yield (
        "landing",
        found.stages["land"].cpu,
        "lxml and DuckDB's reader",
        (floors["xml"] + floors["csv"]),
    )
    yield "building and testing all", found.stages["build"].cpu, "the same SQL", floors["same"]
    yield "models of the core", floors["models"], "SQL that says less", floors["sql"]
    yield "a night with nothing new", found.again["all"].cpu, "the start of it", floors["start"]


def middle(runs: list[Found]) -> Found:
    def of(part: Callable[[Found], dict[str, Spent]]) -> dict[str, Spent]:
        return {
            name: Spent(*(
                statistics.median(asdict(part(run)[name])[each] for run in runs)
                for each in ("wall", "cpu", "megabytes")
            ))
            for name in part(runs[0])
        }  # fmt: skip

    return replace(
        runs[0],
        stages=of(lambda run: run.stages),
        again=of(lambda run: run.again),
        floors=of(lambda run: run.floors),
    )


def _megabytes(paths: Iterable[Path]) -> float:
    return sum(path.stat().st_size for path in paths) / 1e6


if __name__ == "__main__":
    main()
