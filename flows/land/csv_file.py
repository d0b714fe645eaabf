"""Read delimited text: one sheet of rows, each with the physical line where it begins."""

import codecs
import csv
import gzip
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from flows.land.delivery import Refusal
from flows.land.text_scan import too_long
from flows.settings import Limits

# Commas first: a table that can be placed with them is never tried with another.
DELIMITERS = (",", "\t", ";", "|")
UTF_8 = "utf-8-sig"  # with a byte order mark or without
CP_1252 = "cp1252"  # what is no UTF-8
BLOCK = 1 << 20  # characters


# Five bytes mean nothing in Windows-1252; publishers' files hold them all the same.
def _as_latin_1(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("as_latin_1", _as_latin_1)


def opened(path: Path, *, is_gzip: bool) -> IO[bytes]:
    """The bytes of a file, unpacked when it is a gzip."""
    return gzip.open(path, "rb") if is_gzip else path.open("rb")  # type: ignore[return-value]


@contextmanager
def _characters(path: Path, encoding: str, *, is_gzip: bool) -> Iterator[io.TextIOWrapper]:
    with (
        opened(path, is_gzip=is_gzip) as binary,
        io.TextIOWrapper(binary, encoding=encoding, errors="as_latin_1", newline="") as text,
    ):
        yield text


@contextmanager
def as_utf_8(path: Path, encoding: str, scratch: Path, *, is_gzip: bool) -> Iterator[Path]:
    """The text as a plain file in UTF-8: itself, or a copy that is gone afterwards."""
    if encoding == UTF_8 and not is_gzip:
        yield path
        return
    scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=scratch, prefix="text-", suffix=".csv")
    copy = Path(name)
    try:
        with (
            os.fdopen(handle, "w", encoding="utf-8", newline="") as file,
            _characters(path, encoding, is_gzip=is_gzip) as text,
        ):
            while characters := text.read(BLOCK):
                file.write(characters)
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def rows(
    path: Path, encoding: str, delimiter: str, *, is_gzip: bool, limits: Limits
) -> Iterator[tuple[int, list[str]]]:
    """Every record with the line on which it begins; blank lines are left out.

    Quoting is held to strictly: a stray quote shifts cells into the wrong columns
    without a trace, so the file is refused instead.
    """
    csv.field_size_limit(limits.cell_characters)
    with _characters(path, encoding, is_gzip=is_gzip) as text:
        reader = csv.reader(_lines(text, limits), delimiter=delimiter, strict=True)
        line = 1
        try:
            for cells in reader:
                if len(cells) > limits.columns:
                    raise Refusal(
                        f"the row has more than {limits.columns:,} cells (CYP_LIMIT_COLUMNS)", line
                    )
                if cells:
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error as error:
            if "field larger" in str(error):
                what = (
                    f"a cell is longer than {limits.cell_characters:,} characters "
                    "(CYP_LIMIT_CELL_CHARACTERS), or a quote is never closed"
                )
            else:
                what = "a quoted cell is not closed properly"
            raise Refusal(what, line) from None


def _lines(text: io.TextIOWrapper, limits: Limits) -> Iterator[str]:
    """Line by line, and never more of one than it may be long."""
    number = 1
    while line := text.readline(limits.line_bytes + 1):
        if len(line) > limits.line_bytes:
            raise too_long(limits.line_bytes, number)
        yield line
        number += 1
