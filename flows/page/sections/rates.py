"""Rates at 31 March, over the years and beside a comparator."""

from flows.page import headlines
from flows.page.charts import Line, lines
from flows.page.headlines.rates import Point
from flows.page.marts import Mart, Marts, Row
from flows.page.sections import elsewhere
from flows.page.shapes import Figure, Number, Section, Table
from flows.page.words import day

MEASURES = {
    "children_in_need": "Children in need",
    "child_protection_plan": "Children on a child protection plan",
    "looked_after": "Children looked after",
}
HEADS = (
    "31 March", "Children", "Rate per 10,000", "Lower 95% limit", "Upper 95% limit",
    "Population 0 to 17", "Compared with", "At", "Its rate", "Comparison",
)  # fmt: skip


def rates(marts: Marts, who: str) -> Section:
    """A figure for each measure that is counted."""
    mart = marts["children_rates"]
    figures: list[Figure] = []
    for measure, what in MEASURES.items():
        if rows := _of(mart, measure):
            figures.append(_figure(mart, measure, rows, who))
            figures += elsewhere.figures(marts, measure, what, who)
    return Section("rates", "How many children, and is that higher than elsewhere?", figures, (
        "A rate is higher or lower than its comparator when its 95% interval does not hold the "
        "comparator's rate, and similar when it does.",
        *elsewhere.says(figures),
    ) if figures else ("No children have been counted at a 31 March yet.",))  # fmt: skip


def latest(marts: Marts, measure: str) -> str:
    """The headline of the last 31 March."""
    mart = marts["children_rates"]
    rows = _of(mart, measure)
    return _against(mart, rows[-1]) if rows else f"{MEASURES[measure]}: not counted yet"


def changing(marts: Marts, measure: str) -> str:
    """The headline of the years."""
    mart = marts["children_rates"]
    return headlines.trend(_points(mart, _of(mart, measure)))


def numbers(marts: Marts) -> list[Number]:
    """The last count of each measure."""
    mart, told = marts["children_rates"], []
    for measure, what in MEASURES.items():
        if rows := _of(mart, measure):
            said = _against(mart, rows[-1]).removeprefix(f"{what}: ")
            told.append(
                Number(what, mart.cell(rows[-1], "children"), day(rows[-1]["at_date"]), said)
            )
    return told


def _of(mart: Mart, measure: str) -> list[Row]:
    return sorted(
        (row for row in mart if row["measure"] == measure), key=lambda row: row["at_date"]
    )


def _against(mart: Mart, row: Row) -> str:
    return headlines.against(
        MEASURES[row["measure"]],
        row["at_date"].year,
        *mart.cells(
            row, "children", "rate_per_10000", "comparison", "comparator_name",
            "comparator_rate_per_10000", "comparator_date",
        ),
    )  # fmt: skip


def _points(mart: Mart, rows: list[Row]) -> list[Point]:
    columns = ("rate_per_10000", "rate_lower_95", "rate_upper_95")
    return [Point(str(row["at_date"].year), *mart.cells(row, *columns)) for row in rows]


def _figure(mart: Mart, measure: str, rows: list[Row], who: str) -> Figure:
    name, what = f"rate-{measure.replace('_', '-')}", MEASURES[measure]
    title = _against(mart, rows[-1])
    points = _points(mart, rows)
    dates = [row["at_date"] for row in rows]
    series = [
        Line(
            who,
            [(when, point.rate) for when, point in zip(dates, points, strict=True)],
            [point.lower for point in points],
            [point.upper for point in points],
        )
    ]
    # A comparator's rate belongs to its own date, and may be set beside several of ours.
    others = {
        row["comparator_date"]: row
        for row in rows
        if row["comparator_date"] and dates[0] <= row["comparator_date"] <= dates[-1]
    }
    if others:
        told = [
            (when, mart.cell(row, "comparator_rate_per_10000"))
            for when, row in sorted(others.items())
        ]
        series.append(Line(rows[-1]["comparator_name"] or "Comparator", told, is_second=True))
    period = f"31 March {dates[0].year} to {dates[-1].year}" if len(dates) > 1 else day(dates[0])
    subtitle = f"{what} per 10,000 aged 0 to 17, {who}, {period}"
    return Figure(
        name,
        title,
        subtitle,
        Table(
            f"{what}, by 31 March",
            HEADS,
            [
                [str(row["at_date"].year), *mart.cells(
                    row, "children", "rate_per_10000", "rate_lower_95", "rate_upper_95",
                    "population_0_17", "comparator_name", "comparator_date",
                    "comparator_rate_per_10000", "comparison",
                )]
                for row in reversed(rows)
            ],
            frozenset({0, 6, 7, 9}),
        ),
        ("children_rates",),
        lines(
            name, title,
            f"{subtitle}. A line over the years with a band for the 95% interval"
            + (f", and {series[1].name} as a dashed line" if others else "")
            + ". The table after it has the numbers.",
            series,
        ),
        key=(("band", "95% interval"),),
        says=(headlines.trend(points) + ".",),
    )  # fmt: skip
