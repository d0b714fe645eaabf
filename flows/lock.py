"""One refresh at a time: a lock that ends with the process that holds it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO

from flows.settings import Settings

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_BYTE = 1 << 20  # locked instead of the text, which Windows would not let others read


class Busy(Exception):
    """Another process is at work on this home."""


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Hold the home for as long as the block runs. Raises Busy at once if it is taken."""
    path = settings.make_home() / "refresh.lock"
    with path.open("a+", encoding="utf-8") as file:
        try:
            _take(file)
        except OSError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise Busy(f"A refresh is already running in {settings.home} ({holder}).") from None
        file.truncate(0)
        file.write(f"process {os.getpid()}, since {datetime.now():%Y-%m-%d %H:%M:%S}")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)
            _release(file)


def _take(file: IO[str]) -> None:
    if sys.platform == "win32":
        file.seek(_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _release(file: IO[str]) -> None:
    if sys.platform == "win32":
        file.seek(_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_UN)
