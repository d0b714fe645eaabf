"""A night builds what is new and what depends on it, and ends with what a full build gives."""

import json
import re
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows import build as build_module
from flows import erase, tether, unchanged
from flows.land.layouts import sources
from flows.night import Night, begin, build_all, land_all, run_night
from flows.settings import HOUSE, Settings, read_key
from flows.unchanged import published_on, to_build
from flows.warehouse import warehouse
from tests.building import models_only
from tests.test_keys import Point, child_keys, marts, run, saying
from tests.warm import WARM

CORRECTED = "332/ssda903/2011/episodes.csv"
LATE = "332/ssda903/2001/episodes.csv"
INDICATORS = "332/indicators/2012/plan_indicators.csv"

# Written by the night and not by dbt, or not built at all.
NOT_BUILT = {"landing", "state", "ledger", "main"}
SOURCES = {"quality.findings"}


def a_copy(settings: Settings, folder: Path) -> Settings:
    """Another home with all that is in one, whose extracts are no sample to the code."""
    home = folder / "home"
    shutil.copytree(
        settings.home, home, symlinks=True, ignore=shutil.ignore_patterns("prefect", "refresh.lock")
    )
    return replace(settings, home=home, extracts=home / "sample", is_sample=False)


def built(settings: Settings) -> set[str]:
    """The models and seeds of dbt's last run."""
    results = json.loads((settings.target / "run_results.json").read_text(encoding="utf-8"))
    ids = [result["unique_id"].split(".") for result in results["results"]]
    return {parts[2] for parts in ids if parts[0] in {"model", "seed"}}


def of_every_delivery(manifest: dict[str, Any]) -> set[str]:
    """The models that say something of every delivery: of quality, and what reads those."""
    found = {
        name
        for name, node in manifest["nodes"].items()
        if node["fqn"][1:2] == ["quality"] and node["resource_type"] == "model"
    }
    ahead = list(found)
    while ahead:
        for child in set(manifest["child_map"][ahead.pop()]) - found:
            found.add(child)
            ahead.append(child)
    names = {name.split(".")[2] for name in found if name.startswith("model.")}
    return names | {"stg_landing__extract_files"}


def held_tests(settings: Settings) -> set[str]:
    results = json.loads((settings.target / "run_results.json").read_text(encoding="utf-8"))
    return {name for result in results["results"] if (name := result["unique_id"])[:5] == "test."}


def place(path: Path) -> tuple[Path, int, int]:
    """What differs when a file was written again."""
    path = path.resolve()
    return path, path.stat().st_ino, path.stat().st_mtime_ns


@contextmanager
def dbt_does_not_start(settings: Settings) -> Iterator[None]:
    """dbt begins by removing its last results."""
    results = settings.target / "run_results.json"
    before = place(results)
    yield
    assert place(results) == before


@pytest.fixture(scope="module")
def manifest(house: Settings, night: Night) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((house.target / "manifest.json").read_text(encoding="utf-8"))
    return told


@pytest.fixture(scope="module")
def indicators(
    house: Settings, night: Night, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Settings, Night, set[str], set[str]]:
    """A night with one new file of open data, stopped before it published: its home, and what
    was built and tested."""
    settings = a_copy(house, tmp_path_factory.mktemp("indicators"))
    first = settings.extracts / "332/indicators/2011/plan_indicators.csv"
    heading, *_ = first.read_text(encoding="utf-8").splitlines()
    new = settings.extracts / INDICATORS
    new.parent.mkdir()
    new.write_text(
        f"{heading}\nnew_indicator,Something counted anew,2012-03-31,12,children,up,20,2012-03-31\n"
    )
    told = begin(settings)
    land_all(settings, told)
    build_all(settings, {}, is_full=False)
    assert not told.is_red, told.sentence
    return settings, told, built(settings), held_tests(settings)


