"""An authority's rates among those of other authorities, and beside its statistical neighbours."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from flows.page import headlines
from flows.page.charts import Dot, Limits, Mark, dots, funnel
from flows.page.headlines.rates import Point
from flows.page.marts import Cell, Mart, Marts, Row
from flows.page.shapes import Figure, Table
from flows.page.words import day, listed

MART = "comparator_rates"
LIMITS = ("limit_lower_998", "limit_lower_95", "limit_upper_95", "limit_upper_998")
FIGURES = ("children", "rate_per_10000", "population_0_17")
NOT_SHOWN = Cell(None, "x")
FUNNEL, NEIGHBOURS = "funnel", "neighbours"

FUNNEL_SAYS = (
    "In a funnel plot each mark is an authority. The fewer children live in one, the further "
    "chance alone may carry its rate from England's: as far as the 95% limits often, beyond the "
    "99.8% limits hardly ever."
)
NEIGHBOURS_SAY = (
    "Statistical neighbours are the authorities that the department takes to be most like this "
    "one. Their mean counts each of them once, however many children live there."
)
NO_FUNNEL = (
    "No funnel plot is shown{of}: no rates of other authorities were delivered for a 31 March at "
    "which ours are counted."
)
NO_NEIGHBOURS = (
    "Statistical neighbours are not shown{of}: none were delivered, or no figures of theirs."
)


def figures(marts: Marts, measure: str, what: str, who: str) -> Iterator[Figure]:
    """The funnel and the neighbours of a measure, each of the last 31 March that has them."""
    for name, is_there, drawn in (
        (FUNNEL, _is_other, _funnel),
        (NEIGHBOURS, _is_neighbour, _neighbours),
    ):
        if there := _last(marts, measure, is_there):
            yield drawn(there, f"{name}-{measure.replace('_', '-')}", what, who)


def says(shown: Sequence[Figure]) -> Iterator[str]:
    """How to read these figures; of those that a measure lacks, why."""
    trends = [figure.name.removeprefix("rate-") for figure in shown if figure.name[:5] == "rate-"]
    for kind, told, missing in (
        (FUNNEL, FUNNEL_SAYS, NO_FUNNEL),
        (NEIGHBOURS, NEIGHBOURS_SAY, NO_NEIGHBOURS),
    ):
        names = {figure.name for figure in shown}
        without = [name for name in trends if f"{kind}-{name}" not in names]
        if len(without) < len(trends):
            yield told
        if without:
            named = listed([name.replace("-", " ") for name in without])
            yield missing.format(of="" if len(without) == len(trends) else f" of {named}")


@dataclass(frozen=True)
class _Day:
    """One measure on one day: our own row, and the rows of the areas compared with."""

    ours: Mart
    own: Row
    mart: Mart
    year: int

    def all(self, *levels: str) -> list[Row]:
        return [row for row in self.mart if row["area_level"] in levels]

    def one(self, level: str, column: str) -> Cell:
        """A cell of England, or of the neighbours' mean."""
        return next((self.mart.cell(row, column) for row in self.all(level)), NOT_SHOWN)

    @property
    def limits(self) -> Limits:
        """Those for a population of our size."""
        return Limits(*(self.one("own", column) for column in LIMITS))

    def cells(self) -> list[Cell]:
        return self.ours.cells(self.own, *FIGURES)


def _is_other(row: Row) -> bool:
    return row["area_level"] == "la" and row["rate_per_10000"] is not None


def _is_neighbour(row: Row) -> bool:
    return row["neighbour_rank"] is not None


def _last(marts: Marts, measure: str, is_there: Callable[[Row], bool]) -> _Day | None:
    """The last day of which there is such a row, one with a rate if any has."""
    ours, mart = marts["children_rates"], marts[MART]
    own = {row["at_date"]: row for row in ours if row["measure"] == measure}
    found = [
        (row["rate_per_10000"] is not None, row["at_date"])
        for row in mart
        if row["measure"] == measure and row["at_date"] in own and is_there(row)
    ]
    if not found:
        return None
    _, at = max(found)
    rows = mart.only(row for row in mart if row["measure"] == measure and row["at_date"] == at)
    return _Day(ours, own[at], rows, at.year)


