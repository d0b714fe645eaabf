"""The phrases that suites are made of: each is an expectation, its severity and a note that
says why it is held and what to do when it is not met.

A key may be bad in a few rows (they are quarantined, one by one); when more than
``TOLERATED`` of the rows are bad, it is the file that is wrong and not the rows.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import great_expectations as gx
import great_expectations.expectations as gxe

from expectations.contracts import codes, columns

Suite: TypeAlias = gx.ExpectationSuite
Expectation = Any  # an expectation of Great Expectations, which has no types of its own to give

TOLERATED = 0.05
POSTCODE = "^[A-Za-z]{1,2}[0-9][A-Za-z0-9]? *[0-9][A-Za-z]{2}$"
LSOA = "^[EW]01[0-9]{6}$"


def suite(name: str, look: str, *expectations: Expectation | list[Expectation]) -> Suite:
    """A suite and the query whose rows it is held against."""
    flat = [
        each for given in expectations for each in (given if isinstance(given, list) else [given])
    ]
    return gx.ExpectationSuite(name=name, meta={"look": look}, expectations=flat)


def rows(source: str, table: str, *, upper: bool = False, **worked_out: str) -> str:
    """A look at the rows themselves: blank cells as nulls (in upper case where a source's
    codes are read so), and some columns worked out."""
    cells = [name for name in columns(source, table) if not name.startswith("_")]
    text = "upper(trim(cast({} as varchar)))" if upper else "trim(cast({} as varchar))"
    blanks = ", ".join(f"nullif({text.format(name)}, '') as {name}" for name in cells)
    more = "".join(f", {expression} as {name}" for name, expression in worked_out.items())
    return f"select *{more} from (select * replace ({blanks}) from {{rows}})"


# Dates in SQL, read as staging reads them. The shape is held to first, for strptime takes
# '01/04/11' for the year 11; what is no date is null.


def uk_date(column: str) -> str:
    return (
        f"case when regexp_matches(trim({column}), '^[0-3][0-9]/[01][0-9]/(19|20)[0-9][0-9]$') "
        f"then try_strptime(trim({column}), '%d/%m/%Y') end"
    )


def iso_date(column: str) -> str:
    return (
        f"case when regexp_matches(trim({column}), '^(19|20)[0-9][0-9]-[01][0-9]-[0-3][0-9]"
        "([T ][0-9:.]+)?(Z|[-+][0-9:]+)?$') "
        f"then try_strptime(substr(trim({column}), 1, 10), '%Y-%m-%d') end"
    )


def date(column: str) -> str:
    """dd/mm/yyyy or yyyy-mm-dd."""
    return f"coalesce({uk_date(column)}, {iso_date(column)})"


def readable(column: str, read: Callable[[str], str] = date) -> str:
    """Whether a date that was given can be read; null when none was given."""
    return f"case when nullif(trim({column}), '') is not null then ({read(column)}) is not null end"


def in_order(first: str, second: str, read: Callable[[str], str] = date) -> str:
    """Whether the second date is not before the first; null when either is unknown."""
    return f"({read(first)}) <= ({read(second)})"


# Expectations over rows


def has_rows(notes: str = "") -> Expectation:
    return gxe.ExpectTableRowCountToBeBetween(
        min_value=1,
        severity="critical",
        notes=notes or "Without rows there is nothing to load. Export the table again.",
    )


def declared_columns(source: str, table: str) -> Expectation:
    return gxe.ExpectTableColumnsToMatchSet(
        column_set=list(columns(source, table)),
        exact_match=False,
        severity="critical",
        notes="Every later expectation and model needs these columns. Check the headings of "
        "the file against the layout.",
    )


def key(column: str, notes: str) -> list[Expectation]:
    """Filled (and, where it is worked out from text, readable): a few bad rows are a
    warning, more than the tolerated share refuses the file."""
    return [
        gxe.ExpectColumnValuesToNotBeNull(
            column=column, mostly=1 - TOLERATED, severity="critical", notes=notes
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column=column,
            severity="warning",
            notes="These rows are set aside in quality.quarantine. Mend them at the source "
            "and deliver the file again.",
        ),
    ]


def mostly_there(column: str, notes: str) -> Expectation:
    """At least half filled: less means that the column itself is not what it should be."""
    return gxe.ExpectColumnValuesToNotBeNull(
        column=column, mostly=0.5, severity="critical", notes=notes
    )


def filled(column: str, notes: str, mostly: float = 1.0) -> Expectation:
    return gxe.ExpectColumnValuesToNotBeNull(
        column=column, mostly=mostly, severity="warning", notes=notes
    )


def holds(column: str, notes: str, severity: str = "warning") -> Expectation:
    """A yes/no column that is yes wherever it is known."""
    return gxe.ExpectColumnValuesToBeInSet(
        column=column, value_set=[True], severity=severity, notes=notes
    )


def one_of(column: str, values: list[str], notes: str, severity: str = "warning") -> Expectation:
    return gxe.ExpectColumnValuesToBeInSet(
        column=column, value_set=values, severity=severity, notes=notes
    )


def coded(column: str, folder: str, code_set: str) -> list[Expectation]:
    """In a code set of the seeds, whatever the year; nothing where no such set is kept."""
    known = codes(folder, code_set)
    if not known:
        return []
    return [
        one_of(
            column,
            list(known),
            "A code that the department's list does not hold has no name and falls into "
            "Unknown. Correct it at the source, or add a new code to the seed.",
        )
    ]


def shaped(column: str, regex: str, notes: str, mostly: float = 1.0) -> Expectation:
    return gxe.ExpectColumnValuesToMatchRegex(
        column=column, regex=regex, mostly=mostly, severity="warning", notes=notes
    )


def between(column: str, low: float, high: float, notes: str) -> Expectation:
    return gxe.ExpectColumnValuesToBeBetween(
        column=column, min_value=low, max_value=high, severity="warning", notes=notes
    )


def once(key_columns: list[str], notes: str, severity: str = "warning") -> Expectation:
    """No two rows alike in these columns."""
    if len(key_columns) == 1:
        return gxe.ExpectColumnValuesToBeUnique(
            column=key_columns[0], severity=severity, notes=notes
        )
    return gxe.ExpectCompoundColumnsToBeUnique(
        column_list=key_columns, severity=severity, notes=notes
    )


# Expectations over a summary of one row: `rows` and one count of bad rows for each concern


def summary(**counts: str) -> str:
    """A look at one row: `rows`, and for each concern the number of rows it is true of and
    its share. Each concern is a condition in SQL over one row."""
    counted = ", ".join(
        f"cast(count(*) filter (where {condition}) as bigint) as {name}"
        for name, condition in counts.items()
    )
    shares = ", ".join(f"{name} / nullif(rows, 0) as {name}_share" for name in counts)
    return (
        f"select *, {shares} "
        f"from (select cast(count(*) as bigint) as rows, {counted} from {{rows}})"
    )


def summary_has_rows() -> Expectation:
    return gxe.ExpectColumnValuesToBeBetween(
        column="rows",
        min_value=1,
        severity="critical",
        notes="Without rows there is nothing to load. Check that this is the whole file.",
        meta={"rows": "rows"},
    )


def few(
    concern: str, notes: str, severity: str = "critical", share: float = TOLERATED
) -> Expectation:
    """At most this share of the rows."""
    return gxe.ExpectColumnValuesToBeBetween(
        column=f"{concern}_share",
        max_value=share,
        severity=severity,
        notes=notes,
        meta={"rows": "rows", "unexpected": concern},
    )
