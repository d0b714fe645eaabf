"""The working database: one process writes it at a time, and nobody else opens it."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from numpy.typing import NDArray

from flows import declared
from flows.errors import StepFailed, disk_full, is_disk_full
from flows.settings import HOUSE, Settings

PATIENCE = 5.0  # seconds that a lock is waited for


@cache
def engine() -> Mapping[str, Any]:
    """How an engine is opened, as `duckdb.connect` takes it: as profiles.yml has dbt open it, but
    for what it leaves to the settings. The rest of `shut_in` is set once the database is open."""
    profile = declared.read(HOUSE / "profiles.yml")["cyp_warehouse"]["outputs"]["warehouse"]
    told = profile["config_options"].items()
    return {name: value for name, value in told if "env_var(" not in str(value)}


def shut_in(connection: duckdb.DuckDBPyConnection, *reaches: Path) -> None:
    """Leave the engine what it has open, its scratch and what lies below `reaches`: from here on
    no statement reads or writes another file, attaches a database or loads an extension, and
    none changes that. Models are shut in alike, by the macro of the same name."""
    allowed = ", ".join("'" + str(place).replace("'", "''") + "'" for place in reaches)
    connection.execute(f"set allowed_directories = [{allowed}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def _is_shut_in(connection: duckdb.DuckDBPyConnection) -> bool:
    """As it is when this process has the database open already."""
    [(is_locked,)] = connection.execute("select current_setting('lock_configuration')").fetchall()
    return bool(is_locked)


@contextmanager
def handed(
    connection: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, NDArray[Any]]
) -> Iterator[None]:
    """Arrays as a relation of that name; an engine that is shut in finds none by itself."""
    connection.register(name, dict(columns))
    try:
        yield
    finally:
        connection.unregister(name)


@contextmanager
def warehouse(settings: Settings, *reaches: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The one writing connection; closed, and its lock with it, at the end. `reaches` are
    folders in which its statements may open files. To open a warehouse takes longer than to land a
    small file; within this, it is had at once, with the same reaches."""
    settings.scratch.mkdir(parents=True, exist_ok=True)
    given_up_at = time.monotonic() + PATIENCE
    while True:
        try:
            connection = duckdb.connect(
                str(settings.warehouse),
                config={
                    "memory_limit": settings.memory_limit,
                    "temp_directory": str(settings.scratch),
                    "preserve_insertion_order": True,  # rows are numbered as they come
                    **engine(),
                },
            )
            if not _is_shut_in(connection):
                shut_in(connection, *reaches)
            break
        except duckdb.IOException as error:
            if is_disk_full(error):
                raise disk_full() from None
            # The child of a night that was killed takes a moment to go, and its lock with it.
            if "lock" in str(error) and time.monotonic() < given_up_at:
                time.sleep(0.1)
                continue
        raise StepFailed(
            f"The warehouse {settings.warehouse} cannot be opened: another program has it open, "
            "or it is damaged. Close that program and run again.",
            may_pass=True,
        ) from None
    with connection:
        yield connection


@contextmanager
def at_hand(settings: Settings) -> Iterator[None]:
    """Whatever asks for the warehouse within this has it at once, where there is one; nobody else
    has it, and nothing may be read into it from a file."""
    if not settings.warehouse.exists():
        yield
        return
    with warehouse(settings):
        yield


@contextmanager
def reading(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The working database, read only, for work that may be large: in the memory of the settings,
    and beyond it on the scratch. Without being told, an engine takes most of the machine's."""
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        connection.execute(f"set memory_limit = '{settings.memory_limit}'")
        place = str(settings.scratch).replace("'", "''")
        connection.execute(f"set temp_directory = '{place}'")
        yield connection


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
