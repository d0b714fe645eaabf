"""Put the public marts where readers find them: whole, at a stroke, and only when nothing
critical speaks against it.

What a reader sees at ``published/`` is a folder: ``cyp.duckdb`` (in a storage version that
older DuckDB clients read), ``parquet/``, ``csv/``, ``data_dictionary.csv`` and
``datapackage.json``. All of it is built aside, examined, synced to disk and then put in the
place of the last one by a single rename.

How the folder is replaced. ``published`` is a symbolic link to a folder of its own in
``.published/<stamp>``, and a new link is renamed over the old: the one thing a file system
does at a stroke for many files. Whoever opens a path sees last night's folder or tonight's,
never half of each; whoever holds the old database open keeps it, on any system, because the
version before is not touched (one is kept, older ones are removed). A run that is killed
leaves the link where it was, and what it left lying about is swept at the next start.

Where links are not allowed (Windows without developer mode) ``published`` is an ordinary
folder and its files are replaced one by one, each at a stroke, ``cyp.duckdb`` last. Somebody
who holds a file open there makes the replacement fail in a plain sentence, before the
database is touched; a second run puts it right.

A program that holds the old ``cyp.duckdb`` open and opens it again in the same process is
given its old instance by DuckDB: close the old connection first.
"""

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flows.audit import Finding, at_the_way_out
from flows.manifest import public_models
from flows.publish.folder import build_folder
from flows.settings import Settings

__all__ = ["Published", "Refused", "publish", "remove_older", "take_away"]


class Refused(Exception):
    """Nothing was published; the message says why, and the last publication stands."""

    def __init__(self, message: str, findings: list[Finding] | None = None) -> None:
        super().__init__(message)
        self.findings = findings or []


@dataclass(frozen=True)
class Published:
    """What a publication put in place: rows by table, and the bytes of all its files."""

    folder: Path
    tables: dict[str, int]
    bytes: int


def publish(settings: Settings, findings: list[Finding] | None = None) -> Published:
    """Publish every public model, or none. `findings` are those of `at_the_way_out` on this
    warehouse, when the caller has just held the marts against their suites; otherwise it is
    done here. Raises Refused."""
    versions = _versions(settings)
    _sweep(settings.published, versions)
    found = at_the_way_out(settings) if findings is None else findings
    if critical := [each for each in found if each.is_critical and each.door == "out"]:
        raise Refused(_why(critical), critical)
    models = public_models(settings)
    if not models:
        raise Refused("No model has public access, so there is nothing to publish.")

    aside = settings.published.with_name(f".publishing-{os.getpid()}")
    aside.mkdir(parents=True)
    try:
        tables = build_folder(aside, models, settings)
        _sync(aside)
        _put_in_place(aside, settings.published, versions)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Published(settings.published, tables, _size(settings.published))


def remove_older(settings: Settings) -> None:
    """Remove every version but the one in place, for whoever may have no older one about."""
    current = _target(settings.published)
    _sweep(settings.published, _versions(settings))
    for version in _versions(settings).glob("*"):
        if version.name != current:
            shutil.rmtree(version, ignore_errors=True)


def take_away(settings: Settings) -> None:
    """Leave nothing published."""
    if settings.published.is_symlink():
        settings.published.unlink()
    else:
        shutil.rmtree(settings.published, ignore_errors=True)
    remove_older(settings)


def _versions(settings: Settings) -> Path:
    return settings.published.with_name(f".{settings.published.name}")


def _why(critical: list[Finding]) -> str:
    first = "\n".join(f"  {found}" for found in critical[:10])
    more = f"\n  and {len(critical) - 10} more" if len(critical) > 10 else ""
    return (
        f"Not published: {len(critical)} critical "
        f"{'finding' if len(critical) == 1 else 'findings'}. The last publication stands.\n"
        f"{first}{more}"
    )


def _put_in_place(fresh: Path, published: Path, versions: Path) -> None:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    if published.is_dir() and not published.is_symlink():
        # A folder of its own: links were not allowed when it was made.
        _replace_one_by_one(fresh, published)
        return
    versions.mkdir(exist_ok=True)
    versions.chmod(0o755)  # a BI tool under another user walks through it
    version = versions / stamp
    os.replace(fresh, version)
    _sync_folder(versions)
    link = published.with_name(f".publishing-link-{os.getpid()}")
    try:
        link.symlink_to(Path(versions.name) / stamp, target_is_directory=True)
    except OSError:
        published.mkdir()
        _replace_one_by_one(version, published)
        shutil.rmtree(version)
        return
    last = _target(published)
    os.replace(link, published)
    _sync_folder(published.parent)
    for other in versions.iterdir():
        if other.name not in {stamp, last}:
            shutil.rmtree(other, ignore_errors=True)


def _replace_one_by_one(fresh: Path, published: Path) -> None:
    """Without links: each file at a stroke, the database last. What the new version does
    not hold any more is removed."""
    files = sorted(
        (path.relative_to(fresh) for path in fresh.rglob("*") if path.is_file()),
        key=lambda path: (path.name == "cyp.duckdb", str(path)),
    )
    for name in files:
        (published / name).parent.mkdir(parents=True, exist_ok=True)
        try:
            os.replace(fresh / name, published / name)
        except PermissionError as error:
            raise Refused(
                f"published/{name.as_posix()} is held open by another program, so it could not "
                "be replaced. Close it and publish again."
            ) from error
    for path in published.rglob("*"):
        if path.is_file() and path.relative_to(published) not in files:
            path.unlink()
    for folder in {published, *(path for path in published.rglob("*") if path.is_dir())}:
        _sync_folder(folder)


def _sweep(published: Path, versions: Path) -> None:
    """Remove what a killed run left: folders and links built aside, and versions that never
    came into their place (they are later than the one in place)."""
    for left in published.parent.glob(".publishing-*"):
        left.unlink() if left.is_symlink() else shutil.rmtree(left, ignore_errors=True)
    current = _target(published)
    for version in versions.iterdir() if versions.is_dir() else ():
        if current is None or version.name > current:
            shutil.rmtree(version, ignore_errors=True)


def _target(published: Path) -> str | None:
    """The version in place."""
    return Path(os.readlink(published)).name if published.is_symlink() else None


def _sync(folder: Path) -> None:
    """To disk, every file and folder: a rename must not be there before what it names. What
    is published may be read by all and written by its owner, whatever the umask is."""
    for path in [*folder.rglob("*"), folder]:
        path.chmod(0o755 if path.is_dir() else 0o644)
        if path.is_dir():
            _sync_folder(path)
        else:
            with path.open("rb+") as file:
                os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # folders cannot be opened there
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
