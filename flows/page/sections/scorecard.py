"""The outcomes that the authority's plan is held to."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from flows.page import headlines
from flows.page.charts import Aim, targets
from flows.page.marts import Cell, Mart, Marts, Row
from flows.page.shapes import Figure, Section, Table

COLUMNS = {
    "At": "at_date",
    "Figure": "value",
    "Unit": "unit",
    "Target": "target",
    "Change since baseline": "change_since_baseline",
    "Wanted direction": "direction_of_good",
}


def scorecard(marts: Marts) -> Section:
    """Every indicator at every date."""
    return Section.of_mart(
        "scorecard",
        "What is the plan held to?",
        marts["indicator_scorecard"],
        _figure,
        "No indicator has been delivered yet.",
    )


def _figure(mart: Mart) -> Figure:
    rows = sorted(mart, key=lambda row: (row["indicator"], row["at_date"]))
    dates = [list(of) for _, of in groupby(rows, key=lambda row: row["indicator"])]
    title = headlines.indicators(
        [(_name(of[-1]), mart.cell(of[-1], "change_since_baseline")) for of in dates]
    )
    subtitle = "Indicators as the authority gives them, the last figure beside its target"
    return Figure(
        "indicators",
        title,
        subtitle,
        Table.of(
            mart.only(rows),
            "Indicators by date",
            "Indicator",
            COLUMNS,
            _name,
            frozenset({0, 1, 3, 6}),
        ),
        (mart.name,),
        targets(
            "indicators",
            title,
            f"{subtitle}. A strip for each, on a scale of its own from nought. The table has the "
            "numbers.",
            [_aim(mart, of) for of in dates],
        ),
        key=list(_key(mart, dates)),
        says=(
            "Each has a unit, and so a scale, of its own, from nought. A figure that counts one to "
            "five people is not shown.",
        ),
    )


def _name(row: Row) -> str:
    return str(row["indicator_name"] or row["indicator"])


def _aim(mart: Mart, dates: Sequence[Row]) -> Aim:
    last = dates[-1]
    return Aim(
        _name(last),
        mart.cell(last, "value"),
        _before(mart, dates),
        mart.cell(last, "target"),
        last["unit"] or "",
    )


def _before(mart: Mart, dates: Sequence[Row]) -> Cell | None:
    return mart.cell(dates[-2], "value") if len(dates) > 1 else None


def _key(mart: Mart, dates: Sequence[Sequence[Row]]) -> Iterator[tuple[str, str]]:
    """Of what is drawn only."""
    yield "ours", "Last figure"
    if any(before and before.is_shown for before in (_before(mart, of) for of in dates)):
        yield "ring", "The figure before"
    if any(mart.cell(of[-1], "target").is_shown for of in dates):
        yield "area", "Target"
