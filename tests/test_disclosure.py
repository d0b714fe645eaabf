"""What is withheld so that nothing withheld can be worked out, and that the attacker sees when it
can."""

import random
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import duckdb
import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from flows.attack import Version, attack
from flows.attacked import policies
from flows.disclosure.decide import Decision, decide
from flows.disclosure.ledger import COUNTED
from flows.night import Night
from flows.settings import Settings

SUPPRESS_UP_TO, LEAST_INTERVAL, FEWEST_ELSEWHERE = 5, 8, 2

Table = dict[str, int]
Sums = dict[str, dict[str, int]]
NOTHING: Mapping[str, int] = MappingProxyType({})


def table_of(counts: list[list[int]]) -> tuple[Table, Sums]:
    """A table with its margins, as counts and additions."""
    rows, columns = len(counts), len(counts[0])
    told = {f"{r} {c}": counts[r][c] for r in range(rows) for c in range(columns)}
    sums: Sums = {}
    for r in range(rows):
        told[f"{r} all"] = sum(counts[r])
        sums[f"row {r}"] = {f"{r} {c}": 1 for c in range(columns)} | {f"{r} all": -1}
    for c in range(columns):
        told[f"all {c}"] = sum(counts[r][c] for r in range(rows))
        sums[f"column {c}"] = {f"{r} {c}": 1 for r in range(rows)} | {f"all {c}": -1}
    told["all all"] = sum(map(sum, counts))
    sums["rows"] = {f"{r} all": 1 for r in range(rows)} | {"all all": -1}
    sums["columns"] = {f"all {c}": 1 for c in range(columns)} | {"all all": -1}
    return told, sums


def with_leader(counts: Table, sums: Sums, row: int) -> tuple[Table, Sums, Table]:
    """The same to one who knows which count of a row is the largest, of equals the first, as the
    models say it; with the counts that stand nowhere, and what each is at least."""
    leader, *others = sorted(
        (name for name, sign in sums[f"row {row}"].items() if sign == 1),
        key=lambda name: (-counts[name], name),
    )
    behind = {f"behind, {name}": counts[leader] - counts[name] for name in others}
    known = {"the largest": {leader: 1, "the largest": -1}} | {
        f"no more than it, {name}": {name: 1, f"behind, {name}": 1, "the largest": -1}
        for name in others
    }
    implied = {"the largest": 0} | {f"behind, {name}": int(name < leader) for name in others}
    return counts | behind | {"the largest": counts[leader]}, sums | known, implied


def decided(
    counts: Table,
    sums: Sums,
    seen: dict[str, tuple[int, bool]] | None = None,
    nearly_all: dict[str, str] | None = None,
    implied: Mapping[str, int] = NOTHING,
) -> list[Decision]:
    """What is withheld from the public and from partners; `seen` is what the public was told in the
    last version (the count, and whether it was withheld), `nearly_all` of which wholes the public
    may not know that they are nearly all in which part."""
    with duckdb.connect() as connection:

        def relation(name: str, columns: str, rows: list[tuple[Any, ...]]) -> Any:
            connection.execute(f"create table {name} ({columns})")
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                connection.executemany(f"insert into {name} values ({marks})", rows)
            return connection.table(name)

        small = [
            (name, count)
            for name, count in counts.items()
            if 1 <= count <= SUPPRESS_UP_TO and name not in implied
        ]
        return decide(
            policies=relation(
                "policies", "audience varchar, sort_order integer, least_interval integer",
                [("public", 1, LEAST_INTERVAL), ("partners", 2, 4)],
            ),
            counts=relation(
                "counts", "count_id varchar, mart varchar, column_name varchar, row_key varchar, "
                "role varchar, counted integer, at_least integer",
                [
                    (name, "m", "c", name, "implied" if name in implied else "shown", count,
                     implied.get(name, 0))
                    for name, count in counts.items()
                ],
            ),
            sums=relation(
                "sums", "sum_id varchar, count_id varchar, sign integer",
                [(one, name, sign) for one, of in sums.items() for name, sign in of.items()],
            ),
            reaches=relation(
                "reaches", "la_code varchar, ward_count_id varchar, decile_count_id varchar", []
            ),
            reasons=relation(
                "reasons", "audience varchar, count_id varchar, reason varchar",
                [("public", name, "small") for name, _ in small]
                + [("partners", name, "small") for name, count in small if count <= 2]
                + [
                    ("public", name, "dominance")
                    for whole, part in (nearly_all or {}).items()
                    for of in sums.values() if of.get(whole) == -1 and part in of
                    for name in of if name != whole and not 1 <= counts[name] <= SUPPRESS_UP_TO
                ],
            ),
            seen_counts=relation(
                "seen_counts", "version varchar, count_id varchar, audience varchar, "
                "role varchar, counted integer, is_withheld boolean",
                [("v1", name, "public", "shown", *told) for name, told in (seen or {}).items()],
            ),
            seen_sums=relation(
                "seen_sums", "version varchar, sum_id varchar, count_id varchar, sign integer",
                [("v1", one, name, sign) for one, of in sums.items() for name, sign in of.items()]
                if seen
                else [],
            ),
        )  # fmt: skip


