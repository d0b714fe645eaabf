"""The layouts of every source, read from the YAML beside its staging models.

That YAML is the one home of layout facts: what a table is recognised by, what its
columns are called and of what type, which element of a census makes a row.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from flows.declared import read
from flows.settings import HOUSE

# White space, and the byte order marks that stray into headings.
BLANKS = re.compile(r"[\s\ufeff\u200b]+")


@dataclass(frozen=True)
class Column:
    """One column of a landing table and how to find it in a delivery.

    patterns  what its heading may be, best first
    shape     what its text looks like in a real table, not in prose that names its headings
    """

    name: str
    data_type: str
    patterns: tuple[re.Pattern[str], ...]
    shape: re.Pattern[str] | None
    is_required: bool
    is_child_id: bool
    element: str | None
    is_text: bool
    row_of: str | None

    @property
    def is_provenance(self) -> bool:
        return self.name.startswith("_")


@dataclass(frozen=True)
class CellsLayout:
    """How one kind of statistical table is found in a sheet, and its rows told from notes."""

    name: str
    wanted: str
    key: re.Pattern[str]
    code: re.Pattern[str]
    also: tuple[re.Pattern[str], ...]
    value: re.Pattern[str] | None
    heading_rows: int | None


@dataclass(frozen=True)
class Table:
    """One landing table. `kind` is record, cells or element."""

    source: str
    name: str
    kind: str
    columns: tuple[Column, ...]
    layouts: tuple[CellsLayout, ...]
    at_least: tuple[int, tuple[str, ...]]
    element: str | None
    within: str | None
    wrappers: tuple[str, ...]

    @property
    def identifier(self) -> str:
        """Name of the table in schema landing."""
        return f"{self.source}__{self.name}"

    @property
    def is_cells(self) -> bool:
        return self.kind == "cells"

    @property
    def delivered_columns(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if not column.is_provenance)

    @property
    def child_id(self) -> Column | None:
        return next((column for column in self.columns if column.is_child_id), None)

    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def wanted(self) -> str:
        """The headings that a person should look for, in words."""
        if self.is_cells:
            return "; or ".join(layout.wanted for layout in self.layouts)
        wanted = [column.name for column in self.columns if column.is_required]
        count, alternatives = self.at_least
        if count:
            wanted.append(f"{count} of {' / '.join(alternatives)}")
        return ", ".join(wanted)


@dataclass(frozen=True)
class Source:
    """One source: the formats it comes in and the tables that it may hold.

    is_return        a newer delivery of a table replaces the older, whatever its file's name
    needs_authority  rows mean nothing without knowing whose they are
    """

    name: str
    formats: frozenset[str]
    is_return: bool
    needs_authority: bool
    tables: dict[str, Table]
    xml: dict[str, Any]


def normalised(heading: str) -> str:
    """A heading as it is compared: one publisher writes it in many ways from year to year."""
    return BLANKS.sub(" ", heading).strip().lower().split("(where 1 is")[0].strip()


@cache
def sources() -> dict[str, Source]:
    """Every source by name, except the ledger's own."""
    found = {}
    for path in sorted((HOUSE / "models" / "staging").glob("*/_*__sources.yml")):
        for entry in read(path)["sources"]:
            if entry["name"] != "landing":
                found[entry["name"]] = _source(entry)
    return found


def _source(entry: dict[str, Any]) -> Source:
    meta = _meta(entry)
    tables = [_table(entry["name"], table) for table in entry["tables"]]
    return Source(
        name=entry["name"],
        formats=frozenset(meta["formats"]),
        is_return=meta.get("is_return", False),
        needs_authority=meta.get("needs_authority", False),
        tables={table.name: table for table in tables},
        xml=meta,
    )


def _table(source: str, entry: dict[str, Any]) -> Table:
    meta = _meta(entry)
    at_least = meta.get("at_least", {"count": 0, "of": []})
    return Table(
        source=source,
        name=entry["name"],
        kind=meta["kind"],
        columns=tuple(_column(column) for column in entry["columns"]),
        layouts=tuple(_layout(layout) for layout in meta.get("layouts", [])),
        at_least=(at_least["count"], tuple(at_least["of"])),
        element=meta.get("element"),
        within=meta.get("within"),
        wrappers=tuple(meta.get("wrappers", [])),
    )


def _column(entry: dict[str, Any]) -> Column:
    meta = _meta(entry)
    patterns = meta.get("heading", f"^{re.escape(entry['name'])}$")
    return Column(
        name=entry["name"],
        data_type=entry.get("data_type", "varchar"),
        patterns=tuple(map(re.compile, [patterns] if isinstance(patterns, str) else patterns)),
        shape=re.compile(meta["shape"]) if "shape" in meta else None,
        is_required=meta.get("required", False),
        is_child_id=meta.get("is_child_id", False),
        element=meta.get("element"),
        is_text=meta.get("is_text", False),
        row_of=meta.get("row_of"),
    )


def _layout(entry: dict[str, Any]) -> CellsLayout:
    return CellsLayout(
        name=entry["name"],
        wanted=entry["wanted"],
        key=re.compile(entry["key"]),
        code=re.compile(entry["code"]),
        also=tuple(map(re.compile, entry["also"])),
        value=re.compile(entry["value"]) if "value" in entry else None,
        heading_rows=entry.get("heading_rows"),
    )


def _meta(entry: dict[str, Any]) -> dict[str, Any]:
    meta: dict[str, Any] = entry.get("config", {}).get("meta", {})
    return meta