def _funnel(there: _Day, name: str, what: str, who: str) -> Figure:
    mart = there.mart
    _, rate, population = there.cells()
    own = Mark(who, population, rate, there.limits)
    england = there.one("england", "rate_per_10000")
    rows = sorted(there.all("la"), key=lambda row: str(row["area_name"]))
    others = [
        Mark(
            row["area_name"],
            mart.cell(row, "population_0_17"),
            mart.cell(row, "rate_per_10000"),
            Limits(*mart.cells(row, *LIMITS)),
            _is_neighbour(row),
        )
        for row in rows
    ]
    title = headlines.in_funnel(what, there.year, rate, england, there.limits)
    subtitle = (
        f"{what} per 10,000 aged 0 to 17 by authority and its number of children, "
        f"{day(there.own['at_date'])}"
    )
    lines: list[Sequence[str | Cell]] = [
        [who, *there.cells(), *(there.one("own", column) for column in LIMITS)]
    ]
    for row in (*there.all("england"), *there.all("region"), *rows):
        lines.append([_named(row), *mart.cells(row, *FIGURES, *LIMITS)])
    return Figure(
        name, title, subtitle,
        Table(
            f"{what}: rates and control limits, {day(there.own['at_date'])}",
            (
                "Area", "Children", "Rate per 10,000", "Population 0 to 17", "Lower 99.8% limit",
                "Lower 95% limit", "Upper 95% limit", "Upper 99.8% limit",
            ),
            lines,
        ),
        (MART, "children_rates"),
        funnel(
            name, title,
            f"{subtitle}. A mark for each authority, {who} larger and named; England's rate as a "
            "dashed line between its limits. The table after it has the numbers.",
            own, others, england,
        ),
        key=[
            (kind, told)
            for kind, told, is_drawn in (
                ("ours", who, own.is_placed),
                ("near", "Statistical neighbours", any(mark.is_neighbour for mark in others)),
                ("other", "Other authorities", True),
                ("inner", "95% limits", england.is_shown and own.limits.are_shown),
                ("outer", "99.8% limits", england.is_shown and own.limits.are_shown),
            )
            if is_drawn
        ],
        says=(headlines.scattered(others),),
        is_long=len(rows) > 40,
    )  # fmt: skip


def _neighbours(there: _Day, name: str, what: str, who: str) -> Figure:
    mart, ours = there.mart, there.ours
    _, rate, _ = own = there.cells()
    point = Point(str(there.year), rate, *ours.cells(there.own, "rate_lower_95", "rate_upper_95"))
    rows = [row for row in there.all("la") if _is_neighbour(row)]
    title = headlines.beside_neighbours(
        what, there.year, point, there.one("neighbours", "rate_per_10000")
    )
    lines: list[tuple[Cell, Dot, list[str | Cell]]] = [
        (rate, Dot(who, rate, "own", point.lower, point.upper), [who, "", "", *own])
    ]
    for row in (*there.all("england", "neighbours"), *rows):
        is_near = _is_neighbour(row)
        its_rate = mart.cell(row, "rate_per_10000")
        lines.append((
            its_rate,
            Dot(row["area_name"], its_rate, "neighbour" if is_near else "other"),
            [
                row["area_name"],
                *(mart.cells(row, "neighbour_rank", "closeness_name") if is_near else ("", "")),
                *mart.cells(row, *FIGURES),
            ],
        ))  # fmt: skip
    # Highest first; those that are not shown come last.
    lines.sort(key=lambda line: -line[0].number if line[0].is_shown else 1.0)
    subtitle = (
        f"{what} per 10,000 aged 0 to 17, {who} and its statistical neighbours, "
        f"{day(there.own['at_date'])}"
    )
    told = headlines.order(rate, [mart.cell(row, "rate_per_10000") for row in rows])
    return Figure(
        name, title, subtitle,
        Table(
            f"{what}: statistical neighbours, {day(there.own['at_date'])}",
            ("Area", "Neighbour", "Closeness", "Children", "Rate per 10,000", "Population 0 to 17"),
            [row for _, _, row in lines],
            frozenset({0, 2}),
        ),
        (MART, "children_rates"),
        dots(
            name, title, f"{subtitle}, highest first. A mark for each. The table after it has the "
            "numbers.", [dot for _, dot, _ in lines],
        ),
        key=(
            ("ours", f"{who}, with its 95% interval"),
            ("near", "Statistical neighbours"),
            ("upright", "England, and the neighbours' mean"),
        ),
        says=(told,) if told else (),
    )  # fmt: skip


def _named(row: Row) -> str:
    """In the table a neighbour is told by words, as in the chart by its shape."""
    return f"{row['area_name']} (statistical neighbour)" if _is_neighbour(row) else row["area_name"]
