"""Publishers' own files and other projects' invented returns, where they are at hand.

They are looked for in a folder ``shared`` beside the checkout, or where CYP_SHARED says;
without it these tests are skipped. Row counts are those that the notes beside the files
give.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scratch import Scratch

SHARED = Path(os.environ.get("CYP_SHARED") or Path(__file__).parents[2] / "shared")
OPEN = SHARED / "data" / "open"
PEERS = SHARED / "data" / "peer_samples"

pytestmark = pytest.mark.skipif(not OPEN.is_dir(), reason=f"no real files at {SHARED}")

LSOAS = {"lsoa01": 32_482, "lsoa11": 32_844, "lsoa21": 33_755}
DUDLEY = {"lsoa01": 202, "lsoa11": 201, "lsoa21": 203}

# Below a folder of open data: pattern -> source, year, table, rows of each file. Where a
# count is None it is told from the file's name, which says the vintage of its LSOAs.
COVERED: dict[str, tuple[str, int, str, int | None]] = {
    "mhclg_imd/dudley/imd*_dudley_*.csv": ("deprivation", 2010, "cells", None),
    "mhclg_imd/tables_england/imd*_england_*.csv.gz": ("deprivation", 2010, "cells", None),
    "mhclg_imd/original/2019/File_1_*": ("deprivation", 2019, "cells", 32_844),
    "mhclg_imd/original/2019/File_2_*": ("deprivation", 2019, "cells", 32_844),
    "mhclg_imd/original/2019/File_3_*.csv": ("deprivation", 2019, "cells", 32_844),
    "mhclg_imd/original/2019/File_6_*.csv": ("deprivation", 2019, "cells", 32_844),
    "mhclg_imd/original/2019/File_10_*": ("deprivation", 2019, "cells", 3_170),
    "mhclg_imd/original/2015/File_1_*": ("deprivation", 2015, "cells", 32_844),
    "mhclg_imd/original/2015/File_6_*": ("deprivation", 2015, "cells", 32_844),
    "mhclg_imd/original/2015/File_10_*": ("deprivation", 2015, "cells", 3_260),
    "mhclg_imd/rebuilt_file7/IoD2019*Dudley.csv": ("deprivation", 2019, "cells", 201),
    "mhclg_imd/rebuilt_file7/IoD2025*Dudley.csv": ("deprivation", 2025, "cells", 203),
    # England, nine regions and 152 authorities, on each of three sheets; 2015 leaves out none.
    "hmrc_children_low_income_local_measure/*.xls*": ("child_poverty", 2011, "cells", 459),
    "dwp_cilif/2_AHC_Relative_LA.csv": ("child_poverty", 2025, "cells", 362),
    "dwp_cilif/4_AHC_Relative_Ward.csv": ("child_poverty", 2025, "cells", 8_381),
    "dwp_cilif/statxplore_children-abs-low-inc-lad*": ("child_poverty", 2021, "cells", 1_533),
    "dwp_cilif/statxplore_children-rel-low-inc-lad*": ("child_poverty", 2021, "cells", 594),
    "dwp_cilif/statxplore_children-rel-low-inc-utla*": ("child_poverty", 2021, "cells", 219),
    "dwp_cilif/statxplore_*_ltla_14-22.csv": ("child_poverty", 2022, "cells", 376),
    "dwp_cilif/statxplore_*_msoa_14-22.csv": ("child_poverty", 2022, "cells", 8_482),
    "ons_population/mid*_syoa_dudley.csv": ("population", 2019, "cells", 201),
    "ons_population/mid2020_lsoa11_england_*": ("population", 2020, "cells", 32_844),
    "ons_population/nomis_*": ("population", 2021, "cells", 217),
    "ons_population/dfe_ons_*_2012_to_2024.csv": ("population", 2024, "cells", 2_132),
    "ons_population/dfe_ons_*_to_2020.csv": ("population", 2020, "cells", 1_311),
    "dfe_statistics/cin_2022_release/a7_*": ("comparators", 2022, "cells", 256),
    "dfe_statistics/cin_2022_release/b*": ("comparators", 2022, "cells", 1_638),
    "dfe_statistics/cin_2022_release/c4_*": ("comparators", 2022, "cells", 1_638),
    "dfe_statistics/cin_2022_release/c5_*": ("comparators", 2022, "cells", 1_474),
    "dfe_statistics/cin_2022_release/d[124]_*": ("comparators", 2022, "cells", 1_638),
    "dfe_statistics/cin_census_2010_2013/*ud.csv": ("comparators", 2011, "cells", 153),
    "dfe_statistics/cla_2021_release/children_*": ("comparators", 2021, "cells", 140),
    "dfe_statistics/cla_2021_release/cla_*": ("comparators", 2021, "cells", 1_992),
    "dfe_statistics/cla_underlying_2010_2017/2010_*.csv": ("comparators", 2010, "cells", 162),
    "dfe_statistics/cla_underlying_2010_2017/201[1-6]_*.csv": ("comparators", 2011, "cells", 163),
    "dfe_statistics/cla_underlying_2010_2017/2017_*.csv": ("comparators", 2017, "cells", 164),
    "dfe_statistics/ees_2025/b1_*": ("comparators", 2025, "cells", 2_132),
    "dfe_statistics/ees_2025/c1_*": ("comparators", 2025, "cells", 2_132),
    "dfe_statistics/ees_2025/c3_*": ("comparators", 2025, "cells", 1_312),
    "dfe_statistics/ees_2025/cla_*": ("comparators", 2025, "cells", 2_505),
    "dfe_statistics/ees_2025/csww_*": ("comparators", 2025, "cells", 1_463),
    "dfe_statistics/ees_2025/d[35]_*": ("comparators", 2025, "cells", 2_132),
    "dfe_statistics/ees_2025/la_care_leavers_acc*": ("comparators", 2025, "cells", 6_680),
    "dfe_statistics/ees_2025/la_cla_placement_st*": ("comparators", 2025, "cells", 5_010),
    # Of 159 lines three hold no code: two are blank, one is a note.
    "dfe_statistics/ees_2025/New_Stat*": ("comparators", 2021, "statistical_neighbours", 156),
    "dfe_statistics/ees_2025/sn_model*": ("comparators", 2025, "statistical_neighbours", 153),
    # 153 authorities, and below a note five that are no more.
    "dfe_lait/sn_*.xlsx": ("comparators", 2025, "statistical_neighbours", 158),
    "dfe_lait/bds_long_dudley_*": ("comparators", 2025, "cells", 67_878),
    "census_ethnicity/*_UTLA23_*": ("comparators", 2021, "census_ethnic_groups", 3_500),
    "census_ethnicity/*_national.csv": ("comparators", 2021, "census_ethnic_groups", 40),
    "census_ethnicity/*_dudley_*": ("comparators", 2021, "census_ethnic_groups", 1_015),
    "ons_postcodes/dudley_postcodes_*": ("postcodes", 2025, "postcodes", 10_068),
    "ons_postcodes/neighbouring_postcodes_*": ("postcodes", 2025, "postcodes", 4_471),
    "ons_geography_lookups/lookup_lsoa01_lsoa11.csv": ("lookups", 2011, "lsoa_changes", 34_917),
    "ons_geography_lookups/lookup_lsoa11_lsoa21_*": ("lookups", 2022, "lsoa_changes", 35_795),
    "ons_geography_lookups/lookup_lsoa11_ward17.csv": ("lookups", 2017, "lsoa_wards", 34_753),
    "ons_geography_lookups/lookup_lsoa21_ward24_*": ("lookups", 2024, "lsoa_wards", 35_672),
    "ons_geography_lookups/publisher_*_to_Ward_*": ("lookups", 2017, "lsoa_wards", 34_753),
    "dudley_townships/dudley_ward_*": ("townships", 2011, "townships", 24),
    "ons_boundaries/derived_lsoa2001_*": ("boundaries", 2001, "areas", 202),
    "ons_boundaries/geo-lookups_lsoa11_*": ("boundaries", 2011, "areas", 201),
    "ons_boundaries/UK-GeoJSON_lsoa_by_lad_E*": ("boundaries", 2011, "areas", 201),
    "ons_boundaries/imd2019compare_*": ("boundaries", 2019, "areas", 201),
    "ons_boundaries/geo-lookups_lsoa_*": ("boundaries", 2021, "areas", 203),
}

# What no source covers, and why it is refused.
UNCOVERED = {
    "dfe_lait/bds_long_0.parquet": ("comparators", "it is a Parquet file"),
    "dfe_lait/la_code_list.xlsx": ("comparators", "no table of comparators"),
    "dfe_lait/lait_data_dictionary.csv": ("comparators", "no table of comparators"),
    "dfe_statistics/cla_2021_release/data-guidance.txt": ("comparators", "no table of"),
    "ons_boundaries/geo-lookups_ward_E08000027.geojson": ("lookups", "it is JSON"),
    "ons_boundaries/UK-GeoJSON_lsoa_by_lad_topo_E08000027.json": (
        "boundaries",
        "no FeatureCollection",
    ),
    "ons_geography_lookups/lookup_lsoa11_ltla21.csv": ("lookups", "ward_code could not be found"),
    "ons_geography_lookups/geo-lookups_la_all_codes.csv": ("lookups", "no table of lookups"),
    "ons_postcodes/os_codepoint_open_2014_dy.csv": ("postcodes", "no table of postcodes"),
    "ons_postcodes/README.md": ("postcodes", "nearest to those of the table postcodes"),
}

RETURNS = {
    "header": ("headers", 2_675),
    "episodes": ("episodes", 5_050),
    "reviews": ("reviews", 12_582),
    "uasc": ("uasc", 132),
    "oc2": ("oc2", 2_675),
    "oc3": ("oc3", 53),
    "ad1": ("ad1", 29),
    "placed_for_adoption": ("placed_for_adoption", 29),
    "placed_for_adoption_errors": ("placed_for_adoption", 30),
    "previous_permanence": ("previous_permanence", 2_675),
    "missing": ("missing", 43),
    "sw_episodes": ("social_worker_episodes", 1),
    "DoLo": ("deprivation_of_liberty", 1),
}


@pytest.fixture(scope="module")
def scratch(tmp_path_factory) -> Iterator[Scratch]:
    scratch = Scratch.at(tmp_path_factory.mktemp("real"))
    with scratch.at_hand():
        yield scratch


def delivered(path: Path, source: str, year: int) -> str:
    return f"{source}/{year}/{path.relative_to(SHARED / 'data').as_posix()}"


def rows_of(path: Path, rows: int | None) -> int:
    if rows is not None:
        return rows
    vintage = next(one for one in LSOAS if one in path.name)
    return (DUDLEY if "dudley" in path.name else LSOAS)[vintage]


@pytest.mark.parametrize("pattern", COVERED)
def test_every_file_that_a_source_covers_lands_with_the_rows_it_has(scratch, pattern):
    source, year, table, rows = COVERED[pattern]
    paths = sorted(OPEN.glob(pattern))
    if not paths:
        pytest.skip("not at hand")
    for path in paths:
        landed = scratch.land_one(delivered(path, source, year), path)
        assert landed.reason is None
        assert landed.tables == {f"{source}__{table}": rows_of(path, rows)}


@pytest.mark.parametrize("name", UNCOVERED)
def test_what_no_source_covers_is_refused_with_its_reason(scratch, name):
    source, words = UNCOVERED[name]
    path = OPEN / name
    if not path.exists():
        pytest.skip("not at hand")
    refused = scratch.land_one(delivered(path, source, 2025), path)
    assert refused.outcome == "refused"
    assert words in refused.reason


@pytest.mark.parametrize("name", RETURNS)
def test_every_table_of_a_peers_return_lands(scratch, name):
    table, rows = RETURNS[name]
    path = PEERS / "ssda903" / "csc-validator-be-903" / f"{name}.csv"
    if not path.exists():
        pytest.skip("not at hand")
    landed = scratch.land_one(delivered(path, "ssda903", 2019), path)
    assert landed.tables == {f"ssda903__{table}": rows}


def test_a_peers_extra_column_is_kept(scratch):
    folder = PEERS / "ssda903" / "liia-tools-pipeline"
    if not folder.exists():
        pytest.skip("not at hand")
    for path in folder.glob("*.csv"):
        assert scratch.land_one(delivered(path, "ssda903", 2020), path).outcome == "landed"
    assert scratch.rows(
        "select _other from landing.ssda903__episodes where _other is not null"
    ) == [('{"TEST_COLUMN": "*DUMMY*"}',)]


def test_every_peers_census_lands_in_the_year_and_for_the_authority_it_names(scratch):
    paths = sorted((PEERS / "cin").rglob("*.xml"))
    if not paths:
        pytest.skip("not at hand")
    for path in paths:
        year = int(path.read_text().split("<Year>")[1][:4])
        landed = scratch.land_one(delivered(path, "cin_census", year), path)
        assert landed.reason is None
        children = path.read_text().count("<Child>")
        assert landed.tables["cin_census__children"] == children
        if path.name == "fake_CIN_data.xml":
            assert landed.la_code == "975"
            assert (children, landed.tables["cin_census__referrals"]) == (332, 402)


def test_a_census_under_another_year_is_refused(scratch):
    path = PEERS / "cin" / "csc-validator-be-cin" / "fake_CIN_data.xml"
    if not path.exists():
        pytest.skip("not at hand")
    refused = scratch.land_one(delivered(path, "cin_census", 2011), path)
    assert "the year in its Header is not the year of the folder" in refused.reason


def cell(scratch: Scratch, table: str, file: str, key: str, heading: str) -> str:
    """The value under a heading of the row that holds a key."""
    return scratch.one(
        f"select there.value from landing.{table} as there, landing.{table} as key, "
        "landing.extract_files as files "
        "where files.file_id = key._file_id and ends_with(files.path, ?) and key.value = ? "
        "and there._file_id = key._file_id and there._row = key._row and there.heading = ? "
        "limit 1",
        file, key, heading,
    )  # fmt: skip


SOURCES = {
    "dfe_statistics": "comparators",
    "dwp_cilif": "child_poverty",
    "hmrc_children_low_income_local_measure": "child_poverty",
    "mhclg_imd": "deprivation",
}
ALL_LOW = "Children in families in receipt of CTC (<60% median income) or IS/JSA | All Children"


@pytest.mark.parametrize(
    ("file", "key", "heading", "value"),
    [
        ("dfe_statistics/cin_census_2010_2013/osr26-2011ud.csv",
         "Dudley", "CINAt310311", "2,748"),
        ("dfe_statistics/cin_census_2010_2013/osr26-2011ud.csv",
         "Dudley", "CINRatePer10K", "419.3"),
        ("dfe_statistics/cla_underlying_2010_2017/2011_SFR21_CLA.csv",
         "E08000027", "CLA_Mar2011", "612"),
        ("hmrc_children_low_income_local_measure/low-income-2011.xls",
         "E08000027", ALL_LOW, "15005"),
        ("hmrc_children_low_income_local_measure/low-income-2015.xlsx",
         "E92000001", ALL_LOW, "1929285"),
        ("hmrc_children_low_income_local_measure/low-income-2011.xls",
         "E08000027", "% of Children in low-income families | All Children", "0.221"),
        ("dwp_cilif/2_AHC_Relative_LA.csv",
         "K02000001", "Number of children FYE 2025", "3,269,339"),
        ("mhclg_imd/tables_england/imd2007_england_lsoa01.csv.gz",
         "E01000001", "IMD_rank", "29006"),
    ],
)  # fmt: skip
def test_known_figures_stand_under_their_headings(scratch, file, key, heading, value):
    path = OPEN / file
    if not path.exists():
        pytest.skip("not at hand")
    source = SOURCES[file.split("/")[0]]
    scratch.land_one(delivered(path, source, 2011), path)
    assert cell(scratch, f"{source}__cells", path.name, key, heading).removesuffix(".0") == value


@pytest.mark.parametrize(("release", "vintage"), [(2007, "01"), (2015, "11"), (2025, "21")])
def test_dudley_has_its_lsoas_in_every_release(scratch, release, vintage):
    path = OPEN / f"mhclg_imd/dudley/imd{release}_dudley_lsoa{vintage}.csv"
    if not path.exists():
        pytest.skip("not at hand")
    scratch.land_one(delivered(path, "deprivation", release), path)
    assert (
        scratch.one(
            "select count(distinct value) from landing.deprivation__cells "
            f"where heading = 'lsoa{vintage}_code' and _collection_year = {release}"
        )
        == DUDLEY[f"lsoa{vintage}"]
    )
