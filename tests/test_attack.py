"""The attacker finds each kind of leak in a small hand-made version, and is content with a near
miss of it that is safe."""

import ast
import datetime
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.attack import Attack, Finding, Policy, Version, attack
from flows.attack.known import LAYOUTS
from flows.attack.programme import Aim, Programme
from flows.attack.repeated import percentage, poisson, wilson
from flows.settings import HOUSE

PLAIN = Policy("public", 5, True, 1, 3, 0, "ward", -1)
LA = "901"
D0, D1, D2 = (datetime.date(year, 3, 31) for year in (2009, 2010, 2011))
COHORT = {
    "la_code": LA, "cohort_start_date": datetime.date(2009, 4, 1), "cohort_end_date": D2,
}  # fmt: skip

TOLD = "what else is shown tells it"
OLD = "has been shown since"
GROWTH = "growth since"
BESIDE = "beside it tells it"
NEARLY_ALL = "share something"

Row = dict[str, Any]
Marts = dict[str, list[Row]]


@dataclass(frozen=True)
class Hidden:
    """A count that is withheld."""

    count: float


@dataclass(frozen=True)
class As:
    """A count that is shown as another number."""

    shown: float
    count: float


H = Hidden


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


NUMBERS = itertools.count()
TEXTS = {
    "comparison", "township_name", "parent_category_name", "ward_name", "category_name",
    "selection_rule", "audience", "compared_la_code",
}  # fmt: skip


def put(connection: duckdb.DuckDBPyConnection, marts: Marts) -> Version:
    """A version with these rows; a count is shown as it is unless it is hidden."""
    number = next(NUMBERS)
    names: dict[str, dict[str, str]] = {"shown": {}, "truth": {}}
    for mart, rows in marts.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        types = [_type(column, rows) for column in columns]
        for side, of in (("shown", _shown), ("truth", _count)):
            table = f"{mart}_{side}_{number}"
            declared = ", ".join(f"{c} {t}" for c, t in zip(columns, types, strict=True))
            connection.execute(f"create table {table} ({declared})")
            connection.executemany(
                f"insert into {table} values ({', '.join('?' for _ in columns)})",
                [[of(row.get(column)) for column in columns] for row in rows],
            )
            names[side][mart] = table
    return Version(names["shown"], names["truth"])


def _type(column: str, rows: list[Row]) -> str:
    values = [row[column] for row in rows if row.get(column) is not None]
    if values and all(isinstance(value, datetime.date) for value in values):
        return "date"
    if column in TEXTS or any(isinstance(value, str) for value in values):
        return "varchar"
    if values and all(isinstance(value, bool) for value in values):
        return "boolean"
    return "double"


def _shown(value: Any) -> Any:
    return None if isinstance(value, Hidden) else value.shown if isinstance(value, As) else value


def _count(value: Any) -> Any:
    return value.count if isinstance(value, Hidden | As) else value


def kinds(found: Attack) -> str:
    return "\n".join(map(str, found.findings))


# Rows


def ward(code: str, day: datetime.date = D2, township: str = "North", **counts: Any) -> Row:
    return {
        "la_code": LA, "ward_code": code, "ward_name": f"Ward {code}", "township_name": township,
        "at_date": day, "children_0_17": None, **counts,
    }  # fmt: skip


def town(name: str = "North", day: datetime.date = D2, **counts: Any) -> Row:
    return {
        "la_code": LA, "township_name": name, "at_date": day, "children_0_17": None, **counts,
    }  # fmt: skip


def rate(measure: str, children: Any, day: datetime.date = D2, **more: Any) -> Row:
    return {
        "la_code": LA, "at_date": day, "measure": measure, "children": children,
        "population_0_17": None, **more,
    }  # fmt: skip


def part(dimension: str, code: str, children: Any, parent: str | None = None, **more: Any) -> Row:
    """A row of the cohort; a category is named as its code."""
    return {
        **COHORT, "dimension": dimension, "category_code": code, "category_name": code,
        "parent_category_name": parent, "children": children, **more,
    }  # fmt: skip


def time(band: str, children: Any, day: datetime.date = D2, **more: Any) -> Row:
    return {
        "la_code": LA, "at_date": day, "age_at_entry_band": band, "children": children, **more,
    }  # fmt: skip


def came_back(day: datetime.date = D2, **counts: Any) -> Row:
    """A row of the returns to care."""
    return {"la_code": LA, "at_date": day, **counts}


def looked(north: list[Any], total: Any, **more: Any) -> Marts:
    wards = [ward(f"W{i}", looked_after=count) for i, count in enumerate(north)]
    return {"ward_profile": wards, "township_profile": [town(looked_after=total)], **more}


