"""Look through a folder that is about to be published for whatever was delivered of one child.

Models and suites are there so that nothing personal is in it; this asks the other way round.
Every text that leaves, in whatever file, is taken apart into words, and the words are held
against what lies in landing: identifiers of children, pupil, placement and social workers'
numbers, postcodes of homes and placements, and children's keys. It knows nothing of the marts, so
that an oversight in a model is not repeated here.

What it cannot tell: a date, a code or a short number belongs to nobody until it stands beside
something else, and a name is only a word. Areas' codes and names are published on purpose; a
whole postcode never is.
"""

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, lru_cache
from html import unescape
from pathlib import Path
from urllib.parse import unquote_plus

import duckdb

from flows.land.delivery import DISTINCTIVE, DISTINCTIVE_NUMBER, texts
from flows.settings import KEY_BYTES, Settings
from flows.warehouse import handed, reading

# What a column of a delivered table about children holds that points to one of them.
KINDS = {
    "child": "an identifier of a child",
    "la_child_id": "an identifier of a child",
    "upn": "a pupil number",
    "former_upn": "a pupil number",
    "urn": "a placement's number",
    "sw_id": "a social worker's number",
    "home_post": "a postcode of a home",
    "pl_post": "a postcode of a placement",
    "postcode": "a postcode of a home",
    "_child_key": "a child's key",
}
POSTCODE = "[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}"
SHORTEST_POSTCODE = 5  # M1 1AA
LEAST = min(DISTINCTIVE, SHORTEST_POSTCODE)  # characters of a word that is looked for
KEY = "the key"

Place = tuple[str, str]  # a file, and which part of it: its content or its name
NAMED = " (its name)"
KEPT_BACK = "a file whose name is kept back"

# A word, what may stand between the parts of one that is written in parts, and what is long enough
# to be a word or several; most texts know no letters but ours, and are gone through faster.
WORD = re.compile(r"[^\W_]+")
BETWEEN = frozenset((" ", "  ", "-", "/", "_", "."))
PIECE = rf"[\w \-/.]{{{LEAST},}}"
PIECES = {True: re.compile(PIECE, re.ASCII), False: re.compile(PIECE)}
PARTS = 3
DIGIT = re.compile("[0-9]")  # in whatever is looked for


class CannotBeSearched(Exception):
    """A file that is about to be published cannot be read; the message names it."""


@dataclass(frozen=True)
class Words:
    """What may be one child's in the files of a folder: words by file and part of it, and the files
    in which the secret stands."""

    by_place: dict[Place, set[str]] = field(default_factory=dict)
    with_key: list[str] = field(default_factory=list)


def taken_apart(
    folder: Path, settings: Settings, root: Path | None = None, passed_over: Collection[str] = ()
) -> Words:
    """The words of every file below a folder, told by their names below `root`; folders directly
    in it may be passed over. Raises CannotBeSearched."""
    words = Words()
    for path in sorted(folder.rglob("*")):
        if path.relative_to(folder).parts[0] in passed_over:
            continue
        name = path.relative_to(root or folder).as_posix()
        words.by_place[name, NAMED] = _telling(name)
        if path.is_file():
            content = path.read_bytes()
            words.by_place[name, ""] = set[str]().union(
                *(_telling(text) for text in _texts(name, content, path))
            )
            if _holds(content, settings.key):
                words.with_key.append(name)
    return words


def personal_values_in(folder: Path, settings: Settings) -> list[str]:
    """`<file>: <kind of value>, <how many>` for each kind that is found in a file; never the
    value. Empty where nothing is found. Raises CannotBeSearched."""
    with search(settings) as found_among:
        return found_among(taken_apart(folder, settings))


@contextmanager
def search(settings: Settings) -> Iterator[Callable[[Words], list[str]]]:
    """What tells of words which were delivered of a child, as `personal_values_in` does. All that
    was delivered is read once."""
    with reading(settings) as connection:
        if known := _known(connection):
            connection.execute(f"create temp table known as {known}")

        def found_among(words: Words) -> list[str]:
            found = {((name, ""), KEY): 1 for name in words.with_key}
            if known:
                for name, part, kind, number in _delivered(connection, words):
                    found[(name, part), kind] = number
            telling = {name for (name, part), _ in found if part == NAMED}
            return [
                f"{KEPT_BACK if name in telling else name}{part}: {kind}"
                + (f", {number:,} of them" if number > 1 else "")
                for ((name, part), kind), number in sorted(found.items())
            ]

        yield found_among


def _telling(text: str) -> set[str]:
    """The words of a text that may be one child's. One without a digit, or a short one, may be
    anybody's: of a nation's tables these are nearly all, and they are not kept."""
    upper = text.upper()
    pieces = set(PIECES[upper.isascii()].findall(upper))  # tables repeat themselves
    pieces = {piece for piece in pieces if DIGIT.search(piece)}
    words = {piece for piece in pieces if piece.isalnum()}  # one word
    return words.union(*map(_words, pieces - words))


