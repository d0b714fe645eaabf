"""What a PostgreSQL database is given, on a server of our own; skipped where there is none."""

import json
import os
import pwd
import shutil
import subprocess
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from flows.errors import spoken
from flows.settings import Settings, SettingsError

psycopg = pytest.importorskip("psycopg", reason="the driver, psycopg, is not installed")
postgres = pytest.importorskip("flows.publish.postgres")

PROGRAMS = [shutil.which("initdb"), *sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))]
INITDB = next((Path(path) for path in reversed(PROGRAMS) if path), None)


def as_server() -> dict[str, str]:
    """PostgreSQL does not run as root; Debian's package brings a user for it."""
    return {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}


@pytest.fixture(scope="module")
def server():
    """An address of a new server that listens on a socket in a folder of its own."""
    if INITDB is None:
        pytest.skip("no PostgreSQL server: initdb is nowhere (apt-get install postgresql)")
    if os.geteuid() == 0:
        try:
            owner = pwd.getpwnam("postgres")
        except KeyError:
            pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
    folder = Path(tempfile.mkdtemp(prefix="cyp-pg-"))
    if os.geteuid() == 0:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    data, run = folder / "data", {"check": True, "capture_output": True, "cwd": folder}
    try:
        subprocess.run(
            [INITDB, "-D", data, "-U", "cyp", "-A", "trust", "-N", "--no-instructions"],
            **run, **as_server(),
        )  # fmt: skip
        options = f"-k {folder} -c listen_addresses= -c fsync=off -c max_wal_size=64MB"
        subprocess.run(
            [INITDB.with_name("pg_ctl"), "-D", data, "-l", folder / "log", "-w", "-o", options,
             "start"],
            check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            **as_server(),
        )  # fmt: skip
        yield f"postgresql://cyp:hush@/postgres?host={folder}"
    finally:
        with suppress(OSError, subprocess.CalledProcessError):
            subprocess.run(
                [INITDB.with_name("pg_ctl"), "-D", data, "-m", "immediate", "stop"],
                **run, **as_server(),
            )  # fmt: skip
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def url(server):
    yield server
    with psycopg.connect(server, autocommit=True) as database:
        for schema in ("mine", "published", "published_next", "published_last"):
            database.execute(f"drop schema if exists {schema} cascade")


@pytest.fixture
def published(tmp_path):
    publish(tmp_path, 0)
    return tmp_path


def publish(folder, night):
    """A published folder with one table, whose every row says which night it is of."""
    (folder / "cyp.duckdb").unlink(missing_ok=True)
    with duckdb.connect(str(folder / "cyp.duckdb")) as connection:
        connection.execute("create schema published")
        connection.execute(
            f"create table published.rates as select '0' || i as la_code, i::integer as night_key, "
            f"{night}::integer as night, case when i > 3 then i / 4 end as rate, "
            "date '2011-03-31' as at_date, i = 1 as is_first, "
            "case i when 1 then 'it''s\t\"£\\N\"' when 2 then '' end as said "
            "from range(1, 500) as t(i)"
        )
        connection.execute("comment on table published.rates is 'One row per £ and ''it''.'")
        connection.execute("comment on column published.rates.rate is 'Per 10,000.'")
    (folder / "datapackage.json").write_text(json.dumps({
        "created": str(night),
        "resources": [
            {"path": "csv/rates.csv", "schema": {"primaryKey": ["la_code", "night_key"]}},
            {"path": "cyp.duckdb"},
        ],
    }))  # fmt: skip


def test_the_database_has_the_same_rows_types_keys_and_descriptions(url, published):
    assert not postgres.stands(published, url)
    assert postgres.load(published, url) == {"rates": 499}
    assert postgres.stands(published, url)
    with duckdb.connect(str(published / "cyp.duckdb"), read_only=True) as source:
        expected = source.execute("from published.rates order by night_key").fetchall()
    with psycopg.connect(url) as database:
        assert (
            database.execute("select * from published.rates order by night_key").fetchall()
            == expected
        )
        [told] = database.execute(
            "select obj_description('published.rates'::regclass), "
            "col_description('published.rates'::regclass, 4)"
        ).fetchall()
        assert told == ("One row per £ and 'it'.", "Per 10,000.")
        key = "select indkey::text from pg_index where indrelid = 'published.rates'::regclass"
        assert database.execute(key).fetchall() == [("1 2",)]


def test_readers_are_undisturbed_and_see_one_night_or_the_next(url, published):
    postgres.load(published, url)
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("drop role if exists reporting")
        database.execute("create role reporting login")
        database.execute("grant usage on schema published to reporting")
        database.execute("grant select on published.rates to reporting")
    wrong, reads, done = [], [], threading.Event()

    def read():
        with psycopg.connect(url.replace("cyp:hush", "reporting"), autocommit=True) as reader:
            while not done.is_set():
                try:
                    [row] = reader.execute(
                        "select count(*), min(night), max(night) from published.rates"
                    ).fetchall()
                except psycopg.Error as error:
                    wrong.append(error)
                else:
                    reads.append(row)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for night in range(1, 11):
            publish(published, night)
            postgres.load(published, url)
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert not wrong
    assert all(count == 499 and low == high for count, low, high in reads)
    assert len({low for _, low, _ in reads}) > 3
    with psycopg.connect(url) as database:
        schemas = database.execute("select nspname from pg_namespace where nspname ~ 'published'")
        assert schemas.fetchall() == [("published",)]


def test_what_stands_in_the_way_is_said_and_the_last_tables_stand(url, published):
    postgres.load(published, url)
    with psycopg.connect(url, autocommit=True) as database:
        # one who reads on through the swap is waited for only when the next one is due
        with psycopg.connect(url) as slow:
            slow.execute("select from published.rates limit 1")
            publish(published, 1)
            postgres.load(published, url)
            assert database.execute("select min(night) from published.rates").fetchone() == (1,)
            assert database.execute("select min(night) from published_last.rates").fetchone()
        postgres.load(published, url)
        # a view is not dropped behind its owner's back
        database.execute("create schema mine")
        database.execute("create view mine.own as select night from published.rates")
        with pytest.raises(postgres.NotLoaded, match="such as a view"):
            postgres.load(published, url)
        database.execute("drop view mine.own")
        # and neither is a schema that is somebody else's
        postgres.take_away(url)
        assert not postgres.stands(published, url)
        database.execute("create schema published create table theirs (id integer)")
        with pytest.raises(postgres.NotLoaded, match="not loaded from here"):
            postgres.load(published, url)
        assert database.execute("select count(*) from published.theirs").fetchone() == (0,)


def test_the_password_is_never_said(tmp_path, published, monkeypatch):
    for address in ("postgresql://u:hush@127.0.0.1:1/d", "postgresql://u:hush@h:port/%zz"):
        with pytest.raises(postgres.NotLoaded) as refused:
            postgres.load(published, address)
        error = refused.value
        assert "hush" not in f"{error} {spoken(error)} {error.__cause__} {error.__context__}"
        settings = Settings(tmp_path, True, tmp_path, None, b"", postgres=address)
        assert "hush" not in repr(settings)
    monkeypatch.setenv("CYP_HOME", str(tmp_path))
    monkeypatch.setenv("CYP_POSTGRES", "host=h password=hush")
    with pytest.raises(SettingsError) as odd:
        Settings.from_environment()
    assert "hush" not in str(odd.value)
    monkeypatch.setenv("CYP_POSTGRES", "postgresql://u:hush@h/d")
    assert "hush" not in str(Settings.from_environment().environment())
