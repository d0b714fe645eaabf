"""How fast a census is read and landed, and whether memory stays flat with the file's size.

    python -m benchmarks.landing_xml [--children 10000 100000 650000] [--runs 3] [--long-runs 1]

Writes CIN censuses of invented children and measures, each in a process of its own: the
reader alone (every batch taken, nothing written), a whole landing in an empty home, and the
floor, which is lxml's iterparse and the flattening of each child into the rows of the same
tables, and nothing else: no lines, no keys, no unknown elements, nothing checked. Speeds are
per second of CPU, which a busy machine disturbs least; medians of several runs. What takes less
than five seconds is done over and over for as long, and its mean is the run's.
"""

import argparse
import json
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree

from benchmarks.place import apart, machine
from flows.land import find, land, prepare
from flows.land.delivery import Rows, pseudonym
from flows.land.layouts import sources
from flows.land.xml_file import Elements
from flows.settings import Limits, Settings

KEY = b"a benchmark's key, which protects nobody"
LA_CODE, YEAR = "332", 2011
KINDS = 400  # children that are different in shape; all others are these with other dates
MANY = 200_000  # children from which a file counts as long
LEAST = 5.0  # CPU seconds of a run; of one alone, two runs differ by a tenth


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--children", type=int, nargs="+", default=[10_000, 100_000, 650_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--long-runs", type=int, default=1, help=f"from {MANY:,} children")
    parser.add_argument("--only", choices=list(MEASURES), nargs="+", default=list(MEASURES))
    parser.add_argument("--measure", choices=list(MEASURES), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(_measured(MEASURES[options.measure], options.file)))
        return
    _compare(options.children, options.only, options.runs, options.long_runs)


class Spent(NamedTuple):
    """What one run cost."""

    wall: float
    cpu: float
    megabytes: float


def _compare(sizes: list[int], only: list[str], runs: int, long_runs: int) -> None:
    print(f"{machine()}; medians of {runs} runs, {long_runs} from {MANY:,} children\n", flush=True)
    print(
        f"| {'children':>8} | {'MB':>6} | {'measured':8} | {'wall s':>7} | {'CPU s':>7} "
        f"| {'MB/CPU s':>8} | {'children/CPU s':>14} | {'of floor':>8} | {'peak MB':>7} |"
    )
    print("|---:|---:|---|---:|---:|---:|---:|---:|---:|")
    for children in sizes:
        with tempfile.TemporaryDirectory(prefix="cyp-bench-") as folder:
            path = Path(folder) / LA_CODE / "cin_census" / str(YEAR) / "census.xml"
            path.parent.mkdir(parents=True)
            write_census(path, children)
            size = path.stat().st_size / 1e6
            # One after the other in each round, so that a busy minute disturbs them alike.
            found: dict[str, list[Spent]] = {name: [] for name in only}
            counts: dict[str, dict[str, int]] = {}
            for _ in range(long_runs if children >= MANY else runs):
                for name in only:
                    told = apart("landing_xml", "--measure", name, "--file", str(path))
                    counts[name] = told["rows"]
                    found[name].append(Spent(*told["spent"]))
            for name in only[1:]:
                if counts[name] != counts[only[0]]:
                    sys.exit(f"{name} and {only[0]} found other rows: {counts}")
        middle = {
            name: Spent(*(statistics.median(part) for part in zip(*all_, strict=True)))
            for name, all_ in found.items()
        }
        for name, spent in middle.items():
            share = f"{middle['floor'].cpu / spent.cpu:.0%}" if "floor" in middle else ""
            print(
                f"| {children:8,} | {size:6.0f} | {name:8} | {spent.wall:7.2f} | {spent.cpu:7.2f} "
                f"| {size / spent.cpu:8.1f} | {children / spent.cpu:14,.0f} | {share:>8} "
                f"| {spent.megabytes:7.0f} |",
                flush=True,
            )


def _measured(work: Callable[[Path], dict[str, int]], path: Path) -> dict[str, Any]:
    wall, cpu, times = time.perf_counter(), time.process_time(), 0
    while time.process_time() - cpu < LEAST:
        rows = work(path)
        times += 1
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    found = {name: count for name, count in sorted(rows.items()) if count}
    return {"spent": Spent(wall / times, cpu / times, _peak_megabytes()), "rows": found}


