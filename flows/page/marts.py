"""What the page is made of: the published marts of the folder it is written into, and no other.

A cell is a value as published, or the marker that stands where there is none. The page never
works out one from another.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from flows.manifest import NATIONAL, PublicModel
from flows.marked import marker_of, markers_asked
from flows.page.words import MARKERS, written

Row = Mapping[str, Any]

# A comparison says something of the count behind it, so that its marker is that count's.
FOLLOWS = {"comparison": "children"}


@dataclass(frozen=True)
class Cell:
    """A published value, or why there is none: `marker` is c, x or z then, else None."""

    value: Any
    marker: str | None = None
    mart: str = ""
    column: str = ""
    key: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.value is None) != (self.marker in MARKERS):
            raise ValueError("A cell holds a value or a marker: one, and not both.")

    @property
    def is_shown(self) -> bool:
        return self.value is not None

    @property
    def shown(self) -> str:
        """As a reader sees it: 1,234 or 94.9 or [c]."""
        if self.marker is not None:
            return MARKERS[self.marker][0]
        return written(self.value, self.column)

    @property
    def number(self) -> float:
        """For scales only: where on a chart it lies."""
        return float(self.value)


@dataclass(frozen=True)
class Mart:
    """A published mart, or an empty one where the folder has none of that name."""

    name: str
    columns: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    asked: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def only(self, rows: Iterable[Row]) -> "Mart":
        """The same mart with some of its rows, in the order given."""
        return replace(self, rows=tuple(rows))

    def cell(self, row: Row, column: str) -> Cell:
        key = {name: row[name] for name in self.keys}
        value = row[column]
        marker = None if value is not None else marker_of(row[m] for m in self.asked[column])
        return Cell(value, marker, self.name, column, key)

    def cells(self, row: Row, *columns: str) -> list[Cell]:
        return [self.cell(row, column) for column in columns]


class Marts:
    """All marts of an authority by name; those that are not there are empty."""

    def __init__(self, marts: Mapping[str, Mart]) -> None:
        self._marts = marts

    def __getitem__(self, name: str) -> Mart:
        return self._marts.get(name, Mart(name))


class Published:
    """The marts of a folder, read for one authority at a time: the rows of a nation would not fit
    into memory, and most are not another's to look through."""

    def __init__(self, database: duckdb.DuckDBPyConnection, models: Sequence[PublicModel]) -> None:
        self._database = database
        self._models = [model for model in models if "la_code" in model.column_names]

    @property
    def la_codes(self) -> list[str]:
        """The authorities that anything is told of."""
        told = " union ".join(f"select la_code from {model.relation}" for model in self._models)
        found = self._database.execute(told).fetchall() if told else []
        return sorted({code for (code,) in found} - {NATIONAL, None})

    def of(self, la_code: str) -> Marts:
        """Those of one authority, rows in the order of their keys; with what belongs to none of
        them where it is told."""
        return Marts({model.name: self._read(model, la_code) for model in self._models})

    def _read(self, model: PublicModel, la_code: str) -> Mart:
        from expectations.published import MARTS

        keys = MARTS[model.name].keys if model.name in MARTS else ()
        codes = [la_code, NATIONAL] if model.name == "data_quality_summary" else [la_code]
        found = self._database.execute(
            f"select * from {model.relation} "
            f"where la_code in ({', '.join('?' for _ in codes)}) order by "
            + (", ".join(f"{key} nulls last" for key in keys) or "all"),
            codes,
        )
        names = tuple(column for column, *_ in found.description)
        rows = tuple(dict(zip(names, row, strict=True)) for row in found.fetchall())
        return Mart(model.name, names, keys, rows, _asked(model.name, names))


@contextmanager
def published(database: Path, models: Sequence[PublicModel]) -> Iterator[Published]:
    """The marts of a folder, while it is open."""
    with duckdb.connect(str(database), read_only=True) as connection:
        yield Published(connection, models)


def _asked(mart: str, names: Sequence[str]) -> dict[str, list[str]]:
    """The marker columns that say why a column has no value."""
    asked = {name: markers_asked(mart, name, names) for name in names}
    for column, count in FOLLOWS.items():
        if column in asked and f"{count}_marker" in names:
            asked[column] = [f"{count}_marker"]
    return asked
