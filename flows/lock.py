"""One refresh at a time: a lock that ends with the process that holds it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO

from flows import errors, log, private
from flows.settings import Settings

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_BYTE = 1 << 20  # locked instead of the text, which Windows would not let others read

# Homes that this process holds and whose next `alone` is a part of the same work.
_lent: set[Path] = set()


class Busy(Exception):
    """Another process is at work on this home."""


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Hold the home for as long as the block runs. Raises Busy at once if it is taken."""
    if settings.home in _lent:
        _lent.remove(settings.home)
        try:
            yield
        finally:
            _lent.add(settings.home)
        return
    path = settings.make_home() / "refresh.lock"
    errors.at_work_in(settings.home)
    with path.open("a+", encoding="utf-8") as file:
        try:
            _take(file)
        except OSError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise Busy(f"A cyp command is already running in {settings.home} ({holder}).") from None
        _say(file, f"process {os.getpid()}, since {datetime.now():%Y-%m-%d %H:%M:%S}")
        try:
            if closed := private.close(settings):
                log.add(settings, "closed", places=[place.name for place in closed])
            yield
        finally:
            _say(file, "")
            _release(file)


@contextmanager
def lent(settings: Settings) -> Iterator[None]:
    """Who holds the home lends it to the night that is run within the block: nobody comes
    between them."""
    _lent.add(settings.home)
    try:
        yield
    finally:
        _lent.discard(settings.home)


def _say(file: IO[str], holder: str) -> None:
    """Who holds the home, for those who find it taken; on a full disk it goes unsaid."""
    with suppress(OSError):
        os.truncate(file.fileno(), 0)
        os.write(file.fileno(), holder.encode())


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
