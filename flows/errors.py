"""Errors on their way out of the house: our own sentences pass, an engine's words do not.

A failed cast puts the value it failed on into the message, and Prefect, the terminal and logs
would all keep it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from flows.settings import HOUSE

T = TypeVar("T")


class StepFailed(Exception):
    """Something outside our own code failed. The message names its class and our line, never
    what it said: an engine's message may quote the value it failed on."""

    def __init__(self, sentence: str, *, may_pass: bool = False) -> None:
        super().__init__(sentence)
        self.may_pass = may_pass


def spoken(error: Exception) -> Exception:
    """The error itself when it is one of ours; else one that repeats nothing it said."""
    if type(error).__module__.split(".")[0] in {"flows", "expectations"}:
        return error
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
