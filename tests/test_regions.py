"""What authorities of a region count together tells nothing that one of them withholds, whether or
not its reader is of another of them."""

import datetime
from dataclasses import replace
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.attack import Policy, attack
from flows.disclosure.regions import decide_regions
from tests.test_attack import Hidden, Marts, kinds, put
from tests.test_disclosure import Sums, Table, decided, interval, of, table_of

REGION = "E12000099"
WIDTHS = {"public": 8, "partners": 4}
SMALL = 5


def count_of(la_code: str, category: str) -> str:
    return f"mart|children|{la_code}|{category}"


def total_of(category: str) -> str:
    return f"region_profile|children|{REGION}|{category}"


def told_as(count: int, rounds_to: int) -> tuple[int, int]:
    """Between what a reader knows a total to lie that is shown."""
    alike = [
        other
        for other in range(count - rounds_to, count + rounds_to + 1)
        if (other + rounds_to // 2) // rounds_to == (count + rounds_to // 2) // rounds_to
        and (other > SMALL) == (count > SMALL)
    ]
    return (alike[0], alike[-1]) if count > SMALL else (count, count)


def withheld_of_region(
    counts: Table,
    sums: Sums,
    members: list[tuple[str, str]],
    hidden: dict[str, set[str]],
    seen: list[tuple[Any, ...]] | None = None,
    seen_members: list[tuple[str, str]] | None = None,
    rounds_to: int = 1,
) -> set[str]:
    """The categories whose total is withheld. Members are pairs of an authority and a category;
    `hidden` is what is withheld from an audience; `seen` what was told before, to whom."""
    totals: Table = {}
    for la_code, category in members:
        total = total_of(category)
        totals[total] = totals.get(total, 0) + counts[count_of(la_code, category)]
    seen_sums = [
        row
        for la_code, category in seen_members or []
        for row in (
            ("v1", total_of(category), count_of(la_code, category), 1),
            ("v1", total_of(category), total_of(category), -1),
        )
    ]
    tables: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
        "policies": (
            "audience varchar, sort_order integer, least_interval integer",
            [(audience, n, width) for n, (audience, width) in enumerate(WIDTHS.items())],
        ),
        "counts": (
            "count_id varchar, role varchar, counted integer, at_least integer",
            [(name, "shown", count, 0) for name, count in counts.items()],
        ),
        "sums": (
            "sum_id varchar, count_id varchar, sign integer",
            [(one, name, sign) for one, parts in sums.items() for name, sign in parts.items()],
        ),
        "reaches": ("la_code varchar, ward_count_id varchar, decile_count_id varchar", []),
        "decisions": (
            "audience varchar, count_id varchar",
            [(audience, name) for audience, names in hidden.items() for name in names],
        ),
        "totals": (
            "count_id varchar, role varchar, counted integer",
            [
                row
                for total, count in totals.items()
                for (least, most) in [told_as(count, rounds_to)]
                for row in (
                    (total, "shown", least),
                    (total.replace("children", "above"), "implied", count - least),
                    (total.replace("children", "below"), "implied", most - count),
                )
            ],
        ),
        "region_sums": (
            "sum_id varchar, count_id varchar, sign integer",
            [
                *((total_of(c), count_of(la_code, c), 1) for la_code, c in members),
                *((total, total, -1) for total in totals),
                *((total, total.replace("children", "above"), -1) for total in totals),
                *(
                    (f"{total}|rounded", total.replace("children", which), 1)
                    for total in totals
                    for which in ("above", "below")
                ),
            ],
        ),
        "reasons": (
            "count_id varchar, reason varchar",
            [
                (total, "small")
                for total, count in totals.items()
                if 1 <= count <= SMALL
                or (
                    count == 0
                    and any(
                        count_of(la_code, category) in names
                        for la_code, category in members
                        if total_of(category) == total
                        for names in hidden.values()
                    )
                )
            ],
        ),
        "seen_counts": (
            "version varchar, count_id varchar, audience varchar, role varchar, counted integer, "
            "is_withheld boolean",
            [("v1", *row) for row in seen or []],
        ),
        "seen_sums": (
            "version varchar, sum_id varchar, count_id varchar, sign integer",
            list(dict.fromkeys(seen_sums)),
        ),
    }
    with duckdb.connect() as connection:
        for name, (columns, rows) in tables.items():
            connection.execute(f"create table {name} ({columns})")
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                connection.executemany(f"insert into {name} values ({marks})", rows)
        found = decide_regions(**{name: connection.table(name) for name in tables})
    return {name for name, _ in found}


