"""The cases of all sources through the door and the models of validation, once."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flows import build
from tests.building import models_only
from tests.rules.cases import CASES, IN_COMMON, RETURNS, Given, Side, read
from tests.rules.returns import census_files, filled_in, ssda903_files
from tests.scratch import Scratch

IDENTIFIERS = {
    "ssda903": "select child, _child_key, _la_code from landing.ssda903__headers "
    "union select child, _child_key, _la_code from landing.ssda903__episodes",
    "cin_census": "select la_child_id, _child_key, _la_code from landing.cin_census__children",
}


@dataclass(frozen=True)
class Judged:
    """What the rules say of the cases.

    rules      the rows of the seed, by column
    told       (rule, authority, collection year, table, child key) of each failure
    runs       (rule, authority, collection year) -> what became of the rule
    keys       (child, authority) -> the key that the door made
    """

    sides: list[Side]
    rules: list[dict[str, Any]]
    told: set[tuple[str, str, int, str, str | None]]
    runs: dict[tuple[str, str, int], str]
    keys: dict[tuple[str, str], str | None]

    def versions(self, side: Side) -> list[dict[str, Any]]:
        """The version of the rule that is in force in the year of a case."""
        return [
            rule
            for rule in self.rules
            if rule["rule_code"] == side.rule_code
            and (rule["first_year"] or 0) <= side.year <= (rule["last_year"] or 9999)
        ]

    def tables_told(self, side: Side) -> set[str]:
        """The tables at whose rows the rule tells of the child, or of the authority that is
        the child's alone."""
        child_key = self.keys.get((_identifier(side), side.la_code))
        return {
            table
            for rule_code, la_code, year, table, told_of in self.told
            if (rule_code, la_code, year) == (side.rule_code, side.la_code, side.year)
            and (side.is_alone or (child_key is not None and told_of == child_key))
        }


def judge(
    sources: Iterable[str], scratch: Scratch, build_models: Callable[[Scratch], None]
) -> dict[str, Judged]:
    """Land the cases of some sources, build, and take down what is said of them."""
    cases = {source: read(source) for source in sources}
    for source, sides in cases.items():
        _deliver(sides, scratch, (source,) if source in RETURNS else RETURNS)
    for extract in sorted((CASES / "extracts").rglob("*.csv")):
        scratch.deliver(str(extract.relative_to(CASES / "extracts")), extract)
    for landed in scratch.land().values():
        assert landed.outcome == "landed", f"{landed.name}: {landed.reason}"
    build_models(scratch)
    keys = {
        (child, la_code): key
        for query in IDENTIFIERS.values()
        for child, key, la_code in scratch.rows(query)
    }
    return {source: _judged(source, sides, keys, scratch) for source, sides in cases.items()}


def build_models(scratch: Scratch) -> None:
    with models_only():
        build.build(scratch.settings, select=["+path:models/validation"])


def _judged(
    source: str, sides: list[Side], keys: dict[tuple[str, str], str | None], scratch: Scratch
) -> Judged:
    columns = ("rule_code", "first_year", "last_year", "reports_on", "scope", "severity")
    rules = scratch.rows(
        f"select {', '.join(columns)} from validation.validation_rules where source = ?", source
    )
    told = scratch.rows(
        "select rule_code, la_code, collection_year, table_name, child_key "
        "from quality.rule_failures where source = ?",
        source,
    )
    runs = scratch.rows(
        "select rule_code, la_code, collection_year, status from quality.rule_results "
        "where source = ?",
        source,
    )
    return Judged(
        sides,
        [dict(zip(columns, rule, strict=True)) for rule in rules],
        set(told),
        {(rule_code, la_code, year): status for rule_code, la_code, year, status in runs},
        keys,
    )


def _deliver(sides: Iterable[Side], scratch: Scratch, returns: Iterable[str]) -> None:
    """One return of each kind for each authority and year; of the authority that cases have in
    common the year before, too, whether or not a child has rows in it."""
    delivered: dict[tuple[str, str, int], list[tuple[Side, str, Given]]] = defaultdict(list)
    for side in sides:
        for (source, year), given in side.given.items():
            place = delivered[side.la_code, source, year]
            place.append((side, side.child, given))
            for number, other in enumerate(given.get("others", []), 1):
                beside = filled_in(other, child=side.child)
                place.append((side, f"{side.child}O{number}", beside))
        if not side.is_alone:
            for source in returns:
                for year in (side.year - 1, side.year):
                    delivered[side.la_code, source, year]  # there, if empty
    for (la_code, source, year), children in delivered.items():
        if source == "ssda903":
            told = [(child, given) for _, child, given in children]
            files = ssda903_files(year, told, la_code in IN_COMMON.values())
        else:
            # nobody to tell of: a census has at least one child
            files = census_files(
                year,
                la_code,
                [(child, given, side.year - 8) for side, child, given in children]
                or [("NOBODY", {}, year - 8)],
            )
        for name, text in files.items():
            scratch.deliver(f"{la_code}/{source}/{year}/{name}", text)


def _identifier(side: Side) -> str:
    """The identifier that the child has in the return of the year."""
    for (source, year), given in side.given.items():
        own = given.get("ChildIdentifiers") if source == "cin_census" else None
        if year == side.year and isinstance(own, dict) and own.get("LAchildID"):
            return str(own["LAchildID"]).replace("{child}", side.child)
    return side.child
