"""What a night does when all is well, and what it leaves standing when it is not."""

import csv
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from flows import build as build_module
from flows import night as night_module
from flows.build import BuildFailed, build, dbt
from flows.errors import StepFailed, spoken, unspoken
from flows.lock import Busy, alone
from flows.night import Night, run_night
from flows.settings import HOUSE, Settings
from flows.status import last_night
from tests.test_house import PUBLISHED

EPISODES = (
    "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN"
)
PLANTED = "PLANTED7731"


def test_a_build_that_lasts_says_how_far_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(build_module, "PROGRESS_EVERY", 0.05)
    settings = Settings(tmp_path, False, tmp_path / "home", None, b"key")

    def read():
        time.sleep(0.1)
        done = settings.target / "run" / "models" / "a.sql"
        done.parent.mkdir(parents=True)
        done.write_text("select 1")
        time.sleep(0.3)
        return "all that it says"

    lines: list[str] = []
    process = SimpleNamespace(stdout=SimpleNamespace(read=read))
    assert build_module._heard(process, settings, lines.append) == "all that it says"
    assert lines[0].startswith("build     0 models and tests done after 0.0 minutes")
    assert lines[-1].startswith("build     1 models and tests done")


def published(settings: Settings) -> dict[str, int]:
    """Rows of every mart that readers see."""
    with duckdb.connect(str(settings.published / "cyp.duckdb"), read_only=True) as marts:
        names = [
            name
            for (name,) in marts.execute(
                "select table_name from information_schema.tables where table_schema = 'published'"
            ).fetchall()
        ]
        return {
            name: int(marts.execute(f"select count(*) from published.{name}").fetchall()[0][0])
            for name in names
        }


def stamp(settings: Settings) -> tuple[str, int]:
    """What tells one published version from another."""
    database = (settings.published / "cyp.duckdb").resolve()
    return str(database), database.stat().st_mtime_ns


def drop(settings: Settings, name: str, text: str) -> Path:
    path = settings.extracts / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_night_on_the_sample_publishes_every_mart_of_the_contract(
    night: Night, house: Settings
) -> None:
    rows = published(house)
    assert set(rows) == set(PUBLISHED)
    # The sample has neither boundaries, of which outlines are drawn, nor authorities enough for
    # totals of a region.
    empty = {mart for mart, number in rows.items() if not number}
    assert empty == {"area_outlines", "region_profile"}
    assert night.published is not None
    assert night.published.tables == rows


def test_every_stage_of_a_night_is_timed(night: Night) -> None:
    assert list(night.seconds) == ["sample", "land", "build", "audit", "publish", "docs"]


def test_every_mart_is_there_as_parquet_and_csv_too(night: Night, house: Settings) -> None:
    for mart, rows in published(house).items():
        with (house.published / "csv" / f"{mart}.csv").open(encoding="utf-8") as file:
            assert sum(1 for _ in csv.DictReader(file)) == rows
        parquet = house.published / "parquet" / f"{mart}.parquet"
        assert duckdb.sql(f"select count(*) from '{parquet}'").fetchall() == [(rows,)]


def test_a_second_night_lands_nothing_and_leaves_what_is_published(copied: Settings) -> None:
    before = stamp(copied)
    again = run_night(copied)
    assert not again.is_red, again.sentence
    assert {landed.outcome for landed in again.landed} == {"unchanged"}
    assert again.published is None
    assert again.stands_since is not None
    assert stamp(copied) == before


def test_a_failed_audit_leaves_the_published_version_as_it_was(copied: Settings) -> None:
    """A mart that shows counts of one to five would leave: the way out says no."""
    (copied.published / "data_dictionary.csv").unlink()  # or nothing would be published anew
    before = stamp(copied)
    with duckdb.connect(str(copied.warehouse)) as warehouse:
        warehouse.execute(
            "update published.children_rates set children = 3, children_marker = null"
        )
    red = run_night(copied)
    assert red.is_red
    assert red.published is None
    assert "The last published version stands." in red.sentence
    assert any(finding.is_critical and finding.door == "out" for finding in red.findings)
    assert stamp(copied) == before


