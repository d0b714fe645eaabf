"""The quick way with a record table in a plain text: the engine reads what lies below the heading.

Python places the table and the scan vouches that nothing in the text is read in two ways;
then one statement brings every record in, and a view of them makes the rows of the landing
table. What the scan calls odd, and whatever comes out otherwise than the scan has counted,
is read record by record instead, which also finds the place of what is wrong.
"""

import glob
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy

from flows.land import text_scan
from flows.land.delivery import Array, texts
from flows.land.tables import TO_JSON, Found, Placed, distinct
from flows.land.text_scan import Scan
from flows.settings import Limits
from flows.warehouse import handed

# The engine's reader takes lines of up to twice as many bytes.
LONGEST_RECORD = 1_000_000
# Records from which on it pays that the engine begins in several places at once; of fewer, to keep
# them in order costs more than it gains.
MANY = 500_000
CHILDREN = 200_000  # held in memory before their keys go to the engine
# What str.isspace calls white space, but for control characters, which make a text odd.
WHITE = "".join(
    map(chr, [*b"\t\n\r ", 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029,
              0x202F, 0x205F, 0x3000])
)  # fmt: skip


@dataclass(frozen=True)
class Body:
    """The records below a heading, as the engine has read them.

    columns  the columns of the landing table that the text delivers, as SQL
    query    those columns of every row that is not blank, in order
    rows     how many those are
    blank    how many records are blank
    """

    columns: tuple[str, ...]
    query: str
    rows: int
    blank: int


def read(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    delimiter: str,
    found: Found,
    key_of: Callable[[str], str],
    limits: Limits,
) -> tuple[Scan, Body | None]:
    """Scan a text in UTF-8, and bring its body in. None when it is to be read record by record.
    Raises Refusal for a line that is too long."""
    placed = found.placed
    scan = text_scan.scan(path, delimiter, found.heading_line, limits)
    if not _is_plain(placed, scan, limits):
        return scan, None
    cells = [f"c{at}" for at in range(max(len(placed.headings), scan.widest))]
    try:
        _load(connection, path, delimiter, cells, scan)
    except duckdb.OperationalError:
        raise  # no memory, no disk: the text has no part in it
    except duckdb.Error:
        return scan, None  # what the engine says quotes the line
    return scan, _body(connection, placed, scan, cells, key_of)


def _is_plain(placed: Placed, scan: Scan, limits: Limits) -> bool:
    """Whether readers cannot differ over the text, and nothing in it can be too long."""
    width = len(placed.headings)
    return (
        not placed.table.is_cells
        and not scan.is_odd
        and width > 1  # a blank line would be a blank cell
        and max(width, scan.widest) <= limits.columns
        and scan.longest <= min(limits.cell_characters, LONGEST_RECORD)
        and len(set(distinct(placed.headings, placed.unknown))) == len(placed.unknown)
    )


def _body(
    connection: duckdb.DuckDBPyConnection,
    placed: Placed,
    scan: Scan,
    cells: list[str],
    key_of: Callable[[str], str],
) -> Body | None:
    """What has been brought in; None when it is not what the scan has counted."""
    width = len(placed.headings)
    is_surplus = f"not ({_is_blank(cells[width:])})" if cells[width:] else "false"
    [(records, surplus, blank_records)] = connection.execute(
        "select (select count(*) from delivered), "
        + ", ".join(
            f"(select count(*) from delivered where {each})"
            for each in (is_surplus, _is_blank(cells))
        )
    ).fetchall()
    if records != scan.body or surplus:
        return None
    values = {"_row": "delivered.rowid + 1", "_line": f"delivered.rowid + {scan.first_line}"}
    relation = "delivered"
    where = ""
    if blank_records:
        connection.execute(
            "create or replace temp table blank_records as "
            f"select rowid as record from delivered where {_is_blank(cells)}"
        )
        values["_row"] = "row_number() over (order by delivered.rowid)"
        where = "where delivered.rowid not in (select record from blank_records)"
    if scan.lines is not None:
        numbered = {"record": numpy.arange(scan.body), "line": scan.lines}
        with handed(connection, "numbered", numbered):
            connection.execute("create or replace temp table lines as from numbered")
        relation += " inner join lines on lines.record = delivered.rowid"
        values["_line"] = "lines.line"
    for column, at in placed.columns.items():
        values[column] = cells[at]
    if placed.table.child_id:
        child = cells[placed.columns[placed.table.child_id.name]]
        _keep_keys(connection, child, records, key_of)
        relation += f" left join child_keys on child_keys.child = delivered.{child}"
        values["_child_key"] = "child_keys.child_key"
    if placed.unknown:
        values["_other"] = _other(placed, cells)
    selected = ", ".join(f"{value} as {name}" for name, value in values.items())
    return Body(
        columns=tuple(values),
        query=f"select {selected} from {relation} {where}",
        rows=records - blank_records,
        blank=blank_records,
    )


