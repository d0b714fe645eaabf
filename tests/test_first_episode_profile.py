"""The first-episode profile shows every category, and every child in each dimension once.

The SQL of the model, compiled by dbt, is run on a few invented children.
"""

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from flows.build import dbt
from flows.settings import HOUSE, Settings

MODEL = "first_episode_profile_counted"

INPUTS = """
create schema core;
create schema looked_after;
create schema reference;
create table looked_after.cohort_first_episodes as
    select '900' as la_code, date '2001-04-01' as cohort_start_date,
        date '2011-03-31' as cohort_end_date, children.*
    from (values
        (true, 2002, 0, 'F', 'WBRI', 'N1', 'in area', 'E01000001', 'W1', 'North'),
        (true, 2002, 4, 'F', 'MWBC', 'N1', 'in area', 'E01000002', 'W2', 'South'),
        (true, 2011, 5, 'M', 'WROM', 'N4', 'in area', 'E01000009', 'W9', null),
        (true, 2011, 17, 'M', 'REFU', 'N9', 'out of area', null, null, null),
        (true, 2010, 18, 'U', 'XXXX', null, 'unknown', null, null, null),
        (true, 2010, null, null, null, null, 'unknown', null, null, null),
        (false, 2001, 3, 'F', 'WBRI', 'N1', 'in area', 'E01000001', 'W1', 'North')
    ) as children (
        is_in_cohort, entry_year, age_at_entry, sex_code, ethnic_code, category_of_need_code,
        place_status, lsoa01_code, ward_code, township_name
    );
alter table looked_after.cohort_first_episodes add column lsoa11_code varchar;
alter table looked_after.cohort_first_episodes add column lsoa21_code varchar;
create table core.dim_wards as
    select * from (values
        ('900', 'W1', 'Ash', 'North'), ('900', 'W2', 'Birch', 'South'),
        ('900', 'W3', 'Cedar', 'South'), ('901', 'W8', 'Elsewhere', 'Elsewhere')
    ) as wards (la_code, ward_code, ward_name, township_name);
create table core.fct_deprivation as
    select * from (values
        ('900', 'E01000001', '2001', 1, true), ('900', 'E01000002', '2001', 10, true),
        ('900', 'E01000001', '2001', 3, false), ('900', 'E01000002', '2011', 4, true),
        ('901', 'E01000001', '2001', 7, true)
    ) as deprivation (la_code, lsoa_code, lsoa_vintage, deprivation_decile, is_selected);
create table core.fct_ethnic_comparators as
    select * from (values
        ('900', 'WBRI', 'Census 2001', 900, 1000), ('900', 'MWBC', 'Census 2001', 1, 1000),
        ('900', 'MWAS', 'Census 2001', 0, 1000), ('901', 'WBRI', 'Census 2001', 1, 10)
    ) as comparators (la_code, ethnic_code, comparator_name, children, all_children);
"""


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    home = tmp_path_factory.mktemp("profile")
    dbt(Settings(home, True, home, None, b"key"), "compile", "--select", MODEL)
    (compiled,) = (home / "target" / "compiled").rglob(f"{MODEL}.sql")
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute(INPUTS)
        for seed in [*HOUSE.glob("seeds/ssda903/*.csv"), *HOUSE.glob("seeds/demography/*.csv")]:
            connection.execute(
                f"create table reference.{seed.stem} as select * from read_csv(?, header = true)",
                [str(seed)],
            )
        connection.execute(f"create table profile as {compiled.read_text()}")
        yield connection


def shown(connection: duckdb.DuckDBPyConnection, dimension: str) -> dict[str, int]:
    """Children by category, of the categories that have any."""
    return dict(
        connection.execute(
            "select category_code, children from profile where dimension = ? and children > 0",
            [dimension],
        ).fetchall()
    )