def of(audience: str, decisions: list[Decision]) -> set[str]:
    return {each.count_id for each in decisions if each.audience == audience}


def interval(
    counts: Table,
    sums: Sums,
    withheld: set[str],
    name: str,
    implied: Mapping[str, int] = NOTHING,
    rounding: Mapping[str, tuple[int, int]] | None = None,
) -> float:
    """How far apart the least and the most lie that a withheld count may be: by brute force, with
    nothing of the code under test. Whoever sees no nought knows that there is one at least; what
    stands nowhere may be as few as is said; `rounding` is between what those lie that are shown
    rounded."""
    names = list(counts)
    bounds = [
        (implied[each], None) if each in implied
        else (min(1, counts[each]), None) if each in withheld
        else (rounding or {}).get(each, (counts[each], counts[each]))
        for each in names
    ]  # fmt: skip
    equations = [[of.get(each, 0) for each in names] for of in sums.values()]
    aim = numpy.array([each == name for each in names], dtype=float)
    ends = [
        linprog(sign * aim, A_eq=equations, b_eq=[0] * len(equations), bounds=bounds)
        for sign in (1, -1)
    ]
    least, most = (
        numpy.inf if end.status == 3 else sign * end.fun
        for sign, end in zip((1, -1), ends, strict=True)
    )
    return float(most - least)


tables = st.integers(2, 5).flatmap(
    lambda columns: st.lists(
        st.lists(st.integers(0, 30), min_size=columns, max_size=columns), min_size=2, max_size=5
    )
)


@settings(max_examples=25, deadline=None)
@given(tables)
def test_no_withheld_count_of_any_table_can_be_worked_out(counts: list[list[int]]) -> None:
    told, sums = table_of(counts)
    decisions = decided(told, sums)
    for audience, width in (("public", LEAST_INTERVAL), ("partners", 4)):
        withheld = of(audience, decisions)
        assert not [
            name for name in withheld if interval(told, sums, withheld, name) < width - 1e-6
        ]
    assert of("partners", decisions) <= of("public", decisions)
    assert {name for name, count in told.items() if 1 <= count <= SUPPRESS_UP_TO} <= of(
        "public", decisions
    )


@settings(max_examples=15, deadline=None)
@given(tables)
def test_nobody_learns_more_who_knows_which_count_of_a_row_is_the_largest(
    counts: list[list[int]],
) -> None:
    told, sums, implied = with_leader(*table_of(counts), row=0)
    decisions = decided(told, sums, implied=implied)
    for audience, width in (("public", LEAST_INTERVAL), ("partners", 4)):
        withheld = of(audience, decisions)
        assert not withheld & implied.keys()  # of how far one is behind nobody is protected
        assert not [
            name
            for name in withheld
            if interval(told, sums, withheld, name, implied) < width - 1e-6
        ]


def test_who_does_not_reckon_with_the_order_of_counts_withholds_too_little() -> None:
    plain, plain_sums = table_of([[2, 4], [5, 3]])
    told, sums, implied = with_leader(plain, plain_sums, row=0)
    withheld = of("partners", decided(plain, plain_sums))
    assert min(interval(plain, plain_sums, withheld, name) for name in withheld) >= 4
    assert min(interval(told, sums, withheld, name, implied) for name in withheld) < 4
    assert withheld < of("partners", decided(told, sums, implied=implied))