def _load(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    delimiter: str,
    cells: list[str],
    scan: Scan,
) -> None:
    """The records as they come, a column for each cell; a cell without text is null.

    A record's number is its rowid, for the table is new and insertion keeps the order.
    """
    columns = ", ".join(f"'{name}': 'varchar'" for name in cells)
    is_ragged = scan.narrowest < len(cells)
    # Where there are quotes, one of several beginnings could lie within a cell.
    is_parted = scan.body >= MANY and not scan.is_quoted
    connection.execute(
        "create or replace temp table delivered as from read_csv(?, "
        f"auto_detect = false, header = false, columns = {{{columns}}}, delim = '{delimiter}', "
        "quote = '\"', escape = '\"', strict_mode = true, encoding = 'utf-8', "
        "compression = 'none', hive_partitioning = false, "
        f"skip = {scan.skipped}, null_padding = {is_ragged}, parallel = {is_parted})",
        [glob.escape(str(path))],
    )


def _keep_keys(
    connection: duckdb.DuckDBPyConnection, child: str, records: int, key_of: Callable[[str], str]
) -> None:
    """Each child's key, made once; the secret it is made with stays out of the engine."""
    distinct_children = f"select distinct {child} as child from delivered where {child} is not null"
    if records < CHILDREN:
        found = connection.execute(distinct_children).fetchnumpy()["child"]
        with handed(connection, "keys", _keys(found, key_of)):
            connection.execute(f"create or replace temp table child_keys as {KEYS}")
        return
    connection.execute(f"create or replace temp table children as {distinct_children}")
    connection.execute("create or replace temp table child_keys (child varchar, child_key varchar)")
    for first in itertools.count(0, CHILDREN):
        found = connection.execute(
            "select child from children where rowid >= ? and rowid < ?", [first, first + CHILDREN]
        ).fetchnumpy()["child"]
        with handed(connection, "keys", _keys(found, key_of)):
            connection.execute(f"insert into child_keys {KEYS}")
        if len(found) < CHILDREN:
            break


KEYS = "select child, nullif(child_key, '') as child_key from keys"


def _keys(children: Array, key_of: Callable[[str], str]) -> dict[str, Array]:
    return {"child": children, "child_key": texts([key_of(child) for child in children])}


def _is_blank(cells: list[str]) -> str:
    """Whether none of the cells holds more than white space. A first character between ! and ~
    settles it for nearly every row, and the engine then looks no further."""
    filled = [f"({cell} between '!' and '~') is not true" for cell in cells]
    return " and ".join([*filled, f"trim(concat({', '.join(cells)}), '{WHITE}') = ''"])


def _other(placed: Placed, cells: list[str]) -> str:
    """Cells under headings that the layout does not know, as the object that a JSON encoder
    would write; null when all are blank."""
    names = distinct(placed.headings, placed.unknown)
    pairs = []
    for name, at in zip(names, placed.unknown, strict=True):
        escaped = cells[at]
        for plain, written in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"),
                               ("\t", "\\t")):  # fmt: skip
            escaped = f"replace({escaped}, {_literal(plain)}, {_literal(written)})"
        key = _literal(f'{TO_JSON(name)}: "')
        pair = f"{key} || {escaped} || '\"'"
        pairs.append(f"case when not ({_is_blank([cells[at]])}) then {pair} end")
    return f"'{{' || nullif(concat_ws(', ', {', '.join(pairs)}), '') || '}}'"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
