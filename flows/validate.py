"""What the rules of the returns found, for the people who mend the source.

On the terminal only counts: which rules ran, what was missing for those that did not, how many
rows and children do not meet which. A file lists every row to look at in the order in which its
file has it, with the child's own identifier, by which people find it; it is personal data, and
its owner's alone to read. No other value of a return is in either.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, TextIO

import duckdb

from flows.handed_on import aside, hold_place, write_csv, write_rows
from flows.land.layouts import Table, sources
from flows.settings import Settings, SettingsError

BUILT = "No rule has run yet, because nothing has been built: cyp refresh."
SEVERITIES = ("error", "query", "warning")
ENDINGS = (".xlsx", ".csv")
STANDARD_OUTPUT = Path("-")
MOST_ROWS = 200_000  # in a workbook, which is made in memory and read by people

HEADING = (
    "la_code", "return", "collection_year", "file_name", "line_number", "table_name",
    "row_number", "rule_code", "severity", "child", "fields", "what_is_wrong",
)  # fmt: skip

# The rules in force on each return, and what became of them.
RESULTS = """
    select results.*, rules.rule_text
    from quality.rule_results as results
    inner join validation.validation_rules as rules
        on
            results.source = rules.source
            and results.rule_code = rules.rule_code
            and results.first_year is not distinct from rules.first_year
"""
# What they tell of, each row once for each rule.
FAILURES = f"""
    select failures.*, results.rule_text
    from quality.rule_failures as failures
    inner join ({RESULTS}) as results using (source, rule_code, la_code, collection_year)
"""
SEVEREST_FIRST = "list_position(['error', 'query', 'warning'], severity)"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Asked:
    """Which rules on which returns: all of them, or those of one source, collection year,
    authority, of some severities or codes."""

    source: str | None = None
    year: int | None = None
    la_code: str | None = None
    severities: tuple[str, ...] = ()
    rule_codes: tuple[str, ...] = ()

    def where(self) -> tuple[str, dict[str, Any]]:
        """A condition on what rules say, and its parameters."""
        asked = {
            "source": ("source = $source", self.source),
            "year": ("collection_year = $year", self.year),
            "la_code": ("la_code = $la_code", self.la_code),
            "severities": ("list_contains($severities, severity)", list(self.severities)),
            "rule_codes": (
                "list_contains($rule_codes, rule_code)",
                [code.upper() for code in self.rule_codes],
            ),
        }
        given = {name: asked_ for name, asked_ in asked.items() if asked_[1] not in (None, [])}
        condition = " and ".join(["true", *(condition for condition, _ in given.values())])
        return condition, {name: value for name, (_, value) in given.items()}


@dataclass(frozen=True)
class Summary:
    """What became of the rules, as rows of three tables.

    returns  of each return: how many rules are in force, ran, were skipped and told of
             something, and of how many rows and children
    skipped  of each return: how many rules were skipped for want of what
    rules    of each rule that tells of something: how many rows and children, and what it says
    """

    returns: list[tuple[Any, ...]]
    skipped: list[tuple[Any, ...]]
    rules: list[tuple[Any, ...]]

    RETURNS = (
        "rules_of", "la_code", "collection_year", "in_force", "ran", "skipped", "found_something",
        "rows", "children",
    )  # fmt: skip
    SKIPPED = ("rules_of", "la_code", "collection_year", "skipped", "for_want_of")
    RULES = ("rules_of", "rule_code", "severity", "rows", "children", "what_is_wrong")

    @property
    def has_errors(self) -> bool:
        return any(severity == "error" for _, _, severity, *_ in self.rules)


def need_a_rule(settings: Settings, asked: Asked) -> None:
    """Raises SettingsError where what is asked for is no rule, or no return that was judged: after
    a slip of the pen, that nothing was found would sound like good news."""
    condition, parameters = asked.where()
    on_returns, of_returns = Asked(asked.source, asked.year, asked.la_code).where()
    with _warehouse(settings) as connection:
        known = {
            code
            for (code,) in _rows(connection, "select rule_code from validation.validation_rules")
        }
        if unknown := sorted(code for code in asked.rule_codes if code.upper() not in known):
            raise SettingsError(
                f"No rule is called {', '.join(unknown)}: docs/validation.md lists them."
            )
        if _rows(connection, f"select 1 from ({RESULTS}) where {condition} limit 1", parameters):
            return
        if _rows(connection, f"select 1 from ({RESULTS}) where {on_returns} limit 1", of_returns):
            raise SettingsError("No rule of that kind is in force for what is asked for.")
    raise SettingsError("No return of that source, year and authority has been judged.")


def summary(settings: Settings, asked: Asked) -> Summary:
    condition, parameters = asked.where()
    with _warehouse(settings) as connection:
        returns = _rows(
            connection,
            f"""
            with children as (
                select source, la_code, collection_year, count(distinct child_key) as children
                from ({FAILURES})
                where {condition}
                group by all
            )
            select
                source,
                la_code,
                collection_year,
                count(*),
                count(*) filter (where status = 'ran'),
                count(*) filter (where status = 'skipped'),
                count(*) filter (where rows_failing > 0),
                coalesce(sum(rows_failing), 0)::bigint,
                coalesce(any_value(children.children), 0)
            from ({RESULTS})
            left join children using (source, la_code, collection_year)
            where {condition}
            group by all
            order by all
            """,
            parameters,
        )
        skipped = _rows(
            connection,
            f"""
            select source, la_code, collection_year, count(*) as rules, missing
            from ({RESULTS})
            where {condition} and status = 'skipped'
            group by all
            order by source, la_code, collection_year, rules desc, missing
            """,
            parameters,
        )
        rules = _rows(
            connection,
            f"""
            select
                source,
                rule_code,
                severity,
                count(*) as rows_failing,
                count(distinct child_key),
                rule_text
            from ({FAILURES})
            where {condition}
            group by source, rule_code, severity, rule_text
            order by source desc, {SEVEREST_FIRST}, rows_failing desc, rule_code
            """,
            parameters,
        )
    in_words = [(*row, _in_words(missing)) for *row, missing in skipped]
    return Summary(returns, in_words, rules)


def lines(found: Summary) -> Iterator[str]:
    """What `cyp validate` prints: counts and what the rules say, never a value."""
    yield from _table(
        [heading.replace("_", " ") for heading in Summary.RETURNS], found.returns, range(3, 9)
    )
    yield ""
    if found.skipped:
        headings = [heading.replace("_", " ") for heading in Summary.SKIPPED]
        yield from _table(headings, _over_years(found.skipped), [3])
        yield ""
    if found.rules:
        headings = [heading.replace("_", " ") for heading in Summary.RULES]
        yield from _table(headings, found.rules, (3, 4))
        yield ""
    ran, skipped = (sum(row[column] for row in found.returns) for column in (4, 5))
    places = sum(row[3] for row in found.rules)
    told = len({row[:2] for row in found.rules})
    yield (
        f"Rules ran {_many(ran, 'time')} and were skipped {_many(skipped, 'time')}; "
        + (f"{told:,} found something, at {_many(places, 'place')}." if told else "none found any.")
    )


def export(settings: Settings, asked: Asked, file: Path, out: TextIO) -> int:
    """Write every row that a rule tells of, in the order of the files, and say how many: to a
    workbook or CSV with the children's own identifiers, or to `out` without."""
    with _warehouse(settings) as connection:
        _list(connection, asked)
        if file == STANDARD_OUTPUT:
            heading = tuple(column for column in HEADING if column != "child")
            return write_rows(out, heading, _listed(connection, heading))
        if file.suffix.lower() == ".csv":
            return write_csv(file, HEADING, _listed(connection, HEADING))
        [(written,)] = _rows(connection, "select count(*) from listed")
        if written > MOST_ROWS:
            raise SettingsError(
                f"{written:,} rows are too many for a workbook, which takes {MOST_ROWS:,}: ask for "
                "some rules or one year, or name a file that ends in .csv."
            )
        with aside(file) as place:
            _write_workbook(place, summary(settings, asked), _listed(connection, HEADING), written)
        return int(written)


