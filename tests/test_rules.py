"""Every rule of the returns, by real rows through the real door: one that it tells of, and one
that comes near and passes. The cases are in tests/rules."""

import csv
import re
from datetime import date
from pathlib import Path

import duckdb
import numpy
import pytest

from flows.audit import record_rules
from flows.settings import HOUSE
from tests.rules.cases import ACROSS, RETURNS
from tests.rules.judged import Judged, build_models, judge
from tests.rules.page import PAGE, page
from tests.scratch import Scratch

SOURCES = (*RETURNS, ACROSS)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    return Scratch.at(tmp_path_factory.mktemp("rules"), la_code=None)


@pytest.fixture(scope="module")
def all_judged(request: pytest.FixtureRequest, scratch: Scratch) -> dict[str, Judged]:
    """The cases of those sources that tests are run of, in one landing and one build."""
    asked = {
        item.callspec.params.get("judged")
        for item in request.session.items
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
    }
    wanted = [source for source in SOURCES if source in asked]
    return judge(wanted, scratch, build_models)


@pytest.fixture(scope="module", params=SOURCES)
def judged(request: pytest.FixtureRequest, all_judged: dict[str, Judged]) -> Judged:
    return all_judged[request.param]


def test_every_version_of_a_rule_has_a_case_that_fails_and_one_that_passes(judged: Judged) -> None:
    there = {
        (version["rule_code"], version["first_year"], side.side)
        for side in judged.sides
        for version in judged.versions(side)
    }
    missing = [
        f"{rule['rule_code']} ({rule['first_year'] or ''} to {rule['last_year'] or ''}): {side}"
        for rule in judged.rules
        for side in ("fails", "passes")
        if (rule["rule_code"], rule["first_year"], side) not in there
    ]
    assert not missing, "\n".join(["no case:", *missing])


def test_every_case_is_of_one_rule_in_force(judged: Judged) -> None:
    strays = [str(side) for side in judged.sides if len(judged.versions(side)) != 1]
    assert not strays, "\n".join(["not one version in force:", *strays])


def test_every_rule_with_cases_ran_or_says_that_it_was_skipped(judged: Judged) -> None:
    wrong = []
    for side in judged.sides:
        status = judged.runs.get((side.rule_code, side.la_code, side.year))
        if status != ("skipped" if side.side == "skips" else "ran"):
            wrong.append(f"{side}: {status}")
    assert not wrong, "\n".join(wrong)


def test_every_case_is_told_where_it_is_to_be_mended_or_not_at_all(judged: Judged) -> None:
    wrong = []
    for side in judged.sides:
        expected = (
            {version["reports_on"] for version in judged.versions(side)}
            if side.side == "fails"
            else set()
        )
        found = judged.tables_told(side)
        if found != expected:
            wrong.append(f"{side}: told at {sorted(found) or 'nothing'}")
    assert not wrong, "\n".join(["not as the case says:", *wrong])


@pytest.mark.parametrize("source", SOURCES)
def test_every_rule_of_the_seed_is_written_once_and_no_other(source: str) -> None:
    seed = (HOUSE / "seeds" / "validation" / f"{source}_rules.csv").read_text(encoding="utf-8")
    listed = {line.split(",")[0] for line in seed.splitlines()[1:] if line}
    written = [
        code.upper()
        for path in sorted((HOUSE / "models" / "validation" / source).glob("*_rules.sql"))
        for code in re.findall(r"as fails_(\w+)", path.read_text(encoding="utf-8"))
    ]
    assert len(written) == len(set(written))
    assert set(written) == listed


# Whether a placement is in the authority, and in which, are both worked out of its postcode: no
# return can tell one without the other.
CANNOT_FAIL = {"411"}


@pytest.mark.parametrize("source", RETURNS)
def test_every_rule_that_is_known_of_is_in_the_seed(shared: Path, source: str) -> None:
    """But for those that were never in force, and another tool's own."""
    known = {
        rule["code"].upper()
        for rule in rows_of(shared / "formats" / f"{source}_rules.csv")
        if rule.get("live_in") != "never" and rule.get("family") != "tool-internal"
    }
    seed = rows_of(HOUSE / "seeds" / "validation" / f"{source}_rules.csv")
    assert {rule["rule_code"] for rule in seed} == known - CANNOT_FAIL


def test_the_page_of_the_rules_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.rules.page writes it anew"


def test_every_model_of_rules_is_read() -> None:
    read = re.findall(
        r"', '(\w+_rules)'\)", (HOUSE / "macros" / "validation.sql").read_text(encoding="utf-8")
    )
    models = [path.stem for path in (HOUSE / "models" / "validation").glob("*/*_rules.sql")]
    assert sorted(read) == sorted(models)


def test_what_rules_found_is_among_the_findings_and_stays_as_it_was(
    all_judged: dict[str, Judged], scratch: Scratch
) -> None:
    with duckdb.connect(str(scratch.settings.warehouse)) as warehouse:
        for run_id in ("the first night", "the second night"):
            record_rules(warehouse, run_id)
        found = warehouse.execute(
            "select sum(rows_unexpected), list(distinct run_id), list(distinct severity) "
            "from quality.findings where door = 'rules'"
        ).fetchall()
        failures = warehouse.execute("select count(*) from quality.rule_failures").fetchall()
    assert failures[0][0] > 0
    assert found == [(*failures[0], ["the first night"], ["warning"])]


# Working days


def bank_holidays() -> list[date]:
    seed = rows_of(HOUSE / "seeds" / "validation" / "bank_holidays.csv")
    return [date.fromisoformat(row["holiday_date"]) for row in seed]


def test_the_bank_holidays_are_those_of_the_package() -> None:
    holidays = pytest.importorskip("holidays")
    seed = bank_holidays()
    years = range(seed[0].year, seed[-1].year + 1)
    assert seed == sorted(holidays.country_holidays("GB", subdiv="ENG", years=years))


def test_bank_holidays_are_known_of_every_collection_year_that_is_judged() -> None:
    """Of returns from 2001, the first of them that are delivered, to the next."""
    known = {day.year for day in bank_holidays()}
    assert set(range(2000, date.today().year + 2)) <= known


def test_working_days_are_counted_as_numpy_counts_them(
    all_judged: dict[str, Judged], scratch: Scratch
) -> None:
    holidays = bank_holidays()
    told = scratch.rows("select * from validation.working_day_limits order by collection_year")

    def before(day: date, working_days: int) -> date:
        counted = numpy.busday_offset(day, -working_days, roll="forward", holidays=holidays)
        return date.fromisoformat(str(counted))

    years = range(holidays[0].year + 1, holidays[-1].year + 1)
    assert told == [
        (
            year,
            before(date(year - 1, 4, 1), 1),
            before(date(year, 3, 31), 15),
            before(date(year, 3, 31), 45),
        )
        for year in years
    ]
