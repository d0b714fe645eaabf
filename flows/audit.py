"""Hold what comes in and what goes out against its expectations, and report what is found.

A finding says which expectation was not met, where, how often and what to do. It never
holds a cell's value, and neither does anything else that leaves this module: results are
taken over as counts, and what an engine says when it fails is not repeated.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import duckdb

from flows import held
from flows.attack import Attack
from flows.attacked import attacks
from flows.collector import nothing_collected
from flows.data_docs import Check, Examined, keep, put_by, write_data_docs
from flows.declared import MODELS, make_tables
from flows.land import ledger
from flows.land.delivery import DISTINCTIVE, DISTINCTIVE_NUMBER
from flows.manifest import PublicModel, public_models
from flows.settings import PUBLIC, Settings
from flows.warehouse import reading

if TYPE_CHECKING:
    from expectations import Suite
    from expectations.published import Mart

__all__ = [
    "Finding", "Seen", "at_the_door", "at_the_way_out", "hold", "looked_at_together",
    "name_at_the_door", "prepare", "put_by", "record", "record_rules", "write_data_docs",
]  # fmt: skip

FINDINGS = MODELS / "quality" / "_quality__sources.yml"

COULD_NOT_BE_HELD = (
    "The expectation could not be evaluated, so it counts as not met. A column is missing or "
    "of another kind than expected: check the table against its layout."
)


@dataclass(frozen=True)
class Finding:
    """An expectation that was not met.

    door            'in' or 'out'
    suite           name of the suite
    relation        landed table ('ssda903__episodes') or published mart
    file_id         the delivery, at the door in
    expectation     its type, as Great Expectations names it
    column          None where it is of the whole table
    severity        'critical' refuses; 'warning' lets through
    rows_checked    rows it was held against
    rows_unexpected rows that do not meet it: all, where it is of the whole table
    note            why it is held and what to do
    la_codes        the authorities by whose rows alone it is not met, too, where it stops the night
    """

    door: str
    suite: str
    relation: str
    file_id: str | None
    expectation: str
    column: str | None
    severity: str
    rows_checked: int
    rows_unexpected: int
    note: str = ""
    la_codes: tuple[str, ...] = ()

    @property
    def is_critical(self) -> bool:
        return self.severity == "critical"

    def __str__(self) -> str:
        """A plain sentence for summaries and refusals."""
        where = f"{self.relation}.{self.column}" if self.column else self.relation
        how_often = f" ({self.rows_unexpected:,} of {self.rows_checked:,} rows)"
        what = self.expectation.removeprefix("expect_").replace("_", " ")
        return f"{where}: {what} is not met{how_often}. {self.note}".rstrip()


@dataclass(frozen=True)
class Seen:
    """What has been seen of one file where several were looked at together, by landed table: its
    rows, and how many there are and how many are of a child after whom the file is named."""

    rows: dict[str, Looked] = field(default_factory=dict)
    named: dict[str, tuple[int, int]] = field(default_factory=dict)


def at_the_door(
    connection: duckdb.DuckDBPyConnection,
    table_name: str,
    relation: str,
    file_id: str,
    seen: Seen | None = None,
) -> list[Finding]:
    """Hold the rows read from one file for one landed table against the table's suite.

    `relation` is the name of a relation with the landed table's columns, or a query.
    """
    rows = f"({relation})" if " " in relation.strip() else relation
    looked = seen.rows.get(table_name) if seen else None
    held_ = _hold_rows(connection, _inbound(table_name), rows, looked)
    return _report("in", table_name, file_id, held_)


def looked_at_together(
    connection: duckdb.DuckDBPyConnection, relations: dict[str, str], names: dict[str, str]
) -> dict[str, Seen]:
    """Look at the rows of several files (by id, their names) at once, table by table, and tell what
    is seen of each. To plan a look takes the engine longer than to count the rows of a small file.

    `relations` are those in which the files' rows stand together, by landed table.
    """
    seen = {file_id: Seen() for file_id in names}
    for table_name, relation in relations.items():
        # Where it fails, each file is looked at by itself, and told what is wrong.
        with suppress(Exception):
            if look := _inbound(table_name).meta["look_by_file"]:
                for file_id, looked in _look_together(connection, look, relation, names):
                    seen[file_id].rows[table_name] = looked
            for file_id, counted in _named_together(connection, table_name, relation, names):
                seen[file_id].named[table_name] = counted
    return seen


def _look_together(
    connection: duckdb.DuckDBPyConnection, look: str, relation: str, names: dict[str, str]
) -> Iterator[tuple[str, Looked]]:
    found = connection.execute(look.replace("{rows}", relation))
    columns = tuple(name for name, *_ in found.description or ())[1:]
    rows = {file_id: tuple(cells) for file_id, *cells in found.fetchall()}
    found = connection.execute(f"from {relation} limit 0")
    of_none = Looked(tuple(name for name, *_ in found.description or ()), {}, 0, lambda: None)
    for file_id in names:
        own = rows.get(file_id)
        yield file_id, Looked.of_rows(columns, [own]) if own else of_none


def _hold_rows(
    connection: duckdb.DuckDBPyConnection, suite: Suite, rows: str, seen: Looked | None = None
) -> tuple[str, list[Check]]:
    """What is found where there are no rows is the same each time, and a census has several tables
    of which it tells nothing: it is looked for once."""
    if seen:
        has_rows, columns = seen.rows > 0, seen.columns
    else:
        try:
            found = connection.execute(f"select * from {rows} limit 1")
            columns = tuple(name for name, *_ in found.description or ())
            has_rows = bool(found.fetchall())
        except duckdb.Error:
            has_rows = True  # it will be said what is wrong with them
    if has_rows:
        return _look_and_hold(connection, suite, seen, rows=rows)
    asked = (suite.meta["look"], columns)
    if asked not in _OF_NO_ROWS:
        _OF_NO_ROWS[asked] = _look_and_hold(connection, suite, rows=rows)
    return _OF_NO_ROWS[asked]


_OF_NO_ROWS: dict[tuple[str, tuple[str, ...]], tuple[str, list[Check]]] = {}


@cache
def _inbound(table_name: str) -> Suite:
    """Made once: it is the same for every file."""
    with nothing_collected():  # a quarter of what the import takes
        from expectations import INBOUND

    return INBOUND[table_name]()


def name_at_the_door(
    connection: duckdb.DuckDBPyConnection,
    table_name: str,
    relation: str,
    file_id: str,
    name: str,
    seen: Seen | None = None,
) -> list[Finding]:
    """Whether the name of a file holds an identifier of a child who is in it. Names are told in
    messages, in Prefect and on pages, where no identifier belongs."""
    if not (identifiers := _identifiers(table_name)):
        return []
    counted = seen.named.get(table_name) if seen else None
    [(rows, unexpected)] = (
        [counted]
        if counted
        else connection.execute(
            f"select count(*), count(*) filter (where {_is_named('$name', identifiers)}) "
            f"from {relation}",
            {"name": name},
        ).fetchall()
    )
    if not unexpected:
        return []
    check = Check(
        expectation="expect_file_name_to_hold_no_identifier",
        column=", ".join(identifiers),
        severity="warning",
        rows_checked=rows,
        rows_unexpected=unexpected,
        is_met=False,
        note=TELLING_NAME,
        words="The name of the file holds no identifier of a child.",
    )
    return _report("in", table_name, file_id, (f"{table_name}, the file's name", [check]))


def _named_together(
    connection: duckdb.DuckDBPyConnection, table_name: str, relation: str, names: dict[str, str]
) -> Iterator[tuple[str, tuple[int, int]]]:
    """Of each file, its rows and those whose child its name tells of."""
    if not (identifiers := _identifiers(table_name)):
        return
    found = connection.execute(
        f"select _file_id, count(*), count(*) filter (where {_is_named('names.name', identifiers)})"
        f" from {relation} as rows inner join "
        f"(values {', '.join('(?, ?)' for _ in names)}) as names (file_id, name) "
        "on rows._file_id = names.file_id group by _file_id",
        [each for pair in names.items() for each in pair],
    ).fetchall()
    counts = {file_id: (rows, unexpected) for file_id, rows, unexpected in found}
    for file_id in names:
        yield file_id, counts.get(file_id, (0, 0))


def _identifiers(table_name: str) -> list[str]:
    from expectations.contracts import columns

    return [one for one in columns(*table_name.split("__", 1)) if one in IDENTIFIERS]


def _is_named(name: str, identifiers: list[str]) -> str:
    return " or ".join(
        f"contains(upper({name}), upper(trim({column}))) and (length(trim({column})) >= "
        f"if(regexp_full_match(trim({column}), '[0-9]+'), {DISTINCTIVE_NUMBER}, {DISTINCTIVE}))"
        for column in identifiers
    )


# What of a child a file might be called after.
IDENTIFIERS = ("child", "la_child_id", "upn", "former_upn")
TELLING_NAME = (
    "The file is named after a child who is in it, and names of files are told in messages and "
    "logs. Deliver it under another name, then cyp forget this delivery by its id."
)


def at_the_way_out(
    settings: Settings, report: Callable[[str], None] = lambda line: None
) -> list[Finding]:
    """Hold every public model of the warehouse, as each audience may see it, against its suite,
    and its totals against the last published copy; then attack what each would hold."""
    findings: list[Finding] = []
    models = public_models(settings)
    with reading(settings) as warehouse, nothing_collected():
        readers, unreadable = held.attach(warehouse, settings)
        last = readers[PUBLIC]
        if unreadable:
            findings += _not_held_to(unreadable)
        for audience, suppress_up_to in _audiences(warehouse):
            for model in models:
                if audience == PUBLIC:
                    findings += _hold_mart(warehouse, model, audience, suppress_up_to)
                    findings += _hold_to_the_last(warehouse, model, last.get(model.name, set()))
                elif model.safe:
                    findings += _hold_mart(warehouse, model, audience, suppress_up_to)
        try:
            for fought in attacks(warehouse, settings, models, readers):
                report(f"audit     attacked as {fought}")
                findings += _told_by(fought)
        except duckdb.Error:  # a mart is not there, or out of shape
            broken = Check("it_can_be_attacked", None, "critical", 0, 0, False, NOT_ATTACKED)
            findings += _report("out", "all marts", None, ("what leaves, attacked", [broken]))
    return findings


def _told_by(fought: Attack) -> list[Finding]:
    """What an attack found, and how it went, for the Data Docs."""
    whole = Check(
        "no_withheld_count_can_be_worked_out", None, "critical", fought.cells,
        len(fought.findings), not fought.findings, ATTACKED,
        f"No count that is withheld can be worked out. Attacked as {fought}.",
    )  # fmt: skip
    leaks = [
        Check(
            "a_count_stays_withheld",
            leak.column,
            "critical",
            fought.cells,
            1,
            False,
            ATTACKED,
            str(leak),
        )
        for leak in fought.findings
    ]
    told = f"what {fought.audience} may see, attacked"
    _report("out", told, None, (told, [whole, *leaks]))
    return [
        Finding(
            "out", told, _said(leak.mart, fought.audience), None, "a_count_stays_withheld",
            leak.column, "critical", fought.cells, 1, f"{leak} {ATTACKED}",
            (leak.la_code,) if leak.la_code else (),
        )
        for leak in fought.findings
    ]  # fmt: skip


def _not_held_to(audiences: list[str]) -> list[Finding]:
    """Tonight's version takes the place of a copy that is broken, and is held against none."""
    check = Check(
        "the_last_version_can_be_read", None, "warning", len(audiences), len(audiences), False,
        UNREADABLE, f"The copy that is published for {' and '.join(audiences)} can be read.",
    )  # fmt: skip
    return _report("out", "all marts", None, ("what readers hold", [check]))


