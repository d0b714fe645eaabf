"""What it costs to land a return in CSV, beside the engine's own CSV reader.

    python -m benchmarks.landing_csv [--children 10000 100000 650000] [--runs 5]

Writes episodes of invented children, about three each, and brings the file into a new
database four ways: DuckDB's `read_csv` into a table (the floor); our reader into a table, with
the counting at the door, lines, rows and children's keys; landing (hash, archive, reader,
ledger); and landing with the examination at the door, which begins with the import of Great
Expectations. The database is open beforehand, as a night has it, and closed within the time, which
writes all to the disk. Each in a process of its own, so that the peak of memory is its own;
medians of several runs. On a shared machine the processor's seconds say more than those on the
clock, and the ratios more than either.
"""

import argparse
import json
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import duckdb

from benchmarks.place import apart, machine
from flows import land
from flows.audit import at_the_door
from flows.land import csv_body, csv_file
from flows.land.delivery import keys_of
from flows.land.layouts import sources
from flows.land.look import look_at
from flows.land.tables import Tables
from flows.settings import Settings

HEADINGS = (
    "CHILD", "DECOM", "RNE", "LS", "CIN", "PLACE", "PLACE_PROVIDER", "DEC", "REC",
    "REASON_PLACE_CHANGE", "HOME_POST", "PL_POST", "URN",
)  # fmt: skip
EPISODES = 3  # of a child


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--children", type=int, nargs="+", default=[10_000, 100_000, 650_000])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--measure", nargs=2, metavar=("WAY", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        way, folder = options.measure
        print(json.dumps(_measure(WAYS[way], Path(folder))))
        return
    print(f"{machine()}; medians of {options.runs} runs; memory at the peak\n")
    print("| children | file | way | seconds | of DuckDB's speed | CPU | of DuckDB's | memory |")
    print("|---:|---:|---|---:|---:|---:|---:|---:|")
    for children in options.children:
        _print(children, options.runs)


def _print(children: int, runs: int) -> None:
    with tempfile.TemporaryDirectory(prefix="cyp-bench-") as temporary:
        folder = Path(temporary)
        size = _write(_return(folder), children)
        found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
        for _ in range(runs):
            for way in WAYS:
                found[way].append(apart("landing_csv", "--measure", way, str(folder)))
    middle = {
        way: {part: statistics.median(one[part] for one in measured) for part in measured[0]}
        for way, measured in found.items()
    }
    floor = middle["DuckDB"]
    for way, one in middle.items():
        print(
            f"| {children:,} | {size / 1e6:.0f} MB | {way} "
            f"| {one['seconds']:.2f} | {floor['seconds'] / one['seconds']:.0%} "
            f"| {one['processor']:.2f} | {floor['processor'] / one['processor']:.0%} "
            f"| {one['memory']:.0f} MB |",
            flush=True,
        )


def _return(folder: Path) -> Path:
    return folder / "extracts" / "ssda903" / "2010" / "episodes.csv"


def _write(path: Path, children: int) -> int:
    path.parent.mkdir(parents=True)
    chance = random.Random(903)
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(HEADINGS) + "\n")
        for child in range(children):
            for _ in range(chance.choice((EPISODES - 1, EPISODES, EPISODES + 1))):
                day, month = chance.randint(1, 28), chance.randint(1, 9)
                home, placement = chance.randint(1, 9), chance.randint(1, 9)
                file.write(
                    f"{1_000_000 + child},{day:02d}/0{month}/2009,S,C2,N1,U1,PR1,"
                    f"{day:02d}/0{month}/2010,X1,CARPL,DY{home} 8AA,DY{placement} 2BB,"
                    f"SC{chance.randint(100_000, 999_999)}\n"
                )
    return path.stat().st_size


def _measure(way: Callable[[Path, Path], Callable[[], None]], folder: Path) -> dict[str, float]:
    with tempfile.TemporaryDirectory(dir=folder) as home:
        work = way(_return(folder), Path(home))
        began = time.perf_counter(), time.process_time()
        work()
        ended = time.perf_counter(), time.process_time()
    # Kilobytes, but bytes on a Mac.
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return {
        "seconds": ended[0] - began[0],
        "processor": ended[1] - began[1],
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit,
    }


def _duckdb(path: Path, home: Path) -> Callable[[], None]:
    connection = duckdb.connect(str(home / "floor.duckdb"))
    columns = ", ".join(f"'{name}': 'varchar'" for name in HEADINGS)

    def work() -> None:
        connection.execute(
            "create table episodes as select * from read_csv(?, auto_detect = false, "
            f"header = true, all_varchar = true, delim = ',', columns = {{{columns}}})",
            [str(path)],
        )
        connection.close()

    return work


def _reader(path: Path, home: Path) -> Callable[[], None]:
    settings = _settings(path, home)
    limits = settings.limits
    tables = Tables(sources()["ssda903"], keys_of(settings.key, "332"), limits)
    connection = duckdb.connect(str(home / "reader.duckdb"))

    def work() -> None:
        look = look_at(path, limits)
        delimiter, found = tables.find(
            {
                one: csv_file.rows(path, look.encoding, one, is_gzip=False, limits=limits)
                for one in csv_file.DELIMITERS
            }
        )
        _, body = csv_body.read(connection, path, delimiter, found, tables.key_of, limits)
        if body is None:
            sys.exit("The return was not read the quick way, so there is nothing to measure.")
        connection.execute(f"create table episodes as {body.query}")
        connection.close()

    return work


def _landing(path: Path, home: Path, examine: land.Examine | None = None) -> Callable[[], None]:
    settings = _settings(path, home)
    land.prepare(settings)
    (extract,) = land.find(settings)
    opened = ExitStack()
    opened.enter_context(land.door(settings))

    def work() -> None:
        with opened:
            landed = land.land(extract, settings, examine)
        if landed.outcome != "landed":
            sys.exit(f"The return was not let in: {landed.reason}")

    return work


def _settings(path: Path, home: Path) -> Settings:
    return Settings(
        extracts=path.parents[2],
        is_sample=False,
        home=home,
        la_code="332",
        key=b"a benchmark's key",
    )


WAYS: dict[str, Callable[[Path, Path], Callable[[], None]]] = {
    "DuckDB": _duckdb,
    "reader": _reader,
    "landing": _landing,
    "landing, examined": partial(_landing, examine=at_the_door),
}

if __name__ == "__main__":
    main()
