"""Whether what is published of any authority tells what is withheld, and whether we would notice.

    python -m benchmarks.disclosure [--authorities 200] [--seed 1] [--batch 20] [--nights 2]
                                    [--breaks 5] [--policy NAME] [--only CODE ...]

Random authorities of very different shapes (authorities.py) are decided on and published by the
models of the house, a batch in one warehouse, and attacked as on every night; by the next night
some children have changed, and the attacker holds the version before as well. What each audience
may see of each authority is then broken on purpose (broken.py), and the attacker must notice.

Exit code 1, with seed and authority, where a leak is found or a break is not caught. CPU seconds;
`decided` is all of dbt's build of models/disclosure and models/published.
"""

import argparse
import random
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from benchmarks import authorities, broken
from benchmarks.place import machine
from flows import held
from flows.attack import Attack, attack
from flows.attacked import attacks, policies
from flows.build import dbt
from flows.disclosure import ledger
from flows.manifest import PublicModel, public_models
from flows.publish import place
from flows.publish.folder import build_folder
from flows.settings import SAMPLE_KEY, Settings
from flows.warehouse import warehouse

# What no random authority has.
LEFT_OUT = ("comparator_rates_safe", "comparator_rates", "area_outlines")
POLICIES: dict[str, dict[str, object]] = {
    "as it is": {},
    "rounded to 5": {"public_rounds_to": 5},
    "rounded to 10": {"public_rounds_to": 10},
    "noughts withheld": {"public_noughts_are_shown": False},
    "townships at the lowest": {"public_lowest_level": "township"},
    "dominance allowed": {"public_fewest_elsewhere": 0},
}
HEADING = (
    "| of | audience | authorities | counts | withheld for their own sake | for others "
    "| least interval | withheld of counts above nought, median | most | of | leaks "
    "| breaks caught | dbt, CPU s | attack, CPU s |\n"
    "|---|---|---:|---:|---:|---:|---:|---:|---:|---|---:|---:|---:|---:|"
)


