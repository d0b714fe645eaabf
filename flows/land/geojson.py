"""Read a GeoJSON file of areas (RFC 7946): a row for each feature, its outline as it was written.

A file may be of the whole nation, so that no more of it is held at once than one feature and a
batch of rows: the text is taken apart at its brackets, to a depth that is held to, and what is
taken out is read as JSON.
"""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy

from flows.land.csv_file import UTF_8
from flows.land.delivery import Counts, Delivered, Refusal, Rows, texts
from flows.land.layouts import Source, normalised
from flows.settings import Limits

BLOCK = 1 << 16  # characters
# Of features whose rows are held in memory together.
BATCH_CHARACTERS, BATCH_ROWS = 16 * 1024**2, 50_000

# What the outline of a feature fills; all other columns are filled from its properties.
GEOMETRY = ("geometry_type", "coordinates")

MARK = re.compile(r'["\[\]{}]')
STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
END_OF_PLAIN = re.compile(r"[,\]}\s]")
BLANK = re.compile(r"[ \t\r\n]*")
NOT_JSON = "it is not well-formed JSON"
NO_COLLECTION = "it is JSON, but no FeatureCollection, which is what a GeoJSON of areas is"


class Features:
    """Reads one file into batches; `counts` tells afterwards what was handed over."""

    def __init__(self, source: Source, limits: Limits) -> None:
        [self.table] = source.tables.values()
        self.limits = limits
        self.counts = Counts({self.table.name: 0})

    def read(self, path: Path) -> Delivered:
        """Raises Refusal where the text is no JSON, no FeatureCollection, or beyond a limit."""
        with path.open(encoding=UTF_8, newline="") as file:
            text = _Text(file, self.limits)
            kind = None
            has_features = False
            for name in text.members():
                if name == "features":
                    if has_features:
                        text.refuse("it has two lists of features")
                    has_features = True
                    yield from self._features(text)
                else:
                    value = text.read()
                    kind = value if name == "type" else kind
            text.end()
        if not has_features or kind != "FeatureCollection":
            raise Refusal(NO_COLLECTION)

    def _features(self, text: "_Text") -> Delivered:
        rows: list[dict[str, str]] = []
        lines: list[int] = []
        held = 0
        for line in text.entries():
            feature = text.value()
            rows.append(self._row(feature, line))
            lines.append(line)
            held += len(feature)
            if held > BATCH_CHARACTERS or len(rows) == BATCH_ROWS:
                yield self._batch(rows, lines)
                rows, lines, held = [], [], 0
        if rows:
            yield self._batch(rows, lines)

    def _batch(self, rows: list[dict[str, str]], lines: list[int]) -> Rows:
        numbers = [self.counts.next_row(self.table.name) for _ in rows]
        names = [column.name for column in self.table.delivered_columns]
        return Rows(
            self.table.name,
            {
                "_row": numpy.array(numbers, dtype=numpy.int64),
                "_line": numpy.array(lines, dtype=numpy.int64),
                **{name: texts([row.get(name, "") for row in rows]) for name in (*names, "_other")},
            },
        )

    def _row(self, feature: str, line: int) -> dict[str, str]:
        """A feature by column. Its other members are its own, as are properties unknown here."""
        row: dict[str, str] = {}
        other: dict[str, str] = {}
        if not feature.startswith("{"):
            raise Refusal("an entry of its list of features is no feature", line)
        text = _Text(io.StringIO(feature), self.limits, line)
        names = set()
        for name in text.members():
            if name in names:
                raise Refusal("a feature has a member twice", line)
            names.add(name)
            value = text.value()
            if name == "properties":
                row |= self._properties(value, line, other)
            elif name == "geometry":
                row |= self._geometry(value, line)
            elif name != "type":
                other[name] = value
            text.hold(value)
        row["_other"] = json.dumps(other, ensure_ascii=False) if other else ""
        _hold_characters("".join(row.values()), line)
        return row

    def _properties(self, value: str, line: int, other: dict[str, str]) -> dict[str, str]:
        """Properties by column, the first of a name that fits: a file of one vintage may say
        behind its own code which area of another it once was."""
        found = _read(value, line, as_written=True)
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise Refusal("the properties of a feature are no object", line)
        if len(found) > self.limits.columns:
            most = f"{self.limits.columns:,} properties (CYP_LIMIT_COLUMNS)"
            raise Refusal(f"a feature has more than {most}", line)
        row: dict[str, str] = {}
        for name, told in found.items():
            heading = normalised(name)
            column = next(
                (
                    column.name
                    for column in self.table.delivered_columns
                    if column.name not in (*GEOMETRY, *row)
                    and any(pattern.search(heading) for pattern in column.patterns)
                ),
                None,
            )
            if column:
                row[column] = _as_text(told)
            elif text := _as_text(told):
                other[name] = text
        return row

    def _geometry(self, value: str, line: int) -> dict[str, str]:
        if not value.startswith("{"):
            return {}  # null: an area that is nowhere
        row: dict[str, str] = {}
        text = _Text(io.StringIO(value), self.limits, line)
        for name in text.members():
            member = text.value()
            if name == "type":
                row["geometry_type"] = _as_text(_read(member, line))
            elif name == "coordinates":
                row["coordinates"] = member
        return row