def _peak_megabytes() -> float:
    """What getrusage tells is not below what the process had that started this one, so Linux
    is asked otherwise."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text(encoding="utf-8").split("VmHWM:")[1].split()[0]) / 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # in bytes, on macOS


# What is measured. Each returns the rows of each table that it found.


def _reader(path: Path) -> dict[str, int]:
    source = sources()["cin_census"]
    elements = Elements(source, lambda lea, year: lea or LA_CODE, partial(pseudonym, KEY), Limits())
    rows = dict.fromkeys(source.tables, 0)
    for batch in elements.read(path, is_gzip=False):
        assert isinstance(batch, Rows)
        rows[batch.table] += batch.count
    return rows


def _landing(path: Path) -> dict[str, int]:
    with tempfile.TemporaryDirectory(prefix="cyp-bench-home-") as home:
        settings = Settings(
            extracts=path.parents[3], is_sample=False, home=Path(home), la_code=None, key=KEY
        )
        prepare(settings)
        (extract,) = find(settings)
        landed = land(extract, settings)
    if landed.outcome != "landed":
        sys.exit(landed.reason)
    return {name.removeprefix("cin_census__"): count for name, count in landed.tables.items()}


def _floor(path: Path) -> dict[str, int]:
    """What anyone would write for the job: of each row its number, its line, the rows it stands
    in and its texts as they are; let go by the ten thousand children, as the reader lets go of
    its batches. Each element is looked at once."""
    flat = Flat()
    for _, element in etree.iterparse(str(path), tag=("Header", "Child")):
        if element.tag == "Child":
            flat.child(element)
        else:
            flat.header(element)
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    return flat.counts


class Flat:
    """Children into rows of each table."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(sources()["cin_census"].tables, 0)
        self.rows: dict[str, list[Any]] = {name: [] for name in self.counts}

    def number(self, table: str) -> int:
        self.counts[table] += 1
        return self.counts[table]

    def begun(self, table: str, element: Any, *stands_in: int) -> dict[str, Any]:
        row = {"_row": self.number(table), "_line": element.sourceline, "_within": stands_in}
        self.rows[table].append(row)
        return row

    def texts(self, table: str, group: Any, *stands_in: int) -> None:
        """Rows that are nothing but their text."""
        self.rows[table] += [
            (self.number(table), each.sourceline, stands_in, each.text) for each in group
        ]

    def header(self, element: Any) -> None:
        row = self.begun("header", element)
        row |= {leaf.tag: leaf.text for group in element for leaf in group}

    def child(self, element: Any) -> None:
        row = self.begun("children", element)
        child = row["_row"]
        for group in element:
            if group.tag == "CINdetails":
                self.referral(group, child)
                continue
            for leaf in group:
                if leaf.tag == "Disabilities":
                    self.texts("disabilities", leaf, child)
                else:
                    row[leaf.tag] = leaf.text
        if not child % 10_000:
            for rows in self.rows.values():
                rows.clear()

    def referral(self, element: Any, child: int) -> None:
        row = self.begun("referrals", element, child)
        referral = row["_row"]
        for part in element:
            tag = part.tag
            if tag in TABLES:
                self.part(TABLES[tag], part, child, referral)
            else:
                row[tag] = part.text

    def part(self, table: str, element: Any, child: int, referral: int) -> None:
        row = self.begun(table, element, child, referral)
        for leaf in element:
            tag = leaf.tag
            if tag in TEXTS:
                self.texts(TEXTS[tag], leaf, child, referral, row["_row"])
            else:
                row[tag] = leaf.text


TABLES = {
    "Assessments": "assessments",
    "CINPlanDates": "cin_plans",
    "Section47": "section_47s",
    "ChildProtectionPlans": "child_protection_plans",
}
TEXTS = {"FactorsIdentifiedAtAssessment": "assessment_factors", "Reviews": "reviews"}


MEASURES = {"floor": _floor, "reader": _reader, "landing": _landing}


# A census of any length: some hundred children of every shape, and then these again with
# other identifiers and dates.

HEADER = """<?xml version="1.0" encoding="utf-8"?>
<Message>
  <Header>
    <CollectionDetails>
      <Collection>CIN</Collection>
      <Year>{year}</Year>
      <ReferenceDate>{year}-03-31</ReferenceDate>
    </CollectionDetails>
    <Source>
      <SourceLevel>L</SourceLevel>
      <LEA>{la_code}</LEA>
      <SoftwareCode>Invented children</SoftwareCode>
      <Release>1</Release>
      <SerialNo>001</SerialNo>
      <DateTime>{year}-06-30T09:30:00</DateTime>
    </Source>
  </Header>
  <Children>
"""
FOOTER = "  </Children>\n</Message>\n"