def _said(mart: str, audience: str) -> str:
    return mart if audience == PUBLIC else f"{mart} for {audience}"


UNREADABLE = (
    "The database that is published cannot be opened, so nobody can tell what readers hold of it: "
    "tonight's marts take its place without having been held against it."
)
NOT_ATTACKED = (
    "It could not be tried whether a withheld count can be worked out, so it counts as if it "
    "could: a mart is not there or has other columns than its contract. Build again."
)
ATTACKED = (
    "Everything that readers hold has been put together. Nothing is published while any of it "
    "tells a count that is withheld: mend models/disclosure, or the policy."
)


def _hold_mart(
    warehouse: duckdb.DuckDBPyConnection, model: PublicModel, audience: str, suppress_up_to: int
) -> list[Finding]:
    from expectations import OUTBOUND
    from expectations.published import MARTS, Delivered

    said = _said(model.name, audience)
    try:
        la_codes, is_any = _delivered(warehouse, MARTS[model.name])
        suite = OUTBOUND[model.name](Delivered(la_codes, is_any, suppress_up_to))
    except LookupError:  # nobody has said what it should be
        nothing = Check("a_suite_exists", None, "critical", 0, 0, False, NO_SUITE)
        return _report("out", said, None, (f"{said}: no suite", [nothing]))
    rows = model.rows_for(audience)
    findings = _report("out", said, None, _look_and_hold(warehouse, suite, rows=rows))
    if not any(finding.is_critical for finding in findings):
        return findings
    unmet_by: dict[tuple[str, str | None], list[str]] = {}
    for la_code in ledger.authorities(warehouse):
        theirs = (la_code,) if la_code in la_codes else ()
        of_one = OUTBOUND[model.name](Delivered(theirs, is_any, suppress_up_to))
        rows = model.rows_for(audience, la_code=la_code)
        for check in _look_and_hold(warehouse, of_one, rows=rows)[1]:
            if not check.is_met:
                unmet_by.setdefault((check.expectation, check.column), []).append(la_code)
    return [
        replace(each, la_codes=tuple(unmet_by.get((each.expectation, each.column), ())))
        for each in findings
    ]


