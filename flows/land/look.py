"""What a delivered file is, told from its bytes and never from its name."""

import codecs
import mmap
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from flows.land import zipped
from flows.land.csv_file import CP_1252, UTF_8, opened
from flows.land.delivery import Refusal
from flows.settings import Limits

BLOCK = 1 << 20
HEAD = 4096
ROOM = 1 << 20  # bytes to which any file may be unpacked, however small it was


@dataclass(frozen=True)
class Look:
    """What a file is, told from its bytes: text, xml, json or workbook."""

    kind: str
    encoding: str
    is_gzip: bool


FOREIGN = {
    b"%PDF": "a PDF",
    b"PAR1": "a Parquet file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"{\\rtf": "a text document",
    b"SQLite format 3": "a database",
    b"\x00\x01\x00\x00Standard": "a database",
    b"7z\xbc\xaf\x27\x1c": "an archive",
    b"Rar!": "an archive",
    b"BZh": "an archive",
    b"\xfd7zXZ": "an archive",
    b"\x28\xb5\x2f\xfd": "an archive",
}
LOCKED = "it is locked with a password; save it without one"
OLE_STREAMS = {
    "EncryptedPackage": LOCKED,
    "WordDocument": "it is a Word document, not a workbook; deliver CSV, XML or a workbook",
}
# How the cells of an .xls begin, and the record that says that what follows is enciphered.
XLS, ENCIPHERED = b"\x09\x08\x10\x00\x00\x06\x05\x00", 0x2F
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
ZIP, OLE, GZIP = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b"
TEXT_XML_OR_WORKBOOK = "it is neither text, XML nor a workbook"


def look_at(path: Path, limits: Limits) -> Look:
    """Raises Refusal for what no reader reads."""
    with path.open("rb") as file:
        is_gzip = file.read(2) == GZIP
    try:
        with opened(path, is_gzip=is_gzip) as file:
            head = file.read(HEAD)
        _refuse_foreign(head)
        if head.startswith((ZIP, OLE)):
            if is_gzip:
                raise Refusal("it is a workbook within a gzip; deliver the workbook itself")
            _hold_workbook(path, head, limits)
            return Look("workbook", "", is_gzip=False)
        blocks = _blocks(path, limits, is_gzip=is_gzip)
        if _is_xml(head):
            for _ in blocks if is_gzip else ():  # an XML parser holds it to its encoding
                pass
            return Look("xml", "", is_gzip)
        is_utf16 = head.startswith(UTF_16)
        kind = "json" if _is_json(head) else "text"
        return Look(kind, _hold_to_utf_16(blocks) if is_utf16 else _encoding(blocks), is_gzip)
    except (OSError, EOFError, zlib.error) as error:
        if not is_gzip:
            raise
        raise Refusal("the gzip is damaged") from error


def _refuse_foreign(head: bytes) -> None:
    if not head.strip() or not head.strip(b"\xff\xfe\xef\xbb\xbf\0 \t\r\n"):
        raise Refusal("it is empty")
    for mark, what in FOREIGN.items():
        if head.startswith(mark):
            raise Refusal(f"it is {what}, which is not read; deliver CSV, XML or a workbook")
    if head.startswith(GZIP):
        raise Refusal("it is a gzip within a gzip; deliver what is in it")
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise Refusal("it is written in UTF-32, which is not read; save it as UTF-8")
    start = head.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        raise Refusal("it is a web page, not the file; deliver CSV, XML or a workbook")
    if not head.startswith(UTF_16) and not _is_xml(head) and _is_half_nul(head):
        raise Refusal("it is written in UTF-16 without a byte order mark; save it as UTF-8")


def _is_half_nul(head: bytes) -> bool:
    even, odd = head[::2].count(0), head[1::2].count(0)
    return max(even, odd) * 3 > len(head) and not min(even, odd)


def _is_xml(head: bytes) -> bool:
    if head.startswith((b"<\0?\0", b"\0<\0?")):
        return True  # UTF-16 without a mark, told by its declaration
    encoding = "utf-16" if head.startswith(UTF_16) else "latin-1"
    start = head.removeprefix(codecs.BOM_UTF8).decode(encoding, errors="replace")
    return start.lstrip("\ufeff \t\r\n").startswith("<")


def _is_json(head: bytes) -> bool:
    encoding = "utf-16" if head.startswith(UTF_16) else "latin-1"
    start = head.removeprefix(codecs.BOM_UTF8).decode(encoding, errors="replace")
    return start.lstrip("\ufeff \t\r\n").startswith(("{", "["))


def _blocks(path: Path, limits: Limits, *, is_gzip: bool) -> Iterator[bytes]:
    """A text by the block, held to the limits of what is packed and unpacked."""
    most = limits.file_bytes
    setting = "FILE_BYTES"
    if is_gzip and (grown := max(ROOM, path.stat().st_size * limits.expansion)) < most:
        most, setting = grown, "EXPANSION"
    size = 0
    with opened(path, is_gzip=is_gzip) as file:
        while block := file.read(BLOCK):
            size += len(block)
            if size > most:
                raise Refusal(
                    f"it is larger than {most:,} bytes when it is unpacked (CYP_LIMIT_{setting})"
                )
            yield block


def _hold_to_utf_16(blocks: Iterable[bytes]) -> str:
    decoder = codecs.getincrementaldecoder("utf-16")()
    line = 1
    try:
        for block in blocks:
            text = decoder.decode(block)
            if "\0" in text:
                raise Refusal(TEXT_XML_OR_WORKBOOK, line + text[: text.index("\0")].count("\n"))
            line += text.count("\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise Refusal("it is not the UTF-16 that its mark says", line) from None
    return "utf-16"


def _encoding(blocks: Iterable[bytes]) -> str:
    """UTF-8 when the whole text is that, else Windows-1252."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8 = True
    line = 1
    for block in blocks:
        if b"\0" in block:
            raise Refusal(TEXT_XML_OR_WORKBOOK, line + block[: block.index(b"\0")].count(b"\n"))
        line += block.count(b"\n")
        if is_utf8:
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                is_utf8 = False
    if is_utf8:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            is_utf8 = False
    return UTF_8 if is_utf8 else CP_1252


def _hold_workbook(path: Path, head: bytes, limits: Limits) -> None:
    """Raises Refusal for what looks like a workbook from outside and is none, or too large."""
    if head.startswith(ZIP):
        zipped.hold(path, limits)
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
        for stream, what in OLE_STREAMS.items():
            if held.find(stream.encode("utf-16-le")) >= 0:
                raise Refusal(what)
        if _is_enciphered(held):
            raise Refusal(LOCKED)


def _is_enciphered(held: mmap.mmap) -> bool:
    """Whether one of the first records of an .xls says so."""
    at = held.find(XLS)
    for _ in range(6):
        if at < 0 or at + 4 > len(held):
            return False
        record, length = struct.unpack_from("<HH", held, at)
        if record == ENCIPHERED:
            return True
        at += 4 + length
    return False
