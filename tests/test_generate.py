"""Generated returns of many authorities, and what is known of them beforehand."""

import json
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks import generate
from benchmarks.generate.answers import TABLES
from benchmarks.generate.check import check
from flows.night import Night, begin, land_all
from flows.settings import Settings

AUTHORITIES, YEARS, CHILDREN = 2, 2, 120


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated")
    generate.write(folder, AUTHORITIES, YEARS, census_children=CHILDREN, processes=1)
    return folder


def test_the_same_seed_gives_the_same_bytes_on_any_number_of_processes(
    written: Path, tmp_path: Path
) -> None:
    generate.write(tmp_path / "again", AUTHORITIES, YEARS, census_children=CHILDREN, processes=2)
    generate.write(
        tmp_path / "other", AUTHORITIES, YEARS, census_children=CHILDREN, processes=1, seed=2
    )
    assert _bytes(tmp_path / "again") == _bytes(written)
    assert _bytes(tmp_path / "other") != _bytes(written)


def test_generated_returns_are_let_in_and_counted_as_is_known(
    written: Path, house: Settings, night: Night, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    settings = Settings(
        extracts=written / "extracts", is_sample=False, home=home, la_code=None, key=house.key
    )
    home.mkdir()
    landed = begin(settings)
    land_all(settings, landed, report=lambda line: None)
    assert landed.refused == []
    assert {one.la_code for one in landed.landed if one.la_code} == {"202", "203"}
    with duckdb.connect(str(settings.warehouse)) as connection:
        _count(connection, house)
        held = check(connection, written)
    assert held.keys() == {f"{mart}_counted" for mart in (*TABLES, "comparator_rates")}
    for mart, found in held.items():
        assert found.different == [], mart
        assert found.numbers > 0, mart


def _bytes(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _count(connection: duckdb.DuckDBPyConnection, house: Settings) -> None:
    """The counted marts and all that they need, by the SQL that dbt compiled for the sample; what
    the rules find is not known, and of a region these are too few."""
    left_out = {"rule_summary_counted", "region_profile_counted"}
    manifest = json.loads((house.target / "manifest.json").read_text(encoding="utf-8"))
    nodes: dict[str, dict[str, Any]] = manifest["nodes"]
    above: dict[str, set[str]] = {}
    asked = [name for name, node in nodes.items() if node["name"].endswith("_counted")]
    while asked:
        name = asked.pop()
        if name in nodes and name not in above and nodes[name]["name"] not in left_out:
            above[name] = {
                one for one in nodes[name]["depends_on"].get("nodes", ()) if one in nodes
            }
            asked += above[name]
    connection.execute(f"attach '{house.warehouse}' as sample (read_only)")
    for name in TopologicalSorter(above).static_order():
        node = nodes[name]
        relation = f'"{node["schema"]}"."{node["alias"]}"'
        connection.execute(f'create schema if not exists "{node["schema"]}"')
        if node["resource_type"] == "seed":
            connection.execute(f"create table {relation} as from sample.{relation}")
        else:
            compiled = house.target / "compiled" / node["package_name"] / node["original_file_path"]
            kind = "view" if node["config"]["materialized"] == "view" else "table"
            connection.execute(
                f"create {kind} {relation} as {compiled.read_text(encoding='utf-8')}"
            )
    connection.execute("detach sample")
