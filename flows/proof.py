"""Look for what was to be forgotten in every place that holds anything. It shares nothing with
the code that removes, so that one does not repeat the other's oversight."""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import duckdb

from flows.land.delivery import is_distinctive, pseudonym
from flows.publish.place import versions_of
from flows.settings import Settings

FILE_IDS = ("file_id", "_file_id", "newer_file_id", "older_file_id", "superseded_by")
BLOCK = 1 << 22
STAMP = "%Y%m%dT%H%M%S%f"


@dataclass(frozen=True)
class Looked:
    """What was looked for in a place, and how often it was found; None: it cannot be found
    there for the reason that `looked_for` gives."""

    place: str
    looked_for: str
    found: int | None


def of_delivery(settings: Settings, file_id: str) -> list[Looked]:
    """Where a withdrawn delivery might still be."""
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        sha256, others = connection.execute(
            "select any_value(mine.sha256), count(distinct other.file_id) "
            "from landing.extract_files as mine left join landing.extract_files as other "
            "on mine.sha256 = other.sha256 and other.outcome <> 'forgotten' "
            "and coalesce(other.is_archived, true) where mine.file_id = ?",
            [file_id],
        ).fetchall()[0]
        places = _columns(connection, FILE_IDS)
        looked = _in_tables(connection, places, file_id, "rows of the delivery")
        begun = _begun(connection)
    copies = [path for path in settings.archive.glob("*/*") if path.name.startswith(sha256 or "-")]
    if others:
        looked.append(
            Looked("archive", f"copies (kept: {others} other deliveries say the same)", 0)
        )
    else:
        looked.append(Looked("archive", "copies of the file", len(copies)))
    validations = list((settings.docs / "validations").glob(f"*{file_id}*"))
    pages = list((settings.docs / "data_docs").glob(f"*{file_id}*"))
    looked.append(Looked("docs", "examinations of the file", len(validations) + len(pages)))
    looked.append(_versions(settings, begun))
    return looked


def of_child(settings: Settings, la_code: str, child_id: str) -> list[Looked]:
    """Where an erased child might still be."""
    key = pseudonym(settings.key, la_code, child_id)
    named = child_id.strip().upper()
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        keys = _columns(connection, ("_child_key", "child_key"))
        looked = _in_tables(connection, keys, key, "rows with the child's key")
        looked += _in_texts(connection, la_code, named)
        archived = {
            sha256: kept
            for sha256, kept in connection.execute(
                "select sha256, bool_or(coalesce(rows_forgotten, 0) = 0 and outcome <> 'forgotten' "
                "and coalesce(is_archived, true)) from landing.extract_files group by sha256"
            ).fetchall()
        }
        begun = _begun(connection)
    copies = [path for path in settings.archive.rglob("*") if path.is_file()]
    strays = [path for path in copies if not archived.get(path.name.partition(".")[0])]
    looked.append(Looked("archive", "copies of files with a child forgotten", len(strays)))
    looked.append(_versions(settings, begun))
    for place, paths in (("archive", copies), ("the rest of the home", _others(settings))):
        if is_distinctive(named):
            found = sum(_mentions(path, named) for path in paths)
            looked.append(Looked(place, "files with the identifier in their bytes", found))
        else:
            looked.append(Looked(place, "identifier too short to tell in bytes", None))
    return looked


def table(looked: list[Looked]) -> list[str]:
    """What was looked for, as lines of text."""
    rows = [("place", "looked for", "found")]
    rows += [(one.place, one.looked_for, _number(one.found)) for one in looked]
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    return [f"{place:{first}}  {what:{second}}  {found:>5}" for place, what, found in rows]


def _number(found: int | None) -> str:
    return "-" if found is None else f"{found:,}"


Columns = dict[tuple[str, str], list[str]]


def _columns(connection: duckdb.DuckDBPyConnection, names: tuple[str, ...]) -> Columns:
    """Columns of these names, by schema and table; views are looked through as well."""
    found: Columns = {}
    for schema, relation, column in connection.execute(
        "select table_schema, table_name, column_name from information_schema.columns "
        "where list_contains(?, column_name) order by all",
        [list(names)],
    ).fetchall():
        found.setdefault((schema, relation), []).append(column)
    return found