def _hold_to_the_last(
    warehouse: duckdb.DuckDBPyConnection, model: PublicModel, columns: set[str]
) -> list[Finding]:
    """`columns` are those of the last published copy."""
    from expectations.published import MARTS, against_the_last

    mart = MARTS.get(model.name)
    counts = [
        name
        for name in ((*mart.counts, *mart.plain) if mart else ())
        if name in columns and name in model.column_names
    ]
    if not counts:
        return []
    suite = against_the_last(model.name, counts)
    last = f"{held.name(PUBLIC)}.{model.relation}"
    examined = _look_and_hold(warehouse, suite, rows=model.relation, last=last)
    return _report("out", model.name, None, examined)


def _audiences(warehouse: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    """Who reads, and up to how many children a count is too small for them; 0 where the policy
    does not take every measure for sensitive."""
    found: list[tuple[str, int]] = warehouse.execute(
        """
        select
            policies.audience,
            case when coalesce(bool_and(
                position(',' || counts.measure || ',' in ',' || policies.sensitive || ',') > 0
            ), true) then any_value(policies.suppress_up_to) else 0 end
        from disclosure.disclosure_policies as policies
        left join disclosure.disclosure_counts as counts on true
        group by policies.audience, policies.sort_order
        order by policies.sort_order
        """
    ).fetchall()
    return found


NO_SUITE = (
    "A public model without a suite, or without a description of its columns, would leave "
    "unexamined. Add it to expectations/published.py, or take away its public access."
)


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table of findings, as the quality models declare it, if it is not there."""
    make_tables(connection, FINDINGS)


def record(connection: duckdb.DuckDBPyConnection, findings: Iterable[Finding], run_id: str) -> None:
    """Write findings to `quality.findings`, from where the quality models read them."""
    prepare(connection)
    now = datetime.now(UTC).replace(tzinfo=None)
    rows = [
        (
            run_id, now, found.door, found.suite, found.relation, found.file_id, found.expectation,
            found.column, found.severity, found.rows_checked, found.rows_unexpected,
        )
        for found in findings
    ]  # fmt: skip
    if rows:
        connection.executemany(
            "insert into quality.findings (run_id, found_at, door, suite, relation, file_id, "
            "expectation, column_name, severity, rows_checked, rows_unexpected) "
            "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )


# What the rules of the returns found in the last build, as findings: one for each rule and file.
# A return is let in whatever they tell of it, so that all are warnings.
FOUND_BY_RULES = """
    select
        'rules' as door,
        'rules of ' || failures.source as suite,
        failures.table_name as relation,
        failures.file_id,
        'rule ' || failures.rule_code as expectation,
        failures.fields as column_name,
        'warning' as severity,
        files.rows_landed as rows_checked,
        count(*) as rows_unexpected
    from quality.rule_failures as failures
    inner join landing.extract_files as files
        on failures.file_id = files.file_id and failures.table_name = files.table_name
    where files.outcome = 'landed'
    group by all
"""


def record_rules(connection: duckdb.DuckDBPyConnection, run_id: str) -> None:
    """Write what the rules of the returns found to `quality.findings`, in the place of what they
    found before; where that is the same, it is left as it is."""
    prepare(connection)
    columns = (
        "door, suite, relation, file_id, expectation, column_name, severity, rows_checked, "
        "rows_unexpected"
    )
    recorded = f"select {columns} from quality.findings where door = 'rules'"
    [(differing,)] = connection.execute(
        f"select count(*) from (({FOUND_BY_RULES} except {recorded}) "
        f"union all ({recorded} except {FOUND_BY_RULES}))"
    ).fetchall()
    if differing:
        connection.execute("delete from quality.findings where door = 'rules'")
        connection.execute(
            f"insert into quality.findings (run_id, found_at, {columns}) "
            f"select ?, ?, {columns} from ({FOUND_BY_RULES})",
            [run_id, datetime.now(UTC).replace(tzinfo=None)],
        )


@dataclass(frozen=True)
class Looked:
    """What a query found: its columns, the cells of its one row (none where there is not one), and
    all of it as Great Expectations is asked of it, which takes longer to make than to find."""

    columns: tuple[str, ...]
    cells: dict[str, Any]
    rows: int
    frame: Callable[[], Any]

    def cell(self, column: str | None) -> Any:
        """A cell of the one row; None where there is no such row or column."""
        return self.cells.get(column or "")

    @classmethod
    def of(cls, frame: Any) -> Looked:
        cells = {name: frame[name].iloc[0] for name in frame} if len(frame) == 1 else {}
        return cls(tuple(frame.columns), cells, len(frame), lambda: frame)

    @classmethod
    def of_rows(cls, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Looked:
        def frame() -> Any:
            import pandas  # when Great Expectations is asked, which brings it

            return pandas.DataFrame(rows, columns=list(columns))

        cells = dict(zip(columns, rows[0], strict=True)) if len(rows) == 1 else {}
        return cls(columns, cells, len(rows), frame)


def hold(rows: Any, suite: Suite) -> list[Check]:
    """Hold a suite against a frame of rows. An expectation that breaks is a critical check
    that is not met, never a silent pass."""
    return _hold(Looked.of(rows), suite)


def _hold(looked: Looked, suite: Suite) -> list[Check]:
    """To be asked costs Great Expectations some milliseconds, whatever the question: one that it
    has answered in this process is not put again, and of a file in which all is well every one
    has been answered, for one like it came before."""
    answers: list[Any] = []
    open_: list[Any] = []
    for each in suite.expectations:
        config = each.configuration
        if answer := _ANSWERED.get(_question(config, looked)):
            answers.append(replace(answer, expectation_config=config))
        else:
            open_.append(each)
    if open_:
        for result in _asked(looked.frame(), suite, open_):
            answers.append(result)
            config = result.expectation_config
            question = _question(config, looked)
            if question and not _raised(result.exception_info):
                _ANSWERED[question] = Answer(
                    config, result.success, result.result, result.exception_info
                )
    return sorted(
        (_check(result, looked) for result in answers),
        key=lambda check: (check.is_met, check.severity, check.expectation, check.column or ""),
    )


def _asked(frame: Any, suite: Suite, expectations: list[Any]) -> list[Any]:
    """What Great Expectations answers to some of a suite's expectations."""
    of_counts = frame.columns.str.startswith(("known_", "unmet_", "lines_"))
    frame = frame.loc[:, ~of_counts]  # it fingerprints every column, twice
    asked = type(suite)(name=suite.name, meta=suite.meta, expectations=expectations)
    with _ONE_AT_A_TIME:  # it keeps one context for the whole process
        batch = _whole_frame().get_batch({"dataframe": frame})
        results: list[Any] = batch.validate(
            asked,
            result_format={
                "result_format": "BASIC",
                "partial_unexpected_count": 0,
                "include_unexpected_rows": False,
            },
        ).results
    return results


_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Answer:
    """What Great Expectations answered, and to what: the parts of its result that are read."""

    expectation_config: Any
    success: bool
    result: Any
    exception_info: Any


_ANSWERED: dict[tuple[Any, ...], Answer] = {}


def _question(config: Any, looked: Looked) -> tuple[Any, ...]:
    """All that the answer depends on, where that is little: a number and its bounds, or which
    columns there are and should be. Empty for what is asked of rows."""
    kwargs = config.kwargs
    if config.type == "expect_count_to_be_between":
        if (column := kwargs["column"]) in looked.cells:
            cell = looked.cells[column]
            return (kwargs.get("min_value"), kwargs.get("max_value"), type(cell), cell)
    elif config.type == "expect_table_columns_to_match_set":
        wanted = tuple(sorted(kwargs["column_set"]))
        return (wanted, kwargs.get("exact_match"), *looked.columns)
    return ()


def _look_and_hold(
    connection: duckdb.DuckDBPyConnection,
    suite: Suite,
    seen: Looked | None = None,
    **relations: str,
) -> tuple[str, list[Check]]:
    """The suite's name and its checks, held against what the suite looks at, or what has been
    `seen` already. Where the look itself fails (a column is missing), what is expected of the table
    as a whole tells why."""
    look = suite.meta["look"]
    for name, relation in relations.items():
        look = look.replace("{" + name + "}", relation)
    broken = Check("the_suite_can_be_held", None, "critical", 0, 0, False, COULD_NOT_BE_HELD)
    # What an engine says when it fails may quote a value: it is not repeated.
    try:
        return suite.name, _hold(seen or _looked(connection, look), suite)
    except duckdb.Error:
        pass
    except Exception:
        return suite.name, [broken]
    try:
        frame = connection.sql(f"select * from {relations['rows']} limit 0").df()
        of_table = [each for each in suite.expectations if not each.meta]
        whole = type(suite)(name=suite.name, meta=suite.meta, expectations=of_table)
        return suite.name, [broken, *hold(frame, whole)]
    except Exception:
        return suite.name, [broken]


def _looked(connection: duckdb.DuckDBPyConnection, look: str) -> Looked:
    found = connection.execute(look)
    return Looked.of_rows(tuple(name for name, *_ in found.description or ()), found.fetchall())


def _check(result: Any, looked: Looked) -> Check:
    config = result.expectation_config
    meta = config.meta or {}
    # What is held against counts may be expected of the rows that were counted.
    of = meta.get("of") or {"type": config.type, "kwargs": config.kwargs}
    found = result.result or {}
    broke = _raised(result.exception_info)
    is_met = bool(result.success) and not broke
    checked, unexpected = found.get("element_count"), found.get("unexpected_count")
    if meta:
        checked, unexpected = looked.cell(meta["rows"]), looked.cell(meta.get("unexpected"))
    checked = looked.rows if checked is None else int(checked)
    if is_met and unexpected is None:
        unexpected = 0
    return Check(
        expectation=of["type"],
        column=_column(of["type"], of["kwargs"]),
        severity="critical" if broke else config.severity.value,
        rows_checked=checked,
        rows_unexpected=checked if unexpected is None else int(unexpected),
        is_met=is_met,
        note=COULD_NOT_BE_HELD
        if broke
        else _text(config.notes) + _first_lines(looked.cell(meta.get("lines"))),
        words=in_words(of["type"], of["kwargs"]),
    )


def _first_lines(lines: Any) -> str:
    """Where in the file the first cells are blank that should be filled; lines, never values."""
    if lines is None or not hasattr(lines, "__len__"):
        return ""
    return f" First in line {', '.join(map(str, sorted(lines)))}."


def _raised(info: Any) -> bool:
    """Great Expectations nests what was raised under the metric it was raised by."""
    if not isinstance(info, dict):
        return False
    return bool(info.get("raised_exception")) or any(_raised(value) for value in info.values())


def _text(notes: Any) -> str:
    return " ".join(notes) if isinstance(notes, list) else notes or ""


def _column(kind: str, kwargs: dict[str, Any]) -> str | None:
    if kind == "expect_compound_columns_to_be_unique":
        return ", ".join(kwargs["column_list"])
    if "column_A" in kwargs:
        return f"{kwargs['column_A']}, {kwargs['column_B']}"
    column: str | None = kwargs.get("column")
    return column


FILLED = "expect_column_values_to_not_be_null"

# An expectation's type -> its sentence; {column}, {low}, {high} from its arguments.
WORDS = {
    "expect_table_row_count_to_be_between": "There are at least {low} rows",
    "expect_table_columns_to_match_set": "The columns of the layout are all there",
    "expect_table_columns_to_match_ordered_list": "The columns are those agreed, in their order",
    FILLED: "{column} is filled",
    "expect_column_values_to_be_null": "{column} is empty",
    "expect_column_values_to_be_in_set": "{column} is one of the known values",
    "expect_column_values_to_not_be_in_set": "{column} is none of the small counts",
    "expect_column_values_to_match_regex": "{column} has its shape",
    "expect_column_values_to_not_match_regex": "{column} looks like nothing personal",
    "expect_column_values_to_be_between": "{column} lies between {low} and {high}",
    "expect_count_to_be_between": "{column} lies between {low} and {high}",
    "expect_column_values_to_be_unique": "{column} is different in every row",
    "expect_compound_columns_to_be_unique": "{columns} together are different in every row",
    "expect_column_pair_values_a_to_be_greater_than_b": "{first} is not below {second}",
    "expect_column_distinct_values_to_contain_set": "{column} holds everybody who delivered",
}


def in_words(kind: str, kwargs: dict[str, Any]) -> str:
    """The expectation as a sentence; of its arguments only names and bounds are told."""
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    words = WORDS.get(kind, kind.removeprefix("expect_").replace("_", " ")).format(
        column=kwargs.get("column"),
        columns=", ".join(kwargs.get("column_list") or []),
        first=kwargs.get("column_A"),
        second=kwargs.get("column_B"),
        low=f"{low:g}" if low is not None else "anything",
        high=f"{high:g}" if high is not None else "anything",
    )
    if kwargs.get("value_set") == [True]:
        words = f"{kwargs.get('column')} is true wherever it is known"
    if (mostly := kwargs.get("mostly")) and mostly < 1:
        words += f", in at least {mostly:.0%} of rows"
    condition = kwargs.get("row_condition")
    if isinstance(condition, dict) and condition.get("type") == "nullity":
        state = "empty" if condition["is_null"] else "filled"
        words += f", where {condition['column']['name']} is {state}"
    return words + "."


def _report(
    door: str, relation: str, file_id: str | None, examined: tuple[str, list[Check]]
) -> list[Finding]:
    """Keep what was examined for the Data Docs; return what was not met."""
    suite, checks = examined
    keep(Examined(door, suite, relation, file_id, datetime.now(UTC).isoformat(), checks))
    return [
        Finding(
            door, suite, relation, file_id, check.expectation, check.column, check.severity,
            check.rows_checked, check.rows_unexpected, check.note,
        )
        for check in checks
        if not check.is_met
    ]  # fmt: skip


def _delivered(warehouse: duckdb.DuckDBPyConnection, mart: Mart) -> tuple[tuple[str, ...], bool]:
    """The authorities of the standing deliveries that a mart is made of, and whether there is
    all it takes to have rows. An authority that has not delivered the rest yet is not held to
    a mart that cannot hold it."""
    found = warehouse.execute(
        "select distinct source, la_code from landing.extract_files "
        "where outcome = 'landed' order by la_code"
    ).fetchall()
    there = {source for source, _ in found}
    if not all(there.intersection(group) for group in (mart.sources, *mart.needs)):
        return (), False
    theirs = [code for source, code in found if code and source in mart.sources]
    return tuple(dict.fromkeys(theirs)), True


@cache
def _whole_frame() -> Any:
    """Where frames are handed to Great Expectations: one context for the whole process, in
    memory, without progress bars. What it logs about an expectation that breaks may quote
    values, so its log is closed."""
    import great_expectations as gx

    logging.getLogger("great_expectations").setLevel(logging.CRITICAL + 1)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("duckdb").add_dataframe_asset("rows")
    return asset.add_batch_definition_whole_dataframe("all of them")
