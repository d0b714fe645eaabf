"""Files that are there whole or not at all, and the sweeping up after a night that was killed."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from flows.settings import Settings

PART = ".part"


def write_whole(path: Path, text: str) -> None:
    """Write a file beside its place and move it there at a stroke: whoever reads it, and
    whatever kills us, it is the old one or the new one."""
    part = path.with_name(f".{path.name}-{os.getpid()}{PART}")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def sweep(settings: Settings) -> None:
    """Remove what a killed run left lying about. Only for who holds the home: what another
    is at work on looks the same."""
    for folder, patterns in {
        settings.home: (f".*{PART}", ".publishing-*", f"{settings.warehouse.name}.tmp"),
        settings.archive: (".landing-*",),
        settings.nights: (f".*{PART}",),
        settings.docs: (".data_docs-*",),
        settings.docs / "validations": (f".*{PART}",),
        settings.scratch: ("*",),
    }.items():
        for pattern in patterns:
            for left in folder.glob(pattern):
                _remove(left)


def _remove(left: Path) -> None:
    if left.is_dir() and not left.is_symlink():
        shutil.rmtree(left, ignore_errors=True)
    else:
        with suppress(OSError):
            left.unlink(missing_ok=True)