@dataclass
class Tally:
    """What came out for one audience, of a batch or in all; lost is the share of counts above
    nought that is withheld, by authority."""

    counts: int = 0
    primary: int = 0
    secondary: int = 0
    least: float | None = None
    lost: dict[str, float] = field(default_factory=dict)
    leaks: list[str] = field(default_factory=list)
    told_before: int = 0
    made: Counter[str] = field(default_factory=Counter)
    caught: Counter[str] = field(default_factory=Counter)
    decided: float = 0.0
    attacked: float = 0.0

    def take(self, fought: Attack) -> None:
        self.counts += fought.cells
        self.primary += fought.primary
        self.secondary += fought.secondary
        self.told_before += len(fought.told_before)
        if fought.least_interval is not None:
            self.least = min(fought.least_interval, self.least or fought.least_interval)
        self.leaks += map(str, fought.findings)

    def add(self, other: "Tally") -> None:
        self.counts += other.counts
        self.primary += other.primary
        self.secondary += other.secondary
        self.told_before += other.told_before
        self.least = min((x for x in (self.least, other.least) if x is not None), default=None)
        self.lost |= other.lost
        self.leaks += other.leaks
        self.made += other.made
        self.caught += other.caught
        self.decided += other.decided
        self.attacked += other.attacked

    def line(self, batch: str, audience: str) -> str:
        worst = max(self.lost, key=lambda code: self.lost[code])
        least = "-" if self.least is None else f"{self.least:g}"
        return (
            f"| {batch} | {audience} | {len(self.lost)} | {self.counts:,} | {self.primary:,} "
            f"| {self.secondary:,} | {least} | {statistics.median(self.lost.values()):.1%} "
            f"| {self.lost[worst]:.1%} | {worst} | {len(self.leaks)} "
            f"| {self.caught.total()} of {self.made.total()} | {self.decided:.1f} "
            f"| {self.attacked:.1f} |"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--authorities", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=20, help="authorities in one warehouse")
    parser.add_argument("--nights", type=int, default=2)
    parser.add_argument(
        "--breaks", type=int, default=5, help="of each authority, for each audience"
    )
    parser.add_argument("--policy", choices=POLICIES, default="as it is")
    parser.add_argument("--only", nargs="+", help="codes of authorities, to make them again")
    options = parser.parse_args()

    numbers = list(range(options.authorities))
    if options.only:
        numbers = [int(code) - authorities.FIRST for code in options.only]
    batches = [numbers[i : i + options.batch] for i in range(0, len(numbers), options.batch)]
    in_all: dict[str, Tally] = {}
    print(HEADING, file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="cyp-bench-") as folder:
        for number, batch in enumerate(batches, start=1):
            home = Path(folder, f"batch-{number}")
            home.mkdir()
            # dbt reads the project once
            Path(home, "target").symlink_to(Path(folder))
            found = _batch(home, batch, options, POLICIES[options.policy], str(number))
            shutil.rmtree(home)
            for audience, tally in found.items():
                in_all.setdefault(audience, Tally()).add(tally)
    print(
        f"{machine()}; seed {options.seed}, "
        f"{options.nights} night{'s' * (options.nights > 1)}\n\n{HEADING}"
    )
    for audience, tally in in_all.items():
        print(tally.line(f"all, {options.policy}", audience))
    kinds: dict[str, list[int]] = {}
    for tally in in_all.values():
        for kind, made in tally.made.items():
            caught = kinds.setdefault(kind, [0, 0])
            caught[0] += tally.caught[kind]
            caught[1] += made
    by_kind = ", ".join(f"{kind} {c} of {m}" for kind, (c, m) in sorted(kinds.items()))
    print(f"\nBreaks caught: {by_kind}.")
    print(f"Told before: {sum(tally.told_before for tally in in_all.values())}.")
    is_well = all(not tally.leaks and tally.made == tally.caught for tally in in_all.values())
    return 0 if is_well else 1


def _batch(
    home: Path,
    numbers: list[int],
    options: argparse.Namespace,
    variables: dict[str, object],
    name: str,
) -> dict[str, Tally]:
    """A batch over its nights; a tally for each audience."""
    settings = Settings(home, is_sample=True, home=home, la_code=None, key=SAMPLE_KEY)
    with duckdb.connect(str(settings.warehouse)) as connection:
        codes = authorities.invent(connection, options.seed, numbers)
        ledger.prepare(connection)
    found: dict[str, Tally] = {}
    for night in range(1, options.nights + 1):
        with duckdb.connect(str(settings.warehouse)) as connection:
            if night > 1:
                authorities.change(connection, options.seed, night)
            authorities.count(connection)
        began = _cpu()
        dbt(
            settings, "build", "--select", "path:models/disclosure", "path:models/published",
            "published_measures",
            "--exclude", *LEFT_OUT, "--exclude-resource-type", "unit_test", "test",
            variables=variables,
        )  # fmt: skip
        decided = _cpu() - began
        models = [model for model in public_models(settings) if model.name not in LEFT_OUT]
        with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
            began = _cpu()
            readers, _ = held.attach(connection, settings)
            fought = attacks(connection, settings, models, readers)
            attacked = _cpu() - began
            for one in fought:
                tally = Tally(decided=decided / len(fought), attacked=attacked / len(fought))
                tally.take(one)
                tally.lost = _lost(connection, one.audience)
                if night == 1:
                    _break(connection, codes, one.audience, options, tally)
                line = tally.line(f"batch {name}, night {night}", one.audience)
                print(line, file=sys.stderr, flush=True)
                for leak in tally.leaks:
                    print(f"LEAK seed {options.seed}, night {night}, {one.audience}: {leak}")
                found.setdefault(one.audience, Tally()).add(tally)
        if night < options.nights:
            _publish(settings, models, f"20260101T00000{night}000000Z")
    return found


def _publish(settings: Settings, models: list[PublicModel], version: str) -> None:
    for audience, output in settings.outputs.items():
        aside = settings.home / f"aside-{audience}"
        aside.mkdir()
        build_folder(aside, models, settings, audience, version)
        place.put(aside, output, version, is_for_all=False)
    with warehouse(settings) as connection:
        ledger.enter(connection, version)
        ledger.settle(connection, version)


def _lost(connection: duckdb.DuckDBPyConnection, audience: str) -> dict[str, float]:
    """By authority, the share of its counts above nought that is withheld."""
    return dict(
        connection.execute(
            """
            select la_code, count(decisions.count_id) / count(*)
            from disclosure.disclosure_counts as counts
            left join disclosure.disclosure_decisions as decisions
                on counts.count_id = decisions.count_id and decisions.audience = ?
            where role = 'shown' and counted > 0
            group by la_code order by la_code
            """,
            [audience],
        ).fetchall()
    )


def _break(
    connection: duckdb.DuckDBPyConnection,
    codes: list[str],
    audience: str,
    options: argparse.Namespace,
    tally: Tally,
) -> None:
    """Break what an audience may see of each authority, and attack it."""
    (policy,) = (each for each in policies(connection) if each.audience == audience)
    for code in codes:
        authority = broken.Authority(connection, code, audience)
        dice = random.Random(f"{options.seed} {code} {audience}")
        for made, _ in zip(
            broken.breaks(connection, authority, dice), range(options.breaks), strict=False
        ):
            tally.made[made.kind] += 1
            fought = attack(connection, authority.version(made.shown), [], policy)
            if any(_is_of(finding.mart, finding.column, made) for finding in fought.findings):
                tally.caught[made.kind] += 1
            else:
                print(
                    f"NOT CAUGHT seed {options.seed}, authority {code}, {audience}: {made.kind}, "
                    f"{made.tells.count_id}"
                )


def _is_of(mart: str, column: str, made: broken.Break) -> bool:
    return (mart, column) == (made.tells.mart, made.tells.column)


def _cpu() -> float:
    """CPU seconds of this process and of those that it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    sys.exit(main())