def test_a_failed_build_names_the_node_and_leaves_the_published_version(copied: Settings) -> None:
    before = stamp(copied)
    with duckdb.connect(str(copied.warehouse)) as warehouse:
        warehouse.execute("drop schema staging cascade")
        warehouse.execute("create schema staging")
        warehouse.execute("create table staging.stg_ssda903__episodes as select 1 as one")
        warehouse.execute("create view staging.in_the_way as from staging.stg_ssda903__episodes")
    with pytest.raises(BuildFailed, match="dbt build"):
        build(
            copied,
            {"cohort_start_date": "no date at all"},
            ["stg_ssda903__episodes", "cohort_first_episodes"],
        )
    assert stamp(copied) == before


@pytest.fixture
def small(tmp_path: Path) -> Settings:
    """A home with one delivery before its door, which is let in with a warning."""
    settings = Settings(tmp_path / "drop", False, tmp_path / "home", "332", b"a key for tests")
    drop(
        settings,
        "ssda903/2011/episodes.csv",
        f"{EPISODES}\n{PLANTED},01/04/2010,S,??,N1,U1,PR1,,,,,,\n",
    )
    return settings


def test_a_night_that_is_stopped_is_red_and_keeps_what_it_examined(
    small: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that has landed is not examined again, so nothing may be lost on the way."""

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(night_module, "build_all", stop)
        with pytest.raises(KeyboardInterrupt):
            run_night(small)
    told = last_night(small)
    assert told is not None
    assert told["is_red"]
    assert told["sentence"].startswith("Stopped before it was done.")
    with duckdb.connect(str(small.warehouse), read_only=True) as warehouse:
        found = warehouse.execute("select distinct column_name from quality.findings").fetchall()
    assert ("ls",) in found
    assert PLANTED not in repr(found)
    (examined,) = (small.docs / "validations").glob("*.json")
    assert "episodes" in examined.read_text(encoding="utf-8")


def test_a_failed_build_leaves_pages_of_what_was_examined(
    small: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise BuildFailed("dbt build failed at one model.")

    monkeypatch.setattr(night_module, "build_all", fail)
    red = run_night(small)
    assert red.sentence.startswith("dbt build failed at one model.")
    index = small.docs / "data_docs" / "index.html"
    assert "ssda903/2011/episodes.csv" in index.read_text(encoding="utf-8")


def test_only_one_refresh_runs_at_a_time(copied: Settings) -> None:
    with alone(copied), pytest.raises(Busy, match=f"process {os.getpid()}"):
        run_night(copied)


def test_a_lock_ends_with_the_process_that_held_it(tmp_path: Path, house: Settings) -> None:
    settings = replace(house, home=tmp_path)
    code = (
        "import os, sys\nfrom dataclasses import replace\nfrom pathlib import Path\n"
        "from flows.lock import alone\nfrom flows.settings import Settings\n"
        "home = Path(sys.argv[1])\n"
        "with alone(Settings(home, True, home, None, b'')):\n    os._exit(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=HOUSE, check=False)
    assert done.returncode == 9
    with alone(settings):
        pass


def test_what_an_engine_says_does_not_leave_the_house() -> None:
    def work() -> None:
        try:
            duckdb.sql(f"select cast('{PLANTED}' as integer)").fetchall()
        except duckdb.Error as error:
            raise RuntimeError(f"while casting {PLANTED}") from error

    with pytest.raises(StepFailed) as caught:
        unspoken(work)()
    assert PLANTED not in str(caught.value)
    assert "RuntimeError at tests/test_night.py" in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_what_the_system_says_of_a_path_is_told() -> None:
    told = spoken(PermissionError(13, "Permission denied", "/data/cyp/archive"))
    assert isinstance(told, StepFailed)
    assert told.may_pass
    assert "Permission denied (/data/cyp/archive)" in str(told)


def test_our_own_sentences_pass() -> None:
    busy = Busy("A cyp command is already running.")
    assert spoken(busy) is busy


def test_units_of_every_model_hold(house: Settings, night: Night, tmp_path: Path) -> None:
    """dbt's own unit tests, in the warehouse of the night."""
    dbt(replace(house, home=_beside(house, tmp_path)), "test", "--select", "test_type:unit")


def _beside(house: Settings, tmp_path: Path) -> Path:
    """A home with the same warehouse and artifacts of its own."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "warehouse.duckdb").write_bytes(house.warehouse.read_bytes())
    return home
