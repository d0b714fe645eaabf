"""The phrases that suites are made of: each is an expectation, its severity and a note that
says why it is held and what to do when it is not met.

A key may be bad in a few rows (they are quarantined, one by one); when more than
``TOLERATED`` of the rows are bad, it is the file that is wrong and not the rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import great_expectations as gx
import great_expectations.expectations as gxe
from great_expectations.compatibility.pydantic import PrivateAttr

from expectations.contracts import codes, columns

Suite: TypeAlias = gx.ExpectationSuite
Expectation = Any  # an expectation of Great Expectations, which has no types of its own to give

TOLERATED = 0.05
POSTCODE = "^[A-Za-z]{1,2}[0-9][A-Za-z0-9]? *[0-9][A-Za-z]{2}$"
LSOA = "^[EW]01[0-9]{6}$"
ALL_ROWS = "count(*)"
# How many rows there are, and whether there are any: what is asked of the latter is the same of
# every file, so that it has been answered before.
COUNTED = "cast(count(*) as bigint) as rows, least(count(*), 1) as some_rows"


class ExpectCountToBeBetween(gxe.ExpectColumnMinToBeBetween):  # type: ignore[misc]
    """The number in the one row of a column of counts, or of shares, lies between two.

    What an expectation is made of never changes, and Great Expectations asks for it some fifty
    times at each examination, which is most of the time that one takes: it is worked out once.
    """

    _made: Any = PrivateAttr(None)

    @property
    def configuration(self) -> Any:
        if self._made is None:
            self._made = super().configuration
        return self._made


def suite(
    name: str, look: str, *expectations: Expectation | list[Expectation], look_by_file: str = ""
) -> Suite:
    """A suite and the query whose rows it is held against; and, where there is one, a query of the
    same for several files at once, a row each behind the file's id."""
    meta = {"look": look, "look_by_file": look_by_file}
    return gx.ExpectationSuite(name=name, meta=meta, expectations=_flat(expectations))


def suite_of_rows(
    name: str, look: str, *expectations: Expectation | list[Expectation], line: str = "_line"
) -> Suite:
    """A suite of what each row is expected to be. It is held against one row of counts, worked
    out in SQL where the rows are, so that a file of any length is examined in the same memory:
    how many rows there are, of how many an expectation can be judged and how many do not meet
    it. Beside the counts stand the rows' own columns, empty, for what is expected of them.
    `line` is the column that says in which line of a file a row stands, if they stand in one."""
    flat = _flat(expectations)
    columns: dict[str, str] = {}  # what is worked out -> its name: alike, it is worked out once
    apart: dict[str, str] = {}  # what is worked out of rows put together otherwise -> of one file

    def named(kind: str, worked_out: str) -> str:
        return columns.setdefault(worked_out, f"{kind}_{len(columns)}")

    shares: dict[str, str] = {}
    held: list[Expectation] = []
    for each in flat:
        if not (counts := _counted(each, line)):
            held.append(each)
            continue
        known = "rows" if counts.known == ALL_ROWS else named("known", counts.known)
        unmet = named("unmet", counts.unmet)
        if counts.unmet_of_file:
            apart[counts.unmet] = counts.unmet_of_file
        share = f"coalesce(({known} - {unmet}) / nullif({known}, 0), 1)"
        met = shares.setdefault(share, f"met_{len(shares)}")
        lines = named("lines", counts.lines) if counts.lines else None
        held.append(_of_counts(each, met, unmet, lines))
    counted = ", ".join([COUNTED, *(f"{what} as {name}" for what, name in columns.items())])
    counted_by_file = ", ".join(
        [COUNTED, *(f"{what} as {name}" for what, name in columns.items() if what not in apart)]
    )
    put_together = "".join(f", {of_file} as {columns[what]}" for what, of_file in apart.items())
    shown = "".join(f", {share} as {name}" for share, name in shares.items())
    columns_only = "left join (select * from {rows} limit 0) as columns_only on true"
    return suite(
        name,
        f"with seen as ({look}), counts as (select {counted} from seen) "
        f"select counts.*{shown}, columns_only.* from counts {columns_only}",
        held,
        look_by_file=f"with seen as ({look}), "
        f"together as (select _file_id as of_file, {counted_by_file} from seen group by _file_id), "
        f"counts as (select *{put_together} from together) "
        f"select counts.*{shown}, columns_only.* from counts {columns_only}",
    )


