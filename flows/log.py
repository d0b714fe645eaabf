"""The log of who did what, `log/actions.jsonl` in the home: a line for each thing done, never
taken out of it, whatever is forgotten, built anew or given another key.

A line is a JSON object: when (UTC), which user, by which command, what, and of what: ids of
deliveries and of nights, names of marts, counts. No value of any row, no identifier of a child
and no path of a file is in it. `before` is the SHA-256 of the line before, so that a line that
is altered, taken out or put in breaks the chain. Who can write the file can write it all anew;
whoever keeps the last line's hash elsewhere (`cyp log` says it) can tell that too.
"""

import getpass
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flows.errors import disk_full
from flows.settings import Settings

# By which command this process was called; a night that a scheduler starts is called by none.
command = "nightly"

Told = int | bool | str | Sequence[str] | Mapping[str, int]

APPENDED = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
BLOCK = 1 << 16


@dataclass(frozen=True)
class Chain:
    """The log as it was read. `broken` says where the chain does not hold, or nothing; `head`
    is the hash of the last line."""

    entries: list[dict[str, Any]]
    hashes: list[str]
    broken: str = ""

    @property
    def head(self) -> str:
        return self.hashes[-1] if self.hashes else ""


def add(settings: Settings, what: str, **told: Told) -> None:
    """Write down that something was done. Only for who holds the home, so that no two write
    at once. Raises DiskFull where there is no room for it."""
    settings.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(settings.log, APPENDED, 0o600)
    with os.fdopen(handle, "rb+", buffering=0) as file:
        last, is_whole = _last(file)
        entry = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "user": _user(),
            "command": command,
            "what": what,
            **told,
            "before": _hash(last),
        }
        # After a machine that stopped while it wrote, the line that was cut short stays as it is.
        line = ("" if is_whole else "\n") + json.dumps(entry) + "\n"
        size = os.fstat(file.fileno()).st_size
        try:
            if file.write(line.encode()) != len(line.encode()):
                raise OSError
            os.fsync(file.fileno())
        except OSError:
            os.truncate(file.fileno(), size)
            raise disk_full() from None


def read(settings: Settings) -> Chain:
    """Every entry, and whether the chain holds."""
    if not settings.log.exists():
        return Chain([], [])
    entries: list[dict[str, Any]] = []
    hashes: list[str] = []
    broken = ""
    before = _hash(b"")
    for number, line in enumerate(settings.log.read_bytes().removesuffix(b"\n").split(b"\n"), 1):
        try:
            entry = json.loads(line)
            follows = entry["before"] == before
        except (ValueError, TypeError, KeyError):
            # That a stop of the machine cut it short, and nobody altered it, the next one tells.
            entry, follows = {"what": "a line that was cut short"}, True
        if not follows and not broken:
            broken = (
                f"line {number} does not follow from the line before it: something was altered, "
                "taken out or put in"
            )
        entries.append(entry)
        before = _hash(line)
        hashes.append(before)
    return Chain(entries, hashes, broken)


def lines(chain: Chain) -> Iterator[str]:
    """What `cyp log` prints of each entry."""
    for entry in chain.entries:
        told = {
            name: value
            for name, value in entry.items()
            if name not in {"at", "user", "command", "what", "before"}
        }
        said = ", ".join(f"{name} {_said(value)}" for name, value in told.items())
        at = str(entry.get("at", ""))[:19].replace("T", " ")
        yield (
            f"{at}  {entry.get('user', ''):10} {entry.get('command', ''):10} "
            f"{entry.get('what', ''):10} {said}"
        ).rstrip()


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={count}" for name, count in value.items()) or "none"
    if isinstance(value, list):
        return " ".join(map(str, value)) or "none"
    return str(value)


def _last(file: Any) -> tuple[bytes, bool]:
    """The last line, without its end, and whether it has one."""
    end = file.seek(0, os.SEEK_END)
    tail = b""
    while end and b"\n" not in tail.removesuffix(b"\n"):
        start = max(0, end - BLOCK)
        file.seek(start)
        tail = file.read(end - start) + tail
        end = start
    return tail.removesuffix(b"\n").rpartition(b"\n")[2], not tail or tail.endswith(b"\n")


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _user() -> str:
    """Who this process works for, whatever the environment says."""
    if os.name == "posix":
        import pwd

        try:
            return pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            return str(os.getuid())
    return getpass.getuser()
