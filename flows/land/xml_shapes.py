"""What a census's elements make: a table's rows in the making, and the columns they become.

A shape says of a table which element makes a row of it, which leaf fills which column, and which
rows may stand in a row; all of it is read from the layouts. Both ways of reading fill the same
shapes: element by element (`xml_file`), and whole children that hold nothing unheard of
(`xml_plain`).
"""

import json
from dataclasses import dataclass, field
from typing import Any

import numpy

from flows.land.delivery import Array, texts
from flows.land.layouts import Source, Table

# A row in the making: these, the numbers of the rows that it stands in from the outermost
# down, and a place for each other column. Its key is None until the child that it belongs to
# has been read, and a text is None until its element is met.
Row = list[Any]
KEY, ROW, LINE, OTHER = range(4)
FIRST = ("_child_key", "_row", "_line", "_other")
NOTHING: dict[str, Any] = {}


@dataclass(slots=True)
class Shape:
    """A table being filled (or what stands above the first row, which is none): what may stand
    in its rows, and the rows so far.

    names    columns by place; empty where a row it stands in is told by no column
    empty    what a row holds after the numbers of the rows that it stands in
    columns  place of a leaf's text in a row, by the leaf's name in lower case
    leaves   the same by tag, as delivered
    makes    shape of the row that an element makes, or None where it only groups; by its name
             in lower case
    groups   the same by tag, as delivered
    text     place of the element's own text, in a row that is nothing else; or 0
    count    of rows, in the whole file
    rows     read last, those of the child that is open among them
    filled   the rows before, as columns
    """

    names: tuple[str, ...] = FIRST
    empty: tuple[int | None, ...] = ()
    columns: dict[str, int] = field(default_factory=dict)
    leaves: dict[str, int] = field(default_factory=dict)
    makes: dict[str, "Shape | None"] = field(default_factory=dict)
    groups: dict[str, "Group"] = field(default_factory=dict)
    text: int = 0
    count: int = 0
    rows: list[Row] = field(default_factory=list)
    filled: list[list[Any]] = field(default_factory=list)


@dataclass(slots=True)
class Group:
    """An element that makes a row or only groups within one, by the name it is delivered with."""

    name: str
    shape: Shape
    makes_row: bool


def local(tag: str) -> str:
    """A tag's name without its prefix, which some systems write and which says nothing."""
    return tag.rpartition(":")[2]


def shapes_of(source: Source) -> tuple[Shape, dict[str, Shape]]:
    """What stands above the first row, and the tables that elements fill, by name."""
    top = Shape(makes={name.lower(): None for name in source.xml["wrappers"]})
    shapes: dict[str, Shape] = {}
    for table in source.tables.values():
        rows_of = {each.row_of: each.name for each in table.columns if each.row_of}
        if table.element:
            round_it = [rows_of.get(name, "") for name in _tables_round(source, table)]
            own = [each for each in table.columns if not (each.is_provenance or each.row_of)]
        else:
            round_it, own = [], [each for each in table.columns if not each.is_provenance]
        names = (*FIRST, *round_it, *(each.name for each in own))
        shapes[table.name] = Shape(
            names=names,
            empty=tuple(0 if each.row_of else None for each in own),
            columns={each.element.lower(): names.index(each.name) for each in own if each.element},
            makes={name.lower(): None for name in table.wrappers},
            text=next((names.index(each.name) for each in own if each.is_text), 0),
            filled=[[] for _ in names],
        )
    for table in source.tables.values():
        if table.element:
            round_it_shape = shapes[table.within] if table.within else top
            round_it_shape.makes[table.element.lower()] = shapes[table.name]
    return top, shapes


def _tables_round(source: Source, table: Table) -> list[str]:
    """The tables whose rows a row of a table stands in, from the outermost down."""
    return (
        [*_tables_round(source, source.tables[table.within]), table.within] if table.within else []
    )


def columns_of(table: Table, shape: Shape) -> dict[str, Array]:
    """Columns of rows, without those that nothing stands in; 0 stands for no row of a parent,
    as empty text does for null."""
    integers = {column.name for column in table.columns if column.data_type == "integer"}
    columns: dict[str, Array] = {}
    for name, values in zip(shape.names, shape.filled, strict=True):
        if name in integers:
            columns[name] = numpy.array(values, dtype=numpy.int64)
        elif name == "_other":
            if any(values):
                columns[name] = texts(
                    [json.dumps(value, ensure_ascii=False) if value else "" for value in values]
                )
        elif name and any(values):
            columns[name] = texts([value or "" for value in values] if None in values else values)
        values.clear()
    return columns