# What is withheld

authorities = st.lists(
    st.lists(st.lists(st.integers(0, 14), min_size=3, max_size=3), min_size=2, max_size=2),
    min_size=3,
    max_size=4,
)


@settings(max_examples=4, deadline=None)
@given(authorities, st.sampled_from([1, 10]))
def test_no_reader_of_a_region_can_work_out_what_one_of_its_authorities_withholds(
    tables: list[list[list[int]]], rounds_to: int
) -> None:
    """By brute force, for one of each audience, and of each of the authorities besides."""
    counts: Table = {}
    sums: Sums = {}
    members = []
    for number, table in enumerate(tables):
        told, added = table_of(table)
        counts |= {count_of(str(number), cell): count for cell, count in told.items()}
        sums |= {
            f"{number} {one}": {count_of(str(number), cell): sign for cell, sign in parts.items()}
            for one, parts in added.items()
        }
        members += [(str(number), cell) for cell in told]
    decisions = decided(counts, sums)
    hidden = {audience: of(audience, decisions) for audience in WIDTHS}
    withheld = withheld_of_region(counts, sums, members, hidden, rounds_to=rounds_to)
    for cell in {cell for _, cell in members}:
        parts = [count_of(la_code, cell) for la_code, of_ in members if of_ == cell]
        counts[total_of(cell)] = sum(counts[part] for part in parts)
        sums[f"region {cell}"] = {part: 1 for part in parts} | {total_of(cell): -1}
    rounding = {total_of(cell): told_as(counts[total_of(cell)], rounds_to) for _, cell in members}
    for audience, width in WIDTHS.items():
        for reader in {la_code for la_code, _ in members}:
            unknown = {name for name in hidden[audience] | withheld if name.split("|")[2] != reader}
            for name in sorted(unknown - withheld):
                found = interval(counts, sums, unknown, name, rounding=rounding)
                assert found >= width - 1e-6, (audience, reader)


def test_what_one_authority_withholds_is_not_told_of_the_region_and_all_else_is() -> None:
    counts = {count_of(la_code, c): 20 for la_code in "123" for c in ("one", "two")}
    members = [(la_code, c) for la_code in "123" for c in ("one", "two")]
    assert withheld_of_region(counts, {}, members, {}) == set()
    hidden = {"public": {count_of("1", "two")}}
    assert withheld_of_region(counts, {}, members, hidden) == {total_of("two")}


def test_two_that_withhold_know_each_other_by_the_total_and_three_do_not() -> None:
    """Each knows its own."""
    counts = {count_of(la_code, "one"): 20 for la_code in "1234"}
    members = [(la_code, "one") for la_code in "1234"]
    for hiding, expected in (("12", {total_of("one")}), ("123", set())):
        hidden = {"public": {count_of(la_code, "one") for la_code in hiding}}
        assert withheld_of_region(counts, {}, members, hidden) == expected


def test_a_rounded_total_tells_no_more_than_rounding_leaves() -> None:
    for count, expected in ((20, set()), (3, {total_of("one")})):
        counts = {count_of("1", "one"): count} | {count_of(la_code, "one"): 20 for la_code in "23"}
        members = [(la_code, "one") for la_code in "123"]
        hidden = {"public": {count_of("1", "one")}}
        assert withheld_of_region(counts, {}, members, hidden, rounds_to=10) == expected
        assert withheld_of_region(counts, {}, members, hidden) == {total_of("one")}


