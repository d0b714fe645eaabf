"""What is new since the last build and the last publication, and so what a night must do.

Two records say what stands: of the build (what each part of the warehouse was built from) and
of the publication (which files, let out by which code). Both lie in the warehouse itself,
in schema `state`, so that a copy that is put back brings its own. dbt drops the schema whenever
it begins to build or test, whoever starts it (`on-run-start` in dbt_project.yml), and they
are written when it has ended well: after a build that failed, was killed or was run by hand
there is no record, and everything is built.

A record names each thing by the dbt selection that it calls for when it has changed.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from flows.build import ledger_as_built
from flows.publish.folder import PACKAGE
from flows.settings import HOUSE, Settings
from flows.warehouse import warehouse

# A change in one of these changes what every model is.
SETTLED = (
    "dbt_project.yml", "profiles.yml", "macros", "tests/sql/generic", "flows/disclosure"
)  # fmt: skip
ENGINES = ("dbt-core", "dbt-duckdb", "duckdb")
# In these dbt finds what has changed, and what depends on it, by itself.
MODELS = ("models", "seeds", "tests/sql")
MODIFIED = "state:modified+"
# What lets marts out, and how.
GUARDS = ("expectations", "flows")
GUARDING = ("duckdb", "great-expectations", "pandas")

# What quality models say is of every delivery.
ANY_DELIVERY = "stg_landing__extract_files path:models/quality+"

Record = dict[str, str]


@dataclass(frozen=True)
class Plan:
    """What is to be built.

    select      dbt's selection of what is new and what depends on it; None is everything
    why         the same in words
    code        fingerprints of the project as it is about to be built
    """

    select: tuple[str, ...] | None
    why: str
    code: Record

    @property
    def is_nothing(self) -> bool:
        return self.select == ()


def to_build(settings: Settings, variables: Mapping[str, object] | None) -> Plan:
    """Hold what lies in landing and in the project against what the warehouse was built from."""
    code = _code(variables)

    def everything(why: str) -> Plan:
        return Plan(None, f"everything: {why}", code)

    built_before = settings.target / "manifest.json"
    if not (settings.warehouse.exists() and built_before.exists()):
        return everything("nothing has been built here yet")
    if settings.unfinished.exists():  # dbt may have been killed before it dropped the record
        return everything("the last build did not come to its end")
    with warehouse(settings) as connection:
        built = _read(connection, "build")
        if not built:
            return everything(
                "something was forgotten, or the last build ended badly or was run by hand"
            )
        landed = _landed(connection)
    for thing in ("vars", "versions", "settings and macros"):
        if built.get(thing) != code[thing]:
            return everything(f"other {thing} than last time")
    kept = _manifest(settings)
    if not (kept.exists() and ledger_as_built(settings).exists()):
        return everything("what dbt left of the last build is gone")
    if fingerprint(kept) != built.get("manifest"):
        return everything("dbt's manifest is not that of the last build")
    now = landed | {MODIFIED: code[MODIFIED]}
    before = {name: told for name, told in built.items() if name.endswith("+")}
    new = sorted(name for name in now | before if now.get(name) != before.get(name))
    select = tuple(dict.fromkeys(part for name in new for part in name.split()))
    return Plan(select, _in_words(new), code)


def keep_build(settings: Settings, plan: Plan) -> None:
    """Put on record what the warehouse has just been built from. The project is told as it was
    before dbt began, in case it was edited meanwhile; landing cannot have changed."""
    kept = _manifest(settings)
    kept.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(settings.target / "manifest.json", kept)
    with warehouse(settings) as connection:
        _write(
            connection, "build", plan.code | _landed(connection) | {"manifest": fingerprint(kept)}
        )


def published_on(settings: Settings) -> datetime | None:
    """When the marts were published, if what lies in the published folder was made of this very
    build, let out by this very code, and is as it was written; else None."""
    with warehouse(settings) as connection:
        record = _read(connection, "publication")
    try:
        if record != _let_out(settings):
            return None
        created = [_as_written(place) for place in settings.outputs.values()]
    except OSError:
        return None
    return None if None in created else created[0]


def _as_written(place: Path) -> datetime | None:
    """When the folder was made, if it holds what its package says, and those that it names say,
    and nothing else."""
    package = place / PACKAGE
    told = json.loads(package.read_text(encoding="utf-8"))
    files = {place / file["path"]: file["hash"] for file in told["resources"]}
    within = {path.parent for path in files if path.name == PACKAGE}
    there = {path for path in place.rglob("*") if path.is_file()} - {package}
    if {path for path in there if path in files or within.isdisjoint(path.parents)} != files.keys():
        return None
    for path, kept in files.items():
        with path.open("rb") as opened:
            if kept != f"sha256:{hashlib.file_digest(opened, 'sha256').hexdigest()}":
                return None
    created = [datetime.fromisoformat(told["created"]), *map(_as_written, within)]
    return None if None in created else created[0]


def keep_publication(settings: Settings) -> None:
    """Put on record what has just been published from the warehouse as it stands."""
    record = _let_out(settings)
    with warehouse(settings) as connection:
        _write(connection, "publication", record)


def _let_out(settings: Settings) -> Record:
    """A data package holds the hashes of all the other files of its folder."""
    packages = (place / PACKAGE for place in settings.outputs.values())
    return {
        "guards": fingerprint(*(HOUSE / name for name in GUARDS)),
        "versions": _versions(GUARDING),
        "packages": fingerprint(*packages),
    }


def _code(variables: Mapping[str, object] | None) -> Record:
    return {
        "vars": json.dumps(dict(variables or {}), sort_keys=True),
        "versions": _versions(ENGINES),
        "settings and macros": fingerprint(*(HOUSE / name for name in SETTLED)),
        MODIFIED: fingerprint(*(HOUSE / name for name in MODELS)),
    }


def _versions(packages: tuple[str, ...]) -> str:
    return ", ".join(f"{package} {version(package)}" for package in packages)


def _landed(connection: duckdb.DuckDBPyConnection) -> Record:
    """What lies in landing, as the ledger of deliveries tells it: rows come, go and are replaced
    with their delivery's rows in the ledger, never without."""
    ledger = "landing.extract_files"
    tables = connection.execute(
        f"select distinct table_name from {ledger} where table_name <> '' order by all"
    ).fetchall()
    parts = {
        f"source:{table.replace('__', '.', 1)}+": f"{ledger} where table_name = '{table}'"
        for (table,) in tables
    }
    parts |= {
        ANY_DELIVERY: ledger,
        "source:landing.notes+": f"{ledger} where file_id in (select _file_id from landing.notes)",
        # Those of the way out are no delivery's.
        "source:quality.findings+": "quality.findings where door = 'in'",
    }
    # Narrower views of the ledger say for themselves whether they say anything else.
    views = connection.execute(
        "select view_name from duckdb_views() where schema_name = 'staging' "
        "and view_name like 'stg_landing_%' and view_name <> 'stg_landing__extract_files'"
    ).fetchall()
    parts |= {f"{view}+": f"staging.{view}" for (view,) in views}
    return {name: _of_rows(connection, rows) for name, rows in parts.items()}


