"""Find what lies in the folder of extracts, and tell from the folders whose it is.

Everything that somebody put there is handed on, even what cannot be read: it is refused with
a sentence. Only what desktops leave behind is passed over.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from flows.land.layouts import sources
from flows.settings import Settings

# What desktops and editors leave behind in a folder; nobody delivered it, so it is
# passed over without a word. Every other file is landed or refused with a reason.
LITTER = ("thumbs.db", "desktop.ini", "__macosx")

FIRST_YEAR, LAST_YEAR = 1990, 2100
UNPLACED = "it does not lie in a folder <source>/<year> of a source that is known"


@dataclass(frozen=True)
class Extract:
    """A delivered file and what its folders say of it:
    ``[<la code>/]<source>/<collection year>/<any name>``.

    source           empty when the file lies elsewhere
    la_code          of the folder, or None
    collection_year  0 when the file lies elsewhere
    name             below the folder of extracts, with forward slashes
    fault            why it cannot be let in whatever it holds, or empty
    is_file          False for what is never opened: a pipe, a link that leads out, ...
    """

    path: Path
    source: str
    la_code: str | None
    collection_year: int
    name: str
    fault: str = ""
    is_file: bool = True

    @property
    def file_name(self) -> str:
        """What its deliverer called it: its name below the folder of the year."""
        parts = PurePosixPath(self.name).parts
        folders = (2 if self.source else 0) + (1 if self.la_code else 0)
        return "/".join(parts[folders:])

    @property
    def said(self) -> str:
        """Its name as it may stand in a line of a log: what does not print is spelt out."""
        return said(self.name)


def said(name: str) -> str:
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape", "surrogatepass").decode()
        for one in name
    )


def find(settings: Settings) -> list[Extract]:
    """Every delivered file. Of one source, authority and year the oldest comes first, so
    that of two deliveries of one table the newest stands."""
    top = settings.extracts.resolve()
    found = [
        (extract.la_code or "", extract.source, extract.collection_year, at, extract.name, extract)
        for at, extract in _walk(top, top, settings.limits.file_bytes)
    ]
    return [extract for *_, extract in sorted(found, key=lambda one: one[:-1])]


def _walk(
    folder: Path, top: Path, file_bytes: int, reached_as: str = "", *, is_linked: bool = False
) -> Iterator[tuple[int, Extract]]:
    """What lies in a folder and below, with the time of its last change. `reached_as` is the
    folder's name below the top, which a link may give it."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        fault = f"the folder cannot be read ({error.strerror})"
        yield 0, _extract(folder, reached_as or ".", fault, is_file=False)
        return
    for entry in entries:
        if entry.name.startswith((".", "~$")) or entry.name.lower() in LITTER:
            continue
        name = f"{reached_as}/{entry.name}".lstrip("/")
        path = folder / entry.name
        fault = _fault_of_name(name)
        if not fault and entry.is_symlink():
            path, fault = _followed(path, top, is_linked=is_linked)
        try:
            status = path.stat(follow_symlinks=not fault)
        except FileNotFoundError:
            continue  # gone since the folder was listed: nobody delivers it any more
        except OSError as error:
            yield 0, _extract(path, name, f"it cannot be read ({error.strerror})", is_file=False)
            continue
        if not fault and stat.S_ISDIR(status.st_mode):
            is_within = is_linked or entry.is_symlink()
            yield from _walk(path, top, file_bytes, name, is_linked=is_within)
            continue
        if not fault and not stat.S_ISREG(status.st_mode):
            fault = "it is not a file but a pipe, a socket or a device"
        elif not fault and status.st_size > file_bytes:
            fault = f"it is larger than {file_bytes:,} bytes (CYP_LIMIT_FILE_BYTES)"
        yield status.st_mtime_ns, _extract(path, name, fault, is_file=not fault)


def _fault_of_name(name: str) -> str:
    try:
        name.encode()
    except UnicodeEncodeError:
        return "its name is not written in UTF-8; give it another"
    return ""


def _followed(path: Path, top: Path, *, is_linked: bool) -> tuple[Path, str]:
    """What a link leads to, or the link itself and why it is not followed. Who may write into
    the folder of extracts is not thereby let into every folder that the night may read."""
    try:
        real = Path(os.path.realpath(path, strict=True))
    except OSError:
        return path, "it is a link that leads nowhere"
    if not real.is_relative_to(top):
        return path, "it is a link that leads out of the folder of extracts; deliver the file"
    if real.is_dir() and (is_linked or path.is_relative_to(real)):
        return path, "it is a link to a folder that leads round in a circle, or to further links"
    return real, ""


def _extract(path: Path, name: str, fault: str, *, is_file: bool) -> Extract:
    parts = name.split("/")
    la_code = parts.pop(0) if _is_digits(parts[0], 3) else None
    name = name if not _fault_of_name(name) else said(name)
    # Windows makes no difference between upper and lower case, so its users make none.
    source = parts[0].lower() if len(parts) > 1 else ""
    year = int(parts[1]) if len(parts) > 2 and _is_digits(parts[1], 4) else 0
    if source in sources() and FIRST_YEAR <= year <= LAST_YEAR:
        return Extract(path, source, la_code, year, name, fault, is_file)
    fault = fault or f"{UNPLACED}: {_unplaced(parts)}"
    return Extract(path, "", la_code, 0, name, fault, is_file)


def _unplaced(parts: list[str]) -> str:
    """Which of the folders is not what it should be."""
    if len(parts) < 2:
        return "it lies in no folder of a source; there are " + ", ".join(sources())
    if parts[0].lower() not in sources():
        return f"no source is called {said(parts[0])!r}; there are " + ", ".join(sources())
    if len(parts) < 3:
        return f"it lies in {parts[0]}, but in no folder of a year"
    return f"{said(parts[1])!r} is no year from {FIRST_YEAR} to {LAST_YEAR}"


def _is_digits(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdecimal()
