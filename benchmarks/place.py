"""Where a benchmark works, and on what machine."""

import os
import platform
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def folder_of(kept: Path | None, name: str) -> Iterator[Path]:
    """A folder that is kept, or a temporary one of that name."""
    if kept:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix=f"cyp-{name}-") as folder:
        yield Path(folder)


def machine() -> str:
    """The machine in words, for a table of what was measured on it."""
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        model = told.split("model name")[1].split(":")[1].split("\n")[0].strip()
    except (OSError, IndexError):
        model = platform.machine()
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return (
        f"{os.cpu_count()} cores of {model}, {size:.0f} GB of memory, "
        f"Python {platform.python_version()}"
    )