class _Text:
    """A text of JSON, taken value by value from where it stands."""

    def __init__(self, file: io.TextIOBase | Any, limits: Limits, line: int = 1) -> None:
        self._file, self._limits = file, limits
        self._buffer, self._at = "", 0
        self.line = line

    def refuse(self, what: str) -> NoReturn:
        raise Refusal(what, self.line)

    def members(self) -> Iterator[str]:
        """The names of the object that stands here; who asks for the next has taken the value."""
        self._expect("{")
        if self._take("}"):
            return
        while True:
            name = self.read()
            if not isinstance(name, str):
                self.refuse(NOT_JSON)
            self._expect(":")
            yield name
            if not self._take(","):
                break
        self._expect("}")

    def entries(self) -> Iterator[int]:
        """The line of each entry of the list that stands here, to be taken likewise."""
        self._expect("[")
        if self._take("]"):
            return
        while True:
            self._next()
            yield self.line
            if not self._take(","):
                break
        self._expect("]")

    def read(self) -> Any:
        line = self.line
        return _read(self.value(), line)

    def hold(self, value: str) -> None:
        """Raises Refusal where what was taken is no JSON."""
        _read(value, self.line)

    def end(self) -> None:
        if self._next():
            self.refuse("something follows its end")

    def value(self) -> str:
        """The value that stands here, as it is written."""
        first = self._next()
        if first == '"':
            end = self._string_end(self._at)
        elif first and first in "[{":
            end = self._closing()
        else:
            while not (found := END_OF_PLAIN.search(self._buffer, self._at)):
                if not self._more():
                    break
            end = found.start() if found else len(self._buffer)
        taken = self._buffer[self._at : end]
        if not taken:
            self.refuse(NOT_JSON if first else "it ends before its outermost bracket is closed")
        self.line += taken.count("\n")
        self._at = end
        return taken

    def _closing(self) -> int:
        depth, at = 0, self._at
        while True:
            mark = MARK.search(self._buffer, at)
            if mark is None:
                at = len(self._buffer)
                self._need_more()
                continue
            sign, at = mark[0], mark.end()
            if sign == '"':
                at = self._string_end(mark.start())
            elif sign in "[{":
                depth += 1
                if depth > self._limits.depth:
                    self.refuse(f"brackets are nested more than {self._limits.depth} deep")
            else:
                depth -= 1
                if not depth:
                    return at

    def _string_end(self, at: int) -> int:
        while not (found := STRING.match(self._buffer, at)):
            self._need_more()
        return found.end()

    def _next(self) -> str:
        """The sign that stands here behind blanks; empty at the end."""
        while True:
            end = BLANK.match(self._buffer, self._at).end()  # type: ignore[union-attr]
            self.line += self._buffer.count("\n", self._at, end)
            self._at = end
            if end > BLOCK:  # what has been taken is let go of
                self._buffer, self._at = self._buffer[end:], 0
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._more():
                return ""

    def _take(self, sign: str) -> bool:
        is_there = self._next() == sign
        self._at += is_there
        return is_there

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            cut = "it ends before its outermost bracket is closed"
            self.refuse(NOT_JSON if self._next() else cut)

    def _need_more(self) -> None:
        most = self._limits.cell_characters
        if len(self._buffer) - self._at > most:
            self.refuse(
                f"a feature is longer than {most:,} characters (CYP_LIMIT_CELL_CHARACTERS): "
                "deliver the generalised boundaries"
            )
        if not self._more():
            self.refuse("it ends before its outermost bracket is closed")

    def _more(self) -> bool:
        block = self._file.read(BLOCK)
        self._buffer += block
        return bool(block)


def _read(value: str, line: int, *, as_written: bool = False) -> Any:
    """A value, its numbers as they are written if asked. Raises Refusal, without a word of it."""
    numbers: dict[str, Any] = {"parse_float": str, "parse_int": str} if as_written else {}
    try:
        return json.loads(value, object_pairs_hook=_once, parse_constant=str, **numbers)
    except _Twice:
        raise Refusal("an object has a member twice", line) from None
    except (ValueError, RecursionError):
        raise Refusal(NOT_JSON, line) from None


def _hold_characters(text: str, line: int) -> None:
    """An escape may spell what no text holds: a NUL, or half of a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refusal("a text holds half a character (a lone surrogate)", line) from None
    if "\0" in text:
        raise Refusal("a text holds a NUL", line)


class _Twice(Exception):
    """Two members of one name: readers differ on which of them counts."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Twice
    return found


def _as_text(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)
