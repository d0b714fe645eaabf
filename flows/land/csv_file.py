"""Read delimited text: one sheet of rows, each with the physical line where it begins."""

import codecs
import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from flows.land.delivery import MAX_CELL, MAX_COLUMNS, Refusal

# Commas first: a table that can be placed with them is never tried with another.
DELIMITERS = (",", "\t", ";")


# Five bytes mean nothing in Windows-1252; publishers' files hold them all the same.
def _as_latin_1(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("as_latin_1", _as_latin_1)


def opened(path: Path, *, is_gzip: bool) -> IO[bytes]:
    """The bytes of a file, unpacked when it is a gzip."""
    return gzip.open(path, "rb") if is_gzip else path.open("rb")  # type: ignore[return-value]


def rows(
    path: Path, encoding: str, delimiter: str, *, is_gzip: bool
) -> Iterator[tuple[int, list[str]]]:
    """Every record with the line on which it begins; blank lines are left out.

    Quoting is held to strictly: a stray quote shifts cells into the wrong columns
    without a trace, so the file is refused instead.
    """
    csv.field_size_limit(MAX_CELL)
    with (
        opened(path, is_gzip=is_gzip) as binary,
        io.TextIOWrapper(binary, encoding=encoding, errors="as_latin_1", newline="") as text,
    ):
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        line = 1
        try:
            for cells in reader:
                if len(cells) > MAX_COLUMNS:
                    raise Refusal(f"the row has more than {MAX_COLUMNS} cells", line)
                if cells:
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error as error:
            if "field larger" in str(error):
                what = f"a cell is longer than {MAX_CELL} characters, or a quote is never closed"
            else:
                what = "a quoted cell is not closed properly"
            raise Refusal(what, line) from None