def hold_out(settings: Settings, file: Path) -> None:
    """Raises SettingsError where the list must not be written; before any work is done."""
    if file != STANDARD_OUTPUT:
        hold_place(settings, file, ENDINGS)


def _list(connection: duckdb.DuckDBPyConnection, asked: Asked) -> None:
    """The temporary table `listed`."""
    condition, parameters = asked.where()
    _execute(
        connection,
        f"create temp table told as select * from ({FAILURES}) where {condition}",
        parameters,
    )
    connection.execute(
        "create temp table identifiers (table_name text, file_id text, child_key text, child text)"
    )
    for (told,) in _rows(connection, "select distinct table_name from told"):
        if holder := _with_identifier(told):
            connection.execute(
                f"""
                insert into identifiers
                select ?, _file_id, _child_key, min(trim("{_identifier(holder)}"))
                from landing."{holder.identifier}"
                where _child_key is not null
                group by all
                """,
                [told],
            )
    connection.execute(
        """
        create temp table listed as
        select
            la_code,
            split_part(table_name, '__', 1) as "return",
            collection_year,
            file_name,
            file_id,
            line_number,
            split_part(table_name, '__', 2) as table_name,
            row_number,
            rule_code,
            severity,
            identifiers.child,
            fields,
            rule_text as what_is_wrong
        from told
        left join identifiers using (table_name, file_id, child_key)
        """
    )


def _with_identifier(landed: str) -> Table | None:
    """The table of the same file in which the child of a row is named: that of the row itself, or
    of the census the child's own."""
    source, _, name = landed.partition("__")
    tables = sources()[source].tables
    return next(
        (table for table in (tables[name], *tables.values()) if table.child_id is not None), None
    )


def _identifier(table: Table) -> str:
    return table.child_id.name if table.child_id else ""


