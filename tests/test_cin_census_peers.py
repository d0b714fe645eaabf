"""Other projects' invented CIN censuses, through the door and the models."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from flows.build import dbt
from flows.land import find, land, prepare
from flows.settings import Settings

COLUMN = re.compile(r"\b(?!coalesce\b)[a-z0-9_]+")

# File, authority and year as its header has them.
CENSUSES = [("fake_CIN_data.xml", "975", 2022), ("CIN_Census_2024.xml", "201", 2023)]


@pytest.fixture(scope="module")
def censuses(
    shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Landed without the examination at the door: some of these files are wrong on purpose."""
    home = tmp_path_factory.mktemp("censuses")
    settings = Settings(
        extracts=home / "extracts", is_sample=False, home=home, la_code=None, key=b"tests only"
    )
    samples = shared / "data" / "peer_samples" / "cin" / "csc-validator-be-cin"
    for name, la_code, year in CENSUSES:
        folder = settings.extracts / la_code / "cin_census" / str(year)
        folder.mkdir(parents=True)
        shutil.copyfile(samples / name, folder / name)
    prepare(settings)
    for extract in find(settings):
        landed = land(extract, settings, examine=lambda *_: [])
        assert landed.outcome == "landed", landed.reason
    dbt(
        settings, "build", "--quiet", "--exclude-resource-type", "unit_test",
        "--indirect-selection", "cautious", "--select", "+children_rates_counted",
        "+fct_referrals", "path:models/staging/cin_census",
    )  # fmt: skip
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        yield connection


def test_every_child_and_every_referral_is_staged(censuses: duckdb.DuckDBPyConnection) -> None:
    counts = {
        table: censuses.execute(
            f"select count(*) from staging.stg_cin_census__{table} where la_code = '975'"
        ).fetchone()
        for table in ("children", "referrals", "disabilities")
    }

    assert counts == {"children": (332,), "referrals": (402,), "disabilities": (117,)}


@pytest.mark.parametrize(
    ("table", "delivered", "typed"),
    [
        ("children", "person_birth_date", "birth_date"),
        ("children", "coalesce(sex, gender_current)", "sex_code"),
        ("children", "ethnicity", "ethnic_code"),
        ("disabilities", "disability", "disability_code"),
        ("referrals", "referral_source", "referral_source_code"),
        ("referrals", "primary_need_code", "primary_need_code"),
        ("referrals", "reason_for_closure", "closure_reason_code"),
        ("assessment_factors", "assessment_factor", "assessment_factor_code"),
        ("child_protection_plans", "latest_category_of_abuse", "latest_category_code"),
        ("referrals", "cin_referral_date", "referral_date"),
        ("referrals", "cin_closure_date", "closure_date"),
        ("referrals", "referral_nfa", "is_no_further_action"),
        ("section_47s", "s47_actual_start_date", "enquiry_start_date"),
        ("section_47s", "icpc_not_required", "is_conference_not_required"),
        ("child_protection_plans", "cpp_start_date", "plan_start_date"),
        ("child_protection_plans", "number_of_previous_cpp", "number_of_previous_plans"),
        ("reviews", "cpp_review_date", "review_date"),
        ("cin_plans", "cin_plan_start_date", "plan_start_date"),
        ("assessments", "assessment_actual_start_date", "assessment_start_date"),
    ],
)
def test_no_delivered_value_is_lost_in_typing(
    censuses: duckdb.DuckDBPyConnection, table: str, delivered: str, typed: str
) -> None:
    """It is typed, or told of in unread_columns."""
    landed = censuses.execute(
        f"select count(nullif(trim({delivered}), '')) from landing.cin_census__{table}"
    ).fetchone()
    staged = censuses.execute(
        f"""
        select count(*) from staging.stg_cin_census__{table}
        where {typed} is not null
            or regexp_matches(unread_columns, '(^|,)({"|".join(COLUMN.findall(delivered))}):')
        """
    ).fetchone()

    assert landed is not None and landed[0] > 0
    assert staged == landed


def test_what_the_censuses_get_wrong_is_told_of_and_nothing_else(
    censuses: duckdb.DuckDBPyConnection,
) -> None:
    """A census of 2022-23 that says M, as one does from 2024-25, and a factor that no list has."""
    told = [
        (table, unread)
        for table in ("children", "disabilities", "referrals", "assessments", "assessment_factors",
                      "cin_plans", "section_47s", "child_protection_plans", "reviews")
        for (unread,) in censuses.execute(
            f"select unread_columns from staging.stg_cin_census__{table} "
            "where unread_columns is not null"
        ).fetchall()
    ]  # fmt: skip

    assert told == [
        ("children", "sex:code_not_in_force"),
        ("assessment_factors", "assessment_factor:code_unknown"),
    ]


def test_a_census_of_referrals_that_came_to_nothing_has_nobody_in_need(
    censuses: duckdb.DuckDBPyConnection,
) -> None:
    went_ahead = censuses.execute(
        "select count(*) from core.fct_referrals where la_code = '975' and not is_no_further_action"
    ).fetchone()
    in_need = censuses.execute(
        """
        select at_date::varchar, children from rates.children_rates_counted
        where la_code = '975' and measure = 'children_in_need'
        """
    ).fetchall()

    assert went_ahead == (0,)
    assert in_need == [("2022-03-31", 0)]


def test_a_census_without_plans_tells_no_count_of_plans(
    censuses: duckdb.DuckDBPyConnection,
) -> None:
    rows = censuses.execute(
        "select la_code from rates.children_rates_counted where measure = 'child_protection_plan'"
    ).fetchall()

    assert rows == [("201",)]
