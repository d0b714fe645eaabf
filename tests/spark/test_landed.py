"""What is handed to another engine, and how what it makes of it is held against ours: no Spark."""

from pathlib import Path

import duckdb
import pytest

from flows.manifest import public_models
from flows.night import Night
from flows.settings import Settings
from flows.spark import compare, landing


def test_every_source_is_handed_on_as_parquet_row_for_row(
    house: Settings, night: Night, tmp_path: Path
) -> None:
    handed = landing.export(house, tmp_path)

    assert ("landing", "ssda903__episodes") in handed
    assert ("ledger", "seen_counts") in handed
    with duckdb.connect(str(house.warehouse), read_only=True) as connection:
        for schema, table in handed:
            file = tmp_path / schema / table / "rows.parquet"
            ours, theirs = f"(from {schema}.{table})", f"(from '{file}')"
            for one, other in ((ours, theirs), (theirs, ours)):
                [(missing,)] = connection.execute(
                    f"select count(*) from ({one} except all {other})"
                ).fetchall()
                assert missing == 0, table


@pytest.fixture
def theirs(house: Settings, night: Night, tmp_path: Path) -> Path:
    """The published marts, as an engine would write them that makes no mistake."""
    with duckdb.connect(str(house.warehouse), read_only=True) as connection:
        for model in public_models(house):
            folder = tmp_path / model.name
            folder.mkdir()
            connection.execute(f"copy {model.relation} to '{folder / 'part.parquet'}'")
    return tmp_path


def _differ(house: Settings, theirs: Path) -> dict[str, int]:
    found = compare.differences(house.warehouse, public_models(house), theirs)
    return {mart: unequal for mart, (_, unequal) in found.items() if unequal}


def test_the_same_marts_do_not_differ(house: Settings, theirs: Path) -> None:
    assert _differ(house, theirs) == {}


@pytest.mark.parametrize(
    "change, cells",
    [
        ("* replace (rate_per_10000 + case when measure = 'looked_after' then 0.1 else 0 end "
         "as rate_per_10000)", 1),
        ("* replace (case when children > 100 then null else children end as children)", 1),
    ],
)  # fmt: skip
def test_a_cell_that_differs_is_counted(
    house: Settings, theirs: Path, change: str, cells: int
) -> None:
    place = theirs / "children_rates" / "part.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"create table kept as select {change} from '{place}'")
        connection.execute(f"copy kept to '{place}'")

    assert _differ(house, theirs).keys() == {"children_rates"}
    assert _differ(house, theirs)["children_rates"] >= cells


def test_a_row_that_is_missing_differs_in_every_cell(house: Settings, theirs: Path) -> None:
    place = theirs / "children_rates" / "part.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"create table kept as from '{place}' order by all")
        [(rows,)] = connection.execute("select count(*) from kept").fetchall()
        connection.execute("delete from kept where rowid = (select max(rowid) from kept)")
        connection.execute(f"copy kept to '{place}'")

    assert rows > 1
    columns = next(
        len(each.columns) for each in public_models(house) if each.name == place.parent.name
    )
    assert _differ(house, theirs)["children_rates"] >= columns
