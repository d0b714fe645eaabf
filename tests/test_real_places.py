"""Known figures of real deprivation, child poverty, population and postcode files, through the
door and the models, for the authority whose files are kept beside the project."""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.build import dbt
from flows.land import find, land, prepare
from flows.settings import Settings

OPEN = {
    "deprivation/2004": ["mhclg_imd/dudley/imd2004_dudley_lsoa01.csv"],
    "deprivation/2007": ["mhclg_imd/dudley/imd2007_dudley_lsoa01.csv"],
    "deprivation/2010": ["mhclg_imd/dudley/imd2010_dudley_lsoa01.csv"],
    "deprivation/2015": [
        "mhclg_imd/original/2015/File_1_ID_2015_Index_of_Multiple_Deprivation.xlsx"
    ],
    "deprivation/2019": ["mhclg_imd/rebuilt_file7/IoD2019_File_7_layout_rebuilt_Dudley.csv"],
    "deprivation/2025": ["mhclg_imd/rebuilt_file7/IoD2025_File_7_layout_rebuilt_Dudley.csv"],
    "child_poverty/2011": ["hmrc_children_low_income_local_measure/low-income-2011.xls"],
    "child_poverty/2013": ["hmrc_children_low_income_local_measure/low-income-2013.xls"],
    "child_poverty/2014": ["hmrc_children_low_income_local_measure/low-income-2014.xlsx"],
    "child_poverty/2015": ["hmrc_children_low_income_local_measure/low-income-2015.xlsx"],
    "child_poverty/2025": ["dwp_cilif/4_AHC_Relative_Ward.csv"],
    "population/2017": ["ons_population/mid2017_lsoa11_syoa_dudley.csv"],
    "population/2019": ["ons_population/mid2019_lsoa11_syoa_dudley.csv"],
    "population/2020": ["ons_population/mid2020_lsoa11_syoa_dudley.csv"],
    "population/2024": [
        "ons_population/dfe_ons_mid-year_population_estimates_0_17_LA_2012_to_2024.csv"
    ],
    "lookups/2022": [
        "ons_geography_lookups/lookup_lsoa01_lsoa11.csv",
        "ons_geography_lookups/lookup_lsoa11_lsoa21_ltla22.csv",
        "ons_geography_lookups/publisher_layout_LSOA11_to_Ward_2017_EW.csv",
    ],
    "postcodes/2025": [
        "ons_postcodes/dudley_postcodes_nspd_nov2025_with_derived_lsoa_ward.csv",
        "ons_postcodes/neighbouring_postcodes_nspd_nov2025_xy_laua.csv",
    ],
}


