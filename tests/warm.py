"""dbt that is loaded already (benchmarks/loaded.py). Every run is a process of its own all the
same: multiprocessing's server, which has loaded dbt, is forked for it. Where a test starts the
command line (test_cli, test_crash, test_leaks), that starts dbt as on a user's machine."""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks.crash import run_dbt

_server = multiprocessing.get_context("forkserver")
_server.set_forkserver_preload(["benchmarks.loaded"])


def ready() -> None:
    """Has dbt loaded, and the project parsed, which is kept for whoever starts dbt later."""
    nothing = _server.Process(target=int)
    nothing.start()
    nothing.join()


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
            target=run, args=(list(command), dict(env), cwd, mask, self.said)
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


def run(command: list[str], env: dict[str, str], cwd: Path, mask: int, said: str) -> None:
    """In the forked process."""
    out = os.open(said, os.O_WRONLY)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.umask(mask)
    sys.exit(run_dbt(command, env, cwd))


WARM = SimpleNamespace(Popen=Started, PIPE=subprocess.PIPE, STDOUT=subprocess.STDOUT)
