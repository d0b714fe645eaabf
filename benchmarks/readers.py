"""Many readers at once of what is published, while refreshes put new versions in its place.

    python -m benchmarks.readers [--readers 1 4 16] [--runs 5] [--one-in 6] [--folder DIR]

Each reader is a process of its own, as a BI tool's worker is, and asks without a pause, in turns:

    duckdb    opens `published/cyp.duckdb` read-only, asks for a chart's figures of the star schema
              (a join of four tables) and for the number that tells versions apart, and closes
    parquet   reads the same number from `published/parquet/data_quality_summary.parquet`, by DuckDB
    csv       ... and from `published/csv/data_quality_summary.csv`, by Python's own reader

so that every answer can be held against the versions that there were: one that is of none is torn,
and counts as an error, as does anything that is raised. For each number of readers there are runs
without a refresh (the floor) and runs in which a change is delivered and a night takes it in (its
dbt builds only what tells of deliveries, as `benchmarks/crash.py --narrow` does), publishes and
ends. Beside them one more process keeps a connection open from before the night to after it: it is
told which version it sees then, and which when it has opened another beside it, and when it has
closed all and opened one anew. Told at the end, as rows for docs/performance.md: medians over the
runs, of the worst latency the median and the worst of all.
"""

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.crash import NARROW, Drop, Nights
from benchmarks.place import folder_of, machine
from flows.settings import HOUSE