def _of_rows(connection: duckdb.DuckDBPyConnection, rows: str) -> str:
    """A fingerprint of rows, in whatever order they come."""
    [(number, hashes)] = connection.execute(
        f"select count(*), coalesce(sum(hash(told)), 0) from (select * from {rows}) as told"
    ).fetchall()
    return f"{number} rows {hashes:x}"


def fingerprint(*places: Path) -> str:
    """A fingerprint of files, and of all files in folders, with their names there."""
    digest = hashlib.sha256()
    for place in places:
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file() and "__pycache__" not in path.parts:
                name = path.relative_to(place.parent).as_posix()
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                digest.update(f"{name} {content}\n".encode())
    return digest.hexdigest()


def _in_words(new: list[str]) -> str:
    if not new:
        return "nothing, because nothing is new"
    tables = [name.removeprefix("source:").removesuffix("+") for name in new if ":" in name]
    tables = [name for name in tables if "." in name]
    named = ", ".join(tables[:3]) + (f" and {len(tables) - 3} more" if len(tables) > 3 else "")
    changed = ["models, seeds or tests that were edited"] if MODIFIED in new else []
    return "what depends on " + " and ".join([named, *changed] if named else changed or ["files"])


def _manifest(settings: Settings) -> Path:
    """dbt's manifest of the last build, to which it holds the project as it is now."""
    return settings.state / "manifest.json"


def _read(connection: duckdb.DuckDBPyConnection, name: str) -> Record:
    try:
        rows = connection.execute(
            "select record from state.records where name = ?", [name]
        ).fetchall()
    except duckdb.CatalogException:
        return {}
    record: Any = json.loads(rows[0][0]) if rows else {}
    return dict(record)


def _write(connection: duckdb.DuckDBPyConnection, name: str, record: Record) -> None:
    connection.execute("create schema if not exists state")
    connection.execute(
        "create table if not exists state.records (name varchar primary key, record varchar)"
    )
    connection.execute(
        "insert or replace into state.records values (?, ?)", [name, json.dumps(record)]
    )