def _flat(expectations: tuple[Expectation | list[Expectation], ...]) -> list[Expectation]:
    return [
        each for given in expectations for each in (given if isinstance(given, list) else [given])
    ]


@dataclass(frozen=True)
class _Counts:
    """In SQL: of how many rows an expectation can be judged, how many do not meet it, and the
    first lines of those, where lines are told. What is no aggregate of the rows is said once more
    for those of one file among several."""

    known: str
    unmet: str
    lines: str = ""
    unmet_of_file: str = ""


def _counted(each: Expectation, line: str) -> _Counts | None:
    """As Great Expectations has it, a blank cell is judged only by what says that it is filled or
    blank. None for what is expected of the whole table. An engine takes longer to read and plan
    the query than to count the rows of a small file, so that it says no more than it has to."""
    if each.meta or each.expectation_type == "expect_table_columns_to_match_set":
        return None
    kwargs = each.configuration.kwargs
    column = kwargs.get("column")
    where = _condition(kwargs.get("row_condition"))
    match each.expectation_type:
        case "expect_column_values_to_not_be_null":
            return _Counts(
                _filtered(*where),
                _filtered(*where, f"{column} is null"),
                f"min({line}, 5) filter ({column} is null)" if line else "",
            )
        case "expect_column_values_to_be_null":
            return _Counts(_filtered(*where), _filtered(*where, f"{column} is not null"))
        case "expect_column_values_to_be_in_set":
            values = kwargs["value_set"]
            is_met = str(column) if values == [True] else f"{column} in ({_listed(values)})"
        case "expect_column_values_to_not_be_in_set":
            values = kwargs["value_set"]
            is_met = f"{column} not in ({_listed(values)})" if values else "true"
        case "expect_column_values_to_match_regex":
            is_met = f"regexp_matches({column}, {_literal(kwargs['regex'])})"
        case "expect_column_values_to_not_match_regex":
            is_met = f"not regexp_matches({column}, {_literal(kwargs['regex'])})"
        case "expect_column_values_to_be_between":
            low, high = kwargs.get("min_value"), kwargs.get("max_value")
            ends = [f"{column} >= {low}"] if low is not None else []
            ends += [f"{column} <= {high}"] if high is not None else []
            is_met = " and ".join(ends)
        case "expect_column_pair_values_a_to_be_greater_than_b":
            larger, smaller = kwargs["column_A"], kwargs["column_B"]
            column, is_met = f"{larger} + {smaller}", f"{larger} >= {smaller}"
        case "expect_column_values_to_be_unique" | "expect_compound_columns_to_be_unique":
            key = kwargs.get("column_list", [column])
            has_key = f"not ({' and '.join(f'{name} is null' for name in key)})"
            same = f"where {has_key} group by {', '.join(key)}"
            return _Counts(
                _filtered(has_key),
                "(select coalesce(sum(alike), 0) from (select count(*) as alike from seen "
                f"{same} having count(*) > 1))",
                unmet_of_file="(select coalesce(sum(alike), 0) from (select _file_id, "
                f"count(*) as alike from seen {same}, _file_id having count(*) > 1) as repeated "
                "where repeated._file_id = together.of_file)",
            )
        case "expect_table_columns_to_match_ordered_list":
            return _whole(
                "(select list(column_name) from (describe select * from {rows})) "
                f"= [{_listed(kwargs['column_list'])}]",
            )
        case "expect_column_distinct_values_to_contain_set":
            return _whole(
                f"list_has_all(list(distinct {column}), [{_listed(kwargs['value_set'])}])",
            )
        case other:
            raise ValueError(f"{other} of rows cannot be counted in SQL yet.")
    return _Counts(_filtered(*where, f"{column} is not null"), _filtered(*where, f"not ({is_met})"))