def firsts(*days: tuple[Any, Any]) -> Marts:
    """First episodes of two wards, on the days of two years."""
    return {
        "ward_profile": [
            ward(code, day, first_episodes=count)
            for day, counts in zip((D1, D2), days, strict=False)
            for code, count in zip("AB", counts, strict=True)
        ]
    }


def grown(by: int) -> Marts:
    """First episodes that are shown on a day and two years later."""
    return {
        "ward_profile": [
            ward("A", D0, first_episodes=20),
            ward("A", D1, first_episodes=H(20 + by // 2)),
            ward("A", D2, first_episodes=20 + by),
        ]
    }


def ages(band: str, parts: dict[str, Any], whole: Any) -> Marts:
    rows = [part("age_band", code, count, "dfe") for code, count in parts.items()]
    return {"first_episode_profile": [*rows, part("age_band", band, whole, "plan")]}


def shared(a: Any, b: Any, b_share: float | None) -> Marts:
    return {
        "ward_profile": [
            ward("A", first_episodes=a, first_episode_share=None),
            ward("B", first_episodes=b, first_episode_share=b_share),
        ]
    }


def on_plans(a: Any, b: Any) -> Marts:
    return {
        "ward_profile": [
            ward("A", children_in_need=H(9), child_protection_plans=a),
            ward("B", children_in_need=H(8), child_protection_plans=b),
        ],
        "township_profile": [town(children_in_need=17, child_protection_plans=None)],
    }


def geography(b_touches: tuple[int, ...]) -> Marts:
    """Ten children of each of two wards, of which one lies in decile 1."""
    lsoas = [("A", 1), *(("B", decile) for decile in b_touches)]
    return {
        "first_episode_profile": [
            part("all", "all", 20),
            part("ward", "A", 10, "North"),
            part("ward", "B", 10, "North"),
            part("ward", "unknown", 0),
            part("deprivation_decile", "1", H(10)),
            part("deprivation_decile", "2", H(10)),
            part("deprivation_decile", "unknown", 0),
        ],
        "lsoa_profile": [
            {
                "la_code": LA, "lsoa_code": f"L{i}", "ward_name": name, "township_name": "North",
                "deprivation_decile": decile,
            }
            for i, (name, decile) in enumerate(lsoas)
        ],
    }  # fmt: skip


def most_from(said: str | None, a: int = 4, residents: tuple[int, int] | None = None) -> Marts:
    """Some children from A and three from B; which the list says most come from, and how many live
    in each by the map."""
    rule = f"next most deprived of {said}, the ward with most first-episode children in North"
    marts: Marts = {
        "first_episode_profile": [
            part("township", "North", a + 3),
            part("ward", "A", H(a), "North"),
            part("ward", "B", H(3), "North"),
        ],
        "priority_lsoas": [
            {"la_code": LA, "lsoa_code": "L1", "selection_rule": rule if said else "another"}
        ],
    }
    if residents:
        marts["lsoa_profile"] = [
            {
                "la_code": LA, "lsoa_code": f"L{ward_}", "ward_name": ward_, "ward_code": ward_,
                "township_name": "North", "children_0_17": children,
            }
            for ward_, children in zip("AB", residents, strict=True)
        ]  # fmt: skip
    return marts


def spans(share: float | None, median: float | None, children: Any = 50, over: int = 47) -> Marts:
    known = {"children_with_known_start": 50, "children_over_2_years": over}
    more = {"median_days": median, "share_over_2_years": share}
    return {"time_in_care": [time("5-9", children, **known, **more)]}


def stayed(sixteen: float | None) -> Marts:
    """Nine who entered at 5 to 9 and six at 16 or over have been looked after for two years:
    they were so a year ago, among the 17."""
    known = {"children_with_known_start": 20}
    return {
        "time_in_care": [
            time("all", 17, D1),
            time("5-9", H(10), D1),
            time("16+", H(7), D1),
            time("5-9", 20, **known, children_over_2_years=9, share_over_2_years=45.0),
            time("16+", 20, **known, children_over_2_years=6, share_over_2_years=sixteen),
        ]
    }


def returned(back: Any, ceased: Any = 30, **more: Any) -> Marts:
    told = came_back(ceased_children=ceased, returned_children=back, **more)
    return {"returns_to_care": [told]}


def ended(ceased: Any) -> Marts:
    """Of 33 whose care ended, three were adopted."""
    return {
        "time_in_care": [time("all", None, ended_children=33)],
        "returns_to_care": [came_back(ceased_children=ceased)],
    }


def entered_again(year: Any, all_: Any) -> Marts:
    """Of 23 who started in 2011 three had been here before: the 20 are the cohort's of 2011."""
    return {
        "first_episode_profile": [
            part("all", "all", all_), part("entry_year", "2010", H(20)),
            part("entry_year", "2011", year),
        ],
        "returns_to_care": [came_back(started_children=23, started_again_children=H(3))],
    }  # fmt: skip


def came_and_left(left: Any) -> Marts:
    """Of 40 there were, eight left, and five came."""
    return {
        "time_in_care": [
            time("all", 40, D1, ended_children=None), time("all", 37, ended_children=left),
        ],
        "returns_to_care": [came_back(started_children=H(5))],
    }  # fmt: skip


def a_year_later(soon: Any) -> Marts:
    """Two of those who ceased in 2010 came back: among the three who did so in 2011."""
    return {
        "returns_to_care": [
            came_back(D1, returned_children=H(2), started_within_12_months_children=0),
            came_back(returned_children=None, started_within_12_months_children=soon),
        ]
    }


def score(change: float | None) -> Marts:
    own = {"la_code": LA, "indicator": "i", "is_count_of_people": True, "baseline_value": 3.0}
    return {
        "indicator_scorecard": [
            {**own, "at_date": D1, "value": H(3.0), "change_since_baseline": None},
            {**own, "at_date": D2, "value": 20.0, "change_since_baseline": change},
        ]
    }


def quality(loaded: Any) -> Marts:
    return {
        "data_quality_summary": [
            {
                "la_code": LA, "source": "ssda903", "collection_year": 2011,
                "rows_delivered": 100, "rows_loaded": loaded, "rows_superseded": 0,
                "rows_quarantined": H(3), "rule_failures_error": H(1),
            }
        ]
    }  # fmt: skip


def limits(lower: float | None) -> Marts:
    return {
        "first_episode_profile": [
            part("all", "all", H(3)),
            part("sex", "M", 0, percent=0.0, percent_lower_95=lower),
            part("sex", "F", H(3)),
        ]
    }


def entered(first: Any, second: Any, all_: Any = 40) -> Marts:
    """The wards' sum on a day is that of the entry years until it, which no column shows."""
    return {
        "first_episode_profile": [
            part("all", "all", all_),
            part("entry_year", "2010", first),
            part("entry_year", "2011", second),
        ],
        "ward_profile": [
            ward("A", D1, first_episodes=H(4)),
            ward("B", D1, first_episodes=16),
            ward("A", D2, first_episodes=H(14)),
            ward("B", D2, first_episodes=26),
        ],
    }


def printed(level: str, ours: Any = None, compared: str | None = None, **told: Any) -> Marts:
    """A count of ours, and what the department prints of an area on the day."""
    row = {
        "la_code": LA, "at_date": D2, "measure": "looked_after", "area_code": "E1",
        "area_level": level, "compared_la_code": compared, "children": 700, "rate_per_10000": 61.0,
    }  # fmt: skip
    ours = H(3) if ours is None else ours
    return {"children_rates": [rate("looked_after", ours)], "comparator_rates": [row | told]}


def rated(shown: float) -> Marts:
    """A ward of 23 children shown as 25, one of 5 withheld, and a rate."""
    return {
        "ward_profile": [
            ward("A", looked_after=As(25, 23), looked_after_rate=shown, children_0_17=10000),
            ward("B", looked_after=H(5)),
        ],
        "township_profile": [town(looked_after=As(30, 28))],
    }


def peopled(count: Any, population: int | None) -> Marts:
    return {"ward_profile": [ward("A", looked_after=count, children_0_17=population)]}


def sexes(boys: Any, girls: Any, all_: Any = 20) -> Marts:
    return {
        "first_episode_profile": [
            part("all", "all", all_), part("sex", "M", boys), part("sex", "F", girls),
        ]
    }  # fmt: skip


FIVES = replace(PLAIN, rounding=5)
NO_NOUGHTS = replace(PLAIN, noughts_are_shown=False)
ALL_IN_ONE = replace(PLAIN, dominance_leaves=0)

# what is leaked: how the finding reads, the leak, a near miss, the policy
LEAKS: dict[str, tuple[str, Marts, Marts, Policy]] = {
    "a lone count beside its total": (
        TOLD, looked([H(3), 20], 23), looked([H(3), H(20)], 23), PLAIN,
    ),
    "two counts with little room": (
        TOLD, looked([H(2), H(2)], 4), looked([H(2), H(3)], 5), replace(PLAIN, suppress_up_to=2),
    ),
    "a nought of no room where noughts are withheld": (
        TOLD, looked([H(0), H(2)], 2), looked([H(0), H(3)], 3),
        replace(NO_NOUGHTS, suppress_up_to=1),
    ),
    "the same total in another mart": (
        TOLD,
        looked([H(3), 20], H(23), children_rates=[rate("looked_after", 23)]),
        looked([H(3), 20], H(23), children_rates=[rate("looked_after", H(23))]),
        PLAIN,
    ),
    "all of a day in the time in care": (
        TOLD,
        {"children_rates": [rate("looked_after", H(23))], "time_in_care": [time("all", 23)]},
        {"children_rates": [rate("looked_after", H(23))], "time_in_care": [time("all", H(23))]},
        PLAIN,
    ),
    "a band of age at entry": (
        TOLD,
        {"time_in_care": [time("all", 23), time("5-9", H(3)), time("16+", 20)]},
        {"time_in_care": [time("all", 23), time("5-9", H(3)), time("16+", H(20))]},
        PLAIN,
    ),
    "the cohort's ward at the end": (
        TOLD,
        {**firsts((1, 1), (H(13), 9)), "first_episode_profile": [part("ward", "A", 13, "North")]},
        {**firsts((H(1), 1), (13, 9)), "first_episode_profile": [part("ward", "A", 13, "North")]},
        replace(PLAIN, suppress_up_to=0),
    ),
    "a dimension of the cohort": (TOLD, sexes(17, H(3)), sexes(H(17), H(3)), PLAIN),
    "an origin within its group": (
        TOLD,
        {"first_episode_profile": [
            part("ethnic_group", "mixed", 23), part("ethnic_origin", "MWBC", H(3), "mixed"),
            part("ethnic_origin", "MOTH", 20, "mixed"),
        ]},
        {"first_episode_profile": [
            part("ethnic_group", "mixed", 23), part("ethnic_origin", "MWBC", H(3), "mixed"),
            part("ethnic_origin", "MOTH", H(20), "mixed"),
        ]},
        PLAIN,
    ),
    "the bands of age in the plan's": (
        TOLD,
        ages("0-4", {"under 1": H(3), "1-4": 20}, 23),
        ages("0-3", {"under 1": H(3), "1-4": 20}, 23),
        PLAIN,
    ),
    "a year of age in a band": (
        TOLD,
        {"first_episode_profile": [
            part("age_band", "16+", 23, "dfe"), part("age", "16", H(3), "16+"),
            part("age", "17", 20, "16+"), part("age", "18+", 0, "16+"),
        ]},
        {"first_episode_profile": [
            part("age_band", "16+", 23, "dfe"), part("age", "16", H(3), "16+"),
            part("age", "17", H(20), "16+"), part("age", "18+", 0, "16+"),
        ]},
        PLAIN,
    ),
    "a share beside a withheld count": (
        BESIDE,
        {"ward_profile": [ward("A", looked_after=H(30), looked_after_rate=1.5)]},
        {"ward_profile": [ward("A", looked_after=30, looked_after_rate=1.5)]},
        PLAIN,
    ),
    "a total that a share tells": (TOLD, shared(H(3), 20, 87.0), shared(H(3), 20, None), PLAIN),
    "growth": (GROWTH, firsts((20, 9), (22, 9)), firsts((20, 9), (26, 9)), PLAIN),
    "growth between two that are withheld": (
        GROWTH, firsts((20, 8), (H(22), 9)), firsts((20, 8), (H(22), 14)),
        replace(PLAIN, suppress_up_to=2),
    ),
    "entry years up to a day": (TOLD, entered(20, 20), entered(H(20), H(20), H(40)), PLAIN),
    "children on plans are in need": (TOLD, on_plans(8, 7), on_plans(8, H(7)), PLAIN),
    "deciles that wards lie in": (TOLD, geography((2,)), geography((1, 2)), PLAIN),
    "the ward that most come from": (TOLD, most_from("A"), most_from(None), PLAIN),
    "the ward that would be named if as many came from both": (
        TOLD, most_from("A", 5, (8, 9)), most_from("A", 5, (9, 8)), PLAIN,
    ),
    "a share with few on one side": (
        "the children that a share is of", spans(94.0, 9.0), spans(None, 9.0), PLAIN,
    ),
    "a share that shows a nought": (
        "it shows a nought", spans(100.0, None, over=50), spans(80.0, None, over=40), NO_NOUGHTS,
    ),
    "a median of few": (
        "it rests on few",
        {"time_in_care": [time("unknown", 9, children_with_known_start=2, median_days=70.0,
                               children_over_2_years=0)]},
        {"time_in_care": [time("unknown", 9, children_with_known_start=2, median_days=None,
                               children_over_2_years=0)]},
        PLAIN,
    ),
    "growth over two years": (
        f"growth since {D0}", grown(3), grown(9), replace(PLAIN, growth_years=2),
    ),
    "those who have stayed for two years": (TOLD, stayed(30.0), stayed(None), PLAIN),
    "a share of children who are withheld": (
        BESIDE, spans(80.0, None, H(50), 40), spans(80.0, None, 50, 40), PLAIN,
    ),
    "a change that tells the baseline": (TOLD, score(17.0), score(None), PLAIN),
    "rows set aside": (TOLD, quality(97), quality(H(97)), PLAIN),
    "the limits of a share of nobody": (
        "the limits of a share of it tell it", limits(0.0), limits(None), PLAIN,
    ),
    "all children of an area but a few": (
        "who are not counted", peopled(97, 100), peopled(90, 100), PLAIN,
    ),
    "what is printed of the authority": (
        "printed of la", printed("la", compared="901"), printed("la", compared="902"), PLAIN,
    ),
    "a rate that is printed of its region": (
        "printed of region", printed("region", children=None, rate_per_10000=61.0),
        printed("region", children=None, rate_per_10000=None), PLAIN,
    ),
    "how many are printed of England": (
        "printed of england", printed("england"), printed("england", children=None), PLAIN,
    ),
    "what is printed of a count that is rounded": (
        "printed of la", printed("la", As(25, 23), "901"), printed("la", As(25, 23), "902"),
        FIVES,
    ),
    "a small count": ("a small count is shown", looked([5], 5), looked([6], 6), PLAIN),
    "a nought": ("a nought is shown", looked([0], 0), looked([6], 6), NO_NOUGHTS),
    "a count that is not rounded": (
        "not rounded to 5", looked([23], 25), looked([As(25, 23)], As(25, 23)), FIVES,
    ),
    "a rate of the count before it was rounded": (
        TOLD, rated(23.0), rated(25.0), replace(FIVES, least_interval=5),
    ),
    "limits of the count before it was rounded": (
        "its limits tell more",
        {"children_rates": [
            rate("m", As(25, 23), population_0_17=10000, rate_lower_95=14.6, rate_upper_95=34.5),
        ]},
        {"children_rates": [
            rate("m", As(25, 23), population_0_17=10000, rate_lower_95=16.2, rate_upper_95=36.9),
        ]},
        FIVES,
    ),
    "a count that was not counted so": (
        "not what was counted", looked([As(30, 23)], As(30, 23)), looked([As(25, 23)], As(25, 23)),
        FIVES,
    ),
    "a count below the lowest level": (
        "below the lowest level", looked([23], 23),
        looked([H(3), H(20)], 23), replace(PLAIN, lowest_level="township"),
    ),
    "a count of an area with few children": (
        "too few children", peopled(23, 99), peopled(23, 100),
        replace(PLAIN, minimum_population=100),
    ),
    "all in one part": (NEARLY_ALL, sexes(20, 0), sexes(H(20), H(0)), ALL_IN_ONE),
    "all but one in one part": (
        NEARLY_ALL, sexes(19, H(1)), sexes(H(19), H(1)), replace(ALL_IN_ONE, dominance_leaves=1),
    ),
    "all children of a share": (
        NEARLY_ALL, spans(100.0, None, over=50), spans(80.0, None, over=40), ALL_IN_ONE,
    ),
    "who did not come back": (
        "the children that a share is of", returned(27), returned(H(27)), PLAIN,
    ),
    "who came back, by all others": (
        TOLD,
        {"returns_to_care": [came_back(
            started_children=30, started_again_children=H(9),
            started_within_12_months_children=H(4), started_again_percent=30.0,
        )]},
        {"returns_to_care": [came_back(
            started_children=30, started_again_children=H(9),
            started_within_12_months_children=H(4), started_again_percent=None,
        )]},
        PLAIN,
    ),
    "who cannot come back": (
        "the children that a share is of", ended(30), ended(H(30)), PLAIN,
    ),
    "who had been here before, by the cohort": (
        TOLD, entered_again(20, H(40)), entered_again(H(20), 40), PLAIN,
    ),
    "who started, by who came and who left": (
        TOLD, came_and_left(8), came_and_left(H(8)), PLAIN,
    ),
    "who returned, by who started again a year later": (
        TOLD, a_year_later(3), a_year_later(H(3)), replace(PLAIN, suppress_up_to=2),
    ),
    "the limits of a share of who came back": (
        BESIDE, returned(H(9), H(30), returned_percent_lower_95=16.7),
        returned(9, 30, returned_percent_lower_95=16.7), PLAIN,
    ),
    "limits of returns before they were rounded": (
        "its limits tell more",
        returned(As(10, 9), As(30, 29), returned_percent_lower_95=17.3,
                 returned_percent_upper_95=49.2),
        returned(As(10, 9), As(30, 29), returned_percent_lower_95=19.2,
                 returned_percent_upper_95=51.2),
        FIVES,
    ),
    "that all came back, where noughts are withheld": (
        "it shows a nought", returned(30, returned_percent=100.0), returned(H(30)), NO_NOUGHTS,
    ),
    "that nobody came back": (
        NEARLY_ALL, returned(0), returned(H(0)), ALL_IN_ONE,
    ),
    "what does not add up": (
        "not what it should add up to", looked([20, 20], 41), looked([20, 20], 40), PLAIN,
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", LEAKS)
def test_the_attacker_finds(connection: duckdb.DuckDBPyConnection, what: str) -> None:
    kind, leak, _, policy = LEAKS[what]
    found = attack(connection, put(connection, leak), [], policy)
    assert kind in kinds(found)
    assert all(finding.is_critical for finding in found.findings)


@pytest.mark.parametrize("what", LEAKS)
def test_the_attacker_does_not_find(connection: duckdb.DuckDBPyConnection, what: str) -> None:
    _, _, near_miss, policy = LEAKS[what]
    assert kinds(attack(connection, put(connection, near_miss), [], policy)) == ""


# Several versions


def north(a: Any, b: Any, c: Any, total: Any) -> Marts:
    return looked([a, b, c], total)


def test_what_has_changed_since_tells_what_it_was(connection: duckdb.DuckDBPyConnection) -> None:
    """Three of a ward were withheld with seven of another. Now it has nine, which are shown,
    and all else is as it was: the total of then tells the three."""
    last = put(connection, north(H(3), H(20), H(7), 30))
    assert not attack(connection, last, [], PLAIN).findings
    told = attack(connection, put(connection, north(9, H(20), H(7), 36)), [last], PLAIN)
    (finding,) = told.findings
    assert OLD in str(finding)
    assert "W0" in finding.cell
    kept = attack(connection, put(connection, north(H(9), H(20), H(7), 36)), [last], PLAIN)
    assert not kept.findings


def test_what_another_version_shows_is_known(connection: duckdb.DuckDBPyConnection) -> None:
    """A count is shown to the public, and its neighbour and their total to partners only."""
    public = put(connection, looked([H(3), 20], H(23)))
    partners = put(connection, looked([H(3), H(20)], 23))
    found = attack(connection, partners, [public], PLAIN)
    assert ["ward_code W0" in finding.cell for finding in found.findings] == [True]
    assert ["ward_code W1" in finding.cell for finding in found.told_before] == [True]
    changed = put(connection, looked([H(3), 21], H(24)))
    assert not attack(connection, partners, [changed], PLAIN).findings


def test_a_stricter_policy_can_be_published_though_the_last_version_told(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Neither what was shown, nor what that alone tells, can be taken back."""
    stricter = replace(PLAIN, suppress_up_to=10)
    last = put(connection, looked([H(3), 20, 8], H(31)))
    tonight = put(connection, looked([H(3), H(20), H(8)], 31))
    found = attack(connection, tonight, [last], stricter)
    assert [finding.cell.split(", ")[1] for finding in found.findings] == ["ward_code W0"]
    assert len(found.told_before) == 2
    grown = put(connection, firsts((20, 19), (27, 19)))
    assert GROWTH in kinds(attack(connection, grown, [], stricter))
    same = attack(connection, put(connection, firsts((20, 19), (H(27), 19))), [grown], stricter)
    assert not same.findings
    assert len(same.told_before) == 2


def test_what_a_share_is_of_was_told_when_there_was_nobody(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Nobody aged 16 or over was looked after, so nobody of a known start; since then one is, and
    everybody else is as before: nothing that could be withheld tonight would hide it."""

    def band(name: str, children: Any, known: int) -> Row:
        return time(name, children, children_with_known_start=known, children_over_2_years=0)

    def bands(nine: Any, sixteen: Any, all_: int, known: int) -> Marts:
        of_nine, of_sixteen = band("5-9", nine, 20), band("16+", sixteen, known - 20)
        return {"time_in_care": [band("all", all_, known), of_nine, of_sixteen]}

    last = put(connection, bands(20, 0, 20, 20))
    tonight = put(connection, bands(H(20), H(1), 21, 21))
    found = attack(connection, tonight, [], PLAIN, [last])
    assert not found.findings
    assert len(found.told_before) >= 2
    withheld = attack(connection, tonight, [], PLAIN, [put(connection, bands(H(20), H(0), 20, 20))])
    assert not withheld.findings
    assert not withheld.told_before


def test_what_only_a_guess_tells_may_be_told_less_well(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """One of three has moved to a ward that had nobody. The total is as it was and is withheld
    now: whoever guesses so knows the three wards to within 2, where 3 is asked."""
    last = put(connection, looked([H(2), H(3), 0, 20], 25))
    tonight = put(connection, looked([H(2), H(2), H(1), 20], H(25)))
    shown = put(connection, looked([H(2), H(2), H(1), 20], 25))
    lenient = replace(PLAIN, least_interval_if_unchanged=2)
    assert not attack(connection, tonight, [], PLAIN).findings
    assert "W0" in kinds(attack(connection, tonight, [], PLAIN, [last]))
    found = attack(connection, tonight, [], lenient, [last])
    assert not found.findings
    assert any("ward_code W0" in finding.cell for finding in found.if_unchanged)
    assert "narrower to one who guesses" in str(found)
    as_much = replace(PLAIN, least_interval_if_unchanged=3)
    assert "W0" in kinds(attack(connection, tonight, [], as_much, [last]))
    assert "W0" in kinds(attack(connection, shown, [], lenient, [last]))  # no guess is needed
    # what was withheld from the public was told to partners on the same night
    public = put(connection, looked([H(2), H(3), H(0), H(20)], H(25)))
    found = attack(connection, tonight, [], lenient, [public, last])
    assert not found.findings


def test_a_version_with_another_rounding_is_read_as_it_was_rounded(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    public = put(connection, looked([As(10, 8), As(10, 12)], As(20, 20)))
    partners = put(connection, looked([H(8), H(12)], 20))
    found = attack(connection, partners, [public], replace(PLAIN, suppress_up_to=9))
    assert not found.findings
    assert not found.told_before
    narrower = replace(PLAIN, suppress_up_to=9, least_interval=5)
    assert len(attack(connection, partners, [public], narrower).told_before) == 2


def test_a_version_that_is_not_what_was_counted_then_is_told_of(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Against other counts than its own, a version would be attacked with nothing."""
    tonight = put(connection, looked([H(3), H(20)], 23))
    other = put(connection, looked([H(3), As(21, 20)], 24))
    assert "not what was counted" in kinds(attack(connection, tonight, [other], PLAIN))


# What an attack says of itself


def test_an_attack_says_what_protection_costs(connection: duckdb.DuckDBPyConnection) -> None:
    found = attack(connection, put(connection, looked([H(3), H(20), 27, 0], 50)), [], PLAIN)
    assert (found.cells, found.shown, found.withheld) == (5, 3, 2)
    assert (found.primary, found.secondary) == (1, 1)
    assert found.least_interval is not None and found.least_interval >= 3
    assert (found.cells_lost, found.counts_lost) == (2 / 4, 23 / 100)
    assert str(found).startswith("public: no leak found; 5 counts, 3 shown, 2 withheld")


def test_a_finding_holds_no_withheld_count(connection: duckdb.DuckDBPyConnection) -> None:
    found = attack(connection, put(connection, looked([H(4711), 20], 4731)), [], PLAIN)
    (finding,) = found.findings
    assert finding == Finding(
        "ward_profile",
        "la_code 901, ward_code W0, at_date 2011-03-31",
        "looked_after",
        "withheld, and what else is shown tells it",
        0.0,
        la_code="901",
    )
    assert "47" not in f"{found}{replace(found, seconds=0.0)!r}"  # which may hold any digits


def test_a_ward_that_is_all_of_its_township_may_be_told_at_the_level_of_townships(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    townships = replace(PLAIN, lowest_level="township")
    assert not attack(connection, put(connection, looked([H(23)], 23)), [], townships).findings
    assert attack(connection, put(connection, looked([H(23)], 23)), [], PLAIN).findings


def test_a_mart_without_its_counts_or_keys_is_refused(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    version = put(connection, looked([H(3)], 23))
    with pytest.raises(ValueError, match="what was counted is not given"):
        attack(connection, Version(version.shown, {}), [], PLAIN)
    shown = {"ward_profile": "(select 1 as la_code)"}
    with pytest.raises(ValueError, match="no column at_date, ward_code"):
        attack(connection, Version(shown, version.truth), [], PLAIN)


def test_nothing_published_is_no_leak(connection: duckdb.DuckDBPyConnection) -> None:
    found = attack(connection, Version({}, {}), [Version({}, {})], PLAIN)
    assert (found.findings, found.cells, found.least_interval) == ((), 0, None)
    rows_left_out = put(connection, looked([H(3), H(20)], 23))
    empty = f"(select * from {rows_left_out.shown['ward_profile']} limit 0)"
    version = Version(
        {"ward_profile": empty}, {"ward_profile": rows_left_out.truth["ward_profile"]}
    )
    assert attack(connection, version, [], PLAIN).withheld == 2


# Against brute force


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    counts=st.lists(st.integers(0, 3), min_size=6, max_size=6),
    hidden=st.lists(st.booleans(), min_size=6, max_size=6),
    need=st.integers(1, 4),
)
def test_an_interval_holds_every_table_of_whole_numbers_that_could_be(
    counts: list[int], hidden: list[bool], need: int
) -> None:
    """Two rows and three columns of counts with all their totals, some counts withheld. A table
    of two ways is as narrow for whole numbers as for any: the verdict must be the same."""
    lines = [(0, 1, 2), (3, 4, 5), (0, 3), (1, 4), (2, 5)]
    programme = Programme()
    for cell, count in enumerate(counts):
        programme.unknown(cell, count)
        if not hidden[cell]:
            programme.bound(cell, count, count)
    for line in lines:
        total = sum(counts[cell] for cell in line)
        programme.relate([(cell, 1.0) for cell in line], total, total)
    programme.spread()
    spans = programme.look([Aim(((cell, 1.0),), need=need) for cell in range(6)])
    top = sum(counts)
    possible = [
        table
        for first in itertools.product(range(top + 1), repeat=2)
        if (table := _completed(first, counts))
        and all(hidden[cell] or table[cell] == counts[cell] for cell in range(6))
    ]
    for cell, span in enumerate(spans):
        values = [table[cell] for table in possible]
        assert span.is_kept == (max(values) - min(values) >= need)
        if not span.is_kept:
            assert span.least - 1e-6 <= min(values) <= max(values) <= span.most + 1e-6


def _completed(first: tuple[int, ...], counts: list[int]) -> list[int] | None:
    """The one table with these two counts first and the totals of the other; None where it
    would have a count below nought."""
    top = [*first, sum(counts[:3]) - sum(first)]
    table = [*top, *(counts[i] + counts[i + 3] - top[i] for i in range(3))]
    return table if min(table) >= 0 else None


def test_numbers_that_repeat_a_count_are_reckoned_as_the_house_does() -> None:
    assert percentage(1, 8) == 12.5
    assert percentage(1, 16) == 6.3
    assert percentage(1, 0) is None
    assert wilson(0, 6) == (0.0, 39.0)
    assert wilson(3, 3) == (43.9, 100.0)
    assert poisson(5, 1000) == (16.2, 116.7)
    assert poisson(6, 1000) == (22.0, 130.6)
    assert poisson(0, 1000) == (0.0, 36.9)
    assert poisson(1, 0) is None


# Independence


def test_the_attacker_shares_nothing_with_what_withholds() -> None:
    """Neither its code nor what it builds, but for the way to the solver; who calls it says what is
    shown."""
    paths = sorted((HOUSE / "flows" / "attack").glob("*.py"))
    assert len(paths) > 4
    for path in paths:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)} | {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        ours = {
            name for name in imported if name and name.split(".")[0] in ("flows", "expectations")
        }
        assert all(name.startswith("flows.attack") for name in ours - {"flows.linear"}), path.name
        texts = {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert not [text for text in texts if "disclosure." in text or "_safe" in text], path.name


def test_the_attacker_knows_every_published_count() -> None:
    """A mart or a count that is added to the contract must be added to what is attacked."""
    from tests.test_house import PUBLISHED

    public = {
        "children_0_17",
        "population_0_17",
        "lsoas",
        "lsoas_top_10_percent",
        "files",
        "lsoas_top_20_percent",
    }
    # The star repeats what others say, and may read nothing but what audiences may see.
    star = {mart for mart in PUBLISHED if mart.startswith("star_")}
    # Outlines are the publisher's, and count nobody.
    assert set(LAYOUTS) == set(PUBLISHED) - star - {"area_outlines"}
    for mart, columns in PUBLISHED.items():
        counts = {name.rstrip("+") for name in columns.split() if name.endswith("+")} - public
        # What others count is held against what is withheld here (checks), not counted.
        if mart not in {"indicator_scorecard", "comparator_rates", "area_outlines", *star}:
            assert set(LAYOUTS[mart].counts) == counts, mart
