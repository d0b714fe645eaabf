"""Known figures of the department's own files, through the door and the models."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from flows.build import dbt
from flows.land import find, land, prepare
from flows.settings import Settings

# Year of publication of the files in each folder; None where a file's name says it.
FOLDERS = {
    "cin_2022_release": 2022,
    "cla_2021_release": 2021,
    "ees_2025": 2025,
    "cla_underlying_2010_2017": None,
    "cin_census_2010_2013": None,
}
PUBLISHED_IN = {
    "osr28-2010ud.csv": 2010,
    "osr26-2011ud.csv": 2011,
    "SFR27-2012ud.csv": 2012,
    "SFR45-2013ud.csv": 2013,
}


@dataclass(frozen=True)
class Department:
    """The department's files, landed and built once for every test here."""

    connection: duckdb.DuckDBPyConnection

    def figure(self, measure: str, day: date, area_code: str) -> tuple[int | None, float | None]:
        row = self.connection.execute(
            """
            select children, rate_per_10000 from core.fct_comparators
            where measure = ? and at_date = ? and area_code = ?
            """,
            [measure, day, area_code],
        ).fetchone()
        assert row is not None
        return row[0], row[1]


@pytest.fixture(scope="module")
def department(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Department]:
    home = tmp_path_factory.mktemp("department")
    settings = Settings(
        extracts=home / "extracts", is_sample=False, home=home, la_code=None, key=b"tests only"
    )
    statistics = shared / "data" / "open" / "dfe_statistics"
    for folder, year in FOLDERS.items():
        for file in sorted((statistics / folder).glob("*.csv")):
            published = year or PUBLISHED_IN.get(file.name) or int(file.name[:4])
            _drop(file, settings.extracts / "comparators" / str(published))
    ethnicity = shared / "data" / "open" / "census_ethnicity"
    _drop(
        ethnicity / "census2021_ethnic_group_20cat_UTLA23_all_ages.csv",
        settings.extracts / "comparators" / "2022",
    )
    prepare(settings)
    for extract in find(settings):
        land(extract, settings)
    dbt(
        settings, "build", "--quiet", "--exclude-resource-type", "unit_test",
        "--indirect-selection", "cautious",
        "--select", "+fct_comparators", "+fct_ethnic_comparators",
        "+fct_statistical_neighbours",
    )  # fmt: skip
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        yield Department(connection)


def _drop(file: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, folder / file.name)


def test_dudley_had_2748_children_in_need_in_march_2011(department: Department) -> None:
    assert department.figure("children_in_need", date(2011, 3, 31), "E08000027") == (2748, 419.3)


def test_dudley_had_233_children_on_a_plan_in_march_2011(department: Department) -> None:
    assert department.figure("child_protection_plan", date(2011, 3, 31), "E08000027") == (233, 35.5)


@pytest.mark.parametrize(
    ("year", "children"), [(2010, 613), (2011, 612), (2017, 675), (2021, 621), (2025, 575)]
)
def test_dudley_looked_after_as_the_department_counts(
    department: Department, year: int, children: int
) -> None:
    assert department.figure("looked_after", date(year, 3, 31), "E08000027")[0] == children


@pytest.mark.parametrize(
    ("measure", "year", "children", "rate"),
    [
        ("children_in_need", 2010, 375_900, 341.0),
        ("children_in_need", 2011, 382_400, 346.2),
        ("child_protection_plan", 2010, 39_100, 36.0),
        ("child_protection_plan", 2022, 50_920, 42.1),
        ("looked_after", 2021, 80_780, 69.0),
    ],
)
def test_englands_rates_as_published(
    department: Department, measure: str, year: int, children: int, rate: float
) -> None:
    figure = department.figure(measure, date(year, 3, 31), "E92000001")

    assert figure[1] == rate
    assert figure[0] is not None and abs(figure[0] - children) <= children * 0.001


def test_a_rate_nobody_prints_comes_from_the_population_the_department_prints(
    department: Department,
) -> None:
    """The releases of 2025 give counts of children in need without rates."""
    assert department.figure("children_in_need", date(2025, 3, 31), "E92000001") == (402_400, 330.3)


def test_every_authority_of_the_releases_is_known_by_its_code(department: Department) -> None:
    missing = department.connection.execute(
        """
        select count(distinct figures.la_text)
        from intermediate.int_comparator_figures_read as figures
        left join reference.local_authorities as authorities
            on figures.la_text = authorities.la_code
        where figures.area_level = 'la' and length(figures.la_text) = 3
            and authorities.la_code is null
        """
    ).fetchone()

    assert missing == (0,)


def test_dudleys_census_categories_add_up_to_its_people(department: Department) -> None:
    rows = department.connection.execute(
        """
        select sum(children), max(all_children), count(*), max(comparator_name)
        from core.fct_ethnic_comparators where la_code = '332'
        """
    ).fetchone()

    assert rows == (323_488, 323_488, 18, "Census 2021")


@pytest.mark.parametrize(
    ("first", "neighbours"),
    [
        ("384", "384 894 808 372 370 887 357 888 841 925"),
        ("372", "372 894 887 359 371 888 813 830 357 891"),
    ],
)
def test_dudleys_statistical_neighbours_of_both_editions(
    department: Department, first: str, neighbours: str
) -> None:
    rows = department.connection.execute(
        """
        select neighbour_la_code from staging.stg_comparators__statistical_neighbours
        where la_code = '332' and file_id = (
            select file_id from staging.stg_comparators__statistical_neighbours
            where la_code = '332' and neighbour_rank = 1 and neighbour_la_code = ?
        )
        order by neighbour_rank
        """,
        [first],
    ).fetchall()

    assert " ".join(row[0] for row in rows) == neighbours


def test_the_neighbours_that_count_are_those_of_the_later_edition(department: Department) -> None:
    rows = department.connection.execute(
        """
        select neighbour_la_code, edition_year from core.fct_statistical_neighbours
        where la_code = '332' order by neighbour_rank
        """
    ).fetchall()
    others = department.connection.execute(
        """
        select count(distinct la_code), max(neighbours) from (
            select la_code, count(*) as neighbours
            from core.fct_statistical_neighbours group by la_code
        )
        """
    ).fetchone()

    assert " ".join(code for code, _ in rows) == "384 894 808 372 370 887 357 888 841 925"
    assert {year for _, year in rows} == {2025}
    assert others is not None
    assert others[0] > 150
    assert others[1] == 10


def test_every_authority_can_be_set_beside_the_others(department: Department) -> None:
    """Almost all have a rate of each measure; with looked-after children the population too."""
    rows = department.connection.execute(
        """
        select measure, count(rate_per_10000), count(children_0_17)
        from core.fct_comparators
        where area_level = 'la' and at_date = date '2010-03-31'
        group by measure order by measure
        """
    ).fetchall()

    assert [measure for measure, _, _ in rows] == [
        "child_protection_plan", "children_in_need", "looked_after",
    ]  # fmt: skip
    assert all(rates > 130 and people > 140 for _, rates, people in rows), rows
