"""Boundaries from the file that is delivered to the map on the page."""

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.build import dbt
from flows.settings import Settings
from tests.meshes import collection, feature, written
from tests.pages import Document, authority, page_of
from tests.scratch import Scratch

MOST_BYTES = 500_000
MAP_BYTES = 150_000  # of a page, beyond what the tiles take
TOWNSHIPS, WARDS, LSOAS = 5, 5, 202
CELL = 4  # units of the map, as dbt_project.yml has them

CODES = [f"E01{number:06d}" for number in range(1, LSOAS + 1)]
RING = [[-2.1, 52.4], [-2.1, 52.5], [-2.0, 52.5], [-2.1, 52.4]]
BAD = [
    feature(None, [RING]),
    feature("E02000001", [RING]),
    feature("E01000001", [-2.1, 52.4], "Point"),
    {**feature("E01000002", []), "geometry": None},
    feature("E01000003", [RING[:3]]),
    feature("E01000004", [[*RING[:2], [float("inf"), 52.5], RING[3]]]),
]

Rows = list[dict[str, Any]]


def ward_of(number: int) -> int:
    return number * TOWNSHIPS * WARDS // LSOAS


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An authority of 202 LSOAs with 320 vertices each, six features beside them that are none,
    and a delivery before, whose place this one took."""
    place = Scratch.at(tmp_path_factory.mktemp("boundaries"))
    lsoas = "\n".join(
        f"{code},Area {number},E05{ward_of(number):06d},E08000027"
        for number, code in enumerate(CODES)
    )
    lookup = "LSOA11CD,LSOA11NM,WD11CD,LAD11CD\n"
    ranks = "\n".join(f"{code},{100 * number + 1}" for number, code in enumerate(CODES))
    rank = "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)"
    wards = "\n".join(
        f"332,E05{ward:06d},Ward {ward},Town {ward // WARDS}" for ward in range(TOWNSHIPS * WARDS)
    )
    told = collection(CODES)
    for name, content in {
        "332/boundaries/2011/LSOA.geojson": written(collection(CODES[:3])),
        "lookups/2011/lookup.csv": f"{lookup}{lsoas}\n",
        "deprivation/2015/ranks.csv": f"LSOA code (2011),{rank}\n{ranks}\n",
        "332/townships/2011/wards.csv": f"la_code,ward_code,ward_name,township_name\n{wards}\n",
    }.items():
        landed = place.land_one(name, content)
        assert landed.outcome == "landed", landed.reason
    told["features"] += BAD
    place.land_one("332/boundaries/2011/LSOA.geojson", written(told))
    dbt(
        place.settings, "build", "--select", "+area_outlines", "+lsoa_profile", "+extract_ledger",
        "--indirect-selection", "cautious", "--exclude-resource-type", "unit_test",
    )  # fmt: skip
    return place.settings


def asked(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


def published(settings: Settings, mart: str) -> Rows:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        rows = connection.execute(f"select * from published.{mart}")
        names = [name for name, *_ in rows.description or ()]
        return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]


@pytest.fixture(scope="module")
def outlines(built: Settings) -> Rows:
    return published(built, "area_outlines")


def lines_of(outline: str) -> list[list[tuple[int, int]]]:
    return [
        [(int(x), int(y)) for x, _, y in (point.partition(",") for point in line.split(" "))]
        for line in outline.split(";")
    ]


def edges_of(outline: str) -> list[frozenset[tuple[int, int]]]:
    return [frozenset(edge) for line in lines_of(outline) for edge in pairwise(line)]


def test_every_feature_is_loaded_superseded_or_set_aside_with_a_reason(built: Settings) -> None:
    [delivered, loaded, superseded, set_aside] = asked(
        built,
        "select unnest([sum(rows_delivered), sum(rows_loaded), sum(rows_superseded), "
        "sum(rows_quarantined)]) from quality.extract_ledger where source = 'boundaries'",
    )
    assert [delivered, loaded, superseded, set_aside] == [
        (LSOAS + len(BAD) + 3,), (LSOAS,), (3,), (len(BAD),),
    ]  # fmt: skip
    assert asked(
        built,
        "select reason_code, column_name, line_number from quality.quarantine order by row_number",
    ) == [
        (reason, column, 2 + LSOAS + at)
        for at, (reason, column) in enumerate([
            ("key_missing", "lsoa_code"),
            ("lsoa_code_unreadable", "lsoa_code"),
            ("outline_of_another_kind", "geometry_type"),
            ("outline_missing", "geometry_type"),
            ("outline_unreadable", "coordinates"),
            ("outline_unreadable", "coordinates"),
        ], start=1)
    ]  # fmt: skip
    assert asked(built, "select count(*) from quality.quarantine where reason_name is null") == [
        (0,)
    ]


def test_outlines_are_closed_small_and_on_the_map(outlines: Rows) -> None:
    lsoas = {row["area"]: row["outline"] for row in outlines if row["area_level"] == "lsoa"}
    assert sorted(lsoas) == CODES
    points = [point for outline in lsoas.values() for line in lines_of(outline) for point in line]
    assert 0 <= min(min(point) for point in points) < CELL
    assert 600 - CELL < max(max(point) for point in points) <= 600
    for outline in lsoas.values():
        assert len(outline) < 1_500
        assert all(line[0] == line[-1] for line in lines_of(outline))


def test_neighbours_meet_and_a_township_is_what_they_do_not_share(outlines: Rows) -> None:
    """Held against the LSOAs themselves, but for a few edges: a point straight on the way is left
    out of an outline, and where one turns back there its edges are in other pieces."""
    lsoas = {row["area"]: row["outline"] for row in outlines if row["area_level"] == "lsoa"}
    towns = {row["area"]: row["outline"] for row in outlines if row["area_level"] == "township"}
    assert sorted(towns) == [f"Town {number}" for number in range(TOWNSHIPS)]
    for town, outline in towns.items():
        counted: dict[frozenset[tuple[int, int]], int] = {}
        for number, code in enumerate(CODES):
            if f"Town {ward_of(number) // WARDS}" == town:
                for edge in edges_of(lsoas[code]):
                    counted[edge] = counted.get(edge, 0) + 1
        shared = {edge for edge, times in counted.items() if times % 2 == 0}
        around = set(edges_of(outline))
        assert len(around & shared) < 0.02 * len(around)
        assert len(around & (counted.keys() - shared)) > 0.9 * len(around)
        # Its lines lead all the way round: as many begin at a point as end there.
        ends = [line[0] for line in lines_of(outline)]
        assert sorted(ends) == sorted(line[-1] for line in lines_of(outline))


def page_with(built: Settings, folder: Path, outlines: Rows) -> Path:
    rows = authority()
    lsoas = published(built, "lsoa_profile")
    towns = [row["township_name"] for row in lsoas]
    for mart in ("township_profile", "ward_profile"):
        for row in rows[mart]:
            row["township_name"] = row["township_name"].replace("Place", "Town")
    assert set(towns) == {f"Town {number}" for number in range(TOWNSHIPS)}
    of_this = [{**row, "la_code": "900"} for row in lsoas]
    rows |= {
        "lsoa_profile": of_this,
        "area_outlines": [{**row, "la_code": "900"} for row in outlines],
    }
    return page_of(folder, rows)


def test_the_page_has_a_map_of_them_with_townships_and_names(
    built: Settings, outlines: Rows, tmp_path: Path
) -> None:
    with_map = page_with(built, tmp_path / "map", outlines)
    without = page_with(built, tmp_path / "tiles", [])
    for path in sorted(with_map.glob("*.html")):
        size = path.stat().st_size
        assert size < MOST_BYTES
        assert size - (without / path.name).stat().st_size < MAP_BYTES
        page = Document(path)
        of_town = LSOAS if path.name == "index.html" else towns_lsoas(path.stem)
        uses = [each["href"] for each in page.all("use")]
        assert len([each for each in uses if each != "#mt"]) == 2 * of_town
        drawn = {each["id"] for each in page.all("path")}
        assert {each.removeprefix("#") for each in uses} == drawn
        assert "tiles" not in {each.get("class") for each in page.all("div")}
        assert "Contains OS data © Crown copyright and database right 2011" in page.words
        assert "area_outlines is counted" in page.words
        assert not re.search(r"\d{6}", " ".join(each["d"] for each in page.all("path")))
    page = Document(with_map / "index.html")
    names = [text for place, text in page.texts if "text.place mid" in place]
    assert {f"Town {number}" for number in range(TOWNSHIPS)} >= set(names) != set()
    tiled = Document(without / "index.html")
    assert not tiled.all("use")
    assert "no boundaries were delivered" in tiled.words


def towns_lsoas(town: str) -> int:
    return sum(f"town-{ward_of(number) // WARDS}" == town for number in range(LSOAS))


def test_what_is_not_on_the_map_is_told_of_in_tiles(
    built: Settings, outlines: Rows, tmp_path: Path
) -> None:
    most = [row for row in outlines if row["area"] not in CODES[:3]]
    page = Document(page_with(built, tmp_path / "most", most) / "index.html")
    assert "Not on the map" in page.words
    assert len([each for each in page.all("use") if each["href"] != "#mt"]) == 2 * (LSOAS - 3)
    said = [each.get("aria-label") or "" for each in page.all("div")]
    assert len([each for each in said if each.startswith("Tiles of LSOAs that are not on")]) == 2
    few = [row for row in outlines if row["area"] in CODES[:99]]
    assert not Document(page_with(built, tmp_path / "few", few) / "index.html").all("use")


def test_where_an_outline_is_each_lsoa_has_its_name_and_number(
    built: Settings, outlines: Rows, tmp_path: Path
) -> None:
    folder = page_with(built, tmp_path, outlines)
    page = Document(folder / "index.html")
    titles = [text for place, text in page.texts if place[-2:] == ("use", "title")]
    tenths = {
        f"{row['lsoa_name']}: {row['deprivation_decile']}"
        for row in published(built, "lsoa_profile")
    }
    assert tenths <= set(titles)
    assert len([each for each in titles if each.endswith(": [x]")]) == LSOAS  # no child poverty
    told = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    assert {"poverty-figure", "deprivation-figure"} <= {each["figure"] for each in told["figures"]}
