"""The cases of the rules of the returns, read from tests/rules/<source>/<group>.yaml.

A group is a mapping of rule code to a list of cases. A case says what is wrong with one child
(`fails`) and how near to it a child may come (`passes`):

    "101":
      - year: 2024                      # collection year; 2025 when not said
        fails: {Header: {SEX: "3"}}
        passes: {Header: {SEX: "1"}}

Each side is a sound child (tests/rules/returns.py) with these fields laid over it: a table (of
SSDA903) or element (of the census) is one mapping or a list of them, the first laid over the
sound child's own, the others from blank; `[]` is none, and a field that is null is left out.
`{child}` within a text is the identifier of the child told of. Beside the tables a side may have

    last       the child's rows in the return of the year before, laid over a sound child's
    next       the same of the year after
    others     further children of the same return, each written as a side is

A case may have, beside or instead of its sides,

    alone      true: each side has an authority of its own, in which nothing else is delivered;
               tables of SSDA903 that the side does not name are not delivered, but for Header
               and Episodes, and those that it says are null
    skips      a side (alone) with which the rule does not run, and says so

Of the checks across sources (tests/rules/across_sources) a side names the return before the
tables: `{ssda903: {...}, cin_census: {...}, last: {cin_census: {...}}}`; a return that it does not
name has not got the child. In all texts `year` and `last` within braces, as in {year}-03-31, are
the collection year and the year before it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CASES = Path(__file__).parent
RETURNS = ("ssda903", "cin_census")
ACROSS = "across_sources"
YEAR = 2025
SIDES = ("fails", "passes", "skips")
# The authority that the cases of a source have in common.
IN_COMMON = {"ssda903": "332", "cin_census": "333", "across_sources": "334"}

Given = dict[str, Any]


@dataclass(frozen=True)
class Side:
    """One side of a case: a child, whose identifier says the rule, the side and the case.

    given   what the case says of the child by return and collection year
    """

    rule_code: str
    side: str
    number: int
    year: int
    is_alone: bool
    la_code: str
    given: dict[tuple[str, int], Given]

    @property
    def child(self) -> str:
        return f"{self.rule_code}{self.side[0].upper()}{self.number}"

    def __str__(self) -> str:
        return f"{self.rule_code}, case {self.number} of {self.year}, {self.side}"


def read(source: str) -> list[Side]:
    """All sides of all cases of a source, those that are alone with an authority each."""
    others = _authorities(source)
    sides = []
    for rule_code, number, case in _cases(source):
        for side in SIDES:
            if side in case:
                year = int(case.get("year", YEAR))
                is_alone = side == "skips" or case.get("alone") == "true"
                sides.append(
                    Side(
                        rule_code, side, number, year, is_alone,
                        next(others) if is_alone else IN_COMMON[source],
                        _by_return(source, year, case[side] or {}),
                    )
                )  # fmt: skip
    return sides


def _cases(source: str) -> Iterator[tuple[str, int, Given]]:
    seen: dict[str, int] = {}
    for path in sorted((CASES / source).glob("*.yaml")):
        # everything stays the text it is written as: no dates, no numbers, no yes and no
        groups = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader) or {}  # noqa: S506
        for rule_code, cases in groups.items():
            for case in cases:
                assert set(case) <= {"year", "alone", *SIDES}, f"{path.name}: {rule_code}"
                seen[rule_code] = seen.get(rule_code, 0) + 1
                yield rule_code, seen[rule_code], _without_nulls(case)


def _without_nulls(given: Any) -> Any:
    match given:
        case dict():
            return {key: _without_nulls(value) for key, value in given.items()}
        case list():
            return [_without_nulls(value) for value in given]
        case "null" | "~":
            return None
    return given


def _by_return(source: str, year: int, side: Given) -> dict[tuple[str, int], Given]:
    """What a side says of the return of the year and, where it does, of those beside it."""
    beside = {"last": year - 1, "next": year + 1}
    this = {key: value for key, value in side.items() if key not in beside}
    told = {year: this} | {beside[key]: side[key] or {} for key in beside if key in side}
    if source != ACROSS:
        return {(source, of_year): given for of_year, given in told.items()}
    return {
        (one, of_year): given[one] or {}
        for of_year, given in told.items()
        for one in RETURNS
        if one in given
    }


def _authorities(source: str) -> Iterator[str]:
    """Codes of authorities that no other case has; whether there is such an authority does not
    matter."""
    first = 400 + 200 * list(IN_COMMON).index(source)
    yield from (str(code) for code in range(first, first + 200))
