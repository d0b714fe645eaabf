"""What a reader hands over: rows by the batch, notes, or a refusal with its place."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy
from numpy.typing import NDArray

Array = NDArray[Any]

KEY_BYTES = 10  # of a child's key: none of ten million children's are alike
BATCH_CELLS = 400_000  # cells held in memory before they go to the warehouse

# Identifiers that are shorter, or short numbers, are found in what is not about the child.
DISTINCTIVE, DISTINCTIVE_NUMBER = 6, 10


class Refusal(Exception):
    """Why a file is not let in. The words never hold a value of a cell."""

    def __init__(self, what: str, line: int | None = None, column: str | int | None = None) -> None:
        super().__init__(what)
        self.what, self.line, self.column = what, line, column

    def of(self, name: str) -> str:
        """The reason in full: file, line, column, what."""
        place = [f"file {name}"]
        if self.line is not None:
            place.append(f"line {self.line}")
        if self.column is not None:
            place.append(f"column {self.column}")
        return f"{', '.join(place)}: {self.what}"


@dataclass(frozen=True)
class Rows:
    """A batch of rows of one table.

    columns   arrays of equal length by column; empty text stands for null
    headings  of a cells table: its headings, by column number from 1
    sheet     the worksheet, empty for a text file
    """

    table: str
    columns: dict[str, Array]
    headings: tuple[str, ...] = ()
    sheet: str = ""

    @property
    def count(self) -> int:
        return len(self.columns["_row"])


@dataclass(frozen=True)
class Note:
    """A line that lies outside the table: a title, a footnote."""

    sheet: str
    line: int
    text: str


Delivered = Iterator[Rows | Note]


@dataclass
class Counts:
    """What a reader has handed over: rows by table recognised, and of sheets the records that
    are no rows."""

    rows: dict[str, int] = field(default_factory=dict)
    headings: int = 0
    notes: int = 0
    blank: int = 0

    @property
    def records(self) -> int:
        return sum(self.rows.values()) + self.headings + self.notes + self.blank

    def next_row(self, table: str) -> int:
        self.rows[table] = self.rows.get(table, 0) + 1
        return self.rows[table]


def pseudonym(key: bytes, la_code: str, child_id: str) -> str:
    """A child's key: the same in every source of one authority, another in another.
    Empty when there is no identifier."""
    return keys_of(key, la_code)(child_id)


@cache
def keys_of(key: bytes, la_code: str) -> Callable[[str], str]:
    """What makes the keys of an authority's children: BLAKE2b (RFC 7693) in its keyed mode, of
    `<la_code>:<child>`, begun once as far as that is the same for all of them."""
    secret = key if len(key) <= hashlib.blake2b.MAX_KEY_SIZE else hashlib.blake2b(key).digest()
    begun = hashlib.blake2b(key=secret, person=b"child key", digest_size=KEY_BYTES)
    begun.update(f"{la_code}:".encode())

    def key_of(child_id: str) -> str:
        child = child_id.strip().upper()
        if not child:
            return ""
        keyed = begun.copy()
        keyed.update(child.encode())
        return keyed.hexdigest()

    return key_of


def is_distinctive(child_id: str) -> bool:
    """Whether finding the identifier somewhere means finding the child."""
    least = DISTINCTIVE_NUMBER if child_id.isdecimal() else DISTINCTIVE
    return len(child_id) >= least


def texts(values: list[str]) -> Array:
    """An array of text that keeps each value as a Python string of its own length."""
    return numpy.fromiter(values, dtype=object, count=len(values))
