"""The working database: one process writes it at a time, and nobody else opens it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from flows.errors import StepFailed, disk_full, is_disk_full
from flows.settings import Settings

PATIENCE = 5.0  # seconds that a lock is waited for


@contextmanager
def warehouse(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The one writing connection; closed, and its lock with it, at the end."""
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
                },
            )
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
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
