"""Files that are read before their turn, while another is being let in.

To read a file, to stage its rows and to examine them writes nothing but its copy in the archive,
so it can be done in any order, on a connection of its own, and given up at any moment. The engine
does most of it outside Python, so that threads are enough to use every core. Files are let in one
after the other, in their order, by whoever asks for them here.

Files of one source that follow one another are staged and examined together: what the engine
takes to plan its statements, which for a small file is most of it, it takes once for all of them.

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
from typing import TYPE_CHECKING

import duckdb

from flows.land.find import Extract
from flows.land.landing import Examine, Landing, door
from flows.land.staged import Shelf
from flows.settings import Settings

if TYPE_CHECKING:
    from flows.audit import Seen

READERS = min(4, os.cpu_count() or 1)
WAITING = 2  # batches for each reader that may be read and wait for their turn
MOST_BYTES = 32 * 1024**2  # of a batch of files that is read ahead: several are held at once
MOST_FILES = 24  # of a batch

# Connection, relations in which the rows of several files stand together, by landed table, and the
# files' names, by id -> what is seen of each, which spares looking at it alone.
Together = Callable[[duckdb.DuckDBPyConnection, dict[str, str], dict[str, str]], dict[str, "Seen"]]
Read = dict[Extract, tuple[Landing, ExitStack]]


class Ahead:
    """Reads files in their order; `take` them in the same."""

    def __init__(
        self,
        extracts: Iterable[Extract],
        settings: Settings,
        examine: Callable[[Extract], Examine | None],
        together: Together | None = None,
    ) -> None:
        self._settings = settings
        self._examine = examine
        self._together = together or (lambda *_: {})
        self._coming = deque(extracts)
        # Of few files, too, each reader has some.
        self._most_files = min(MOST_FILES, max(1, len(self._coming) // (READERS * WAITING)))
        self._begun: dict[Extract, Future[Read]] = {}
        self._batches = 0
        self._last_batch: int | None = None  # with a file that goes no further by this way
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
        for extract, future in self._begun.items():
            if not future.cancelled() and (read := future.result().get(extract)):
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
        if not (future and (read := future.result().get(extract))):
            return None
        landing, stack = read
        closing.push(stack)
        return landing if landing.staged else None

    def _go_on(self) -> None:
        while self._coming and len(set(self._begun.values())) < READERS * WAITING:
            batch = self._next_batch()
            self._batches += 1
            future = self._readers.submit(self._read, self._batches, batch)
            self._begun |= dict.fromkeys(batch, future)

    def _next_batch(self) -> list[Extract]:
        """The next file, and those of the same source that follow, as far as they are not too
        much together, and none is the same delivery as another."""
        batch = [self._coming.popleft()]
        told = {self._told(batch[0])}
        size = _size(batch[0])
        while (
            self._coming
            and len(batch) < self._most_files
            and self._coming[0].source == batch[0].source
            and (size := size + _size(self._coming[0])) <= MOST_BYTES
            and self._told(self._coming[0]) not in told
        ):
            batch.append(self._coming.popleft())
            told.add(self._told(batch[-1]))
        return batch

    def _told(self, extract: Extract) -> tuple[object, ...]:
        """What, of one source, tells a delivery from another, but for what is in it."""
        la_code = extract.la_code or self._settings.la_code
        return (la_code, extract.collection_year, extract.file_name)

    def _read(self, number: int, batch: list[Extract]) -> Read:
        with ExitStack() as opened, suppress(Exception):
            if self._is_given_up(number) or _size(batch[0]) > MOST_BYTES:
                return {}
            connection = opened.enter_context(door(self._settings))
            self._at_work.add(connection)
            shelf = Shelf() if len(batch) > 1 else None
            landings: list[Landing] = []
            for extract in batch:
                if self._is_given_up(number):
                    break
                examine = self._examine(extract)
                landings.append(Landing(connection, extract, self._settings, examine, shelf))
                try:
                    landings[-1].read()
                except Exception:  # whatever is wrong with the file is told in its turn
                    self._give_up_after(number)
                    break
            self._examine_all(number, connection, landings, shelf)
            self._at_work.discard(connection)
            # The connection is closed when the last of them is.
            closing, open_ = opened.pop_all(), {landing.extract for landing in landings}
            read: Read = {}
            for landing in landings:
                stack = ExitStack()
                stack.callback(_leave, landing.extract, open_, closing)
                read[landing.extract] = (landing, stack)
            return read
        return {}

    def _examine_all(
        self,
        number: int,
        connection: duckdb.DuckDBPyConnection,
        landings: list[Landing],
        shelf: Shelf | None,
    ) -> None:
        """Together, but for those of which a child has been left out, which the shelf has still."""
        whole = [each for each in landings if each.read_ahead and not each.left_out]
        names = {each.file_id: each.extract.file_name for each in whole}
        relations = {
            table: name
            for table, name in (shelf.relations if shelf else {}).items()
            if table != "notes"
        }
        is_together = len(whole) > 1 and all(each.examine for each in whole)
        seen = self._together(connection, relations, names) if is_together else {}
        for each in landings:
            try:
                each.examine_what_was_read(seen.get(each.file_id))
            except Exception:  # told in its turn, too
                self._give_up_after(number)

    def _give_up_after(self, number: int) -> None:
        self._last_batch = min(number, self._last_batch or number)

    def _is_given_up(self, number: int) -> bool:
        """Whether what is read now would not be taken: nothing that comes behind a file that is
        turned away is (see `land_all`)."""
        return self._is_over or (self._last_batch is not None and number > self._last_batch)


def _size(extract: Extract) -> int:
    """Its bytes; one that cannot be read is by itself, and says so in its turn."""
    try:
        return extract.path.stat().st_size
    except OSError:
        return MOST_BYTES + 1


def _leave(extract: Extract, open_: set[Extract], closing: ExitStack) -> None:
    open_.discard(extract)
    if not open_:
        closing.close()
