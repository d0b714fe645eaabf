"""Where a benchmark works, in what process, and on what machine."""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from flows.settings import HOUSE


@contextmanager
def folder_of(kept: Path | None, name: str) -> Iterator[Path]:
    """A folder that is kept, or a temporary one of that name."""
    if kept:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix=f"cyp-{name}-") as folder:
        yield Path(folder)


def apart(benchmark: str, *words: str) -> Any:
    """What a benchmark says, in JSON, that is started anew with those words: in a process of its
    own, so that the peak of memory is its own. One that fails ends the benchmark that asked."""
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{benchmark}", *words],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{benchmark} {' '.join(words)} failed:\n{done.stderr}")
    return json.loads(done.stdout)


def machine() -> str:
    """The machine and the engine in words, for a table of what was measured on them."""
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        model = told.split("model name")[1].split(":")[1].split("\n")[0].strip()
    except (OSError, IndexError):
        model = platform.machine()
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return (
        f"{os.cpu_count()} cores of {model}, {size:.0f} GB of memory, "
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}"
    )
