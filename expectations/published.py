"""What we promise of everything that leaves: columns as agreed, small counts and all that
could be turned back into them withheld, keys single, every authority there.

The last word on disclosure is not here: this is the check at the door, the control itself
is ``models/disclosure``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import great_expectations.expectations as gxe
from great_expectations.expectations.row_conditions import Column

from expectations.contracts import published_columns
from expectations.phrases import (
    Expectation,
    ExpectCountToBeBetween,
    Suite,
    has_rows,
    one_of,
    suite,
    suite_of_rows,
)

# A postcode, a child's pseudonym (20 hex digits), a unique pupil number, a date of birth's text.
PERSONAL = (
    r"(?i)\b(?:[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}|[0-9a-f]{20}|[A-Z][0-9]{11}[0-9A-Z])\b"
)


AGREED = "Reports are built on these columns. A change is a new version of the mart."


@dataclass(frozen=True)
class Delivered:
    """What stands in landing of the sources that feed a mart, and for whom the mart is.

    la_codes        the authorities that delivered them
    is_any          whether anybody did: open data names no authority
    suppress_up_to  the largest count of people that is too small for them; 0 where that depends
                    on what is counted
    """

    la_codes: tuple[str, ...] = ()
    is_any: bool = True
    suppress_up_to: int = 5


@dataclass(frozen=True)
class Mart:
    """A published mart, as its suite needs it.

    keys        the columns that tell its rows apart
    sources     whose authorities must be in it, once one of them is delivered
    needs       groups of sources: of each, one more must be delivered for it to have rows
    counts      count of people -> the numbers from which it could be worked out
    plain       counts of what is no person (areas, files), which small may be shown
    rates       numbers that are never below 0
    percents    numbers from 0 to 100
    intervals   (lower, number, upper), in order
    sets        text column -> what it may say
    is_windowed whether an authority may rightly be absent (a window before its records, a single
                return)
    is_optional whether nothing is wanting where its sources were not delivered
    is_of_regions
                whether it is of regions, of which there may be none
    """

    keys: tuple[str, ...]
    sources: tuple[str, ...]
    counts: Mapping[str, tuple[str, ...]]
    plain: tuple[str, ...] = ()
    rates: tuple[str, ...] = ()
    percents: tuple[str, ...] = ()
    intervals: tuple[tuple[str, str, str], ...] = ()
    sets: Mapping[str, tuple[str, ...]] | None = None
    needs: tuple[tuple[str, ...], ...] = ()
    is_windowed: bool = False
    is_optional: bool = False
    is_of_regions: bool = False


COMPARISONS = ("higher", "similar", "lower")
PLACE_COUNTS = {
    "children_0_17": ("looked_after_rate", "children_in_need_rate"),
    "looked_after": ("looked_after_share", "looked_after_rate"),
    "first_episodes": ("first_episode_share",),
    "children_in_need": ("children_in_need_rate",),
    "child_protection_plans": (),
}
PLACE_SHARES = ("child_poverty_percent", "looked_after_share", "first_episode_share")
PLACE_RATES = ("looked_after_rate", "children_in_need_rate")
LSOA_COUNTS = ("lsoas", "lsoas_top_10_percent", "lsoas_top_20_percent")

RETURNED, STARTED_AGAIN, STARTED_SOON = (
    (share, f"{share}_lower_95", f"{share}_upper_95")
    for share in ("returned_percent", "started_again_percent", "started_within_12_months_percent")
)

MARTS: dict[str, Mart] = {
    "children_rates": Mart(
        keys=("la_code", "at_date", "measure"),
        sources=("ssda903", "cin_census"),
        counts={
            "children": ("rate_per_10000", "rate_lower_95", "rate_upper_95"),
            "population_0_17": ("rate_per_10000", "rate_lower_95", "rate_upper_95"),
        },
        rates=("rate_per_10000", "rate_lower_95", "rate_upper_95", "comparator_rate_per_10000"),
        intervals=(("rate_lower_95", "rate_per_10000", "rate_upper_95"),),
        sets={
            "measure": ("children_in_need", "child_protection_plan", "looked_after"),
            "comparison": COMPARISONS,
        },
    ),
    # Other publishers' figures, for which no authority of ours delivers: England's rate may be
    # shown where its count is not.
    "comparator_rates": Mart(
        keys=("la_code", "at_date", "measure", "area_code"),
        sources=("comparators",),
        needs=(("ssda903", "cin_census"),),
        counts={
            "children": (),
            "population_0_17": (
                "limit_lower_998",
                "limit_lower_95",
                "limit_upper_95",
                "limit_upper_998",
            ),
        },
        rates=(
            "rate_per_10000",
            "limit_lower_998",
            "limit_lower_95",
            "limit_upper_95",
            "limit_upper_998",
        ),
        intervals=(
            ("limit_lower_998", "limit_lower_95", "limit_upper_95"),
            ("limit_lower_95", "limit_upper_95", "limit_upper_998"),
        ),
        sets={
            "measure": ("children_in_need", "child_protection_plan", "looked_after"),
            "area_level": ("england", "region", "la", "neighbours", "own"),
        },
        is_windowed=True,
    ),
    "first_episode_profile": Mart(
        keys=("la_code", "cohort_start_date", "cohort_end_date", "dimension", "category_code"),
        sources=("ssda903",),
        counts={"children": ("percent", "percent_lower_95", "percent_upper_95")},
        percents=("percent", "percent_lower_95", "percent_upper_95", "comparator_percent"),
        intervals=(("percent_lower_95", "percent", "percent_upper_95"),),
        sets={"comparison": COMPARISONS},
        is_windowed=True,
    ),
    "township_profile": Mart(
        keys=("la_code", "township_name", "at_date"),
        sources=("townships",),
        needs=(("ssda903", "cin_census"),),
        counts=PLACE_COUNTS,
        plain=LSOA_COUNTS,
        rates=PLACE_RATES,
        percents=PLACE_SHARES,
    ),
    "ward_profile": Mart(
        keys=("la_code", "ward_code", "at_date"),
        sources=("townships",),
        needs=(("ssda903", "cin_census"),),
        counts={**PLACE_COUNTS, "referrals": ("referral_share",)},
        plain=LSOA_COUNTS,
        rates=PLACE_RATES,
        percents=(*PLACE_SHARES, "referral_share"),
    ),
    "lsoa_profile": Mart(
        keys=("la_code", "lsoa_code"),
        sources=("townships",),
        needs=(("deprivation",),),
        counts={"children_0_17": ()},
        percents=("child_poverty_percent",),
    ),
    "priority_lsoas": Mart(
        keys=("la_code", "lsoa_code"),
        sources=("townships",),
        needs=(("deprivation",), ("lookups", "postcodes")),
        counts={"children_0_17": ()},
    ),
    "area_outlines": Mart(
        keys=("la_code", "area_level", "area"),
        sources=("boundaries",),
        needs=(("deprivation",), ("lookups", "postcodes")),
        counts={},
        rates=("label_x", "label_y"),
        sets={"area_level": ("lsoa", "township")},
        is_windowed=True,
        is_optional=True,
    ),
    "time_in_care": Mart(
        keys=("la_code", "at_date", "age_at_entry_band"),
        sources=("ssda903",),
        counts={
            "children": ("median_days", "share_over_2_years"),
            "ended_children": ("ended_median_days", "ended_share_over_2_years"),
        },
        rates=("median_days", "ended_median_days"),
        percents=("share_over_2_years", "ended_share_over_2_years"),
    ),
    "returns_to_care": Mart(
        keys=("la_code", "at_date"),
        sources=("ssda903",),
        counts={
            "ceased_children": RETURNED,
            "returned_children": RETURNED,
            "started_children": (*STARTED_AGAIN, *STARTED_SOON),
            "started_again_children": STARTED_AGAIN,
            "started_within_12_months_children": STARTED_SOON,
        },
        percents=(*RETURNED, *STARTED_AGAIN, *STARTED_SOON),
        intervals=tuple(
            (lower, share, upper) for share, lower, upper in (RETURNED, STARTED_AGAIN, STARTED_SOON)
        ),
        is_windowed=True,
    ),
    "indicator_scorecard": Mart(
        keys=("la_code", "indicator", "at_date"),
        sources=("indicators",),
        counts={},
        sets={"direction_of_good": ("up", "down", "none")},
    ),
    # Of several authorities: nothing is wanting where one is alone, or too few share a region.
    "region_profile": Mart(
        keys=("region_code", "measure", "at_date", "dimension", "category_code", "area_code"),
        sources=("ssda903", "cin_census"),
        counts={
            "children": ("percent", "rate_per_10000", "rate_lower_95", "rate_upper_95"),
            "population_0_17": ("rate_per_10000", "rate_lower_95", "rate_upper_95"),
        },
        rates=("rate_per_10000", "rate_lower_95", "rate_upper_95"),
        percents=("percent",),
        intervals=(("rate_lower_95", "rate_per_10000", "rate_upper_95"),),
        sets={
            "measure": (
                "children_in_need",
                "child_protection_plan",
                "looked_after",
                "started",
                "first_episodes",
            ),
            "area_level": ("region", "la"),
            "comparison": COMPARISONS,
        },
        is_of_regions=True,
    ),
    "star_areas": Mart(
        keys=("area_key",),
        sources=("ssda903", "cin_census"),
        counts={},
        sets={"area_level": ("authority", "township", "ward")},
    ),
    "star_dates": Mart(keys=("date_key",), sources=("ssda903", "cin_census"), counts={}),
    "star_figures": Mart(
        keys=("date_key", "area_key", "measure_key"),
        sources=("ssda903", "cin_census"),
        counts={
            "children": ("rate_per_10000", "share_percent"),
            "population_0_17": ("rate_per_10000",),
        },
        rates=("rate_per_10000",),
        percents=("share_percent",),
    ),
    "star_measures": Mart(keys=("measure_key",), sources=("ssda903", "cin_census"), counts={}),
    # They add up, so that one is never withheld alone; which goes with it is for the control to
    # choose, and that none can be worked out is held by the attack.
    "data_quality_summary": Mart(
        keys=("la_code", "source", "collection_year"),
        sources=("ssda903", "cin_census"),
        counts={
            "rows_delivered": (),
            "rows_loaded": (),
            "rows_superseded": (),
            "rows_quarantined": (),
            "rule_failures_error": (),
            "rule_failures_warning": (),
        },
        plain=("files",),
    ),
    "rule_summary": Mart(
        keys=("la_code", "source", "collection_year", "rule_code"),
        sources=("ssda903", "cin_census"),
        counts={"children_failing": ()},
        sets={
            "severity": ("error", "query", "warning"),
            "status": ("ran", "skipped"),
        },
    ),
}


def leaving(name: str, delivered: Delivered) -> Suite:
    """The suite of a published mart."""
    mart = MARTS[name]
    types = published_columns(name)
    return suite_of_rows(
        f"{name}, as published",
        "select * from {rows}",
        _columns_there(types),
        _as_agreed(types, mart),
        _disclosing_nobody(types, mart, delivered.suppress_up_to),
        _possible(mart),
        _complete(types, mart, delivered),
        line="",
    )


def _columns_there(types: Mapping[str, str]) -> Expectation:
    return gxe.ExpectTableColumnsToMatchSet(
        column_set=list(types), exact_match=False, severity="critical", notes=AGREED
    )


def _as_agreed(types: Mapping[str, str], mart: Mart) -> list[Expectation]:
    return [
        gxe.ExpectTableColumnsToMatchOrderedList(
            column_list=list(types),
            severity="critical",
            notes=AGREED,
        ),
        _single(mart.keys),
        *(
            gxe.ExpectColumnValuesToNotBeNull(
                column=column, severity="critical", notes="A key is never blank. Mend the model."
            )
            for column in mart.keys
        ),
    ]


def _single(keys: tuple[str, ...]) -> Expectation:
    notes = "One row for each key: a second one would be counted twice by every report."
    if len(keys) == 1:
        return gxe.ExpectColumnValuesToBeUnique(column=keys[0], severity="critical", notes=notes)
    return gxe.ExpectCompoundColumnsToBeUnique(
        column_list=list(keys), severity="critical", notes=notes
    )


def _disclosing_nobody(
    types: Mapping[str, str], mart: Mart, suppress_up_to: int
) -> list[Expectation]:
    small = list(range(1, suppress_up_to + 1))
    expected: list[Expectation] = []
    for count, numbers in mart.counts.items():
        expected.append(
            gxe.ExpectColumnValuesToNotBeInSet(
                column=count,
                value_set=small,
                severity="critical",
                notes="So small a count can tell who it is. Decide on it in models/disclosure.",
            )
        )
        expected += [
            gxe.ExpectColumnValuesToBeNull(
                column=number,
                row_condition=Column(count).is_null(),
                severity="critical",
                notes="The withheld count could be worked out from it. Mend the safe model.",
            )
            for number in numbers
        ]
    marked = [name.removesuffix("_marker") for name in types if name.endswith("_marker")]
    for count in dict.fromkeys([*mart.counts, *mart.plain, *marked]):
        marker = f"{count}_marker"
        expected += [
            gxe.ExpectColumnValuesToBeInSet(
                column=marker,
                value_set=["c", "x", "z"],
                row_condition=Column(count).is_null(),
                severity="critical",
                notes="c suppressed, x not available, z not applicable are the markers.",
            ),
            gxe.ExpectColumnValuesToNotBeNull(
                column=marker,
                row_condition=Column(count).is_null(),
                severity="critical",
                notes="A reader must be told why a number is missing. Mend the safe model.",
            ),
            gxe.ExpectColumnValuesToBeNull(
                column=marker,
                row_condition=Column(count).is_not_null(),
                severity="critical",
                notes="Only a number that is missing is marked. Mend the safe model.",
            ),
        ]
    expected += [
        gxe.ExpectColumnValuesToNotMatchRegex(
            column=column,
            regex=PERSONAL,
            severity="critical",
            notes="It looks like a postcode, a pupil number or a child's key: nothing that "
            "points to one child leaves.",
        )
        for column, kind in types.items()
        if kind.lower() in {"varchar", "text", "string"} and not column.endswith("_marker")
    ]
    return expected


def _possible(mart: Mart) -> list[Expectation]:
    expected: list[Expectation] = []
    for columns, high in (
        (mart.percents, 100),
        (mart.rates, None),
        ((*mart.counts, *mart.plain), None),
    ):
        expected += [
            gxe.ExpectColumnValuesToBeBetween(
                column=column,
                min_value=0,
                max_value=high,
                severity="critical",
                notes="Outside what is possible: the model has miscounted or divided amiss.",
            )
            for column in columns
        ]
    for lower, number, upper in mart.intervals:
        expected += [
            gxe.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=larger,
                column_B=smaller,
                or_equal=True,
                ignore_row_if="either_value_is_missing",
                severity="critical",
                notes="An interval holds the number it is of. Mend the macro of the interval.",
            )
            for smaller, larger in ((lower, number), (number, upper))
        ]
    expected += [
        one_of(column, list(values), "Reports filter on these words.", severity="critical")
        for column, values in (mart.sets or {}).items()
    ]
    return expected


def _complete(types: Mapping[str, str], mart: Mart, delivered: Delivered) -> list[Expectation]:
    if mart.is_of_regions or (mart.is_optional and not delivered.is_any):
        return []
    severity = "critical" if delivered.is_any and not mart.is_windowed else "warning"
    expected = [
        has_rows(
            severity=severity,
            notes=f"Empty, although {' or '.join(mart.sources)} was delivered: something between "
            "landing and here has lost every row."
            if delivered.is_any
            else "Empty until "
            + ", and ".join(" or ".join(group) for group in (mart.sources, *mart.needs))
            + " is delivered.",
        )
    ]
    if delivered.la_codes and "la_code" in types:
        expected.append(
            gxe.ExpectColumnDistinctValuesToContainSet(
                column="la_code",
                value_set=list(delivered.la_codes),
                severity="warning" if mart.is_windowed else "critical",
                notes="An authority that delivered is missing. Check the years of its extracts "
                "against the window of the mart, and what was refused.",
            )
        )
    return expected


def against_the_last(name: str, counts: Sequence[str]) -> Suite:
    """Whether totals lurch against the last published copy: not wrong in itself, but worth a
    look before a report shows it."""
    totals = ", ".join(f"cast(sum({count}) as double) as {count}" for count in counts)
    changes = ", ".join(
        f"coalesce(tonight.{count} / nullif(last_.{count}, 0) - 1, 0) as {count}_change"
        for count in counts
    )
    return suite(
        f"{name}, against the last published copy",
        f"select {changes} from (select {totals} from {{rows}}) as tonight, "
        f"(select {totals} from {{last}}) as last_",
        [
            ExpectCountToBeBetween(
                column=f"{count}_change",
                min_value=-0.5,
                max_value=0.5,
                severity="warning",
                notes="The total moved by more than half since the last publication. New years "
                "do that; so does a file delivered in part.",
            )
            for count in counts
        ],
    )


def _suite_of(name: str) -> Callable[[Delivered], Suite]:
    return lambda delivered: leaving(name, delivered)


SUITES: dict[str, Callable[[Delivered], Suite]] = {name: _suite_of(name) for name in MARTS}