def _whole(is_met: str) -> _Counts:
    """Of a table as a whole: all its rows meet it or none does."""
    rows = "greatest(count(*), 1)"
    return _Counts(rows, f"if({is_met}, 0, {rows})")


def _condition(condition: dict[str, Any] | None) -> list[str]:
    """Of which rows it is expected, if not of all: those in which another column is blank, or
    filled."""
    if condition is None:
        return []
    return [f"{condition['column']['name']} is {'' if condition['is_null'] else 'not '}null"]


def _filtered(*conditions: str) -> str:
    return f"{ALL_ROWS} filter ({' and '.join(conditions)})" if conditions else ALL_ROWS


def _of_counts(each: Expectation, met: str, unmet: str, lines: str | None) -> Expectation:
    """What is expected of a row, as what is expected of the share of rows that meet it: all,
    where it can be judged of none."""
    return ExpectCountToBeBetween(
        column=met,
        min_value=each.configuration.kwargs.get("mostly", 1),
        severity=each.severity,
        notes=each.notes,
        meta={
            "rows": "rows",
            "unexpected": unmet,
            "lines": lines,
            "of": {"type": each.expectation_type, "kwargs": each.configuration.kwargs},
        },
    )


def _listed(values: list[Any]) -> str:
    return ", ".join(map(_literal, values))


def _literal(value: Any) -> str:
    if isinstance(value, bool | int):
        return str(value).lower()
    return "'" + str(value).replace("'", "''") + "'"


def rows(source: str, table: str, *, upper: bool = False, **worked_out: str) -> str:
    """A look at the rows themselves: blank cells as nulls (in upper case where a source's
    codes are read so), and some columns worked out. A cell that is read as a date is read once,
    whatever is worked out of it."""
    cells = [name for name in columns(source, table) if not name.startswith("_")]
    text = "upper(trim(cast({} as varchar)))" if upper else "trim(cast({} as varchar))"
    blanks = ", ".join(f"nullif({text.format(name)}, '') as {name}" for name in cells)
    look = f"select * replace ({blanks}) from {{rows}}"
    read: dict[str, str] = {}
    for way in (date, uk_date, iso_date):  # the first is made of the others
        for cell in cells:
            expression, name = way(cell), f"{cell}_{way.__name__}"
            if any(expression in each for each in worked_out.values()):
                read[name] = expression
                worked_out = {
                    what: each.replace(expression, name) for what, each in worked_out.items()
                }
    for each in (read, worked_out):
        if each:
            more = ", ".join(f"{expression} as {name}" for name, expression in each.items())
            look = f"select *, {more} from ({look})"
    return look


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


def happened(column: str, read: Callable[[str], str] = date) -> str:
    """Whether a date lies neither after the return's 31 March nor after today; null when it
    is unknown."""
    return f"({read(column)}) <= least(make_date(_collection_year, 3, 31), current_date)"


# Expectations over rows


def has_rows(notes: str = "", severity: str = "critical") -> Expectation:
    return ExpectCountToBeBetween(
        column="some_rows",
        min_value=1,
        severity=severity,
        notes=notes or "Without rows there is nothing to load. Export the table again.",
        meta={
            "rows": "rows",
            "of": {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 1}},
        },
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
    shares = ", ".join(f"coalesce({name} / nullif(rows, 0), 0) as {name}_share" for name in counts)
    return f"select *, {shares} from (select {COUNTED}, {counted} from {{rows}})"


def few(
    concern: str, notes: str, severity: str = "critical", share: float = TOLERATED
) -> Expectation:
    """At most this share of the rows."""
    return ExpectCountToBeBetween(
        column=f"{concern}_share",
        max_value=share,
        severity=severity,
        notes=notes,
        meta={"rows": "rows", "unexpected": concern},
    )
