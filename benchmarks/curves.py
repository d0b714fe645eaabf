"""How cost grows with authorities, with years and with new files: a table and a plot.

    python -m benchmarks.curves [--runs 5]

Small authorities are written (benchmarks/generate) and taken in, and of each size is measured
what grows with it: landing, and all the models, by the SQL that dbt compiled, run straight in
DuckDB, and by the decisions of disclosure control. dbt's own work is the same for every size and
is told beside the curves: it would only lie over them. Seconds are those of the processors, which
a busy machine disturbs least; each is the median of several runs, one after the other through all
sizes, so that a busy minute disturbs them alike. The plot is written to docs/curves.svg, the
table is said.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from graphlib import TopologicalSorter
from math import floor, log10
from pathlib import Path
from typing import Any
from zlib import crc32

import duckdb

from benchmarks import generate
from benchmarks.england import KEY
from benchmarks.place import machine
from flows import build
from flows.disclosure import ledger as disclosure_ledger
from flows.disclosure.decide import Decision, decide
from flows.night import begin, land_all
from flows.page.charts.draw import ENDS, ticks_of
from flows.settings import HOUSE, Settings
from flows.warehouse import warehouse

CHILDREN = 200  # of whom a census tells, in an authority of middling size
AUTHORITIES = (1, 2, 4, 8)
YEARS = (1, 2, 4, 8)
NEW_FILES = (0, 2, 4, 8)
OF_AUTHORITIES, OF_YEARS = 2, 1  # years of the one curve, authorities of the other
PARTS = ("landing", "models")
PLOT = HOUSE / "docs/curves.svg"

Measured = dict[tuple[str, int], dict[str, list[float]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cyp-curves-") as folder:
        found, rows, of_dbt = measure(Path(folder), options.runs)
    PLOT.write_text(plot(found), encoding="utf-8")
    print("\n".join(table(found, rows, of_dbt, options.runs)))


# What is measured.


def measure(folder: Path, runs: int) -> tuple[Measured, dict[tuple[str, int], int], float]:
    sizes = {("authorities", number): (number, OF_AUTHORITIES) for number in AUTHORITIES}
    sizes |= {("years", number): (OF_YEARS, number) for number in YEARS}
    for authorities, years in {*sizes.values()}:
        world = _world(folder, authorities, years)
        generate.write(world, authorities, years, census_children=CHILDREN, processes=1)
    house, of_dbt = _compiled(folder)
    found: Measured = defaultdict(lambda: defaultdict(list))
    rows: dict[tuple[str, int], int] = {}
    for run in range(runs):
        for at, (authorities, years) in sizes.items():
            settings = _home(folder, authorities, years)
            spent, rows[at] = _landing(settings)
            found[at]["landing"].append(spent)
            found[at]["models"].append(_models(settings, house))
        settings = _home(folder, max(AUTHORITIES), OF_AUTHORITIES)
        _landing(settings)
        for number in NEW_FILES:
            changed = _deliver(settings.extracts, number, f"{run} {number}")
            spent, _ = _landing(settings)
            found["new files", number]["landing"].append(spent)
            rows["new files", number] = changed
        kept = {f"{what} {number}": spent for (what, number), spent in found.items()}
        # Of a run that is cut short, what there is.
        print(f"run {run + 1} of {runs}\n{json.dumps(kept)}", file=sys.stderr, flush=True)
    return found, rows, of_dbt


def _world(folder: Path, authorities: int, years: int) -> Path:
    return folder / f"world-{authorities}-{years}"


def _home(folder: Path, authorities: int, years: int) -> Settings:
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    extracts = folder / "drop"
    shutil.rmtree(extracts, ignore_errors=True)
    shutil.copytree(_world(folder, authorities, years) / "extracts", extracts)
    return Settings(extracts=extracts, is_sample=False, home=home, la_code=None, key=KEY)


def _compiled(folder: Path) -> tuple[Settings, float]:
    """A home with the seeds and the models' SQL; and what a dbt command takes that builds
    nothing but parses all."""
    shutil.copytree(_world(folder, 1, 1) / "extracts", folder / "first")
    home = folder / "compiled"
    home.mkdir()
    house = Settings(extracts=folder / "first", is_sample=False, home=home, la_code=None, key=KEY)
    _landing(house)
    with warehouse(house) as connection:
        disclosure_ledger.prepare(connection)
    build.dbt(house, "seed")
    build.dbt(house, "compile")
    before = _cpu_of_children()
    build.dbt(house, "compile", "--select", "dim_dates")
    return house, _cpu_of_children() - before


def _cpu_of_children() -> float:
    import resource

    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _landing(settings: Settings) -> tuple[float, int]:
    """CPU seconds, and rows."""
    night = begin(settings)
    began = time.process_time()
    land_all(settings, night, report=lambda line: None)
    spent = time.process_time() - began
    if night.refused:
        raise SystemExit(f"refused: {night.refused[0]}")
    new = [one for one in night.landed if one.outcome == "landed"]
    return spent, sum(sum(one.tables.values()) for one in new)


def _models(settings: Settings, house: Settings) -> float:
    """CPU seconds of all models, in the order in which they hang together."""
    manifest = json.loads((house.target / "manifest.json").read_text(encoding="utf-8"))
    nodes: dict[str, dict[str, Any]] = {
        name: node
        for name, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed")
    }
    order = TopologicalSorter(
        {name: set(node["depends_on"].get("nodes", ())) & nodes.keys()
         for name, node in nodes.items()}
    ).static_order()  # fmt: skip
    with warehouse(settings) as connection:
        disclosure_ledger.prepare(connection)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(f"attach '{house.warehouse}' as compiled (read_only)")
        spent = 0.0
        for name in order:
            node = nodes[name]
            relation = f'"{node["schema"]}"."{node["alias"]}"'
            connection.execute(f'create schema if not exists "{node["schema"]}"')
            if node["resource_type"] == "seed":
                connection.execute(
                    f"create or replace table {relation} as from compiled.{relation}"
                )
                continue
            began = time.process_time()
            if node["language"] == "python":
                _decide(connection, relation)
            else:
                path = house.target / "compiled" / node["package_name"]
                sql = (path / node["original_file_path"]).read_text(encoding="utf-8")
                kind = "view" if node["config"]["materialized"] == "view" else "table"
                connection.execute(f"create or replace {kind} {relation} as {sql}")
            spent += time.process_time() - began
        connection.execute("detach compiled")
    return spent


def _decide(connection: duckdb.DuckDBPyConnection, relation: str) -> None:
    def ref(name: str) -> duckdb.DuckDBPyRelation:
        return connection.sql(f"from disclosure.{name}")

    decided = decide(
        policies=ref("disclosure_policies"),
        counts=ref("disclosure_counts"),
        sums=ref("disclosure_sums"),
        reaches=ref("disclosure_reaches"),
        reasons=ref("disclosure_reasons"),
        seen_counts=connection.sql("from ledger.seen_counts"),
        seen_sums=connection.sql("from ledger.seen_sums"),
    )
    columns = ", ".join(f"{name} varchar" for name in Decision._fields)
    connection.execute(f"create or replace table {relation} ({columns})")
    if decided:
        places = ", ".join("?" for _ in Decision._fields)
        connection.executemany(f"insert into {relation} values ({places})", decided)


def _deliver(extracts: Path, number: int, mark: str) -> int:
    """So many returns of episodes anew, each with another postcode in its last row; the rows."""
    rows = 0
    for path in sorted(extracts.glob("*/ssda903/*/episodes.csv"))[:number]:
        *lines, last = path.read_text(encoding="utf-8").splitlines()
        cells = last.split(",")
        cells[-1] = f"SC{crc32(mark.encode()) % 1_000_000:06d}"  # the provider's number
        path.write_text("\n".join([*lines, ",".join(cells)]) + "\n", encoding="utf-8")
        rows += len(lines)
    return rows


# What is told of it.


def table(
    found: Measured, rows: dict[tuple[str, int], int], of_dbt: float, runs: int
) -> Iterator[str]:
    yield (
        f"{machine()}. Medians of {runs} runs of CPU seconds; small "
        f"authorities, of whom a census tells of {CHILDREN} children: by authorities with "
        f"{OF_AUTHORITIES} years each, by years of one authority, and by files delivered anew to "
        f"{max(AUTHORITIES)} authorities of "
        f"{OF_AUTHORITIES} years. What is built after a new file is what depends on its table, of "
        "all authorities: the models of the first curve, or fewer. A dbt command adds "
        f"{of_dbt:.0f} CPU s to each, and 0.1 CPU s for each model and test that it builds."
    )
    yield ""
    yield "| grows | by | rows landed | landing, CPU s | models, CPU s |"
    yield "|---|---:|---:|---:|---:|"
    for (what, number), spent in found.items():
        cells = (f"{statistics.median(spent[part]):.2f}" if part in spent else "" for part in PARTS)
        yield f"| {what} | {number} | {rows[what, number]:,} | " + " | ".join(cells) + " |"
    yield ""
    for what in dict.fromkeys(what for what, _ in found):
        yield (
            f"By {what}: "
            + "; ".join(
                f"{part} {straightness(points)}"
                for part in PARTS
                if (points := curve(found, what, part))
            )
            + "."
        )
        yield ""
    yield "![Cost by authorities, by years and by new files](curves.svg)"


def curve(found: Measured, what: str, part: str) -> list[tuple[int, float]]:
    return [
        (number, statistics.median(spent[part]))
        for (name, number), spent in found.items()
        if name == what and part in spent
    ]


def straightness(points: list[tuple[int, float]]) -> str:
    """What one more costs, at the beginning and at the end: of a straight line the same."""
    (x0, y0), (x1, y1), *_, (x2, y2), (x3, y3) = points
    first, last = (y1 - y0) / (x1 - x0), (y3 - y2) / (x3 - x2)
    return f"{first:.2f} s for one more at first, {last:.2f} at last"


# The plot: three panels, one scale each. The page's charts have years across, which are dates.

WIDE, TALL, GAP, EDGE = 220, 160, 60, 40
COLOURS = {"landing": "#0b5c8a", "models": "#b3490b"}
DASHES = {"landing": "none", "models": "5 3"}


def plot(found: Measured) -> str:
    panels = list(dict.fromkeys(what for what, _ in found))
    width = EDGE + len(panels) * (WIDE + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {TALL + 90}" '
        'font-family="sans-serif" font-size="11" role="img" aria-labelledby="t d">',
        '<title id="t">Cost by authorities, by years and by new files</title>',
        '<desc id="d">CPU seconds of landing and of the models; the figures are in the table of '
        "docs/performance.md.</desc>",
        f'<rect width="{width}" height="{TALL + 90}" fill="#fff"/>',
    ]
    for place, what in enumerate(panels):
        curves = {part: points for part in PARTS if (points := curve(found, what, part))}
        parts += _panel(EDGE + place * (WIDE + GAP), what, curves)
    for place, part in enumerate(PARTS):
        x, y = EDGE + place * 90, TALL + 78
        parts.append(
            f'<line x1="{x}" x2="{x + 22}" y1="{y - 4}" y2="{y - 4}" stroke="{COLOURS[part]}" '
            f'stroke-width="2" stroke-dasharray="{DASHES[part]}"/>'
            f'<text x="{x + 27}" y="{y}">{part}</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _round_above(most: float) -> float:
    """The end of a scale: a round number at or above all that is shown."""
    if most <= 0:
        return 1.0
    size = 10.0 ** floor(log10(most))
    return next(size * end for end in (*ENDS, 10) if size * end >= most)


def _panel(left: int, what: str, curves: dict[str, list[tuple[int, float]]]) -> Iterator[str]:
    most_x = max(x for points in curves.values() for x, _ in points)
    most_y = _round_above(max(y for points in curves.values() for _, y in points))
    across: Callable[[float], float] = lambda x: left + WIDE * x / most_x  # noqa: E731
    down: Callable[[float], float] = lambda y: 24 + TALL * (1 - y / most_y)  # noqa: E731
    yield f'<text x="{left}" y="14" font-weight="bold">CPU s by {what}</text>'
    for tick in ticks_of(most_y):
        y = down(tick)
        yield f'<line x1="{left}" x2="{left + WIDE}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
        yield f'<text x="{left - 4}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>'
    for x, _ in next(iter(curves.values())):
        yield f'<text x="{across(x):.1f}" y="{TALL + 40}" text-anchor="middle">{x}</text>'
    for part, points in curves.items():
        drawn = " ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in points)
        yield (
            f'<polyline points="{drawn}" fill="none" stroke="{COLOURS[part]}" stroke-width="2" '
            f'stroke-dasharray="{DASHES[part]}"/>'
        )
        for x, y in points:
            yield f'<circle cx="{across(x):.1f}" cy="{down(y):.1f}" r="3" fill="{COLOURS[part]}"/>'


if __name__ == "__main__":
    main()