def _listed(
    connection: duckdb.DuckDBPyConnection, heading: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    columns = ", ".join(f'"{column}"' for column in heading)
    found = connection.execute(
        f'select {columns} from listed order by "return" desc, la_code, collection_year, '
        "file_name, file_id, line_number nulls first, table_name, row_number, "
        f"{SEVEREST_FIRST}, rule_code"
    )
    while rows := found.fetchmany(10_000):
        yield from rows


def _write_workbook(
    place: Path, found: Summary, listed: Iterable[tuple[Any, ...]], written: int
) -> None:
    import xlsxwriter

    from flows.publish.workbook import CREATED, OPTIONS, Link, Pen, Sheet

    nothing = (*[None] * (len(HEADING) - 1), "No rule found anything.")
    sheets = (
        (
            Sheet(
                "Mend",
                "What is to be mended",
                (
                    "Every row that a rule tells of, in the order in which its file has it.",
                    "It names children: hand it on as you would the return, and delete it when "
                    "all is mended. One table.",
                ),
                HEADING,
            ),
            listed if written else [nothing],
            written,
        ),
        (
            Sheet(
                "Rules",
                "The rules that found something",
                ("How many rows and children do not meet which rule. One table.",),
                Summary.RULES,
                frozenset({"rows", "children"}),
            ),
            found.rules or [(*[None] * (len(Summary.RULES) - 1), "No rule found anything.")],
            len(found.rules),
        ),
        (
            Sheet(
                "Returns",
                "The returns that were judged",
                ("How many rules ran on each, and of how much they tell. One table.",),
                Summary.RETURNS,
                frozenset(Summary.RETURNS[3:]),
            ),
            found.returns,
            len(found.returns),
        ),
        (
            Sheet(
                "Skipped",
                "The rules that were skipped",
                ("How many did not run, for want of what. One table.",),
                Summary.SKIPPED,
                frozenset({"skipped"}),
            ),
            found.skipped or [(*[None] * (len(Summary.SKIPPED) - 1), "No rule was skipped.")],
            len(found.skipped),
        ),
    )
    packed = BytesIO()
    with xlsxwriter.Workbook(packed, OPTIONS) as book:
        title = "What the rules of the returns found"
        book.set_properties({"title": title, "author": "CYP Warehouse", "created": CREATED})
        pen = Pen(book)
        pen.write(
            Sheet(
                "Contents",
                title,
                ("The table below lists the sheets.",),
                ("sheet", "what it holds", "rows"),
                frozenset({"rows"}),
            ),
            [(Link(sheet.name), sheet.title, rows) for sheet, _, rows in sheets],
        )
        for sheet, table, _ in sheets:
            pen.write(sheet, table)
    place.write_bytes(packed.getvalue())


def _table(
    headings: Sequence[str], rows: Sequence[tuple[Any, ...]], numbers: Iterable[int]
) -> Iterator[str]:
    counted = set(numbers)
    shown = [
        tuple(headings),
        *(
            tuple(
                f"{value:,}" if column in counted else str("" if value is None else value)
                for column, value in enumerate(row)
            )
            for row in rows
        ),
    ]
    widths = [max(len(row[column]) for row in shown) for column in range(len(headings))]
    for row in shown:
        cells = [
            text.rjust(widths[column]) if column in counted else text.ljust(widths[column])
            for column, text in enumerate(row)
        ]
        yield "  ".join(cells).rstrip()


def _over_years(skipped: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The years in which as many rules lacked the same, in one line."""
    years: dict[tuple[Any, ...], list[int]] = {}
    for source, la_code, year, rules, missing in skipped:
        years.setdefault((source, la_code, rules, missing), []).append(year)
    return [
        (source, la_code, _ranges(years_), rules, missing)
        for (source, la_code, rules, missing), years_ in years.items()
    ]


def _ranges(years: Sequence[int]) -> str:
    """2009, 2011 to 2014"""
    firsts = [year for year in years if year - 1 not in years]
    lasts = [year for year in years if year + 1 not in years]
    return ", ".join(
        str(first) if first == last else f"{first} to {last}"
        for first, last in zip(firsts, lasts, strict=True)
    )


def _in_words(missing: str) -> str:
    """What a rule lacked: the last year's return, a table, a directory."""
    said = []
    for need in missing.replace(",", " ").split():
        year, _, what = need.partition(":")
        whose = {"last_year": "last year's", "next_year": "next year's"}.get(year)
        said.append(f"{whose} {what or 'return'}" if whose else need)
    return ", ".join(said)


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _warehouse(settings: Settings) -> duckdb.DuckDBPyConnection:
    if not settings.warehouse.exists():
        raise SettingsError(BUILT)
    return duckdb.connect(str(settings.warehouse), read_only=True)


def _execute(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: dict[str, Any]
) -> duckdb.DuckDBPyConnection:
    try:
        return connection.execute(query, parameters)
    except duckdb.CatalogException:
        raise SettingsError(BUILT) from None


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: dict[str, Any] | None = None
) -> list[tuple[Any, ...]]:
    return _execute(connection, query, parameters or {}).fetchall()