def test_who_forgets_which_of_two_equals_would_be_named_withholds_too_little() -> None:
    """The first would be, and it is the second that is named: so more are in that one."""
    told, sums, implied = with_leader(*table_of([[1, 9], [9, 10]]), row=0)
    forgotten = dict.fromkeys(implied, 0)
    withheld = of("partners", decided(told, sums, implied=forgotten))
    assert min(interval(told, sums, withheld, name, forgotten) for name in withheld) >= 4
    assert min(interval(told, sums, withheld, name, implied) for name in withheld) < 4
    assert withheld < of("partners", decided(told, sums, implied=implied))


def test_a_small_count_takes_others_with_it_in_every_sum_that_it_is_in() -> None:
    told, sums = table_of([[3, 20, 30], [40, 50, 60], [70, 80, 90]])
    decisions = decided(told, sums)
    reasons = {each.count_id: each.reason for each in decisions if each.audience == "public"}
    assert reasons["0 0"] == "small"
    others = {name for name, reason in reasons.items() if reason == "others"}
    assert all(others & set(sums[one]) for one in ("row 0", "column 0"))
    assert not any("all" in name for name in others)  # a whole is dearer than a part


@settings(max_examples=25, deadline=None)
@given(tables, st.integers(6, 40))
def test_nobody_learns_that_nearly_all_are_in_one_part(counts: list[list[int]], all_: int) -> None:
    """In one row all are in one column; for all that is shown, two can be elsewhere."""
    counts[0] = [all_] + [0] * (len(counts[0]) - 1)
    counts[1] = [each + 10 for each in counts[1]]
    told, sums = table_of(counts)
    withheld = of("public", decided(told, sums, None, {"0 all": "0 0"}))
    elsewhere = {"of which": {"0 all": -1, "0 0": 1, "elsewhere": 1}}
    most = interval(
        told | {"elsewhere": 0}, sums | elsewhere, withheld | {"elsewhere"}, "elsewhere"
    )
    assert most >= FEWEST_ELSEWHERE - 1e-6


@settings(max_examples=25, deadline=None)
@given(tables)
def test_what_was_published_is_decided_alike_when_nothing_of_it_has_changed(
    counts: list[list[int]],
) -> None:
    """Whether or not something else has."""
    told, sums = table_of(counts)
    first = of("public", decided(told, sums))
    seen = {name: (count, name in first) for name, count in told.items()}
    assert of("public", decided(told, sums, seen)) == first
    seen |= {"gone since": (7, False)}
    assert of("public", decided(told, sums, seen)) == first


@settings(max_examples=20, deadline=None)
@given(tables, st.data())
def test_two_versions_together_tell_no_more_than_either(
    counts: list[list[int]], data: st.DataObject
) -> None:
    """One count is corrected. Tonight's version by itself tells no withheld count, nor do both
    together, to one who knows what has not changed, tell one that neither shows."""
    told, sums = table_of(counts)
    first = of("public", decided(told, sums))
    row = data.draw(st.integers(0, len(counts) - 1))
    column = data.draw(st.integers(0, len(counts[0]) - 1))
    corrected = [list(each) for each in counts]
    corrected[row][column] = data.draw(st.integers(0, 30))
    now, _ = table_of(corrected)
    decisions = decided(now, sums, {name: (count, name in first) for name, count in told.items()})
    withheld = of("public", decisions)
    is_same = {name: now[name] == told[name] for name in now}
    # One system of both: what has not changed is one unknown in both.
    both = {name: count for name, count in now.items()} | {
        f"then {name}": count for name, count in told.items() if not is_same[name]
    }
    all_sums = dict(sums) | {
        f"then {one}": {
            (name if is_same[name] else f"then {name}"): sign for name, sign in of_.items()
        }
        for one, of_ in sums.items()
    }
    unknown = {
        name
        for name in withheld
        if not (is_same[name] and name not in first)  # it was shown, and is what it was
    } | {f"then {name}" for name in first if not is_same[name]}
    for name in withheld:
        assert interval(now, sums, withheld, name) >= LEAST_INTERVAL - 1e-6, name
        if name in first:  # what was shown is known as it was
            assert interval(both, all_sums, unknown, name) >= LEAST_INTERVAL - 1e-6, name


