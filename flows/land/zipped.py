"""Look into the zip that a workbook is, before anything unpacks it.

Only its table of contents is read: what it says of its parts is held to the limits. That it
may lie is no matter, for the reader of workbooks has its own limit of memory.
"""

import struct
import zipfile
from pathlib import Path, PurePosixPath

from flows.land.delivery import Refusal
from flows.settings import Limits

ROOM = 1 << 20  # bytes to which any zip may be unpacked, however small it is
MOST_CONTENTS = 4 << 20  # bytes of a table of contents: some 40,000 parts
END, END_LENGTH, LONGEST_COMMENT = b"PK\x05\x06", 22, 1 << 16

DAMAGED = "it is no workbook that can be read (damaged, or no whole zip)"
FOREIGN = {
    "xl/workbook.bin": "a binary workbook (.xlsb)",
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a presentation",
}
WORKBOOKS = {"xl/workbook.xml", "content.xml"}


def hold(path: Path, limits: Limits) -> None:
    """Raises Refusal for a zip that is no workbook, or that should not be unpacked."""
    _hold_contents(path)
    try:
        with zipfile.ZipFile(path) as zipped:
            parts = zipped.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, struct.error, NotImplementedError):
        raise Refusal(DAMAGED) from None
    size = sum(part.file_size for part in parts)
    grown = max(ROOM, path.stat().st_size * limits.expansion)
    for most, setting in ((limits.file_bytes, "FILE_BYTES"), (grown, "EXPANSION")):
        if size > most:
            raise Refusal(
                f"it is larger than {most:,} bytes when it is unpacked (CYP_LIMIT_{setting})"
            )
    names = {part.filename for part in parts}
    if any(_leads_out(name) for name in names):
        raise Refusal("the name of a part within it leads out of it, as no workbook's does")
    for part, what in FOREIGN.items():
        if part in names:
            raise Refusal(f"it is {what}, which is not read; save it as .xlsx or CSV")
    if any(part.flag_bits & 1 for part in parts):
        raise Refusal("it is locked with a password; save it without one")
    if not names & WORKBOOKS:
        raise Refusal("it is a zip of other files; unpack it and deliver what is in it")


def _hold_contents(path: Path) -> None:
    """The size of the table of contents, from the end of the file, before it is read."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - END_LENGTH - LONGEST_COMMENT))
        tail = file.read()
    at = tail.rfind(END)
    if at < 0 or at + END_LENGTH > len(tail):
        raise Refusal(DAMAGED)
    (size,) = struct.unpack_from("<I", tail, at + 12)
    if size > MOST_CONTENTS:
        raise Refusal("it holds more parts than any workbook does")


def _leads_out(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/"))
    return parts.is_absolute() or any(part == ".." or ":" in part for part in parts.parts)