@pytest.fixture(scope="module")
def real(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Real"]:
    """The files, landed and built once for every test here."""
    home = tmp_path_factory.mktemp("places")
    settings = Settings(
        extracts=home / "extracts", is_sample=False, home=home, la_code="332", key=b"tests only"
    )
    place = shared / "data" / "open"
    for folder, names in OPEN.items():
        (settings.extracts / folder).mkdir(parents=True)
        for name in names:
            shutil.copyfile(place / name, settings.extracts / folder / Path(name).name)
    _write_townships(place, settings.extracts / "townships" / "2011")
    prepare(settings)
    for extract in find(settings):
        landed = land(extract, settings)
        assert landed.outcome == "landed", landed.reason
    dbt(
        settings, "build", "--quiet", "--exclude-resource-type", "unit_test",
        "--exclude-resource-type", "test",
        "--select", "+fct_deprivation", "+fct_child_poverty", "+fct_populations", "+dim_postcodes",
    )  # fmt: skip
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        yield Real(connection, place)


class Real:
    def __init__(self, connection: duckdb.DuckDBPyConnection, place: Path) -> None:
        self.connection = connection
        self.place = place

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        return self.connection.execute(query, list(parameters)).fetchall()


def _write_townships(place: Path, folder: Path) -> None:
    """Our own layout, from the kept list of wards."""
    folder.mkdir(parents=True)
    with (place / "dudley_townships" / "dudley_ward_2004_2023_to_township.csv").open() as kept:
        wards = list(csv.DictReader(kept))
    with (folder / "townships.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["la_code", "ward_code", "ward_name", "township_name"])
        for ward in wards:
            writer.writerow(
                ["332", ward["ward_code_2004_2023"], ward["ward_name_2004_2023"], ward["township"]]
            )


@pytest.mark.parametrize(
    ("release", "vintage", "lsoas", "areas"),
    [
        (2004, "2001", 202, 32_482),
        (2007, "2001", 202, 32_482),
        (2010, "2001", 202, 32_482),
        (2015, "2011", 201, 32_844),
        (2019, "2011", 201, 32_844),
        (2025, "2021", 203, 33_755),
    ],
)
def test_every_release_ranks_every_lsoa_of_its_vintage(
    real: Real, release: int, vintage: str, lsoas: int, areas: int
) -> None:
    found = real.rows(
        """
        select lsoa_vintage, count(*), count(deprivation_rank), max(deprivation_areas)
        from core.fct_deprivation
        where la_code = '332' and deprivation_index = 'imd' and deprivation_release = ?
        group by all
        """,
        release,
    )
    assert found == [(vintage, lsoas, lsoas, areas)]


def test_the_index_of_2007_has_its_own_ranks_and_not_those_printed_in_the_plan(real: Real) -> None:
    """The plan calls its nine ranks those of the IMD; not one of them is. Neither is bent to
    the other."""
    with (real.place / "mhclg_imd" / "check_nine_ranks_2011_plan.csv").open() as kept:
        nine = {row["lsoa01_code"]: row for row in csv.DictReader(kept)}
    ranks = dict(
        real.rows(
            "select lsoa_code, deprivation_rank from core.fct_deprivation "
            "where deprivation_release = 2007 and deprivation_index = 'imd'"
        )
    )
    assert {code: ranks[code] for code in nine} == {
        code: int(float(row["imd2007_rank"])) for code, row in nine.items()
    }
    assert all(ranks[code] != int(row["rank_in_plan"]) for code, row in nine.items())


@pytest.mark.parametrize(
    ("year", "dudley", "england"),
    [(2011, 22.1, 20.1), (2013, 20.4, 18.0), (2014, 22.6, 19.9), (2015, 19.8, 16.6)],
)
def test_children_in_low_income_families_as_hmrc_counts(
    real: Real, year: int, dudley: float, england: float
) -> None:
    found = real.rows(
        """
        select round(child_poverty_percent, 1) from core.fct_child_poverty
        where series = 'hmrc_low_income_all_children' and child_poverty_year = ?
            and area_level in ('la', 'country') and (la_code = '332' or area_code = 'E92000001')
        order by area_code
        """,
        year,
    )
    assert found == [(dudley,), (england,)]


def test_the_wards_of_the_departments_for_work_keep_their_own_series(real: Real) -> None:
    found = real.rows(
        """
        select count(*), min(child_poverty_percent), max(child_poverty_percent)
        from core.fct_child_poverty
        where area_level = 'ward' and child_poverty_year = 2025
            and area_code between 'E05015903' and 'E05015926'
            and series like 'dwp_relative_after_housing_costs%'
        """
    )
    assert found == [(24, 12.7, 46.7)]


@pytest.mark.parametrize(("year", "children"), [(2017, 68_811), (2019, 69_544), (2020, 69_594)])
def test_children_of_the_lsoas_add_up_to_the_authority(
    real: Real, year: int, children: int
) -> None:
    found = real.rows(
        """
        select count(*), sum(children_0_17) from core.fct_populations
        where area_level = 'lsoa' and la_code = '332' and population_year = ? and is_additive
        """,
        year,
    )
    assert found == [(201, children)]


def test_the_authoritys_own_estimate_is_the_departments(real: Real) -> None:
    found = real.rows(
        """
        select population_year, children_0_17 from core.fct_populations
        where area_level = 'la' and la_code = '332' and population_year in (2023, 2024)
        order by population_year
        """
    )
    assert found == [(2023, 70_105), (2024, 71_124)]


def test_every_postcode_of_the_authority_lies_in_one_of_its_wards(real: Real) -> None:
    found = real.rows(
        """
        select
            count(*) filter (where la_code = '332'),
            count(ward_code) filter (where la_code = '332'),
            count(*) filter (where la_code <> '332' or la_code is null)
        from core.dim_postcodes
        """
    )
    assert found == [(10_068, 10_068, 4_471)]