@lru_cache(maxsize=200_000)
def _words(piece: str) -> frozenset[str]:
    """The words of a piece of text that may be one child's; and up to three that stand close, as
    one, for a postcode is written with a space or without. What leaves in one file leaves in others
    too, so what has been taken apart is kept for a while."""
    told = []
    last: list[tuple[str, int]] = []
    for found in WORD.finditer(piece):
        word = found[0]
        told.append(word)
        if last and piece[last[-1][1] : found.start()] not in BETWEEN:
            last.clear()
        told += ["".join(one for one, _ in last[at:]) + word for at in range(len(last))]
        last = [*last, (word, found.end())][-(PARTS - 1) :]
    return frozenset(word for word in told if len(word) >= LEAST and DIGIT.search(word))


def _delivered(
    connection: duckdb.DuckDBPyConnection, words: Words
) -> list[tuple[str, str, str, int]]:
    """File, part of it, kind and number of the words that were delivered of a child."""
    pairs = [(name, part, word) for (name, part), told in words.by_place.items() for word in told]
    if not pairs:
        return []
    handed_over = {
        "file": texts([name for name, _, _ in pairs]),
        "part": texts([part for _, part, _ in pairs]),
        "word": texts([word for _, _, word in pairs]),
    }
    with handed(connection, "words", handed_over):
        return connection.execute(
            """
            select
                words.file,
                words.part,
                known.kind,
                cast(count(distinct words.word) as integer)
            from words
            inner join known on words.word = known.word
            group by words.file, words.part, known.kind
            """
        ).fetchall()


def _known(connection: duckdb.DuckDBPyConnection) -> str:
    """A query of what was delivered of children, standing or superseded, as words, by kind: of
    every table that tells whose a row is. Empty where there is none."""
    told = connection.execute(
        """
        select columns.table_schema, columns.table_name, columns.column_name
        from information_schema.columns as columns
        inner join information_schema.tables as tables using (table_schema, table_name)
        where
            tables.table_type = 'BASE TABLE'
            and list_contains(?, columns.column_name)
            and exists (
                select 1 from information_schema.columns as keys
                where
                    keys.table_schema = columns.table_schema
                    and keys.table_name = columns.table_name
                    and keys.column_name = '_child_key'
            )
        order by all
        """,
        [list(KINDS)],
    ).fetchall()
    parts = []
    for schema, table, column in told:
        word = f"regexp_replace(upper(\"{column}\"), '[^\\p{{L}}\\p{{N}}]', '', 'g')"
        is_whose = (
            f"regexp_full_match(word, '{POSTCODE}')"
            if "postcode" in KINDS[column]
            else f"length(word) >= {DISTINCTIVE} and regexp_matches(word, '[0-9]') "
            f"and (length(word) >= {DISTINCTIVE_NUMBER} or not regexp_full_match(word, '[0-9]+'))"
        )
        parts.append(
            f"select distinct {_quoted(KINDS[column])} as kind, word "
            f'from (select {word} as word from "{schema}"."{table}") as told where {is_whose}'
        )
    return " union ".join(parts)


def _holds(content: bytes, key: bytes) -> bool:
    """Whether the secret stands there as it is or as hex; no real one is so short."""
    return len(key) >= KEY_BYTES and (key in content or key.hex().encode() in content.lower())


def _texts(name: str, content: bytes, path: Path | None = None) -> Iterator[str]:
    """Every text of a file that is about to be published. Raises CannotBeSearched."""
    try:
        if content[8:12] == b"DUCK" and path:
            yield from _of_database(path)
        elif content.startswith(b"PAR1") and path:
            yield from _of_parquet(path)
        elif content.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                for member in packed.namelist():
                    yield member
                    yield from _texts(name, packed.read(member))
        elif content.startswith(b"\x1f\x8b"):
            yield from _texts(name, gzip.decompress(content))
        else:
            text = content.decode("utf-8", "replace")
            yield text
            if "%" in text or "&" in text:  # as in an address, as on a page
                read = unescape(unquote_plus(text))
                if read != text:
                    yield read
    except (duckdb.Error, OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError):
        raise CannotBeSearched(
            f"{name} cannot be read, so nobody can say what is in it: nothing is published."
        ) from None


def _of_database(path: Path) -> Iterator[str]:
    with duckdb.connect(str(path), read_only=True) as connection:
        for told in ("schemas", "tables", "views", "columns"):
            yield _told(connection, _cells(f"duckdb_{told}() where not internal"))
        for schema, table in connection.execute(
            "select schema_name, table_name from duckdb_tables() where not internal"
        ).fetchall():
            yield _told(connection, _cells(f'"{schema}"."{table}"'))


def _of_parquet(path: Path) -> Iterator[str]:
    file = _quoted(path)
    yield _told(
        _engine(),
        _cells(f"read_parquet({file})"),
        _cells(f"parquet_schema({file})"),
        f"select unnest([decode(key), decode(value)]) from parquet_kv_metadata({file})",
    )


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """One for all files: to start it takes longer than to read one."""
    return duckdb.connect()


def _told(connection: duckdb.DuckDBPyConnection, *queries: str) -> str:
    """Each different text that these find, a line each."""
    told = " union all ".join(f"({query})" for query in queries)
    [(lines,)] = connection.execute(
        f"select string_agg(distinct cell, chr(10)) from ({told}) as told (cell)"
    ).fetchall()
    return lines or ""


def _cells(rows: str) -> str:
    """Every cell there is; a number may be an identifier, too."""
    return f"select unnest([*columns(*)]) from (select columns(*)::varchar from {rows}) as texts"


def _quoted(text: object) -> str:
    return "'" + str(text).replace("'", "''") + "'"
