"""What the page is made of: the published marts of the folder it is written into, and no other.

A cell is a value as published, or the marker that stands where there is none. The page never
works out one from another.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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

    def of(self, la_code: str, *also: str) -> "Mart":
        """The rows of one authority, and of whatever else is named."""
        return self.only(row for row in self if row["la_code"] in {la_code, *also})

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
    """All marts of a folder by name; those that are not there are empty."""

    def __init__(self, marts: Mapping[str, Mart]) -> None:
        self._marts = marts

    def __getitem__(self, name: str) -> Mart:
        return self._marts.get(name, Mart(name))

    def of(self, la_code: str) -> "Marts":
        """Those of one authority, with what belongs to none of them where it is told."""
        return Marts({
            name: mart.of(la_code, NATIONAL) if name == "data_quality_summary" else mart.of(la_code)
            for name, mart in self._marts.items()
            if "la_code" in mart.columns
        })  # fmt: skip

    @property
    def la_codes(self) -> list[str]:
        """The authorities that anything is told of."""
        return sorted({
            row["la_code"]
            for mart in self._marts.values() if "la_code" in mart.columns
            for row in mart.rows
        } - {NATIONAL, None})  # fmt: skip


def read_marts(database: Path, models: Sequence[PublicModel]) -> Marts:
    """Every published mart, rows in the order of their keys."""
    from expectations.published import MARTS

    marts = {}
    with duckdb.connect(str(database), read_only=True) as published:
        for model in models:
            keys = MARTS[model.name].keys if model.name in MARTS else ()
            found = published.execute(
                f"select * from {model.relation} order by "
                + (", ".join(f"{key} nulls last" for key in keys) or "all")
            )
            names = tuple(column for column, *_ in found.description)
            rows = tuple(dict(zip(names, row, strict=True)) for row in found.fetchall())
            marts[model.name] = Mart(model.name, names, keys, rows, _asked(model.name, names))
    return Marts(marts)


def _asked(mart: str, names: Sequence[str]) -> dict[str, list[str]]:
    """The marker columns that say why a column has no value."""
    asked = {name: markers_asked(mart, name, names) for name in names}
    for column, count in FOLLOWS.items():
        if column in asked and f"{count}_marker" in names:
            asked[column] = [f"{count}_marker"]
    return asked
