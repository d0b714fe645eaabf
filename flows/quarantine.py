"""What was set aside and what did not convert, for the people who mend the source.

On the terminal only counts: where, why, what to do. A file may hold the rows themselves, as
they were delivered; it is personal data, and its owner's alone to read.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from flows.handed_on import hold_place, write_csv
from flows.settings import Settings, SettingsError

BUILT = "Nothing has been set aside yet, because nothing has been built: cyp refresh."

# Where a row stands, in the order in which its file has it.
PLACES = (
    "la_code", "source", "collection_year", "file_name", "table_name", "line_number",
    "row_number", "column_name", "reason_code", "reason_name", "what_to_do",
)  # fmt: skip
ORDER = (
    "source, la_code nulls last, collection_year nulls last, file_name nulls last, file_id, "
    "line_number nulls last, table_name, row_number, column_name"
)

PATH = re.compile(r"(?:(\d{3})/)?([A-Za-z_]\w*)/(\d{4})/(.+)", re.DOTALL)  # of a delivered file

LONGEST = 60  # characters of a name or heading on the terminal


@dataclass(frozen=True)
class Chosen:
    """Which rows: all, or those of one source, collection year, authority and file."""

    source: str | None = None
    year: int | None = None
    la_code: str | None = None
    file_name: str | None = None

    @classmethod
    def of_file(
        cls, file: str | None, source: str | None, year: int | None, la_code: str | None
    ) -> "Chosen":
        """The file by its name, or by its path below the drop folder, as a refusal names it:
        that tells the authority, the source and the year where they are not given."""
        found = PATH.fullmatch(file or "")
        if found is None:
            return cls(source, year, la_code, file)
        told_la, told_source, told_year, name = found.groups()
        return cls(source or told_source.lower(), year or int(told_year), la_code or told_la, name)

    def where(self) -> tuple[str, list[Any]]:
        """A condition on the rows and its parameters."""
        asked = {
            "source": self.source,
            "collection_year": self.year,
            "coalesce(la_code, 'national')": self.la_code,
            "file_name": self.file_name,
        }
        given = {column: value for column, value in asked.items() if value is not None}
        return " and ".join(["true", *(f"{column} = ?" for column in given)]), list(given.values())


@dataclass(frozen=True)
class Count:
    """Rows (or values) of one file and table with one reason."""

    la_code: str
    source: str
    year: int | None
    file_name: str
    table_name: str
    column_name: str
    reason: str
    rows: int
    what_to_do: str


def need_a_delivery(settings: Settings, chosen: Chosen) -> None:
    """Raises SettingsError where no delivery at all is chosen: after a slip of the pen, that
    nothing was set aside would sound like good news."""
    condition, parameters = chosen.where()
    with _warehouse(settings) as connection:
        found = _executed(
            connection,
            f"select 1 from quality.extract_ledger where {condition} limit 1",
            parameters,
        ).fetchall()
    if not found and chosen != Chosen():
        raise SettingsError("No delivery is of that source, year, authority and name: cyp status.")


def counts(settings: Settings, relation: str, chosen: Chosen) -> list[Count]:
    """How many rows of `quarantine`, or values of `conversions`, by file, table and reason."""
    condition, parameters = chosen.where()
    query = f"""
        select
            coalesce(la_code, 'national') as la_code,
            source,
            collection_year,
            file_name,
            table_name,
            column_name,
            reason_name,
            count(*) as rows_,
            what_to_do
        from quality.{relation}
        where {condition}
        group by all
        order by all
    """
    with _warehouse(settings) as connection:
        return [Count(*row) for row in _executed(connection, query, parameters).fetchall()]


def lines(settings: Settings, relation: str, chosen: Chosen) -> Iterator[str]:
    """What `cyp quarantine` prints: counts, and what to do about each reason; never a value."""
    found = counts(settings, relation, chosen)
    what = "values that did not convert" if relation == "conversions" else "rows set aside"
    if not found:
        yield f"No {what}."
        return
    table = [("la", "source", "year", "file", "table", "column", "number", "what is wrong")] + [
        (
            count.la_code,
            count.source,
            str(count.year or ""),
            printable(count.file_name),
            count.table_name.partition("__")[2],
            printable(count.column_name),
            f"{count.rows:,}",
            count.reason,
        )
        for count in found
    ]
    widths = [max(len(row[position]) for row in table) for position in range(8)]
    for row in table:
        texts = [row[position].ljust(widths[position]) for position in range(6)]
        yield "  ".join([*texts, row[6].rjust(widths[6]), row[7]])
    yield ""
    for reason, what_to_do in sorted({(count.reason, count.what_to_do) for count in found}):
        yield f"{reason}: {what_to_do}"
    yield ""
    files = len({(count.source, count.la_code, count.year, count.file_name) for count in found})
    plural = "" if files == 1 else "s"
    yield f"{sum(count.rows for count in found):,} {what}, in {files} file{plural}."


def export(settings: Settings, relation: str, chosen: Chosen, file: Path) -> int:
    """Write the rows whole, in the order of their files, for their owner alone; how many."""
    hold_place(settings, file, (".csv",))
    with _warehouse(settings) as connection:
        heading, rows = (
            _conversions(connection, chosen)
            if relation == "conversions"
            else _quarantined(connection, chosen)
        )
        return write_csv(file, heading, rows)


def _quarantined(
    connection: duckdb.DuckDBPyConnection, chosen: Chosen
) -> tuple[Sequence[str], Iterator[tuple[Any, ...]]]:
    condition, parameters = chosen.where()
    heading = (*PLACES, "delivered_row")
    found = _executed(
        connection,
        f"select {', '.join(heading)} from quality.quarantine where {condition} order by {ORDER}",
        parameters,
    )
    return heading, _fetched(found)


def _conversions(
    connection: duckdb.DuckDBPyConnection, chosen: Chosen
) -> tuple[Sequence[str], Iterator[tuple[Any, ...]]]:
    """The values with their delivered text, which only landing keeps."""
    condition, parameters = chosen.where()
    _executed(
        connection,
        f"create temp table told as from quality.conversions where {condition} order by {ORDER}",
        parameters,
    )
    connection.execute("create temp table texts (place bigint, delivered_text text)")
    columns = connection.execute(
        "select table_name, list(distinct column_name) from told group by all"
    ).fetchall()
    for table, names in columns:
        _take_texts(connection, table, names)
    heading = (*PLACES, "sheet_name", "column_number", "delivered_text")
    found = connection.execute(
        f"select {', '.join(heading)} from told left join texts on told.rowid = texts.place "
        "order by told.rowid"
    )
    return heading, _fetched(found)


def _take_texts(connection: duckdb.DuckDBPyConnection, table: str, names: list[str]) -> None:
    """What landing holds where values of one table did not convert. In a table of cells the
    column is told by its number or, where it has none, by its heading."""
    landed = {
        column
        for (column,) in connection.execute(
            "select column_name from information_schema.columns "
            "where table_schema = 'landing' and table_name = ?",
            [table],
        ).fetchall()
    }
    if "heading" in landed:
        found = {
            "value": "landed.column_number = coalesce(told.column_number, landed.column_number) "
            "and (told.column_number is not null or lower(trim(landed.heading)) = told.column_name)"
        }
    else:
        found = {name: f"told.column_name = '{name}'" for name in names if name in landed}
    for column, is_it in found.items():
        connection.execute(
            f"""
            insert into texts
            select told.rowid, landed."{column}"
            from told
            inner join landing."{table}" as landed
                on told.file_id = landed._file_id and told.row_number = landed._row
            where told.table_name = ? and {is_it}
            """,
            [table],
        )


def printable(name: str) -> str:
    """A delivered name or heading on one line of a terminal, whatever is in it."""
    shown = name if len(name) <= LONGEST else f"{name[: LONGEST - 3]}..."
    return "".join(sign if sign.isprintable() else "?" for sign in shown)


def _warehouse(settings: Settings) -> duckdb.DuckDBPyConnection:
    if not settings.warehouse.exists():
        raise SettingsError(BUILT)
    return duckdb.connect(str(settings.warehouse), read_only=True)


def _executed(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any]
) -> duckdb.DuckDBPyConnection:
    try:
        return connection.execute(query, list(parameters))
    except duckdb.CatalogException:
        raise SettingsError(BUILT) from None


def _fetched(found: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := found.fetchmany(10_000):
        yield from rows
