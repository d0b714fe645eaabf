"""The collector of cycles, told to wait."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Objects made since the collector last looked. What a night makes it mostly keeps: at Python's 700
# a tenth of dbt's build goes into looking for what is left, and half a second of a publication.
AFTER = 100_000


def seldom() -> None:
    """From here on it looks less often, in all of the process."""
    gc.set_threshold(AFTER)


@contextmanager
def nothing_collected() -> Iterator[None]:
    """For work that makes much and leaves no cycles behind: the collector would look through all
    of it again and again."""
    is_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_collecting:
            gc.enable()
