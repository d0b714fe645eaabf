"""A home at rest is its owner's alone, and an engine at work opens only what it was given."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from flows import build, cli, log, private
from flows.build import BuildFailed, dbt
from flows.lock import alone
from flows.settings import HOUSE, Settings, SettingsError
from flows.warehouse import engine, warehouse
from tests.scratch import Scratch
from tests.test_forget import BOTH

POSIX = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    return Scratch.at(tmp_path)


# Files


@POSIX
def test_whoever_begins_to_work_in_a_home_first_closes_what_others_could_open(
    scratch: Scratch, environment: Any
) -> None:
    home = scratch.settings.home
    scratch.land_one("ssda903/2010/a.csv", BOTH)
    folders = ("archive", "target", "state", "scratch", "nights", "logs", "log", "docs", "prefect")
    for folder in (*folders, "published", "partners"):
        (home / folder).mkdir(exist_ok=True)
        (home / folder).chmod(0o755)
    for file in ("warehouse.duckdb", "warehouse.duckdb.wal", "key", "key.new"):
        (home / file).touch()
        (home / file).chmod(0o644)
    (home / "key.new").unlink()  # or else the next command would ask the warehouse about it
    home.chmod(0o777)
    environment(scratch.settings)
    with pytest.raises(SystemExit):  # whatever the command is
        cli.main(["figures"])
    open_to_others = {
        path.name for path in home.iterdir() if stat.S_IMODE(path.stat().st_mode) & 0o077
    }
    assert open_to_others <= {"published", "partners"}
    assert stat.S_IMODE((home / "published").stat().st_mode) == 0o755
    assert stat.S_IMODE(home.stat().st_mode) == 0o755
    (told,) = [entry for entry in log.read(scratch.settings).entries if entry["what"] == "closed"]
    assert {*folders, "warehouse.duckdb", "warehouse.duckdb.wal", "key"} <= set(told["places"])
    with alone(scratch.settings):
        assert private.opened(scratch.settings) == []


@POSIX
def test_a_home_that_cannot_be_closed_is_refused(scratch: Scratch, monkeypatch: Any) -> None:
    home = scratch.settings.home
    home.chmod(0o1777)  # shared on purpose, as /tmp is
    with pytest.raises(SettingsError, match="this user cannot close it"), alone(scratch.settings):
        pytest.fail("it was worked in")
    home.chmod(0o755)
    (home / "warehouse.duckdb").chmod(0o604)

    def anothers(*_: object) -> None:
        raise PermissionError

    with monkeypatch.context() as patched:
        patched.setattr(Path, "chmod", anothers)
        with pytest.raises(SettingsError, match=r"open .*/warehouse\.duckdb, and this user cannot"):
            private.close(scratch.settings)


@POSIX
def test_after_a_night_only_what_is_published_can_be_opened_by_others(
    night: object, house: Settings
) -> None:
    assert private.opened(house) == []
    below = [path for place in private.places(house) if place.is_dir() for path in place.iterdir()]
    assert below
    open_to_others = {
        path.name for path in house.home.iterdir() if stat.S_IMODE(path.stat().st_mode) & 0o077
    }
    assert open_to_others <= {"published", ".published", "partners", ".partners"}


# Encryption


def test_the_engine_writes_no_encrypted_database_that_deserves_the_name(tmp_path: Path) -> None:
    """docs/security.md says so of these versions. When this fails, a version has come that can:
    then a warehouse under a key of its own can be built."""
    key = "encryption_key 'a key that is long enough'"
    with duckdb.connect() as connection:
        with pytest.raises(duckdb.Error, match="read-only crypto module"):
            connection.execute(f"attach '{tmp_path / 'one.duckdb'}' ({key})")
        with pytest.raises(duckdb.Error):  # where a real one would come from
            connection.execute("load httpfs")
        try:
            connection.execute("attach ':memory:' as other; set force_mbedtls_unsafe = 'false'")
            connection.execute(f"attach '{tmp_path / 'two.duckdb'}' ({key})")
        except duckdb.Error as error:
            assert "NOT securely encrypted" in str(error)  # what the engine says of the other way
        else:
            pytest.fail("it can")
        connection.execute("set force_mbedtls_unsafe = 'true'")
        connection.execute(f"attach '{tmp_path / 'three.duckdb'}' as three ({key})")
        connection.execute("create table three.t as select 'PLANTED7731' as child")
        connection.execute("checkpoint three")
    assert b"PLANTED7731" not in (tmp_path / "three.duckdb").read_bytes()
    with duckdb.connect() as connection:  # one that was written elsewhere can be read
        with pytest.raises(duckdb.Error, match="Wrong encryption key"):
            connection.execute(
                f"attach '{tmp_path / 'three.duckdb'}' (encryption_key 'another', read_only)"
            )
        connection.execute(f"attach '{tmp_path / 'three.duckdb'}' as three ({key}, read_only)")
        assert connection.execute("from three.t").fetchall() == [("PLANTED7731",)]


# The engine


REACHING = {
    "reads_a_file": "select content from read_text('{secret}')",
    "reads_a_table": "select * from read_csv('{secret}')",
    "reads_by_its_name": "select * from '{secret}'",
    "reads_round_a_corner": "select content from read_text('{seeds}/../README.md')",
    "reads_the_archive": "select content from read_text('{home}/key')",
    "reads_the_network": "select * from read_csv('https://127.0.0.1:9/x.csv')",
}
DOING = {
    "attaches": "attach '{home}/other.duckdb' as other",
    "writes": "copy (select 1 as one) to '{home}/out.csv'",
    "exports": "export database '{home}/out'",
    "loads": "load httpfs",
    "installs": "install httpfs",
    "unlocks": "set enable_external_access = true",
    "widens": "set allowed_directories = ['/']",
    "keeps_secrets": "create persistent secret s (type http, bearer_token 'x')",
}


def test_the_lander_opens_the_archive_and_scratch_and_nothing_else(
    scratch: Scratch, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("child\nPLANTED7731\n")
    settings = scratch.settings
    settings.archive.mkdir(mode=0o700)
    (settings.archive / "a.csv").write_text("a\n1\n")
    told = {"secret": secret, "home": settings.home, "seeds": HOUSE / "seeds"}
    with warehouse(settings, settings.archive) as connection:
        found = connection.execute(f"from read_csv('{settings.archive / 'a.csv'}')").fetchall()
        assert found == [(1,)]
        for statement in (REACHING | DOING).values():
            with pytest.raises(duckdb.Error):
                connection.execute(statement.format(**told)).fetchall()
        connection.execute("create table t as select 1 as one")
    with warehouse(settings) as connection, pytest.raises(duckdb.Error):
        connection.execute(f"from read_csv('{settings.archive / 'a.csv'}')")


PANDAS = """
import pandas