def test_an_authority_that_joins_is_not_told_by_the_last_total_and_tonights() -> None:
    counts = {count_of(la_code, "one"): 20 for la_code in "1234"}
    members = [(la_code, "one") for la_code in "1234"]
    hidden = {"public": set(counts)}
    assert withheld_of_region(counts, {}, members, hidden) == set()
    seen = [
        *((count_of(la_code, "one"), "public", "shown", 20, True) for la_code in "123"),
        (total_of("one"), "region", "shown", 60, False),
    ]
    assert withheld_of_region(counts, {}, members, hidden, seen, members[:3]) == {total_of("one")}


# The attacker

PLAIN = Policy(
    "public", 5, True, 1, 8, 0, "ward", -1, region_fewest_authorities=3
)  # fmt: skip
POLICY = replace(PLAIN, region=replace(PLAIN, rounding=10))
DAY = datetime.date(2011, 3, 31)


def region_of(children: dict[str, Any], total: Any, **more: Any) -> Marts:
    """Children looked after in authorities of a region, and in the region."""
    place = {
        "region_code": REGION, "measure": "looked_after", "at_date": DAY, "dimension": "all",
        "category_code": "all",
    }  # fmt: skip
    return {
        "children_rates": [
            {
                "la_code": la_code, "at_date": DAY, "measure": "looked_after", "children": count,
                "population_0_17": None,
            }
            for la_code, count in children.items()
        ],
        "region_profile": [
            {
                **place, "area_code": REGION, "la_code": None, "la_codes": ", ".join(children),
                "children": total, "population_0_17": None, **more,
            }
        ],
    }  # fmt: skip


def rounded(count: int) -> Any:
    from tests.test_attack import As

    return As((count + 5) // 10 * 10, count)


@pytest.mark.parametrize(
    ("children", "total", "more", "told"),
    [
        # a total tells what is missing from it, but for what rounding takes
        ({"901": Hidden(3), "902": 40, "903": 60}, rounded(103), {}, "what else is shown tells it"),
        ({"901": Hidden(3), "902": 40, "903": 60}, Hidden(103), {}, ""),
        # two know each other's; three do not
        (
            {"901": Hidden(3), "902": Hidden(20), "903": 80}, rounded(103), {},
            "to 902, which knows its own",
        ),
        ({"1": Hidden(20), "2": Hidden(20), "3": Hidden(20), "904": 9}, rounded(69), {}, ""),
        # what is beside a total that is withheld
        (
            {"901": Hidden(3), "902": 40, "903": 60}, Hidden(103),
            {"rate_per_10000": 51.5, "population_0_17": 20000}, "beside it tells it",
        ),
        ({"901": 40, "902": 60}, rounded(100), {}, "too few authorities"),
        ({"901": 40, "902": 60, "903": 7}, 107, {}, "not rounded to 10"),
        ({"901": 0, "902": 0, "903": 0}, 0, {}, ""),
        # a total that is none of these authorities'
        ({"901": 40, "902": 60, "903": 7}, rounded(110), {}, "not what it should add up to"),
    ],
)  # fmt: skip
def test_the_attacker_of_a_region_finds(
    children: dict[str, Any], total: Any, more: dict[str, Any], told: str
) -> None:
    with duckdb.connect() as connection:
        version = put(connection, region_of(children, total, **more))
        found = kinds(attack(connection, version, [], POLICY))
    assert told in found if told else not found, found


def test_a_total_with_the_one_before_tells_who_joined() -> None:
    three, four = ({la: Hidden(20) for la in las.split()} for las in ("1 2 3", "1 2 3 4"))
    with duckdb.connect() as connection:
        before = put(connection, region_of(three, 60))
        plain = replace(PLAIN, region=PLAIN)
        told = attack(connection, put(connection, region_of(four, 80)), [], plain, [before])
        kept = attack(connection, put(connection, region_of(four, Hidden(80))), [], plain, [before])
    assert "la_code 4" in kinds(told)
    assert kept.findings == ()
