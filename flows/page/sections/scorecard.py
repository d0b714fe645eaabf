"""The outcomes that the authority's plan is held to."""

from flows.page import headlines
from flows.page.marts import Marts, Row
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
    mart = marts["indicator_scorecard"]
    title = "What is the plan held to?"
    if not mart.rows:
        return Section("scorecard", title, says=("No indicator has been delivered yet.",))
    rows = sorted(mart, key=lambda row: (row["indicator"], row["at_date"]))
    last: dict[str, Row] = {row["indicator"]: row for row in rows}
    changes = [
        (row["indicator_name"] or code, mart.cell(row, "change_since_baseline"))
        for code, row in last.items()
    ]
    figure = Figure(
        "indicators",
        headlines.indicators(changes),
        "Indicators as the authority gives them, beside target and baseline",
        Table(
            "Indicators by date",
            ["Indicator", *COLUMNS],
            [
                [row["indicator_name"] or row["indicator"], *mart.cells(row, *COLUMNS.values())]
                for row in rows
            ],
            frozenset({0, 1, 3, 6}),
        ),
        (mart.name,),
        says=("A figure that counts one to five people is not shown.",),
    )
    return Section("scorecard", title, [figure])
