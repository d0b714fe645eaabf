"""How long children have been looked after, and whether they come back."""

from flows.page import headlines
from flows.page.charts import Line, lines
from flows.page.headlines.rates import Point
from flows.page.marts import Mart, Marts, Row
from flows.page.shapes import Figure, Section, Table
from flows.page.words import day

ALL = "all"
COLUMNS = {
    "Children": "children",
    "Median days": "median_days",
    "Over 2 years %": "share_over_2_years",
    "Periods ended in the year": "ended_children",
    "Their median days": "ended_median_days",
    "Over 2 years % of them": "ended_share_over_2_years",
}
BANDS = ("under 1", "1-4", "5-9", "10-15", "16+", "unknown", ALL)
RETURNED = ("returned_percent", "returned_percent_lower_95", "returned_percent_upper_95")
CEASED = {
    "Left care": "ceased_children",
    "Came back within 12 months": "returned_children",
    "Came back %": RETURNED[0],
    "Lower 95% limit": RETURNED[1],
    "Upper 95% limit": RETURNED[2],
}
STARTED = {
    "Started": "started_children",
    "Looked after before": "started_again_children",
    "Before %": "started_again_percent",
    "Before %, lower 95% limit": "started_again_percent_lower_95",
    "Before %, upper 95% limit": "started_again_percent_upper_95",
    "Within 12 months": "started_within_12_months_children",
    "Within 12 months %": "started_within_12_months_percent",
    "Within 12 months %, lower 95% limit": "started_within_12_months_percent_lower_95",
    "Within 12 months %, upper 95% limit": "started_within_12_months_percent_upper_95",
}


def time_in_care(marts: Marts) -> Section:
    """Medians over the years, and by age at entry on the last 31 March; returns to care."""
    mart, returns = marts["time_in_care"], marts["returns_to_care"]
    title = "Do children stay longer, and do they come back?"
    says = []
    if not mart.rows:
        says.append("No time in care has been counted yet.")
    if not returns.rows:
        says.append(
            "No return to care can be told yet: it takes the returns of two years, one after the "
            "other."
        )
    figures = [*_over_years(mart), *_by_age(mart)] if mart.rows else []
    figures += [_ceased(returns), _started(returns)] if returns.rows else []
    return Section("time", title, figures, says)


def staying(marts: Marts) -> str:
    """The headline of the medians."""
    return _staying(marts["time_in_care"])


def coming_back(marts: Marts) -> str:
    """The headline of the returns to care."""
    return headlines.came_back(_returned(marts["returns_to_care"]))


def _staying(mart: Mart) -> str:
    return headlines.in_care(
        [(day(row["at_date"]), mart.cell(row, "median_days")) for row in _all(mart)]
    )


def _all(mart: Mart) -> list[Row]:
    return sorted(
        (row for row in mart if row["age_at_entry_band"] == ALL), key=lambda row: row["at_date"]
    )


def _over_years(mart: Mart) -> list[Figure]:
    rows = _all(mart)
    if not rows:
        return []
    title = _staying(mart)
    subtitle = (
        "Median days since entry, of children looked after at each 31 March and of periods of "
        "care that ended in the year to it"
    )
    return [
        Figure(
            "time-years", title, subtitle,
            Table(
                "Time in care by 31 March", ["31 March", *COLUMNS],
                [[str(row["at_date"].year), *mart.cells(row, *COLUMNS.values())]
                 for row in reversed(rows)],
            ),
            (mart.name,),
            lines(
                "time-years", title, f"{subtitle}. Two lines. The table has the numbers.",
                [
                    Line("On the day",
                         [(row["at_date"], mart.cell(row, "median_days")) for row in rows]),
                    Line("Ended in the year",
                         [(row["at_date"], mart.cell(row, "ended_median_days")) for row in rows],
                         is_second=True),
                ],
            ),
            says=("Days are counted from the first return on: medians of the first years are short "
                  "because the records are.",),
        )
    ]  # fmt: skip


def _by_age(mart: Mart) -> list[Figure]:
    last = max(row["at_date"] for row in mart)
    rows = sorted(
        (row for row in mart if row["at_date"] == last),
        key=lambda row: (_place(row["age_at_entry_band"]), row["age_at_entry_band"]),
    )
    told = [
        (f"ages {row['age_at_entry_band']}", mart.cell(row, "median_days"))
        for row in rows
        if row["age_at_entry_band"] not in {ALL, "unknown"}
    ]
    return [
        Figure(
            "time-ages",
            headlines.highest("Median days, by age at entry", told, "age"),
            f"Children looked after at {day(last)}, by age at entry to the period of care",
            Table(
                f"Time in care by age at entry, {day(last)}", ["Age at entry", *COLUMNS],
                [[row["age_at_entry_band"], *mart.cells(row, *COLUMNS.values())] for row in rows],
            ),
            (mart.name,),
        )
    ]  # fmt: skip


def _years(mart: Mart) -> list[Row]:
    return sorted(mart, key=lambda row: row["at_date"])


def _returned(mart: Mart) -> list[Point]:
    return [Point(str(row["at_date"].year), *mart.cells(row, *RETURNED)) for row in _years(mart)]


def _ceased(mart: Mart) -> Figure:
    rows, points = _years(mart), _returned(mart)
    title = headlines.came_back(points)
    subtitle = (
        "Children whose care ended in each year to 31 March: percentage who started to be looked "
        "after again within 12 months"
    )
    return Figure(
        "returns-ceased", title, subtitle,
        _by_year("Children who left care, by year", mart, rows, CEASED),
        (mart.name,),
        lines(
            "returns-ceased", title,
            f"{subtitle}. A line over the years with a band for the 95% interval. The table after "
            "it has the numbers.",
            [
                Line(
                    "Came back",
                    [(row["at_date"], point.rate)
                     for row, point in zip(rows, points, strict=True)],
                    [point.lower for point in points],
                    [point.upper for point in points],
                )
            ],
        ),
        key=(("band", "95% interval"),),
        says=(
            "Left out are children who were adopted, grew up, died or went to another authority. "
            "A year is told once the return of the year after it is here.",
        ),
    )  # fmt: skip


def _started(mart: Mart) -> Figure:
    rows = _years(mart)
    ever, lately = (
        [(row["at_date"], mart.cell(row, column)) for row in rows]
        for column in ("started_again_percent", "started_within_12_months_percent")
    )
    title = headlines.started_again([
        (str(when.year), before, soon)
        for (when, before), (_, soon) in zip(ever, lately, strict=True)
    ])  # fmt: skip
    subtitle = (
        "Children who started to be looked after in each year to 31 March: percentage whom the "
        "authority had looked after before"
    )
    since = min(row["records_start_date"] for row in rows)
    return Figure(
        "returns-started", title, subtitle,
        _by_year("Children who started, by year", mart, rows, STARTED),
        (mart.name,),
        lines(
            "returns-started", title,
            f"{subtitle}. Two lines. The table after it has the numbers.",
            [
                Line("Before", ever),
                Line("Within 12 months", lately, is_second=True),
            ],
        ),
        says=(
            f"Before means since {day(since)}, when the records begin, so that the first years "
            "show fewer.",
        ),
    )  # fmt: skip


def _by_year(caption: str, mart: Mart, rows: list[Row], columns: dict[str, str]) -> Table:
    """A table of the years, the last one first."""
    return Table(
        caption, ["Year to 31 March", *columns],
        [[str(row["at_date"].year), *mart.cells(row, *columns.values())]
         for row in reversed(rows)],
    )  # fmt: skip


def _place(band: str) -> int:
    return BANDS.index(band) if band in BANDS else len(BANDS)
