"""Files that are read before their turn, while another is being let in.

To read a file, to stage its rows and to examine them writes nothing but its copy in the archive,
so it can be done in any order, on a connection of its own, and given up at any moment. The engine
does most of it outside Python, so that threads are enough to use every core. Files are let in one
after the other, in their order, by whoever asks for them here.

Only what has come to its end without a word is handed over. A file that is refused, or at which
anything fails, is read again in its turn, by itself: that nothing else is at work then is what
makes the fault the file's own.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from types import TracebackType

import duckdb

from flows.land.find import Extract
from flows.land.landing import Examine, Landing, opened
from flows.settings import Settings

READERS = min(4, os.cpu_count() or 1)
WAITING = 2  # files for each reader that may be read and wait for their turn
MOST_BYTES = 32 * 1024**2  # of a file that is read ahead: several are held at once


class Ahead:
    """Reads files in their order; `take` them in the same."""

    def __init__(
        self,
        extracts: Iterable[Extract],
        settings: Settings,
        examine: Callable[[Extract], Examine | None],
    ) -> None:
        self._settings = settings
        self._examine = examine
        self._coming = deque(extracts)
        self._begun: dict[Extract, Future[tuple[Landing, ExitStack] | None]] = {}
        self._at_work: set[duckdb.DuckDBPyConnection] = set()
        self._is_over = False
        self._readers = ThreadPoolExecutor(READERS, "read-ahead")

    def __enter__(self) -> "Ahead":
        self._go_on()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """What has been read and not been taken is given up."""
        self._is_over = True
        for connection in tuple(self._at_work):
            with suppress(duckdb.Error):
                connection.interrupt()
        self._readers.shutdown(wait=True, cancel_futures=True)
        for future in self._begun.values():
            if not future.cancelled() and (read := future.result()):
                landing, stack = read
                with stack:
                    landing.give_up()

    def take(self, extract: Extract, closing: ExitStack) -> Landing | None:
        """A file as it was read, which `closing` closes; None where it was not. What came
        into the folder under its name meanwhile is another delivery, of the next night."""
        future = self._begun.pop(extract, None)
        with suppress(ValueError):
            self._coming.remove(extract)
        self._go_on()
        if not (future and (read := future.result())):
            return None
        landing, stack = read
        closing.push(stack)
        return landing if landing.staged else None

    def _go_on(self) -> None:
        while self._coming and len(self._begun) < READERS * WAITING:
            extract = self._coming.popleft()
            self._begun[extract] = self._readers.submit(self._read, extract)

    def _read(self, extract: Extract) -> tuple[Landing, ExitStack] | None:
        with ExitStack() as stack, suppress(Exception):
            if self._is_over or extract.path.stat().st_size > MOST_BYTES:
                return None
            landing = stack.enter_context(opened(extract, self._settings, self._examine(extract)))
            self._at_work.add(landing.connection)
            with suppress(Exception):  # whatever is wrong with the file is told in its turn
                landing.read()
            self._at_work.discard(landing.connection)
            return landing, stack.pop_all()
        return None