@pytest.fixture(scope="module")
def returns(
    indicators: tuple[Settings, Night, set[str], set[str]],
) -> tuple[Settings, Night, set[str]]:
    """The night after: a correction of the last return, and a return of long ago."""
    settings = indicators[0]
    corrected = settings.extracts / CORRECTED
    heading, _, second, *rest = corrected.read_text(encoding="utf-8-sig").splitlines()
    cells = second.split(",")
    cells[heading.split(",").index("LS")] = "C2"
    corrected.write_text("\n".join([heading, ",".join(cells), *rest]) + "\n")
    late = settings.extracts / LATE
    late.parent.mkdir()
    child = rest[0].split(",")[0]
    late.write_text(f"{heading}\n{child},01/06/2000,S,V2,N1,Q2,PR4,01/09/2000,E8,,,,\n")
    with models_only():
        told = run_night(settings, report=print)
    assert not told.is_red, told.sentence
    return settings, told, built(settings)


def test_a_night_builds_what_depends_on_what_is_new_and_nothing_else(
    indicators: tuple[Settings, Night, set[str], set[str]], manifest: dict[str, Any]
) -> None:
    _, told, models, tests = indicators
    assert [landed.name for landed in told.landed if landed.outcome == "landed"] == [INDICATORS]
    assert models == of_every_delivery(manifest) | {
        "stg_indicators__indicators", "fct_indicators", "indicator_scorecard_counted",
        "indicator_scorecard",
    }  # fmt: skip
    of_what_was_built = {
        name
        for name, node in manifest["nodes"].items()
        if node["resource_type"] == "test"
        and any(needed.split(".")[2] in models for needed in node["depends_on"]["nodes"])
    }
    assert of_what_was_built
    assert tests == of_what_was_built


def test_a_correction_and_a_late_return_rebuild_what_they_bear_on(
    returns: tuple[Settings, Night, set[str]], manifest: dict[str, Any]
) -> None:
    settings, told, models = returns
    with duckdb.connect(str(settings.published / "cyp.duckdb"), read_only=True) as published:
        names = published.execute("select indicator from published.indicator_scorecard").fetchall()
    assert ("new_indicator",) in names
    new = {landed.name for landed in told.landed if landed.outcome == "landed"}
    assert new == {CORRECTED, LATE}
    assert models >= of_every_delivery(manifest) | {
        "stg_ssda903__episodes", "int_episodes_stitched", "fct_episodes", "fct_periods_of_care",
        "dim_collections", "time_in_care", "returns_to_care", "first_episode_profile",
        "ward_profile",
    }  # fmt: skip
    assert not models & {
        "fct_indicators", "fct_comparators", "fct_deprivation", "fct_populations",
        "fct_child_poverty", "dim_postcodes", "dim_wards", "lsoa_profile", "int_lsoas_placed",
        "int_authorities_served", "int_referrals_settled", "ethnic_origins",
    }  # fmt: skip


