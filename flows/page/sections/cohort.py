"""Who first becomes looked after: the first-episode cohort by whatever it is counted by."""

from collections.abc import Sequence
from datetime import date

from flows.page import headlines
from flows.page.charts import bars, columns, intervals
from flows.page.charts.interval import Share
from flows.page.headlines.categories import Portion
from flows.page.marts import Cell, Mart, Marts, Row
from flows.page.shapes import Figure, Section, Table
from flows.page.words import capital, day

DIMENSIONS = {
    "sex": "sex",
    "ethnic_group": "ethnic group",
    "ethnic_origin": "ethnic origin",
    "category_of_need": "category of need",
    "age": "age",
    "entry_year": "year of entry",
    "deprivation_decile": "tenth of deprivation of the home",
}
COMPARED = {"sex", "ethnic_group", "ethnic_origin"}
HEADS = (
    "Children", "Share %", "Lower 95% limit", "Upper 95% limit", "Area's share %", "Comparison",
)  # fmt: skip
WHERE = "The category is as recorded for the first episode; each child is counted once."


def cohort(marts: Marts) -> Section:
    """A figure for each dimension that is counted."""
    title = "Which children first become looked after, and why?"
    mart = _window(marts["first_episode_profile"])
    rows = of(mart, "all")
    if not mart.rows:
        return Section("cohort", title, says=("No first episode has been counted yet.",))
    figures = [_figure(mart, dimension) for dimension in DIMENSIONS if of(mart, dimension)]
    return Section("cohort", title, figures, [_all(mart, row) for row in rows] + [WHERE])


def which(marts: Marts) -> list[str]:
    """Which children, by ethnic group and age."""
    mart = _window(marts["first_episode_profile"])
    return [_title(mart, dimension) for dimension in ("ethnic_group", "age")]


def why(marts: Marts) -> str:
    """The largest category of need."""
    return _title(_window(marts["first_episode_profile"]), "category_of_need")


def entering(marts: Marts) -> str:
    """The last year of entry beside the first."""
    return _title(_window(marts["first_episode_profile"]), "entry_year")


def of(mart: Mart, dimension: str) -> list[Row]:
    """The categories of a dimension, in their order."""
    return sorted(
        (row for row in mart if row["dimension"] == dimension),
        key=lambda row: (row["sort_order"], row["category_code"]),
    )


def _window(mart: Mart) -> Mart:
    """The rows of the last window that is counted."""

    def window(row: Row) -> tuple[date, date]:
        return row["cohort_end_date"], row["cohort_start_date"]

    last = max(map(window, mart), default=None)
    return mart.only(row for row in mart if window(row) == last)


def _all(mart: Mart, row: Row) -> str:
    children = mart.cell(row, "children")
    period = f"from {day(row['cohort_start_date'])} to {day(row['cohort_end_date'])}"
    if not children.is_shown:
        return f"How many children first became looked after {period}: {children.shown}."
    return f"{children.shown} children first became looked after {period}."


def _told(mart: Mart, dimension: str, column: str) -> list[tuple[str, Cell]]:
    """Categories with their cells, without an unknown that nobody is in."""
    return [
        (row["category_name"], mart.cell(row, column))
        for row in of(mart, dimension)
        if not _is_empty_unknown(row)
    ]


def _is_empty_unknown(row: Row) -> bool:
    """An unknown that nobody is in; its nought is in the table."""
    return bool(row["sort_order"] == UNKNOWN and row["children"] == 0)


INTERVAL = ("percent", "percent_lower_95", "percent_upper_95")
UNKNOWN = 999  # the last in any order


def _title(mart: Mart, dimension: str) -> str:
    what = DIMENSIONS[dimension]
    if dimension == "age":
        return headlines.standing_out(_told(mart, dimension, "children"))
    if dimension == "entry_year":
        return headlines.first_and_last(
            "children first looked after", _told(mart, dimension, "children")
        )
    compared = _told(mart, dimension, "comparison")
    if dimension in COMPARED and any(cell.is_shown for _, cell in compared):
        return headlines.represented(what, compared)
    return headlines.largest(what, [
        Portion(name, share, lower, upper)
        for (name, share), (_, lower), (_, upper) in zip(
            *(_told(mart, dimension, column) for column in INTERVAL), strict=True
        )
    ])  # fmt: skip


def _figure(mart: Mart, dimension: str) -> Figure:
    name, what = f"cohort-{dimension.replace('_', '-')}", DIMENSIONS[dimension]
    rows, title = of(mart, dimension), _title(mart, dimension)
    period = f"{day(rows[0]['cohort_start_date'])} to {day(rows[0]['cohort_end_date'])}"
    by = f"Children first looked after by {what}, {period}"
    key: Sequence[tuple[str, str]] = ()
    says: list[str] = []
    if dimension in COMPARED:
        areas = {row["comparator_name"] for row in rows} - {None}
        area = f"the area's children ({', '.join(sorted(areas))})" if areas else ""
        subtitle = f"{by}: share of all, in per cent" + (f", beside {area}" if areas else "")
        chart = intervals(
            name, title, f"{subtitle}. A strip for each category: a dot for its share, a thick "
            "line for the 95% interval, an upright mark for the area. The table after it has "
            "the numbers.", _shares(mart, rows),
        )  # fmt: skip
        key = (("dot", "share"), ("range", "95% interval"))
        if areas:
            key += (("area", "area's children"),)
        else:
            says.append("There is no figure of the area's children to compare with.")
    elif dimension in {"age", "entry_year"}:
        subtitle = f"{by}: number of children"
        told = [
            (_short(row), mart.cell(row, "children"))
            for row in rows
            if not (row["sort_order"] == UNKNOWN or _is_beyond(row))
        ]
        peaks = headlines.peaks(told) if dimension == "age" else []
        chart = columns(
            name, title, f"{subtitle}. A column for each. The table after it has the numbers.",
            told, peaks, "peak",
        )  # fmt: skip
    else:
        subtitle = f"{by}: share of all, in per cent"
        chart = bars(
            name, title, f"{subtitle}. A bar for each. The table after it has the numbers.",
            _told(mart, dimension, "percent"), unit="%",
        )  # fmt: skip
    return Figure(
        name, title, subtitle, _table(mart, rows, capital(what), by, dimension),
        (mart.name,), chart, key, says,
    )  # fmt: skip


def _is_beyond(row: Row) -> bool:
    """An open end of the ages that nobody is in; its nought is in the table."""
    return "over" in row["category_name"] and row["children"] == 0


def _short(row: Row) -> str:
    """A label that fits under a column: <1, 17, 2010- over 11."""
    name = str(row["category_name"])
    if name.lower().startswith("under "):
        return f"<{name[6:]}"
    if name.endswith(" and over"):
        return f"{name.removesuffix(' and over')}+"
    return name.replace("-", "-\n")


def _shares(mart: Mart, rows: list[Row]) -> list[Share]:
    return [
        Share(row["category_name"], *mart.cells(row, *INTERVAL, "comparator_percent", "comparison"))
        for row in rows
        if not _is_empty_unknown(row)
    ]


def _table(mart: Mart, rows: list[Row], head: str, caption: str, dimension: str) -> Table:
    found = ["children", *INTERVAL]
    heads = [head, *HEADS[:4]]
    if any(row["comparator_percent"] is not None for row in rows):
        found += ["comparator_percent", "comparison"]
        heads += HEADS[4:]
    return Table(
        caption, heads, [[row["category_name"], *mart.cells(row, *found)] for row in rows],
        frozenset({0, 6}),
    )  # fmt: skip
