"""Delivered files: finding them, telling their format, keeping them for good."""

import codecs
import gzip
import hashlib
import os
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from flows.land.csv_file import opened
from flows.land.delivery import MAX_BYTES, Refusal
from flows.settings import Settings

BLOCK = 1 << 20
HEAD = 4096

# What desktops and editors leave behind in a folder; nobody delivered it, so it is
# passed over without a word. Every other file is landed or refused with a reason.
LITTER = ("thumbs.db", "desktop.ini", "__macosx")


@dataclass(frozen=True)
class Extract:
    """A delivered file and what its folders say of it:
    ``[<la code>/]<source>/<collection year>/<any name>``.

    source           empty when the file lies elsewhere
    la_code          of the folder, or None
    collection_year  0 when the file lies elsewhere
    name             below the folder of extracts, with forward slashes
    """

    path: Path
    source: str
    la_code: str | None
    collection_year: int
    name: str

    @property
    def file_name(self) -> str:
        """What its deliverer called it: its name below the folder of the year."""
        parts = PurePosixPath(self.name).parts
        folders = (2 if self.source else 0) + (1 if self.la_code else 0)
        return "/".join(parts[folders:])


def find(settings: Settings) -> list[Extract]:
    """Every delivered file. Of one source, authority and year the oldest comes first, so
    that of two deliveries of one table the newest stands."""
    found = [_extract(path, settings.extracts) for path in _files(settings.extracts)]
    return sorted(
        found,
        key=lambda extract: (
            extract.la_code or "",
            extract.source,
            extract.collection_year,
            extract.path.stat().st_mtime_ns,
            extract.name,
        ),
    )


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        is_litter = any(part.startswith((".", "~$")) or part.lower() in LITTER for part in parts)
        if path.is_file() and not is_litter:
            yield path


def _extract(path: Path, folder: Path) -> Extract:
    name = path.relative_to(folder).as_posix()
    parts = name.split("/")
    la_code = parts.pop(0) if len(parts[0]) == 3 and parts[0].isdecimal() else None
    if len(parts) >= 3 and len(parts[1]) == 4 and parts[1].isdecimal():
        return Extract(path, parts[0], la_code, int(parts[1]), name)
    return Extract(path, "", la_code, 0, name)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_id(extract: Extract, la_code: str | None, sha256: str) -> str:
    """The delivery's identity: the same file delivered again is the same delivery."""
    said = [extract.source, la_code or "", extract.collection_year, extract.file_name, sha256]
    return hashlib.sha256("|".join(map(str, said)).encode()).hexdigest()[:16]


def archived(path: Path, settings: Settings) -> tuple[str, Path]:
    """Keep a copy by the hash of its content, read-only; returns hash and copy.

    The copy is what is read afterwards, so that a file that changes meanwhile cannot be
    recorded under a hash that is not its own.
    """
    settings.archive.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    handle, temporary = tempfile.mkstemp(dir=settings.archive, prefix=".landing-")
    try:
        with os.fdopen(handle, "wb") as copy, path.open("rb") as original:
            while block := original.read(BLOCK):
                digest.update(block)
                copy.write(block)
            copy.flush()
            os.fsync(copy.fileno())
        sha256 = digest.hexdigest()
        kept = settings.archive / sha256[:2] / f"{sha256}{_suffix(path)}"
        if not kept.exists():
            kept.parent.mkdir(exist_ok=True, mode=0o700)
            Path(temporary).chmod(0o400)
            Path(temporary).replace(kept)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return sha256, kept


def discard(kept: Path) -> None:
    """Remove a copy from the archive."""
    if kept.exists():
        kept.chmod(0o600)  # what is read-only cannot be removed on Windows
        kept.unlink()


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    return suffix if suffix[1:].isalnum() and suffix.isascii() else ""


@dataclass(frozen=True)
class Look:
    """What a file is, told from its bytes: text, xml or workbook."""

    kind: str
    encoding: str
    is_gzip: bool


FOREIGN = {
    b"%PDF": "a PDF",
    b"PAR1": "a Parquet file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}


def look(path: Path) -> Look:
    """Raises Refusal for what no reader reads."""
    with path.open("rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
    try:
        with opened(path, is_gzip=is_gzip) as file:
            head = file.read(HEAD)
    except (OSError, EOFError, zlib.error) as error:
        if not is_gzip:
            raise
        raise Refusal("the gzip is damaged") from error
    if not head.strip():
        raise Refusal("it is empty")
    for mark, what in FOREIGN.items():
        if head.startswith(mark):
            raise Refusal(f"it is {what}, which is not read; deliver CSV, XML or a workbook")
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        if is_gzip:
            raise Refusal("it is a workbook within a gzip; deliver the workbook itself")
        return Look("workbook", "", is_gzip=False)
    encoding = _encoding(path, head, is_gzip=is_gzip)
    start = head.decode(encoding, errors="replace").lstrip("\ufeff \t\r\n")
    if start.startswith("<"):
        return Look("xml", encoding, is_gzip)
    if start.startswith(("{", "[")):
        raise Refusal("it is JSON, which is not read; deliver CSV, XML or a workbook")
    return Look("text", encoding, is_gzip)


def _encoding(path: Path, head: bytes, *, is_gzip: bool) -> str:
    """UTF-8 when the whole file is that, UTF-16 by its mark, else Windows-1252."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8 = True
    size = 0
    try:
        with opened(path, is_gzip=is_gzip) as file:
            while block := file.read(BLOCK):
                size += len(block)
                if size > MAX_BYTES:
                    raise Refusal(f"it is larger than {MAX_BYTES:,} bytes")
                if b"\0" in block:
                    raise Refusal("it is neither text, XML nor a workbook")
                if is_utf8:
                    try:
                        decoder.decode(block)
                    except UnicodeDecodeError:
                        is_utf8 = False
        if is_utf8:
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        is_utf8 = False
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Refusal("the gzip is damaged") from error
    return "utf-8-sig" if is_utf8 else "cp1252"