def write_census(path: Path, children: int, year: int = YEAR) -> None:
    """The same bytes for the same number of children and year."""
    dice = random.Random(2011)
    kinds = ["".join(_child(dice, year)) for _ in range(KINDS)]
    days = [(date(year - 1, 4, 1) + timedelta(day)).isoformat() for day in range(365)]
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADER.format(year=year, la_code=LA_CODE))
        for number in range(children):
            dates = {f"d{at}": days[(number * 7 + at * 13) % 365] for at in range(8)}
            file.write(kinds[number % KINDS] % {"id": f"{number:07d}", **dates})
        file.write(FOOTER)


def _child(dice: random.Random, year: int) -> Iterator[str]:
    yield "    <Child>\n      <ChildIdentifiers>\n"
    yield from _leaves(
        8,
        LAchildID="C%(id)s",
        UPN="A3320%(id)s0" if dice.random() < 0.6 else None,
        UPNunknown="UN1" if dice.random() < 0.4 else None,
        PersonBirthDate=f"{dice.randint(year - 18, year - 1)}-{dice.randint(1, 12):02}-17",
        **{"GenderCurrent": dice.choice("12")} if year < 2025 else {"Sex": dice.choice("FM")},
    )
    yield "      </ChildIdentifiers>\n      <ChildCharacteristics>\n"
    yield from _leaves(8, Ethnicity=dice.choice(["WBRI", "WOTH", "MWBC", "APKN", "BCRB"]))
    if dice.random() < 0.9:
        yield "        <Disabilities>\n"
        for code in dice.choice([["NONE"], ["NONE"], ["NONE"], ["LD", "AUT"], ["MOB"]]):
            yield from _leaves(10, Disability=code)
        yield "        </Disabilities>\n"
    yield "      </ChildCharacteristics>\n"
    for _ in range(dice.choice([1, 1, 1, 1, 2])):
        yield from _referral(dice)
    yield "    </Child>\n"


def _referral(dice: random.Random) -> Iterator[str]:
    is_closed = dice.random() < 0.4
    yield "      <CINdetails>\n"
    yield from _leaves(
        8,
        CINreferralDate="%(d0)s",
        ReferralSource=dice.choice(["1A", "2B", "3C", "5A", "10"]),
        PrimaryNeedCode=f"N{dice.randint(1, 8)}",
        CINclosureDate="%(d1)s" if is_closed else None,
        ReasonForClosure="RC7" if is_closed else None,
    )
    for _ in range(dice.choice([0, 1, 1, 2])):
        yield "        <Assessments>\n"
        yield from _leaves(
            10,
            AssessmentActualStartDate="%(d2)s",
            AssessmentInternalReviewDate="%(d3)s" if dice.random() < 0.5 else None,
            AssessmentAuthorisationDate="%(d4)s" if dice.random() < 0.8 else None,
        )
        yield "          <FactorsIdentifiedAtAssessment>\n"
        for factor in dice.sample(["1A", "2B", "3A", "4B", "6A", "13A", "21"], dice.randint(1, 4)):
            yield from _leaves(12, AssessmentFactors=factor)
        yield "          </FactorsIdentifiedAtAssessment>\n        </Assessments>\n"
    for _ in range(dice.choice([0, 0, 1])):
        yield "        <CINPlanDates>\n"
        yield from _leaves(10, CINPlanStartDate="%(d5)s", CINPlanEndDate="%(d6)s")
        yield "        </CINPlanDates>\n"
    for _ in range(dice.choice([0, 0, 0, 1])):
        yield "        <Section47>\n"
        yield from _leaves(
            10,
            S47ActualStartDate="%(d5)s",
            InitialCPCtarget="%(d6)s",
            DateOfInitialCPC="%(d7)s" if dice.random() < 0.6 else None,
            ICPCnotRequired=dice.choice(["false", "true"]),
        )
        yield "        </Section47>\n"
    yield from _leaves(8, ReferralNFA=dice.choice(["false", "false", "true"]))
    for _ in range(dice.choice([0, 0, 0, 0, 1])):
        yield "        <ChildProtectionPlans>\n"
        yield from _leaves(
            10,
            CPPstartDate="%(d5)s",
            CPPendDate="%(d7)s" if dice.random() < 0.4 else None,
            InitialCategoryOfAbuse="NEG",
            LatestCategoryOfAbuse="EMO",
            NumberOfPreviousCPP=str(dice.randint(0, 2)),
        )
        yield "          <Reviews>\n"
        for at in range(dice.randint(1, 3)):
            yield from _leaves(12, CPPreviewDate=f"%(d{at + 2})s")
        yield "          </Reviews>\n        </ChildProtectionPlans>\n"
    yield "      </CINdetails>\n"


def _leaves(indent: int, **values: str | None) -> Iterator[str]:
    for name, value in values.items():
        if value is not None:
            yield f"{' ' * indent}<{name}>{value}</{name}>\n"


if __name__ == "__main__":
    main()