def _in_tables(
    connection: duckdb.DuckDBPyConnection, places: Columns, value: str, what: str
) -> list[Looked]:
    """How often a value is found, by schema. The ledger goes on saying that a delivery came:
    rows that say themselves that it is forgotten are not counted."""
    found: dict[str, list[int]] = {}
    ledgers = _columns(connection, ("outcome",))
    for (schema, relation), columns in places.items():
        here = " or ".join(f'"{column}" = $value' for column in columns)
        besides = "and outcome <> 'forgotten'" if (schema, relation) in ledgers else ""
        counted = connection.execute(
            f'select count(*) from "{schema}"."{relation}" where ({here}) {besides}',
            {"value": value},
        ).fetchall()[0][0]
        found.setdefault(schema, []).append(counted)
    return [
        Looked(f"warehouse, {schema}", f"{what} ({len(counts)} tables)", sum(counts))
        for schema, counts in found.items()
    ]


def _in_texts(connection: duckdb.DuckDBPyConnection, la_code: str, named: str) -> list[Looked]:
    """Cells of the authority's landed rows that are the identifier: always where a layout
    expects one; anywhere where it cannot be something else."""
    texts: Columns = {}
    for relation, column in connection.execute(
        "select table_name, column_name from information_schema.columns as columns "
        "where table_schema = 'landing' and data_type = 'VARCHAR' and exists ("
        "  from information_schema.columns as keys where keys.table_schema = 'landing' "
        "  and keys.table_name = columns.table_name and keys.column_name = '_child_key')"
    ).fetchall():
        if is_distinctive(named) or column in ("child", "la_child_id"):
            texts.setdefault(("landing", relation), []).append(column)
    found = 0
    for (schema, relation), columns in texts.items():
        here = " or ".join(
            f"contains(upper(\"{column}\"), '\"' || $named || '\"')"
            if column == "_other"
            else f'upper(trim("{column}")) = $named'
            for column in columns
        )
        found += connection.execute(
            f"select count(*) from {schema}.{relation} where _la_code = $la_code and ({here})",
            {"named": named, "la_code": la_code},
        ).fetchall()[0][0]
    of = "any column" if is_distinctive(named) else "columns of identifiers"
    return [Looked("warehouse, landing", f"rows that name the child ({of})", found)]


def _begun(connection: duckdb.DuckDBPyConnection) -> str:
    """When the last removal began, as versions are stamped; empty when there was none."""
    last = connection.execute("select max(begun_at) from landing.erasures").fetchall()[0][0]
    return last.strftime(STAMP) if last else ""


def _versions(settings: Settings, begun: str) -> Looked:
    """Published versions that were there when the last removal began."""
    there = []
    for place in settings.outputs.values():
        there += [path.name for path in versions_of(place).glob("*")]
        package = place / "datapackage.json"
        if package.exists() and not place.is_symlink():  # links are not allowed here
            there.append(datetime.fromtimestamp(package.stat().st_mtime, UTC).strftime(STAMP))
    older = [name for name in there if name.rstrip("Z") < begun]
    return Looked("published", "versions from before", len(older))


def _others(settings: Settings) -> list[Path]:
    """Every file of the home but the archive's, and but the drop folder's where it lies there."""
    apart = (settings.archive, settings.extracts)
    return [
        path
        for path in settings.home.rglob("*")
        if path.is_file() and not any(path.is_relative_to(place) for place in apart)
    ]


def _mentions(path: Path, named: str) -> bool:
    """Whether the bytes of a file, unpacked where it is packed, hold the identifier, in any
    case and in the encodings that deliveries come in."""
    codes = ("utf-8", "utf-16-le", "utf-16-be")
    wanted = [named.encode(code).lower() for code in codes]  # an expression is four times as slow

    def is_in(file: IO[bytes] | gzip.GzipFile) -> bool:
        return any(one in block for block in map(bytes.lower, _blocks(file)) for one in wanted)

    with path.open("rb") as file:
        if is_in(file):
            return True
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                for name in packed.namelist():
                    with packed.open(name) as member:
                        if is_in(member):
                            return True
            return False
        with gzip.open(path, "rb") as unpacked:
            return is_in(unpacked)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError):
        return False  # it is not packed, or not so that anybody could read it


def _blocks(file: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    """Blocks that overlap by more than an identifier is long."""
    before = b""
    while block := file.read(BLOCK):
        yield before + block
        before = block[-512:]