def model(dbt, session):
    dbt.config(materialized="table")
    given = dbt.ref("given").df()
    return pandas.DataFrame({"one": [int(given["one"].sum()), 2]})
"""
SPILLS = "select range as one, md5(cast(range as varchar)) as two from range(2000000) order by two"


def test_the_flows_engine_loads_no_extension_by_itself() -> None:
    """As profiles.yml has it, which is said nowhere else; in force from the moment it is opened."""
    with duckdb.connect(config=dict(engine())) as connection:
        for setting in ("autoinstall_known_extensions", "autoload_known_extensions"):
            told = connection.execute(f"select current_setting('{setting}')").fetchall()
            assert told == [(False,)], setting


def test_a_model_builds_and_spills_and_reaches_no_file_no_database_and_no_extension(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small project under the house's own profile, macros, seeds and first statements: a
    Python model and one that outgrows the memory are built, whatever reaches out fails."""
    secret = tmp_path / "secret.csv"
    secret.write_text("child\nPLANTED7731\n")
    home = tmp_path / "home"
    settings = Settings(home, True, home, None, b"the key of a small project", memory_limit="60MB")
    settings.make_home()
    (home / "key").write_text("PLANTED7731")
    told = {"secret": secret, "home": home, "seeds": tmp_path / "project" / "seeds"}
    _write_project(tmp_path / "project", told)
    monkeypatch.setattr(build, "HOUSE", tmp_path / "project")
    kept: list[dict[str, Any]] = []
    monkeypatch.setattr(
        build, "_forget_messages", lambda path: kept.append(json.loads(path.read_text()))
    )
    with pytest.raises(BuildFailed):
        dbt(settings, "build")
    results = {
        result["unique_id"].rpartition(".")[2]: (result["status"], result["message"] or "")
        for result in kept[0]["results"]
        if not result["unique_id"].startswith("operation.")
    }
    built = {name for name, (status, _) in results.items() if status == "success"}
    assert built == {"given", "from_pandas", "spills"}
    assert {*REACHING, *DOING} == results.keys() - built
    for name in results.keys() - built:
        assert any(
            word in results[name][1]
            for word in ("disabled", "locked", "Cannot change", "not found", "persistent secrets")
        ), (name, results[name])
        assert "PLANTED7731" not in results[name][1]
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        assert connection.execute("from from_pandas").fetchall() == [(6,), (2,)]
        assert connection.execute("select count(*) from spills").fetchall() == [(2_000_000,)]
    assert {path.name for path in home.iterdir()} <= {
        "warehouse.duckdb", "scratch", "target", "logs", "key",
    }  # fmt: skip


def _write_project(project: Path, told: dict[str, Path]) -> None:
    house = yaml.safe_load((HOUSE / "dbt_project.yml").read_text(encoding="utf-8"))
    for folder in ("models", "seeds"):
        (project / folder).mkdir(parents=True)
    small = {key: house[key] for key in ("name", "profile", "version", "on-run-start", "flags")}
    small |= {"macro-paths": [str(HOUSE / "macros")], "vars": house["vars"]}
    (project / "dbt_project.yml").write_text(yaml.safe_dump(small))
    (project / "profiles.yml").write_text((HOUSE / "profiles.yml").read_text(encoding="utf-8"))
    (project / "seeds" / "given.csv").write_text("one\n1\n2\n3\n")
    models = project / "models"
    (models / "from_pandas.py").write_text(PANDAS)
    (models / "spills.sql").write_text("{{ config(materialized='table') }}" + SPILLS)
    for name, select in REACHING.items():
        (models / f"{name}.sql").write_text(select.format(**told))
    for name, statement in DOING.items():
        (models / f"{name}.sql").write_text(
            "{{ config(pre_hook=" + json.dumps(statement.format(**told)) + ") }} select 1 as one"
        )