def test_what_was_published_is_withheld_when_a_policy_no_longer_lets_it_through() -> None:
    told, sums = table_of([[3, 20, 30], [40, 50, 60], [70, 80, 90]])
    seen = {name: (count, False) for name, count in told.items()}
    decisions = [each for each in decided(told, sums, seen) if each.audience == "public"]
    assert {each.count_id: each.reason for each in decisions}["0 0"] == "small"


# The attacker, on the sample as it is published


@pytest.fixture(scope="module")
def warehouse(night: Night, house: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{house.warehouse}' as warehouse (read_only)")
        connection.execute("use warehouse")
        yield connection


def shown_to(audience: str) -> dict[str, str]:
    return {
        mart: f"(select * exclude (audience) from disclosure.{mart}_safe "
        f"where audience = '{audience}')"
        for mart in COUNTED
    }


KEYS = {
    "ward_profile": ("la_code", "ward_code", "at_date"),
    "township_profile": ("la_code", "township_name", "at_date"),
    "first_episode_profile": ("la_code", "dimension", "category_code"),
    "children_rates": ("la_code", "at_date", "measure"),
    "time_in_care": ("la_code", "at_date", "age_at_entry_band"),
    "returns_to_care": ("la_code", "at_date"),
}


def shown_besides(warehouse: duckdb.DuckDBPyConnection, cells: list[tuple[str, str, str]]) -> Any:
    """What the public would see if these counts (mart, column, row key) were not withheld."""
    shown = shown_to("public")
    for mart, column, row_key in cells:
        keys = [f"rows_.{key}" for key in KEYS[mart]]
        shown[mart] = (
            f"(select rows_.* replace (case when concat_ws('|', {', '.join(keys)}) = '{row_key}' "
            f"then counted.{column} else rows_.{column} end as {column}) "
            f"from {shown[mart]} as rows_ inner join {COUNTED[mart]} as counted "
            f"using ({', '.join(KEYS[mart])}))"
        )
    return Version(shown, COUNTED)


def test_the_attacker_finds_nothing_in_what_each_audience_is_shown_of_the_sample(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    known = []
    for policy in policies(warehouse):
        version = Version(shown_to(policy.audience), COUNTED)
        fought = attack(warehouse, version, known, policy)
        assert fought.findings == ()
        assert fought.secondary > 0
        assert fought.least_interval is not None
        assert fought.least_interval >= policy.least_interval
        known.append(version)


def test_a_broken_suppression_of_the_sample_is_caught_every_time(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """All that is withheld beside a small count in one of its sums is shown, so that it can be
    worked out."""
    public, *_ = policies(warehouse)
    sums = warehouse.execute(
        """
        select sums.sum_id, list(struct_pack(
            mart := decisions.mart, column_name := decisions.column_name,
            row_key := decisions.row_key, reason := decisions.reason
        ))
        from disclosure.disclosure_sums as sums
        inner join disclosure.disclosure_decisions as decisions using (count_id)
        inner join disclosure.disclosure_counts as counts using (count_id)
        where audience = 'public' and counts.role = 'shown' and addition in (
            'wards of a township', 'townships of an authority', 'categories of the cohort',
            'categories of a wider category', 'bands of time in care',
            'returns of children who ceased', 'starts of children looked after before'
        ) and counts.column_name not like '%start' and counts.column_name not like '%years'
            and counts.column_name not similar to '.*(not|first).*'
        group by all
        having bool_or(reason = 'small') and count(*) > 1
        order by all
        """
    ).fetchall()
    for sum_id, withheld in random.Random(1).sample(sums, 12):
        kept = next(cell for cell in withheld if cell["reason"] == "small")
        freed = [
            (cell["mart"], cell["column_name"], cell["row_key"])
            for cell in withheld
            if cell != kept
        ]
        assert attack(warehouse, shown_besides(warehouse, freed), [], public).findings, sum_id
