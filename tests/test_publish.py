"""What readers get, how it is put in place, and what stands in the way."""

import csv
import hashlib
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from benchmarks.crash import lives
from expectations.contracts import HOUSE
from expectations.published import MARTS
from flows import unchanged
from flows.audit import Finding
from flows.manifest import NothingBuilt, PublicColumn, PublicModel, public_models
from flows.publish import Refused, parts, publish
from flows.settings import PARTNERS, PUBLIC, Settings
from tests.landing import column_of, fill, ledger, make_landing
from tests.marts import built_house, put_marts

PLANTED = "Q7-SECRET-CHILD"


def settings_of(home: Path) -> Settings:
    return Settings(extracts=home / "extracts", is_sample=True, home=home, la_code=None, key=b"key")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    """dbt's own manifest of this project."""
    return (built_house(tmp_path_factory.getbasetemp()).target / "manifest.json").read_bytes()


@pytest.fixture(scope="module")
def full(tmp_path_factory, manifest):
    """A home that tests are given a copy of, which is made faster than it."""
    return filled(tmp_path_factory.mktemp("full"), manifest)


@pytest.fixture
def settings(tmp_path, full):
    shutil.copytree(full.home, tmp_path, dirs_exist_ok=True)
    return settings_of(tmp_path)


@pytest.fixture(scope="module")
def out(tmp_path_factory, manifest):
    """What was published, which tests only read."""
    settings = filled(tmp_path_factory.mktemp("out"), manifest)
    publish(settings, [])
    return settings


def filled(home, manifest):
    """A warehouse with good rows of every public model, and private rows beside them."""
    settings = settings_of(home)
    settings.target.mkdir()
    (settings.target / "manifest.json").write_bytes(manifest)
    with duckdb.connect(str(settings.warehouse)) as connection:
        make_landing(connection)
        ledger(connection, "ssda903__episodes", "f1", 3)
        put_marts(connection, settings)
        connection.execute("create schema core")
        connection.execute(f"create table core.dim_children as select '{PLANTED}' as la_child_id")
    return settings


def change(settings, year):
    """Another night's figures: the years of the summary move."""
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(
            f"update published.data_quality_summary set collection_year = {year} + rowid"
        )


def years(settings):
    return column_of(
        settings.published / "cyp.duckdb",
        "select collection_year from published.data_quality_summary order by 1",
    )


