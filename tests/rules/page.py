"""docs/validation.md: every rule of the returns, what it asks, and where it is tried.

python -m tests.rules.page     writes it anew
"""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import yaml

from flows.settings import HOUSE
from tests.rules.cases import ACROSS, CASES, RETURNS

PAGE = HOUSE / "docs" / "validation.md"
SOURCES = (*RETURNS, ACROSS)
NAMES = {
    "ssda903": "SSDA903 return of children looked after",
    "cin_census": "Children in need census",
    "across_sources": "Checks across returns, years and sources",
}
ABOVE = """<!-- Written by `python -m tests.rules.page` from seeds/validation; change those. -->

# The rules of the returns

Every night all rules are held against all returns that stand, in SQL (`models/validation`).
`quality.rule_failures` says which row of which file does not meet which rule, never what it says;
`quality.rule_results` says of each rule, authority and year whether it ran or was skipped, what was
missing, and how many rows and children do not meet it.

An *error* is to be mended before the department takes the return, a *query* is to be mended or
explained, a *warning* is to be looked at. A rule without a first year is held against every year
up to its last. *Needs* is what must have been delivered, or the rule is skipped; *departure* is
what was taken where the wording leaves something open, and where a known implementation differs
from it. Each rule is tried on real files, with rows that it must tell of and rows that come near
and must pass: the last column says where.

## How to use it

```
cyp validate                                   # which rules ran or were skipped, what they found
cyp validate --year 2025 --severity error      # also --la, --source, --rule; --strict ends with 1
cyp validate --out mend.xlsx                   # every row to look at, in the order of its file
cyp validate --rule 101 --out mend.csv         # as CSV; --out - prints it, no children named
cyp validate header.csv episodes.csv census.xml --la 123 --year 2025     # files, no warehouse
cyp validate 123/ssda903/*/*.csv postcodes/2025/*.csv     # of two years the earlier is last year
```

The terminal gets counts and what rules say, never a value. A list that is written has the file,
line and table of each row, the rule, the fields to look at, what is wrong, and the child's own
identifier: it is for its owner alone to read, never lies among what is published or delivered, and
is yours to delete when all is mended.

Files that are given are landed through the same door into a folder for the time being, which is
gone at the end and when it is stopped; what is not let in is told with file, line and column. XML
is a census, whose header says whose it is and of when; other files are tables of SSDA903. What lies
in folders as in the drop folder, `[la/]source/year/`, is told by them: returns of another year,
and the postcodes and providers that some rules need. A run takes about as long for one child as
for thousands ([what it costs](performance.md#what-the-rules-cost)).
"""
HEADINGS = ("Rule", "Years", "Kind", "What is wrong", "Told at", "Needs", "Departure", "Tried in")


def page() -> str:
    parts = [ABOVE]
    for source in SOURCES:
        rules = _rules(source)
        kinds = Counter(rule["severity"] for rule in {r["rule_code"]: r for r in rules}.values())
        told = ", ".join(f"{kinds[kind]} {kind}" for kind in sorted(kinds))
        codes = len({rule["rule_code"] for rule in rules})
        parts.append(f"\n## {NAMES[source]}\n\n{codes} rules in {len(rules)} versions: {told}.\n")
        tried = dict(_tried(source))
        parts.append(_line(HEADINGS))
        parts.append(_line(["---"] * len(HEADINGS)))
        parts += [_line(_cells(rule, tried)) for rule in rules]
    return "\n".join(parts).replace("\n\n\n", "\n\n") + "\n"


def _rules(source: str) -> list[dict[str, str]]:
    seed = HOUSE / "seeds" / "validation" / f"{source}_rules.csv"
    with seed.open(encoding="utf-8", newline="") as lines:
        return sorted(
            csv.DictReader(lines),
            key=lambda rule: (_in_order(rule["rule_code"]), int(rule["first_year"] or 0)),
        )


def _in_order(code: str) -> tuple[str, int, str]:
    """X2 before X10, 8500 before 10000, and 205A before 205B."""
    letters = code.rstrip("0123456789")
    before = code[: len(code) - len(code.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))]
    digits = "".join(letter for letter in code if letter.isdigit())
    return before, int(digits or 0), letters


def _tried(source: str) -> Iterator[tuple[str, str]]:
    for path in sorted((CASES / source).glob("*.yaml")):
        groups = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)  # noqa: S506
        for code in groups or {}:
            yield code, path.relative_to(HOUSE).as_posix()


def _cells(rule: dict[str, str], tried: dict[str, str]) -> list[str]:
    first, last = rule["first_year"], rule["last_year"]
    if first == last:
        years = first or "all"
    else:
        years = f"to {last}" if not first else f"from {first}" if not last else f"{first} to {last}"
    return [
        rule["rule_code"],
        years,
        rule["severity"],
        rule["rule_text"],
        f"{rule['reports_on']}: {rule['fields']}",
        rule["needs"],
        rule["departure"],
        Path(tried.get(rule["rule_code"], "nowhere")).name,
    ]


def _line(cells: list[str] | tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
