"""What a refresh costs, and what it could cost at the least.

    python -m benchmarks.refresh [--runs 3] [--extracts FOLDER]

Measures one authority's refresh cold (an empty home), again with nothing new, and after the
correction of one file (of the sample; a folder of yours is left as it is), with each stage's
share, beside the floors: what dbt compiled run straight in DuckDB (benchmarks/floor.py), the same
XML through lxml's iterparse and nothing else, and a bare `dbt build`. Medians of several runs.
Times on a shared machine mean little by themselves; the ratios are what to watch.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import duckdb
from lxml import etree

from benchmarks import floor
from benchmarks.place import machine
from flows.settings import HOUSE

ONE_FILE = "one file new"
STAGES = ("sample", "land", "build", "audit", "publish", "docs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--extracts", type=Path, help="a drop folder instead of the sample")
    options = parser.parse_args()

    measured: dict[str, list[dict[str, float]]] = {"cold": [], "nothing new": []}
    if options.extracts is None:
        measured[ONE_FILE] = []
    floors: dict[str, list[float]] = {"bare dbt build": [], "SQL in DuckDB": [], "XML in lxml": []}
    for run in range(options.runs):
        with tempfile.TemporaryDirectory(prefix="cyp-bench-") as folder:
            home = Path(folder)
            environment = _environment(home, options.extracts)
            extracts = options.extracts or home / "sample"
            for name, found in measured.items():
                if name == ONE_FILE:
                    _correct(extracts)
                found.append(_refresh(home, environment))
                print(
                    f"run {run + 1}: {name} {found[-1]['all']:.1f} s", file=sys.stderr, flush=True
                )
            floors["bare dbt build"].append(_seconds(partial(_dbt_build, home, environment)))
            floors["SQL in DuckDB"].append(_sql(home))
            floors["XML in lxml"].append(_seconds(partial(_xml, extracts)))
    _print(measured, floors, options.runs)


def _environment(home: Path, extracts: Path | None) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("CYP_")}
    if extracts:
        kept["CYP_EXTRACTS"] = str(extracts.resolve())
    return {**kept, "CYP_HOME": str(home)}


def _correct(extracts: Path) -> None:
    """The last return of episodes, delivered again without its last row."""
    path = max(extracts.glob("*/ssda903/*/episodes.csv"))
    *rows, _ = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def _refresh(home: Path, environment: dict[str, str]) -> dict[str, float]:
    """Seconds of `cyp refresh` as a user waits for it, in all and by stage. What no stage
    accounts for is Prefect: its import, its temporary server and its book-keeping."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", "refresh"],
        cwd=HOUSE,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = {"all": time.perf_counter() - started}
    if done.returncode:
        sys.exit(f"The refresh ended red, so there is nothing to measure:\n{done.stdout}")
    night = json.loads(max((home / "nights").glob("*.json")).read_text(encoding="utf-8"))
    seconds |= {stage: night["seconds"].get(stage, 0.0) for stage in STAGES}
    seconds["Prefect"] = seconds["all"] - sum(seconds[stage] for stage in STAGES)
    return seconds


def _dbt_build(home: Path, environment: dict[str, str]) -> None:
    """The night's own dbt command, with its parsed state, and nothing around it."""
    command = [sys.executable, "-m", "dbt.cli.main", "build"]
    command += ["--exclude-resource-type", "unit_test", "--quiet"]
    command += ["--project-dir", str(HOUSE), "--profiles-dir", str(HOUSE)]
    command += ["--target-path", str(home / "target")]
    command += ["--log-path", str(home / "logs"), "--log-level-file", "none"]
    subprocess.run(
        command,
        cwd=home,
        env={
            **environment,
            "CYP_WAREHOUSE": "warehouse.duckdb",
            "CYP_SCRATCH": "scratch",
            "DO_NOT_TRACK": "1",
        },
        check=True,
        capture_output=True,
    )


def _sql(home: Path) -> float:
    """What dbt compiled of models and tests, in order, straight in DuckDB."""
    built = floor.compiled_in_order(home)
    copy = home / "floor.duckdb"
    shutil.copyfile(home / "warehouse.duckdb", copy)
    with duckdb.connect(config={"threads": 2}) as connection:
        return _seconds(partial(floor.run, connection, copy, built))


def _xml(extracts: Path) -> None:
    for path in extracts.rglob("*.xml"):
        for _, element in etree.iterparse(str(path), no_network=True, resolve_entities=False):
            element.clear()


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _print(
    measured: dict[str, list[dict[str, float]]], floors: dict[str, list[float]], runs: int
) -> None:
    middle = {
        name: {part: statistics.median(run[part] for run in found) for part in found[0]}
        for name, found in measured.items()
    }
    print(f"{machine()}; medians of {runs} runs; seconds\n")
    print(f"| {'stage':16} |" + "".join(f" {name:>12} | share |" for name in middle))
    print("|---|" + "---:|---:|" * len(middle))
    for part in ("all", *STAGES, "Prefect"):
        cells = (f" {of[part]:12.1f} | {of[part] / of['all']:5.0%} |" for of in middle.values())
        print(f"| {part:16} |" + "".join(cells))
    print(f"\n| {'floor':16} | {'seconds':>7} |\n|---|---:|")
    for name, found in floors.items():
        print(f"| {name:16} | {statistics.median(found):7.2f} |")
    bare = statistics.median(floors["bare dbt build"])
    ratio = middle["nothing new"]["all"] / bare
    print(f"\nA refresh with nothing new takes {ratio:.1f} times a bare dbt build (aim: under 3).")


if __name__ == "__main__":
    main()