def row(connection: duckdb.DuckDBPyConnection, dimension: str, code: str, *columns: str) -> Any:
    (found,) = connection.execute(
        f"select {', '.join(columns)} from profile where dimension = ? and category_code = ?",
        [dimension, code],
    ).fetchall()
    return found


@pytest.mark.parametrize(
    ("dimension", "children"),
    [
        ("all", {"all": 6}),
        ("sex", {"F": 2, "M": 2, "unknown": 2}),
        ("ethnic_origin", {"WBRI": 1, "MWBC": 1, "WROM": 1, "unknown": 3}),
        ("ethnic_group", {"white": 1, "mixed": 1, "chinese_or_other": 1, "unknown": 3}),
        ("category_of_need", {"N1": 2, "N4": 1, "unknown": 3}),
        ("age", {"0": 1, "4": 1, "5": 1, "17": 1, "18+": 1, "unknown": 1}),
        ("age_band", {"under 1": 1, "1-4": 1, "5-9": 1, "16+": 2, "0-4": 2, "unknown": 1}),
        ("entry_year", {"2002": 2, "2010": 2, "2011": 2}),
        ("township", {"North": 1, "South": 1, "out of area": 1, "unknown": 3}),
        ("ward", {"W1": 1, "W2": 1, "out of area": 1, "unknown": 3}),
        ("deprivation_decile", {"1": 1, "10": 1, "out of area": 1, "unknown": 3}),
    ],
)
def test_unknown_and_out_of_area_are_shown_and_children_not_counted_are_not(
    profile: duckdb.DuckDBPyConnection, dimension: str, children: dict[str, int]
) -> None:
    assert shown(profile, dimension) == children


def test_categories_without_children_are_there(profile: duckdb.DuckDBPyConnection) -> None:
    rows = dict(
        profile.execute("select dimension, count(*) from profile group by dimension").fetchall()
    )
    assert rows == {
        "all": 1,
        "sex": 3,
        "ethnic_origin": 19,
        "ethnic_group": 6,
        "category_of_need": 9,
        "age": 20,
        "age_band": 7,
        "entry_year": 10,
        "township": 4,
        "ward": 5,
        "deprivation_decile": 12,
    }
    assert row(profile, "ward", "W3", "children", "percent") == (0, 0.0)


def test_percentages_are_of_all_counted_children(profile: duckdb.DuckDBPyConnection) -> None:
    measures = ("percent", "percent_lower_95", "percent_upper_95")
    assert row(profile, "category_of_need", "N1", *measures) == (33.3, 9.7, 70.0)
    assert row(profile, "all", "all", *measures) == (100.0, 61.0, 100.0)


def test_shares_are_compared_with_the_children_of_the_area(
    profile: duckdb.DuckDBPyConnection,
) -> None:
    beside = ("comparator_name", "comparator_percent", "comparison")
    assert row(profile, "ethnic_origin", "WBRI", *beside) == ("Census 2001", 90.0, "lower")
    assert row(profile, "ethnic_group", "mixed", *beside) == ("Census 2001", 0.1, "higher")
    assert row(profile, "ethnic_origin", "MWAS", *beside) == ("Census 2001", 0.0, "similar")
    assert row(profile, "ethnic_origin", "WROM", *beside) == (None, None, None)
    assert row(profile, "sex", "F", *beside) == (None, None, None)


def test_categories_say_what_they_belong_to(profile: duckdb.DuckDBPyConnection) -> None:
    named = ("category_name", "parent_category_name")
    assert row(profile, "ethnic_origin", "WROM", *named) == ("Gypsy/Roma", "Chinese or Other")
    assert row(profile, "ethnic_group", "chinese_or_other", *named) == ("Chinese or Other", None)
    assert row(profile, "age_band", "0-4", *named) == ("0 to 4", "plan")
    assert row(profile, "age", "0", *named) == ("Under 1", "Under 1")
    assert row(profile, "ward", "W3", *named) == ("Cedar", "South")
    assert row(profile, "entry_year", "2002", *named) == ("2001-02", None)