def everything(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_folder_holds_every_public_model_in_every_form(settings):
    published = publish(settings, [])
    names = [model.name for model in public_models(settings)]
    assert "data_quality_summary" in names
    assert published.folder == settings.published
    assert published.tables == dict.fromkeys(names, 3)
    files = everything(settings.published)
    assert sorted(files) == sorted([
        "cyp.duckdb", "cyp.xlsx", "data_dictionary.csv", "datapackage.json", "page/index.html",
        "page/figures.json",
        *(f"csv/{name}.csv" for name in names), *(f"parquet/{name}.parquet" for name in names),
    ])  # fmt: skip
    assert published.bytes == sum(map(len, files.values()))
    assert PLANTED.encode() not in b"".join(files.values())


def test_only_public_models_leave(out):
    tables = column_of(
        out.published / "cyp.duckdb",
        "select schema_name || '.' || table_name from duckdb_tables() order by 1",
    )
    assert tables == [f"published.{model.name}" for model in public_models(out)]


def test_tables_and_columns_say_what_they_are(out):
    (model,) = [each for each in public_models(out) if each.name == "data_quality_summary"]
    path = out.published / "cyp.duckdb"
    assert column_of(
        path, "select comment from duckdb_tables() where table_name = 'data_quality_summary'"
    ) == [model.description]
    assert column_of(
        path,
        "select comment from duckdb_columns() where table_name = 'data_quality_summary' "
        "order by column_index",
    ) == [column.description for column in model.columns]


def test_csv_and_parquet_say_what_the_database_says(out):
    with duckdb.connect(str(out.published / "cyp.duckdb"), read_only=True) as connection:
        table = connection.table("published.data_quality_summary")
        names, rows = table.columns, table.fetchall()
    with (out.published / "csv/data_quality_summary.csv").open(newline="") as file:
        head, *lines = csv.reader(file)
    assert head == names
    assert lines == [["" if cell is None else str(cell) for cell in row] for row in rows]
    parquet = f"'{out.published / 'parquet/data_quality_summary.parquet'}'"
    assert duckdb.sql(f"from {parquet}").fetchall() == rows
    kinds = duckdb.sql(f"select distinct compression from parquet_metadata({parquet})").fetchall()
    assert kinds == [("ZSTD",)]


def test_the_data_package_describes_the_files_that_are_there(out):
    package = json.loads((out.published / "datapackage.json").read_text())
    for resource in package["resources"]:
        content = (out.published / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
    (summary,) = [each for each in package["resources"] if each["name"] == "data-quality-summary"]
    assert summary["rowCount"] == 3
    assert summary["schema"]["primaryKey"] == ["la_code", "source", "collection_year"]
    assert {field["name"]: field["type"] for field in summary["schema"]["fields"]}.items() >= {
        "la_code": "string",
        "collection_year": "integer",
        "rows_loaded_marker": "string",
    }.items()
    assert all(field["description"] for field in summary["schema"]["fields"])
    with (out.published / "data_dictionary.csv").open(newline="") as file:
        told = [row for row in csv.DictReader(file) if row["table"] == "data_quality_summary"]
    assert [row["column"] for row in told][1:] == [
        field["name"] for field in summary["schema"]["fields"]
    ]


def test_each_audience_has_the_page_of_its_own_marts(settings):
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(
            "update disclosure.indicator_scorecard_safe set value = 77123 "
            "where audience = 'partners'"
        )
    publish(settings, [])
    public, partners = (
        {name: content for name, content in everything(folder).items() if "page/" in name}
        for folder in settings.outputs.values()
    )
    assert set(public) == set(partners) == {"page/index.html", "page/figures.json"}
    assert b"77,123" in partners["page/index.html"]
    assert b"77123" in partners["page/figures.json"]
    assert not [
        content for content in public.values() if b"77,123" in content or b"77123" in content
    ]


def test_a_critical_finding_refuses_and_leaves_the_last_publication_as_it_was(settings):
    publish(settings, [])
    before = everything(settings.published)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("update published.data_quality_summary set rows_loaded = 2")
    with pytest.raises(Refused, match=r"data_quality_summary\.rows_loaded") as refused:
        publish(settings)
    assert "The last publication stands." in str(refused.value)
    assert all(found.is_critical for found in refused.value.findings)
    assert everything(settings.published) == before
    assert not list(settings.home.glob(".publishing-*"))


def test_whatever_was_delivered_of_a_child_is_found_before_it_leaves(settings):
    """No suite and no attack has anything against it here: the bytes are searched."""
    publish(settings, [])
    before = everything(settings.published)
    with duckdb.connect(str(settings.warehouse)) as connection:
        fill(connection, "ssda903__episodes")
        connection.execute(
            f"update landing.ssda903__episodes set child = '{PLANTED}' where _row = 7"
        )
        connection.execute(
            f"update published.indicator_scorecard set indicator_name = 'of {PLANTED.lower()}'"
        )
    with pytest.raises(Refused) as refused:
        publish(settings, [])
    assert "indicator_scorecard" in str(refused.value)
    assert PLANTED.lower() not in str(refused.value).lower()
    assert everything(settings.published) == before
    assert not list(settings.home.glob(".publishing-*"))


def test_findings_of_the_caller_decide_when_they_are_given(settings):
    found = Finding("out", "s", "m", None, "expect", None, "critical", 1, 1)
    with pytest.raises(Refused):
        publish(settings, [found])
    publish(settings, [Finding("out", "s", "m", None, "expect", None, "warning", 1, 1)])


def test_nothing_built_is_said_plainly(tmp_path):
    with pytest.raises(NothingBuilt, match="run the build first"):
        publish(settings_of(tmp_path), [])


READER = """
import sys, duckdb
path, query = sys.argv[1], "select min(collection_year) from published.data_quality_summary"
with duckdb.connect(path, read_only=True) as connection:
    for line in sys.stdin:
        print(connection.execute(query).fetchall()[0][0], flush=True)
"""


def test_a_reader_in_another_process_goes_on_undisturbed_and_the_next_open_sees_the_new(settings):
    change(settings, 2001)
    publish(settings, [])
    path = str(settings.published / "cyp.duckdb")
    with subprocess.Popen(
        [sys.executable, "-c", READER, path],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as reader:  # fmt: skip

        def ask():
            reader.stdin.write("?\n")
            reader.stdin.flush()
            return reader.stdout.readline().strip()

        assert ask() == "2001"
        change(settings, 2011)
        publish(settings, [])
        assert ask() == "2001"
        change(settings, 2021)
        publish(settings, [])
        assert ask() == "2001"
        next_one = subprocess.run(
            [sys.executable, "-c", READER, path], input="?\n", capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        assert next_one.stdout.strip() == "2021"
        assert ask() == "2001"
        reader.stdin.close()


# What a run is killed in: after the folder is built, and between its move and the link.
KILLED = """
import os, signal, sys
from pathlib import Path
import flows.publish as publishing
from flows.settings import PARTNERS, PUBLIC, Settings
home = Path(sys.argv[1])
def kill(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[2] == "built":
    publishing.place.sync = kill
else:
    publishing.place.Path.symlink_to = kill
publishing.publish(Settings(home / "extracts", True, home, None, b"key"), [])
"""


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is of POSIX")
@pytest.mark.parametrize("when", ["built", "moved"])
def test_a_killed_publication_leaves_the_last_one_and_is_swept_at_the_next(settings, when):
    change(settings, 2001)
    publish(settings, [])
    before = everything(settings.published)
    change(settings, 2011)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(settings.home), when], cwd=HOUSE, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert everything(settings.published) == before
    assert min(years(settings)) == 2001
    left = {"built": list(settings.home.glob(".publishing-*")),
            "moved": list((settings.home / ".published").iterdir())[1:]}  # fmt: skip
    assert left[when]
    publish(settings, [])
    assert min(years(settings)) == 2011
    assert not list(settings.home.glob(".publishing-*"))
    assert len(list((settings.home / ".published").iterdir())) == 2


def test_one_earlier_version_is_kept(settings):
    for year in (2001, 2011, 2021):
        change(settings, year)
        publish(settings, [])
    versions = sorted((settings.home / ".published").iterdir())
    assert [column_of(version / "cyp.duckdb",
            "select min(collection_year) from published.data_quality_summary")[0]
            for version in versions] == [2011, 2021]  # fmt: skip
    assert settings.published.resolve() == versions[-1].resolve()


def test_the_home_may_be_moved(settings, tmp_path_factory):
    publish(settings, [])
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "home"
    settings.home.rename(elsewhere)
    assert years(settings_of(elsewhere))


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_readers_may_read_and_not_write_whatever_the_umask(settings):
    old = os.umask(0o077)
    try:
        publish(settings, [])
    finally:
        os.umask(old)
    real = settings.published.resolve()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in real.rglob("*") if path.is_file()}
    folders = {stat.S_IMODE(path.stat().st_mode) for path in (real, real / "csv")}
    assert (modes, folders) == ({0o644}, {0o755})


def no_links(*_args, **_kwargs):
    raise OSError("A required privilege is not held by the client")


def test_without_links_files_are_replaced_one_by_one_and_what_is_gone_is_removed(
    settings, monkeypatch
):
    monkeypatch.setattr(Path, "symlink_to", no_links)
    change(settings, 2001)
    publish(settings, [])
    assert not settings.published.is_symlink()
    (settings.published / "csv/gone.csv").write_text("of a mart that is no more")
    change(settings, 2011)
    published = publish(settings, [])
    assert min(years(settings)) == 2011
    assert sorted(published.tables) == sorted(
        path.stem for path in (settings.published / "csv").iterdir()
    )
    assert not list(settings.home.glob(".publishing-*"))


def test_without_links_a_file_held_open_is_said_plainly(settings, monkeypatch):
    monkeypatch.setattr(Path, "symlink_to", no_links)
    publish(settings, [])
    replace = os.replace

    def held_open(source, target):
        if Path(target).suffix == ".csv":
            raise PermissionError
        replace(source, target)

    monkeypatch.setattr(os, "replace", held_open)
    with pytest.raises(Refused, match="held open by another program"):
        publish(settings, [])
    monkeypatch.setattr(os, "replace", replace)
    publish(settings, [])


OLD = os.environ.get("CYP_OLD_DUCKDB_PYTHON")


@pytest.mark.skipif(not OLD, reason="CYP_OLD_DUCKDB_PYTHON names no python with an older duckdb")
def test_an_older_client_reads_the_database(settings):
    publish(settings, [])
    program = (
        "import duckdb, sys; connection = duckdb.connect(sys.argv[1], read_only=True); "
        "print(connection.execute('select count(*) from published.data_quality_summary')"
        '.fetchone()[0], connection.execute("select count(comment) from duckdb_columns() '
        "where table_name = 'data_quality_summary'\").fetchone()[0])"
    )
    told = subprocess.run(
        [OLD, "-c", program, str(settings.published / "cyp.duckdb")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.split() == ["3", "17"]


# Of several authorities, a folder for each


@pytest.fixture(scope="module")
def pooled(tmp_path_factory, manifest):
    """Marts of two authorities, published."""
    settings = filled(tmp_path_factory.mktemp("pooled"), manifest)
    with duckdb.connect(str(settings.warehouse)) as connection:
        ledger(connection, "ssda903__episodes", "f2", 3, la_code="333")
        for relation in (
            "published.data_quality_summary", "disclosure.data_quality_summary_safe",
            "published.indicator_scorecard", "disclosure.indicator_scorecard_safe",
        ):  # fmt: skip
            connection.execute(f"update {relation} set la_code = '333' where rowid % 3 = 2")
    publish(settings, [])
    return settings


@pytest.mark.parametrize("audience", [PUBLIC, PARTNERS])
def test_each_of_several_authorities_has_a_folder_of_its_own_rows(pooled, audience):
    place = pooled.outputs[audience]
    rows = {"": 3, "332": 2, "333": 1}
    for la_code, number in rows.items():
        folder = place / la_code
        package = json.loads((folder / "datapackage.json").read_text())
        counted = {
            one["path"]: one["rowCount"] for one in package["resources"] if "rowCount" in one
        }
        assert set(counted.values()) == {number}
        told = column_of(folder / "cyp.duckdb", "select la_code from published.indicator_scorecard")
        assert set(told) == ({la_code} if la_code else {"332", "333"})
        assert (folder / "page" / "index.html").is_file()
    alike = {name for name in everything(place / "333") if not name.startswith("page/")}
    assert alike == {name for name in everything(place / "332") if not name.startswith("page/")}


def test_what_is_published_holds_the_folders_of_all_to_what_was_written(pooled):
    assert unchanged._as_written(pooled.published) is not None
    strange = pooled.published / "333" / "strange.txt"
    strange.write_text("put there by somebody")
    try:
        assert unchanged._as_written(pooled.published) is None
    finally:
        strange.unlink()
    mart = pooled.published / "333" / "csv" / "indicator_scorecard.csv"
    kept = mart.read_bytes()
    mart.write_bytes(kept.replace(b"333", b"334"))
    assert unchanged._as_written(pooled.published) is None
    mart.write_bytes(kept)
    assert unchanged._as_written(pooled.published) is not None


def test_what_authorities_of_a_region_count_together_has_a_folder_for_the_public(
    settings, monkeypatch
):
    keys = MARTS["region_profile"].keys
    columns = (*keys, "region_name", "la_code", "children")
    regional = PublicModel(
        "region_profile",
        "published",
        "One row per region.",
        tuple(PublicColumn(name, "varchar", name, None) for name in columns),
    )
    with duckdb.connect(str(settings.warehouse)) as connection:
        ledger(connection, "ssda903__episodes", "f2", 3, la_code="333")
        connection.execute(
            f"create table published.region_profile ({', '.join(f'{c} varchar' for c in columns)})"
        )
        connection.execute(
            "insert into published.region_profile by name select * from (values "
            "('R1', 'Here & There', null, '50'), ('R1', 'Here & There', '333', '20'), "
            "('R2', 'Elsewhere', null, '70')) as rows (region_code, region_name, la_code, children)"
        )
    models = [*public_models(settings), regional]
    monkeypatch.setattr("flows.publish.public_models", lambda _: models)
    publish(settings, [])
    assert not [*settings.outputs[PARTNERS].glob("region_*")]  # they are told the same
    for name, rows in (("region_here_there", ["50", "20"]), ("region_elsewhere", ["70"])):
        folder = settings.published / name
        assert [path.name for path in (folder / "csv").iterdir()] == ["region_profile.csv"]
        query = "select children from published.region_profile order by la_code nulls first"
        assert column_of(folder / "cyp.duckdb", query) == rows
    own = column_of(settings.published / "333" / "cyp.duckdb", query)
    assert own == ["20"]
    assert unchanged._as_written(settings.published) is not None


def test_where_folders_are_many_several_processes_make_the_same(pooled, monkeypatch, tmp_path):
    monkeypatch.setattr(parts, "MANY", 1)
    aside = tmp_path / "aside"
    aside.mkdir()
    every = list(
        parts.all_made(
            {PUBLIC: aside}, public_models(pooled), pooled, "20260101T000000000000Z",
            ["332", "333"], {},
        )
    )  # fmt: skip
    assert [made.part.folder for made in every] == [aside / "332", aside / "333", aside]
    assert every[-1].rows == {"data_quality_summary": 3, "indicator_scorecard": 3}
    for made in every:
        stands = pooled.published / made.part.folder.relative_to(aside)
        for kind in ("csv/*", "parquet/*", "cyp.xlsx"):
            assert [path.read_bytes() for path in sorted(made.part.folder.glob(kind))] == [
                path.read_bytes() for path in sorted(stands.glob(kind))
            ]
        assert all((aside / name).exists() for name, _ in made.words.by_place)
    # each file is told of once, by its whole name
    told = [name for made in every for name, part in made.words.by_place if not part]
    files = [path.relative_to(aside).as_posix() for path in aside.rglob("*") if path.is_file()]
    assert sorted(told) == sorted(files)


def test_engines_of_several_processes_take_together_what_one_may(pooled, monkeypatch):
    monkeypatch.setattr(parts, "MANY", 2)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    for number, share in ((1, "3 GB"), (2, "1.5GB"), (9, "1GB")):
        own = replace(pooled, memory_limit="3 GB").shared_by(parts.processes(number))
        with duckdb.connect(config={"memory_limit": own.memory_limit}) as connection:
            told = connection.execute("select current_setting('memory_limit')").fetchone()
        with duckdb.connect(config={"memory_limit": share}) as connection:
            assert told == connection.execute("select current_setting('memory_limit')").fetchone()


AT_WORK = """
import sys, time
from flows.publish import parts
parts.MANY = 1
if __name__ == "__main__":
    with parts.hands(2) as each:
        each(time.sleep, [600, 600])
        print(*each.__self__._processes, flush=True)
        time.sleep(600)
"""


@pytest.mark.skipif(
    sys.platform != "linux" or os.cpu_count() == 1,
    reason="/proc is Linux's, and one processor makes all folders itself",
)
def test_who_makes_folders_goes_with_a_night_that_is_killed():
    with subprocess.Popen(
        [sys.executable, "-c", AT_WORK], cwd=HOUSE, stdout=subprocess.PIPE, text=True
    ) as night:
        assert night.stdout is not None
        workers = [int(pid) for pid in night.stdout.readline().split()]
        assert len(workers) == 2
        night.kill()
    given_up_at = time.monotonic() + 60
    while any(map(lives, workers)):
        assert time.monotonic() < given_up_at
        time.sleep(0.05)
