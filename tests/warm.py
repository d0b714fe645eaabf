"""dbt with its imports done, which are a third of a small build. Every run is a process of its own
all the same: multiprocessing's server, which has loaded dbt, is forked for it. The command line and
the nights that are killed (test_cli, test_crash, test_leaks) start dbt as a user's machine does."""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flows import tether

BEFORE = len(tether.command("dbt.cli.main"))
LOADED = ["dbt.cli.main", "dbt.adapters.duckdb", "dbt.task.build", "pandas", "highspy"]

_server = multiprocessing.get_context("forkserver")
_server.set_forkserver_preload(LOADED)


class Started:
    """Of Popen as much as flows.build asks for."""

    def __init__(
        self, command: Sequence[str], *, env: Mapping[str, str], cwd: Path, **_: Any
    ) -> None:
        descriptor, self.said = tempfile.mkstemp(prefix="dbt-")
        os.close(descriptor)
        mask = os.umask(0)
        os.umask(mask)
        self.process = _server.Process(
            target=run, args=(list(command[BEFORE:]), dict(env), str(cwd), mask, self.said)
        )
        self.process.start()
        self.stdout = self

    def read(self) -> str:
        self.process.join()
        return Path(self.said).read_text(encoding="utf-8", errors="replace")

    def wait(self) -> int:
        self.process.join()
        return self.process.exitcode or 0

    def kill(self) -> None:
        self.process.kill()

    def __enter__(self) -> "Started":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.join()
        os.unlink(self.said)


def run(words: list[str], env: dict[str, str], cwd: str, mask: int, said: str) -> None:
    """In the forked process."""
    out = os.open(said, os.O_WRONLY)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    os.umask(mask)
    sys.argv = ["dbt", *words]
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import cli

    try:
        cli()
    finally:  # as when Python ends
        DuckDBConnectionManager.close_all_connections()


WARM = SimpleNamespace(Popen=Started, PIPE=subprocess.PIPE, STDOUT=subprocess.STDOUT)
