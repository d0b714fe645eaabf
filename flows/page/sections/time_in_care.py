"""How long children have been looked after."""

from flows.page import headlines
from flows.page.charts import Line, lines
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
NOT_HERE = "Returns to care are not shown: no mart counts them."


def time_in_care(marts: Marts) -> Section:
    """Medians over the years, and by age at entry on the last 31 March."""
    mart = marts["time_in_care"]
    title = "Do children stay longer?"
    if not mart.rows:
        return Section("time", title, says=("No time in care has been counted yet.", NOT_HERE))
    return Section("time", title, [*_over_years(mart), *_by_age(mart)], (NOT_HERE,))


def staying(marts: Marts) -> str:
    """The headline of the medians."""
    return _staying(marts["time_in_care"])


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


def _place(band: str) -> int:
    return BANDS.index(band) if band in BANDS else len(BANDS)
