"""Importing this loads dbt, for processes that fork it: its imports, which are a third of a small
build, and the project as dbt parses it, which is a fifth of one."""

import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import dbt.adapters.duckdb
import dbt.task.build  # noqa: F401
import pandas  # noqa: F401
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.factory import reset_adapters
from dbt.contracts.graph.manifest import Manifest

import flows.disclosure.regions  # noqa: F401
from flows import run_dbt
from flows.settings import HOUSE, Settings


def read_the_project() -> Manifest | None:
    """As every home has it; None where it does not parse, which dbt will say to who runs it. Who
    parses it first keeps it for the others, where the environment says that dbt should look for
    what was parsed before."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["--quiet", "--log-level-file", "none", "--project-dir", str(HOUSE)]
        words += ["--profiles-dir", str(HOUSE), "--target-path", folder, "--log-path", folder]
        words += ["--no-static-parser"]  # it has threads, which no fork would have
        made = Path(folder, "partial_parse.msgpack")
        told = Path(os.environ.get("DBT_PARTIAL_PARSE_FILE_PATH", made))
        with told.with_suffix(".lock").open("w") as lock, _as_a_home_says():
            fcntl.flock(lock, fcntl.LOCK_EX)
            _, manifest = run_dbt.parse(words)
            if manifest and not (told.exists() and told.stat().st_size):
                os.replace(shutil.copy(made, f"{told}.part"), told)
    DuckDBConnectionManager.close_all_connections()
    reset_adapters()
    return manifest


@contextmanager
def _as_a_home_says() -> Iterator[None]:
    """In flows.build's words: under others dbt would parse it anew."""
    environment, words = dict(os.environ), sys.argv
    os.environ |= {
        "CYP_WAREHOUSE": "warehouse.duckdb",
        "CYP_SCRATCH": "scratch",
        "CYP_MEMORY_LIMIT": Settings.memory_limit,
    }
    sys.argv = ["dbt"]
    try:
        yield
    finally:
        sys.argv = words
        os.environ.clear()
        os.environ |= environment


MANIFEST = read_the_project()


def parsed_for(words: Sequence[str]) -> Manifest | None:
    """What is parsed already, where it is that project and no other vars."""
    is_it = "--vars" not in words and words[words.index("--project-dir") + 1] == str(HOUSE)
    return MANIFEST if is_it else None
