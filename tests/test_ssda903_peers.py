"""Other projects' invented SSDA903 returns, through the door and the models."""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from flows.build import dbt
from flows.land import find, land, prepare
from flows.settings import Settings

# Authority and collection year to land a folder's files under; the files name neither.
RETURNS = {"csc-validator-be-903": ("301", 2020), "liia-tools-pipeline": ("302", 2020)}
TABLES = {
    "header": "headers",
    "episodes": "episodes",
    "reviews": "reviews",
    "uasc": "uasc",
    "oc2": "oc2",
    "oc3": "oc3",
    "ad1": "ad1",
    "placed_for_adoption": "placed_for_adoption",
    "previous_permanence": "previous_permanence",
    "missing": "missing",
    "sw_episodes": "social_worker_episodes",
}


@pytest.fixture(scope="module")
def samples(shared: Path) -> Path:
    return shared / "data" / "peer_samples" / "ssda903"


@pytest.fixture(scope="module")
def returns(
    samples: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Landed without the examination at the door: some of these files are wrong on purpose."""
    home = tmp_path_factory.mktemp("returns")
    settings = Settings(
        extracts=home / "extracts", is_sample=False, home=home, la_code=None, key=b"tests only"
    )
    for folder, (la_code, year) in RETURNS.items():
        place = settings.extracts / la_code / "ssda903" / str(year)
        place.mkdir(parents=True)
        for file in sorted((samples / folder).glob("*.csv")):
            if file.stem in TABLES or folder != "csc-validator-be-903":
                shutil.copyfile(file, place / file.name)
    prepare(settings)
    for extract in find(settings):
        landed = land(extract, settings)
        assert landed.outcome == "landed", landed.reason
    dbt(
        settings, "build", "--quiet", "--exclude-resource-type", "unit_test",
        "--indirect-selection", "cautious", "--select", "+fct_episodes",
        "path:models/staging/ssda903",
    )  # fmt: skip
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        yield connection


@pytest.mark.parametrize("file", TABLES)
def test_every_row_of_every_table_is_staged(
    returns: duckdb.DuckDBPyConnection, samples: Path, file: str
) -> None:
    with (samples / "csc-validator-be-903" / f"{file}.csv").open(encoding="utf-8") as lines:
        delivered = sum(1 for row in csv.reader(lines) if any(row)) - 1
    staged = returns.execute(
        f"select count(*) from staging.stg_ssda903__{TABLES[file]} where la_code = '301'"
    ).fetchone()
    assert staged == (delivered,)


def test_no_date_of_an_episode_is_lost_in_typing(returns: duckdb.DuckDBPyConnection) -> None:
    landed = returns.execute(
        "select count(nullif(trim(decom), '')), count(nullif(trim(dec), '')) "
        "from landing.ssda903__episodes"
    ).fetchone()
    staged = returns.execute(
        "select count(start_date), count(end_date) from staging.stg_ssda903__episodes"
    ).fetchone()
    assert staged == landed


def test_every_delivered_episode_stands_or_is_told_why_not(
    returns: duckdb.DuckDBPyConnection,
) -> None:
    rows = returns.execute(
        """
        select
            (select count(*) from staging.stg_ssda903__episodes),
            (select count(*) from intermediate.int_episodes_returned),
            (select count(*) from intermediate.int_episodes_returned where account = 'latest')
                - (select count(*) from intermediate.int_episodes_repaired)
        """
    ).fetchone()
    assert rows is not None
    assert rows[0] == rows[1] == 5055
    assert rows[2] == 0


def test_a_childs_stitched_episodes_never_overlap(returns: duckdb.DuckDBPyConnection) -> None:
    overlaps = returns.execute(
        """
        select count(*) from (
            select
                end_date,
                lead(start_date) over (
                    partition by la_code, child_key order by episode_number
                ) as next_start_date
            from core.fct_episodes
        )
        where next_start_date is not null
            and (end_date is null or end_date > next_start_date)
        """
    ).fetchone()
    assert overlaps == (0,)
