"""Delivered files: identified by their content, kept for good."""

import hashlib
import os
import stat
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO

from flows.land.delivery import Refusal
from flows.land.find import Extract
from flows.settings import Settings

BLOCK = 1 << 20
TO_DISK = 16 * BLOCK  # of a copy that is being made, sent to the disk meanwhile

# A pipe that takes a file's place must not hold up the night, nor a link lead elsewhere.
# Windows has neither.
OPENED = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_BINARY", 0)
)


class TryAgain(Refusal):
    """A fault of the moment and not of the file: it is not put on record, and the file is
    tried again the next night."""


def delivered(path: Path) -> IO[bytes]:
    """A delivered file, opened for reading. Raises Refusal where it is no file."""
    try:
        file = os.open(path, OPENED)
    except FileNotFoundError:
        raise TryAgain("it was there and is gone") from None
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise TryAgain("it is not a file")
    return os.fdopen(file, "rb")


def size_of(path: Path) -> int:
    with delivered(path) as file:
        return os.fstat(file.fileno()).st_size


def sha256_of(path: Path) -> str:
    with delivered(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def file_id(extract: Extract, la_code: str | None, sha256: str) -> str:
    """The delivery's identity: the same file delivered again is the same delivery."""
    told = [extract.source, la_code or "", extract.collection_year, extract.file_name, sha256]
    return hashlib.sha256("|".join(map(str, told)).encode()).hexdigest()[:16]


def archived(path: Path, settings: Settings) -> tuple[str, int, Path]:
    """Keep a copy by the hash of its content, read-only; returns hash, bytes and copy.

    The copy is what is read afterwards, so that a file that changes later cannot be recorded
    under a hash that is not its own. Raises TryAgain for one that changes meanwhile: somebody
    is still writing it.
    """
    settings.archive.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    handle, temporary = tempfile.mkstemp(dir=settings.archive, prefix=".landing-")
    try:
        with (
            os.fdopen(handle, "wb") as copy,
            delivered(path) as original,
            ThreadPoolExecutor(1, "to-disk") as beside,
        ):
            before = os.fstat(original.fileno())
            copied = 0
            sent: list[Future[None]] = []
            while copied <= before.st_size and (block := original.read(BLOCK)):
                digest.update(block)
                copied += copy.write(block)
                if copied >= TO_DISK * (len(sent) + 1):
                    sent.append(beside.submit(os.fsync, copy.fileno()))
            copy.flush()
            for part in sent:
                part.result()  # a full disk is told to whoever asks first, and to nobody after
            os.fsync(copy.fileno())
            _hold_still(path, before, os.fstat(original.fileno()), copied)
        sha256 = digest.hexdigest()
        kept = settings.archive / sha256[:2] / f"{sha256}{_suffix(path)}"
        if not kept.exists():
            kept.parent.mkdir(exist_ok=True, mode=0o700)
            Path(temporary).chmod(0o400)
            Path(temporary).replace(kept)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return sha256, copied, kept


def _hold_still(path: Path, before: os.stat_result, after: os.stat_result, copied: int) -> None:
    """Raises TryAgain where the file, or what stands under its name, is not what it was."""
    try:
        there = path.stat()
    except OSError:
        there = None
    if copied != before.st_size or not all(
        now
        and (now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns)
        == (before.st_dev, before.st_ino, before.st_size, before.st_mtime_ns)
        for now in (after, there)
    ):
        raise TryAgain("it was changed while it was read; it is tried again the next night")


def discard(kept: Path) -> None:
    """Remove a copy from the archive."""
    if kept.exists():
        kept.chmod(0o600)  # what is read-only cannot be removed on Windows
        kept.unlink()


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    return suffix if suffix[1:].isalnum() and suffix.isascii() and len(suffix) < 10 else ""
