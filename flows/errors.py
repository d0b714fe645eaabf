"""Errors on their way out of the house: our own sentences pass, an engine's words do not.

A failed cast puts the value it failed on into the message, and Prefect, the terminal and logs
would all keep it.
"""

import errno
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from flows.settings import HOUSE

T = TypeVar("T")


FULL = {errno.ENOSPC, errno.EDQUOT}
# A disk with less than this is as good as full: what failed for want of room has freed some.
NEARLY_NOTHING = 1 << 20
ROOM_TO_BEGIN = 32 << 20

# The home that this process is at work in, so that a full disk can be named.
_home: Path | None = None


class DiskFull(Exception):
    """There is no room left where everything is written."""


class StepFailed(Exception):
    """Something outside our own code failed. The message names its class and our line, never
    what it said: an engine's message may quote the value it failed on."""

    def __init__(self, sentence: str, *, may_pass: bool = False) -> None:
        super().__init__(sentence)
        self.may_pass = may_pass


def at_work_in(home: Path) -> None:
    """Note which home is written to."""
    global _home  # noqa: PLW0603
    _home = home


def need_room(home: Path) -> None:
    """Raises DiskFull where there is hardly room to begin."""
    if _free(home) < ROOM_TO_BEGIN:
        raise disk_full()


def disk_full() -> DiskFull:
    return DiskFull(
        f"The disk that holds {_home or 'what is written'} is full: free some space and run again."
    )


def says_full(text: str) -> bool:
    """Whether an engine says that the disk is full: the system's words are in its own."""
    return "No space left on device" in text or "Disk quota exceeded" in text


def is_disk_full(error: BaseException) -> bool:
    """Whether the error, or one that it came of, is for want of room; an engine that lost its
    files says all manner of things, so where it stood is looked at too."""
    for each in _chain(error):
        if isinstance(each, OSError) and (
            each.errno in FULL or getattr(each, "winerror", None) in {39, 112}
        ):
            return True
        if says_full(str(each)):
            return True
    return is_full()


def is_full() -> bool:
    return _home is not None and _free(_home) < NEARLY_NOTHING


def _free(home: Path) -> int:
    try:
        return shutil.disk_usage(home).free
    except OSError:
        return ROOM_TO_BEGIN


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def spoken(error: Exception) -> Exception:
    """The error itself when it is one of ours; else one that repeats nothing it said."""
    if type(error).__module__.split(".")[0] in {"flows", "expectations"}:
        return error
    if is_disk_full(error):
        return disk_full()
    if isinstance(error, OSError) and error.strerror:
        # The system's own words and a path; what is read is never in them.
        of = f" ({error.filename})" if error.filename else ""
        return StepFailed(f"{error.strerror}{of}, at {_our_line(error)}.", may_pass=True)
    return StepFailed(
        f"{type(error).__name__} at {_our_line(error)}; what it said is kept back because it "
        "may quote a record.",
        may_pass=isinstance(error, OSError) or "IOException" in type(error).__name__,
    )


def _our_line(error: Exception) -> str:
    """The last line of our own code on the way to the error."""
    place, trace = "an unknown place", error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_relative_to(HOUSE) and ".venv" not in path.parts:
            place = f"{path.relative_to(HOUSE).as_posix()}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def unspoken(work: Callable[[], T]) -> Callable[[], T]:
    """The work, with any error on its way out scrubbed. Errors keep no trace of their cause:
    Prefect stores what it is given."""

    def scrubbed() -> T:
        failure: Exception
        try:
            return work()
        except Exception as error:
            failure = spoken(error)
        # Raised outside the except block, so that the cause is not even its context.
        failure.__cause__ = failure.__context__ = None
        raise failure.with_traceback(None)

    return scrubbed
