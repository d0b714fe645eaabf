"""How a folder of marts takes the place of the last one.

A place, such as ``published``, is a symbolic link to a folder of its own in
``.published/<version>``, and a new link is renamed over the old: the one thing a file system
does at a stroke for many files. Whoever opens a path sees last night's folder or tonight's,
never half of each; whoever holds the old database open keeps it, on any system, because the
version before is not touched (one is kept, older ones are removed). A run that is killed
leaves the link where it was, and what it left lying about is swept at the next start.

Where links are not allowed (Windows without developer mode) the place is an ordinary
folder and its files are replaced one by one, each at a stroke, ``cyp.duckdb`` last. Somebody
who holds a file open there makes the replacement fail in a plain sentence, before the
database is touched; a second run puts it right.

A program that holds the old ``cyp.duckdb`` open and opens it again in the same process is
given its old instance by DuckDB up to 1.4: close the old connection first.
"""

import os
import shutil
from pathlib import Path


class HeldOpen(Exception):
    """A file in the place is held open and cannot be replaced; the message says which."""


def put(fresh: Path, place: Path, version: str, *, is_for_all: bool) -> None:
    """Put a folder that is whole and synced into a place. Raises HeldOpen."""
    if place.is_dir() and not place.is_symlink():
        # A folder of its own: links were not allowed when it was made.
        _replace_one_by_one(fresh, place)
        return
    versions = versions_of(place)
    versions.mkdir(exist_ok=True)
    # A BI tool under another user walks through it.
    versions.chmod(0o755 if is_for_all else 0o700)
    moved = versions / version
    os.replace(fresh, moved)
    _sync_folder(versions)
    link = place.with_name(f".publishing-link-{os.getpid()}")
    try:
        link.symlink_to(Path(versions.name) / version, target_is_directory=True)
    except OSError:
        place.mkdir(mode=0o755 if is_for_all else 0o700)
        _replace_one_by_one(moved, place)
        shutil.rmtree(moved)
        return
    last = _target(place)
    os.replace(link, place)
    _sync_folder(place.parent)
    for other in versions.iterdir():
        if other.name not in {version, last}:
            shutil.rmtree(other, ignore_errors=True)


def sweep(place: Path) -> None:
    """Remove what a killed run left: folders and links built aside, and versions that never
    came into their place (they are later than the one in place)."""
    for left in place.parent.glob(".publishing-*"):
        left.unlink() if left.is_symlink() else shutil.rmtree(left, ignore_errors=True)
    current = _target(place)
    versions = versions_of(place)
    for version in versions.iterdir() if versions.is_dir() else ():
        if current is None or version.name > current:
            shutil.rmtree(version, ignore_errors=True)


def remove_older(place: Path) -> None:
    """Remove every version but the one in place."""
    current = _target(place)
    sweep(place)
    for version in versions_of(place).glob("*"):
        if version.name != current:
            shutil.rmtree(version, ignore_errors=True)


def take_away(place: Path) -> None:
    """Leave nothing in the place."""
    if place.is_symlink():
        place.unlink()
    else:
        shutil.rmtree(place, ignore_errors=True)
    remove_older(place)


def versions_of(place: Path) -> Path:
    return place.with_name(f".{place.name}")


def sync(folder: Path, *, is_for_all: bool) -> None:
    """To disk, every file and folder: a rename must not be there before what it names. What
    is for all may be read by all, anything else by its owner, whatever the umask is."""
    for path in [*folder.rglob("*"), folder]:
        mode = 0o755 if path.is_dir() else 0o644
        path.chmod(mode if is_for_all else mode & 0o700)
        if path.is_dir():
            _sync_folder(path)
        else:
            with path.open("rb+") as file:
                os.fsync(file.fileno())


def _replace_one_by_one(fresh: Path, place: Path) -> None:
    """Without links: each file at a stroke, the database last. What the new version does
    not hold any more is removed."""
    files = sorted(
        (path.relative_to(fresh) for path in fresh.rglob("*") if path.is_file()),
        key=lambda path: (path.name == "cyp.duckdb", str(path)),
    )
    for name in files:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        try:
            os.replace(fresh / name, place / name)
        except PermissionError as error:
            raise HeldOpen(
                f"{place.name}/{name.as_posix()} is held open by another program, so it could not "
                "be replaced. Close it and publish again."
            ) from error
    for path in place.rglob("*"):
        if path.is_file() and path.relative_to(place) not in files:
            path.unlink()
    for folder in {place, *(path for path in place.rglob("*") if path.is_dir())}:
        _sync_folder(folder)


def _target(place: Path) -> str | None:
    """The version in place."""
    return Path(os.readlink(place)).name if place.is_symlink() else None


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # folders cannot be opened there
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