def test_what_was_built_night_by_night_is_what_a_full_build_gives_under_another_key(
    returns: tuple[Settings, Night, set[str]], environment: Point, tmp_path: Path
) -> None:
    """Every cell of every table and view that dbt builds, the marts that leave among them. A key
    is another there, and that is all that is: nothing of the old one is left."""
    settings, _, _ = returns
    full = a_copy(settings, tmp_path)
    environment(full)
    children = child_keys(full)
    assert saying(full.home, full.key) == []  # after a night
    with models_only():
        assert run("rotate-key", "--to", str(tmp_path / "new")) == 0
    everything = json.loads((full.target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    assert built(full) == {
        node["name"] for node in everything.values() if node["resource_type"] in {"model", "seed"}
    }
    assert marts(full) == marts(settings)
    others = child_keys(full)
    assert len(others) == len(children)
    assert not others & children
    kept = {
        run_[at : at + 20]
        for run_ in set(re.findall(rb"[0-9a-f]{20,}", full.warehouse.read_bytes()))
        for at in range(len(run_) - 19)
    }
    assert not {key.encode() for key in children} & kept
    assert {key.encode() for key in others} & kept
    for key in (full.key, read_key(tmp_path / "new")):
        assert saying(full.home, key) == []
    assert compared(settings.warehouse, full.warehouse) >= 100


def compared(one: Path, other: Path) -> int:
    """How many tables and views were compared; all are the same in both but for children's keys."""
    here, there = said(one), said(other)
    assert {
        name for name in here.keys() | there.keys() if here.get(name) != there.get(name)
    } == set()
    return len(here)


def said(warehouse: Path) -> dict[str, tuple[int, int]]:
    """Of each table and view how many rows it has, and a sum of what they say in any order."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        names = connection.execute(
            "select concat_ws('.', table_schema, table_name) from information_schema.tables "
            "where table_schema not in (select unnest(?))",
            [sorted(NOT_BUILT)],
        ).fetchall()
        return {
            name: connection.execute(
                f"select count(*), sum(hash(row_)) from (select {_keyless(connection, name)} "
                f"from {name}) as row_"
            ).fetchall()[0]
            for (name,) in names
            if name not in SOURCES
        }


def _keyless(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """A select list of all columns, in whose texts every key of a child is put alike, and every
    hash of what holds one."""
    whole = "^.*$" if name == "quality.delivered_rows" else r"\b[0-9a-f]{20}\b"
    columns = connection.execute(
        "select column_name from duckdb_columns() where data_type = 'VARCHAR' "
        "and concat_ws('.', schema_name, table_name) = ? "
        "and column_name not in ('file_id', 'table_name')",
        [name],
    ).fetchall()
    texts = [
        f'case when length("{column}") >= 20 '  # which most need not be searched to tell
        f"then regexp_replace(\"{column}\", '{whole}', 'key', 'g') else \"{column}\" end "
        f'as "{column}"'
        for (column,) in columns
    ]
    return f"* replace ({', '.join(texts)})" if texts else "*"


def test_with_nothing_new_neither_dbt_nor_the_audit_starts(copied: Settings) -> None:
    files = {path: place(path) for path in copied.published.rglob("*")}
    lines: list[str] = []
    with dbt_does_not_start(copied):
        told = run_night(copied, report=lines.append)
    assert not told.is_red
    assert list(told.seconds) == ["land", "build", "docs"]
    assert "nothing new to publish: the marts published on" in told.sentence
    assert any("nothing is new" in line for line in lines)
    assert {path: place(path) for path in copied.published.rglob("*")} == files


def test_what_was_tampered_with_is_published_again_without_a_build(copied: Settings) -> None:
    mart = copied.published / "csv" / "time_in_care.csv"
    before = mart.read_bytes()
    mart.write_bytes(before.replace(b"1", b"2", 1))
    with dbt_does_not_start(copied):
        told = run_night(copied)
    assert list(told.seconds) == ["land", "build", "audit", "publish", "docs"]
    assert told.published is not None
    assert mart.read_bytes() == before
    assert published_on(copied) is not None


def test_nothing_stands_that_is_not_as_it_was_published(copied: Settings) -> None:
    assert published_on(copied) is not None
    stray = copied.published / "csv" / "stray.csv"
    stray.write_text("of whom nobody knows\n")
    assert published_on(copied) is None
    stray.unlink()
    assert published_on(copied) is not None
    package = copied.published / "datapackage.json"
    told = package.read_text(encoding="utf-8")
    package.write_text(told.replace("cyp-warehouse", "cyp warehouse"))
    assert published_on(copied) is None
    package.write_text(told)
    (copied.published / "data_dictionary.csv").unlink()
    assert published_on(copied) is None
    shutil.rmtree(copied.published)
    assert published_on(copied) is None


def test_what_other_code_let_out_does_not_stand(
    copied: Settings, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("expectations", "flows"):
        shutil.copytree(HOUSE / folder, project / folder, dirs_exist_ok=True)
    monkeypatch.setattr(unchanged, "HOUSE", project)
    assert published_on(copied) is not None
    with (project / "expectations" / "published.py").open("a", encoding="utf-8") as suites:
        suites.write("# more is expected\n")
    assert published_on(copied) is None


def test_other_vars_build_everything(copied: Settings) -> None:
    assert to_build(copied, {}).is_nothing
    plan = to_build(copied, {"public_suppress_up_to": 9})
    assert plan.select is None
    assert "other vars" in plan.why


def test_a_home_without_its_record_or_manifest_is_built_in_full(copied: Settings) -> None:
    kept = copied.state / "manifest.json"
    kept.write_text(kept.read_text(encoding="utf-8") + " ")
    assert to_build(copied, {}).select is None
    kept.unlink()
    assert to_build(copied, {}).select is None


def test_after_a_build_that_was_killed_everything_is_built(copied: Settings) -> None:
    """Killed when the first models are being built, as the power cut would."""
    under_way = copied.target / "run"
    shutil.rmtree(under_way, ignore_errors=True)
    command = tether.command("flows.run_dbt", "--quiet")
    command += ["--project-dir", str(HOUSE), "--profiles-dir", str(HOUSE)]
    command += ["--target-path", str(copied.target), "--log-path", str(copied.logs), "--", "run"]
    with WARM.Popen(command, env=copied.environment(), cwd=HOUSE) as started:
        for _ in range(1200):
            if under_way.exists() or not started.process.is_alive():
                break
            time.sleep(0.05)
        started.kill()
        assert started.wait() == -signal.SIGKILL
    plan = to_build(copied, {})
    assert plan.select is None
    assert "the last build ended badly" in plan.why
    assert published_on(copied) is None


def test_after_a_build_that_was_killed_before_dbt_began_everything_is_built(
    copied: Settings,
) -> None:
    """What the last build left on record is still there, and nothing is new."""
    copied.unfinished.touch()
    plan = to_build(copied, {})
    assert plan.select is None
    assert "did not come to its end" in plan.why


def test_a_version_that_stands_completes_what_was_being_forgotten(copied: Settings) -> None:
    """The one who forgot was killed after it had published, before older versions were gone."""
    with warehouse(copied) as connection:
        connection.execute(
            "insert into landing.erasures (begun_at, removed_at) values (?, ?)",
            [datetime.now(UTC).replace(tzinfo=None)] * 2,
        )
    told = run_night(copied)
    assert told.stands_since
    assert not erase.is_due(copied)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what dbt reads, to be edited."""
    folder = tmp_path / "project"
    for name in ("models", "seeds", "macros", "tests/sql", "flows/disclosure"):
        shutil.copytree(HOUSE / name, folder / name)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copyfile(HOUSE / name, folder / name)
    return folder


def test_an_edited_model_and_a_seed_with_a_new_column_are_built_with_what_depends_on_them(
    copied: Settings, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_module, "HOUSE", project)
    monkeypatch.setattr(unchanged, "HOUSE", project)
    assert to_build(copied, {}).is_nothing
    mart = project / "models" / "published" / "indicator_scorecard.sql"
    mart.write_text(f"select * from (\n{mart.read_text(encoding='utf-8')}\n) where value > 100\n")
    seed = project / "seeds" / "quality" / "quarantine_reasons.csv"
    heading, *rows = seed.read_text(encoding="utf-8").splitlines()
    seed.write_text("\n".join([f"{heading},remark", *(f"{row},none" for row in rows)]) + "\n")

    build_all(copied, {}, report=lambda line: None, is_full=False)

    assert "quarantine_reasons" in built(copied)
    assert "indicator_scorecard" in built(copied)
    assert not built(copied) & {"indicator_scorecard_counted", "fct_episodes", "ethnic_origins"}
    with duckdb.connect(str(copied.warehouse), read_only=True) as warehouse:
        [(least,)] = warehouse.execute(
            "select min(value) from published.indicator_scorecard"
        ).fetchall()
        remarks = warehouse.execute(
            "select distinct remark from reference.quarantine_reasons"
        ).fetchall()
    assert least > 100
    assert remarks == [("none",)]
    assert to_build(copied, {}).is_nothing

    with (project / "macros" / "dates.sql").open("a", encoding="utf-8") as macros:
        macros.write("{# said otherwise #}\n")
    plan = to_build(copied, {})
    assert plan.select is None
    assert "settings and macros" in plan.why


# What the selection rests on.


def upstream(manifest: dict[str, Any], name: str) -> set[str]:
    found: set[str] = set()
    ahead = [name]
    while ahead:
        for parent in manifest["parent_map"].get(ahead.pop(), []):
            if parent not in found:
                found.add(parent)
                ahead.append(parent)
    return found


def test_outside_quality_a_model_reads_of_the_ledger_only_the_files_that_it_reads(
    house: Settings, manifest: dict[str, Any]
) -> None:
    """It is not built again when another file is delivered, so it must say the same when the
    ledger tells it of its own files only. What reads more belongs in quality, or reads a
    narrower view of the ledger (stg_landing__...)."""
    ledger = "model.cyp_warehouse.stg_landing__extract_files"
    relation = '"warehouse"."staging"."stg_landing__extract_files"'
    held = 0
    with duckdb.connect(str(house.warehouse), read_only=True) as warehouse:
        for name in manifest["child_map"][ledger]:
            node = manifest["nodes"].get(name, {})
            if node.get("resource_type") != "model" or node["schema"] == "quality":
                continue
            sources = [manifest["sources"][each] for each in upstream(manifest, name)
                       if each.startswith("source.")]  # fmt: skip
            own = [f"{one['source_name']}__{one['name']}" for one in sources]
            listed = ", ".join(f"'{table}'" for table in own)
            theirs = f"(select * from {relation} where table_name in ({listed}))"
            narrowed = node["compiled_code"].replace(relation, theirs)
            assert narrowed != node["compiled_code"], name
            stands = f"from {node['schema']}.{node['name']}"
            for left, right in ((narrowed, stands), (stands, narrowed)):
                [(differing,)] = warehouse.execute(
                    f"select count(*) from (({left}) except all ({right}))"
                ).fetchall()
                assert differing == 0, f"{name} reads of the ledger more than its own files"
            held += 1
    assert held > 5


def test_every_source_that_models_read_is_watched(
    house: Settings, manifest: dict[str, Any]
) -> None:
    """A landed table by the ledger's rows of it, every other by itself."""
    landed = {table.identifier for source in sources().values() for table in source.tables.values()}
    with duckdb.connect(str(house.warehouse), read_only=True) as warehouse:
        watched = set(unchanged._landed(warehouse))
    unwatched = {
        f"{source['source_name']}.{source['name']}"
        for name, source in manifest["sources"].items()
        if manifest["child_map"][name]  # what only the door and `cyp forget` read is none of these
        and f"{source['source_name']}__{source['name']}" not in landed
        and f"source:{source['source_name']}.{source['name']}+" not in watched
    }
    # The one is read whole by quality models only, see above. What was published is no reason to
    # decide anew: what has not changed is withheld as it was (tests/test_disclosure.py).
    assert unwatched == {"landing.extract_files", "ledger.seen_counts", "ledger.seen_sums"}
    assert "source:ssda903.episodes+" in watched


def test_no_model_reads_the_clock_or_a_die() -> None:
    """What is not built again must be what it would be if it were."""
    fickle = re.compile(
        r"\b(current_date|current_timestamp|now|today|get_current_timestamp|run_started_at"
        r"|invocation_id|random|uuid|gen_random_uuid)\b\s*(\(|}|-|,|$)"
    )
    reading = [
        path.relative_to(HOUSE).as_posix()
        for folder in ("models", "macros", "tests/sql")
        for path in (HOUSE / folder).rglob("*.sql")
        if fickle.search(_code(path).lower())
    ]
    assert not reading


def _code(path: Path) -> str:
    """A model without its comments."""
    text = re.sub(r"{#.*?#}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"--.*", "", text)


def test_no_seed_is_too_large_for_dbt_to_see_what_changed_in_it() -> None:
    """Of a seed beyond 1 MiB dbt compares nothing but the path."""
    assert all(path.stat().st_size < 2**20 for path in (HOUSE / "seeds").rglob("*.csv"))