FLOOR_SECONDS = 5.0
PROBE = "sum(rows_loaded)"  # of data_quality_summary: another number after every delivery
CHART = """
    select area_name, financial_year_name, measure, sum(children), max(rate_per_10000)
    from published.star_figures
    join published.star_areas using (area_key)
    join published.star_dates using (date_key)
    join published.star_measures using (measure_key)
    where area_level <> 'ward'
    group by all
    order by all
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--readers", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--one-in", type=int, default=6, help="of the sample's children")
    parser.add_argument("--folder", type=Path, help="kept, and used again")
    parser.add_argument("--read", nargs=2, help=argparse.SUPPRESS)  # a reader: its kind, what of
    options = parser.parse_args()
    if options.read:
        kind, published = options.read
        (hold_on if kind == "holder" else read_on)(Path(published))
        return
    with folder_of(options.folder, "readers") as folder:
        sys.exit(trial(folder, options.readers, options.runs, options.one_in))


# ---- a reader, in its own process --------------------------------------------------------------


def by_duckdb(published: Path) -> int:
    with duckdb.connect(str(published / "cyp.duckdb"), read_only=True) as connection:
        connection.execute(CHART).fetchall()
        return _number(connection, "published.data_quality_summary")


def by_parquet(published: Path) -> int:
    with duckdb.connect() as connection:
        return _number(connection, f"'{published / 'parquet' / 'data_quality_summary.parquet'}'")


def by_csv(published: Path) -> int:
    with (published / "csv" / "data_quality_summary.csv").open(encoding="utf-8") as file:
        return sum(int(row["rows_loaded"] or 0) for row in csv.DictReader(file))


WAYS: dict[str, Callable[[Path], int]] = {
    "duckdb": by_duckdb, "parquet": by_parquet, "csv": by_csv,
}  # fmt: skip


def _number(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    [(number,)] = connection.execute(f"select {PROBE} from {relation}").fetchall()
    return int(number)


def read_on(published: Path) -> None:
    """Ask until standard input ends; then tell each question: its way, seconds and answer."""
    for ask in WAYS.values():
        ask(published)  # imports and the first look at the disk are no question
    stop = _wait_for_go()
    told: list[tuple[str, float, int | str]] = []
    while not stop.is_set():
        for way, ask in WAYS.items():
            began = time.perf_counter()
            answer: int | str
            try:
                answer = ask(published)
            except Exception as error:
                answer = f"{type(error).__name__}: {error}"
            told.append((way, time.perf_counter() - began, answer))
    print(json.dumps(told), flush=True)


def hold_on(published: Path) -> None:
    """Hold one connection open until standard input ends, asking; then tell what it has seen, what
    a second connection beside it sees, and what one sees when all have been closed."""
    path, mart = str(published / "cyp.duckdb"), "published.data_quality_summary"
    held = duckdb.connect(path, read_only=True)
    stop = _wait_for_go()
    seen = {_number(held, mart)}
    while not stop.wait(0.05):
        seen.add(_number(held, mart))
    with duckdb.connect(path, read_only=True) as second:
        beside = _number(second, mart)
    held.close()
    with duckdb.connect(path, read_only=True) as anew:
        print(json.dumps([sorted(seen), beside, _number(anew, mart)]), flush=True)


def _wait_for_go() -> threading.Event:
    """Say that all is ready and wait for a line; the event is set when standard input ends."""
    stop = threading.Event()
    print("ready", flush=True)
    sys.stdin.readline()

    def wait() -> None:
        sys.stdin.read()
        stop.set()

    threading.Thread(target=wait, daemon=True).start()
    return stop


class Reading:
    """A reader's process, seen from outside."""

    def __init__(self, published: Path, kind: str = "reader") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.readers", "--read", kind, str(published)],
            cwd=HOUSE,
            env={**os.environ, "PYTHONPATH": str(HOUSE)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> "Reading":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate() if self.process.poll() is None else None

    def is_ready(self) -> None:
        assert self.process.stdout
        if self.process.stdout.readline() != "ready\n":
            sys.exit("A reader did not come to its first answer.")

    def go(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def stop(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.stdin = None

    def told(self) -> list[list[object]]:
        said, _ = self.process.communicate()
        found: list[list[object]] = json.loads(said.splitlines()[-1])
        return found


# ---- the runs ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """What the readers of one run were told, in milliseconds."""

    seconds: float
    latencies: list[float]
    median_of: dict[str, float]
    errors: list[str]
    versions: int

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds


def trial(folder: Path, numbers: list[int], runs: int, one_in: int) -> int:
    home, drop = folder / "home", Drop(folder / "drop", one_in)
    published = home / "published"
    if not drop.folder.exists():
        drop.fill()
    nights = Nights(folder / "drop")
    deliveries = iter(range(1, 1_000_000))
    held: list[str] = []

    def refresh(extra: tuple[str, ...] = NARROW) -> None:
        was = published.resolve()
        drop.deliver(next(deliveries) if published.exists() else 0)
        ended = nights.run(home, extra=extra)
        if ended.code or published.resolve() == was:
            sys.exit(f"A refresh published nothing: {ended.last_line}")

    if not published.exists():
        refresh(())
    refresh(())  # what a narrow night leaves unbuilt is there by now
    print(f"{machine()}; medians of {runs} runs\n")
    print(
        "| readers | refresh | answers a second | median, ms (duckdb, parquet, csv) | worst, ms: "
        "median, of all | versions seen | torn or failed |\n|---:|---|---:|---:|---:|---:|---:|"
    )
    failed = 0
    for number in numbers:
        for is_refreshed in (False, True):
            told = []
            for _ in range(runs):
                with ExitStack() as stack:
                    readers = [stack.enter_context(Reading(published)) for _ in range(number)]
                    holder = stack.enter_context(Reading(published, "holder"))
                    run, found = read_during(
                        readers, holder, published, refresh if is_refreshed else _pause
                    )
                told.append(run)
                if is_refreshed:
                    held.append(found)
            failed += sum(len(run.errors) for run in told)
            print(_row(number, told, is_refreshed=is_refreshed), flush=True)
    nights.close()
    print()
    for found in sorted(set(held)):
        print(f"{held.count(found)} of {len(held)} refreshes: {found}")
    return int(failed > 0)


def read_during(
    readers: list[Reading], holder: Reading, published: Path, work: Callable[[], None]
) -> tuple[Run, str]:
    """Readers at work while something is done; what the one that holds on has seen, in words."""
    versions = {probed(published)}
    for reader in (*readers, holder):
        reader.is_ready()
    began = time.perf_counter()
    for reader in (*readers, holder):
        reader.go()
    work()
    versions.add(last := probed(published))
    for reader in (*readers, holder):
        reader.stop()
    took = time.perf_counter() - began
    questions = [each for reader in readers for each in reader.told()]
    errors = [str(answer) for *_, answer in questions if answer not in versions]
    latencies = [1000 * float(str(seconds)) for _, seconds, _ in questions]
    median_of = {
        way: statistics.median(1000 * float(str(s)) for kind, s, _ in questions if kind == way)
        for way in WAYS
    }
    for error in sorted(set(errors))[:5]:
        print(f"{errors.count(error)} x {error}", file=sys.stderr)
    seen, beside, anew = holder.told()
    words = (
        f"a connection that is held saw {'one version' if len(seen) == 1 else 'several'}, "
        f"{'the new one' if seen == [last] else 'the old one'}; a second beside it "
        f"{'the new' if beside == last else 'the old'}; one after all were closed "
        f"{'the new' if anew == last else 'the old'}"
    )
    answered = {answer for *_, answer in questions} & versions
    return Run(took, latencies, median_of, errors, len(answered)), words


def _row(number: int, told: list[Run], *, is_refreshed: bool) -> str:
    worst = [max(run.latencies) for run in told]
    ways = ", ".join(f"{statistics.median(run.median_of[way] for run in told):.1f}" for way in WAYS)
    return (
        f"| {number} | {'yes' if is_refreshed else 'none'} "
        f"| {statistics.median(run.per_second for run in told):.0f} "
        f"| {statistics.median(statistics.median(run.latencies) for run in told):.1f} ({ways}) "
        f"| {statistics.median(worst):.0f}, {max(worst):.0f} "
        f"| {min(run.versions for run in told)} "
        f"| {sum(len(run.errors) for run in told)} of {sum(len(run.latencies) for run in told):,} |"
    )


def _pause() -> None:
    time.sleep(FLOOR_SECONDS)


def probed(published: Path) -> int:
    """The number that tells versions apart. `resolve`, because a connection of this process to
    the same path may still be of the version before."""
    with duckdb.connect(str(published.resolve() / "cyp.duckdb"), read_only=True) as connection:
        return _number(connection, "published.data_quality_summary")


if __name__ == "__main__":
    main()
