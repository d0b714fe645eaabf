"""Where children come from: townships, wards, LSOAs, and where to begin."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from flows.page import headlines
from flows.page.charts import DEPRIVATION, POVERTY, Drawn, Outline, Ramp, bars, outlines, tiles
from flows.page.marts import Cell, Mart, Marts, Row
from flows.page.shapes import Figure, Section, Table
from flows.page.words import day

COLUMNS = {
    "Children 0 to 17": "children_0_17",
    "Child poverty %": "child_poverty_percent",
    "LSOAs in top 10%": "lsoas_top_10_percent",
    "Looked after": "looked_after",
    "Looked after per 10,000": "looked_after_rate",
    "First episodes": "first_episodes",
    "Share %": "first_episode_share",
    "In need": "children_in_need",
    "In need per 10,000": "children_in_need_rate",
    "On a plan": "child_protection_plans",
}
RATES = {"looked_after_rate": "Looked after", "children_in_need_rate": "In need"}
ELSEWHERE = "Homes out of the area, and unknown ones, are in the table."
REFERRALS = {"Referrals": "referrals"}
INDEX = {
    "imd": "Index of Multiple Deprivation",
    "idaci": "Income Deprivation Affecting Children Index",
}
TILES = (
    "Each tile is an LSOA, of about 1,500 people; it lies with its ward and township, and not "
    "where it is on a map: no boundaries were delivered."
)
MAP = "Each area is an LSOA, of about 1,500 people; the heavy lines are townships."
LICENCE = (
    "Boundaries: Office for National Statistics, under the Open Government Licence. Contains OS "
    "data © Crown copyright and database right {}."
)
NOT_DRAWN = "Not on the map, for no boundary was delivered that can be drawn:"
MOST = 0.5  # of the LSOAs are drawn, or there is no map


def place(marts: Marts) -> Section:
    """The authority by township, ward and LSOA."""
    townships = last_day(marts["township_profile"])
    wards = last_day(marts["ward_profile"])
    figures = [*_townships(townships)] if townships.rows else []
    figures += lsoa_figures(marts["lsoa_profile"], townships, marts["area_outlines"], "")
    if wards.rows:
        figures.append(ward_figure(wards, "wards"))
    if marts["priority_lsoas"].rows:
        figures.append(priority_figure(marts["priority_lsoas"], "priority"))
    says = [] if townships.rows else ["No township is told of: the authority has delivered none."]
    return Section("place", "Where do they come from?", figures, says)


def whence(marts: Marts) -> list[str]:
    """The headlines of townships and priorities."""
    mart = last_day(marts["township_profile"])
    return [
        headlines.highest("Looked after per 10,000", _places(mart, "looked_after_rate")),
        headlines.priorities(_in_order(marts["priority_lsoas"])),
    ]


def last_day(mart: Mart) -> Mart:
    """The rows of the last 31 March."""
    last = max((row["at_date"] for row in mart), default=None)
    return mart.only(row for row in mart if row["at_date"] == last)


def is_place(row: Row) -> bool:
    """Whether a row is of a place: homes elsewhere and unknown ones have no LSOAs to count."""
    return bool(row["lsoas_marker"] != "z")


def _places(mart: Mart, column: str) -> list[tuple[str, Cell]]:
    return [(row["township_name"], mart.cell(row, column)) for row in mart if is_place(row)]


def _by_size(told: Sequence[tuple[str, Cell]]) -> list[tuple[str, Cell]]:
    """Largest first, those not shown last."""
    return sorted(told, key=lambda each: -each[1].number if each[1].is_shown else 1.0)


def _townships(mart: Mart) -> list[Figure]:
    """A chart for each rate; the table is with the first of them."""
    at = day(mart.rows[0]["at_date"])
    figures: list[Figure] = []
    for column, what in RATES.items():
        name = f"township-{column.replace('_', '-')}"
        told = _places(mart, column)
        title = headlines.highest(f"{what} per 10,000", told)
        subtitle = f"{what}: children per 10,000 aged 0 to 17, by township of the home, {at}"
        chart = bars(
            name, title, f"{subtitle}. A bar for each township. The table has the numbers.",
            _by_size(told),
        )  # fmt: skip
        is_first = not figures
        table = _table(mart, "Township", "township_name", COLUMNS, at) if is_first else None
        says = (ELSEWHERE,) if is_first else ()
        table_of = "" if is_first else figures[0].name
        figures.append(
            Figure(name, title, subtitle, table, (mart.name,), chart, says=says, table_of=table_of)
        )
    return figures


def ward_figure(mart: Mart, name: str, is_charted: bool = False) -> Figure:
    """Wards, in a table; with bars where there are few."""
    at = day(mart.rows[0]["at_date"])
    told = [
        (row["ward_name"], mart.cell(row, "looked_after_rate")) for row in mart if is_place(row)
    ]
    title = headlines.highest("Looked after per 10,000", told, "ward")
    chart = None
    if is_charted:
        chart = bars(
            name,
            title,
            f"Looked after per 10,000, {at}. A bar for each ward. The table has the numbers.",
            _by_size(told),
        )
    columns = COLUMNS | REFERRALS
    return Figure(
        name, title, f"Children by ward of the home, {at}",
        _table(mart, "Ward", "ward_name", columns, at, "" if is_charted else "township_name"),
        (mart.name,), chart,
    )  # fmt: skip


def _table(
    mart: Mart, head: str, name: str, columns: dict[str, str], at: str, also: str = ""
) -> Table:
    """What is published of each place on the day; its CSV has a few columns more."""
    ordered = sorted(
        mart, key=lambda row: (not is_place(row), row[also] if also else "", row[name])
    )
    heads = [head, *(["Township"] if also else []), *columns]
    rows = [
        [row[name], *([row[also]] if also else []), *mart.cells(row, *columns.values())]
        for row in ordered
    ]
    words = frozenset({0, 1}) if also else frozenset({0})
    return Table(f"By {head.lower()} of the home, {at}", heads, rows, words)


def lsoa_figures(mart: Mart, townships: Mart, boundaries: Mart, name: str) -> list[Figure]:
    """Child poverty and deprivation by LSOA, with one table for both; `name` of the township
    when they are of one. On a map where most LSOAs have an outline, else in tiles."""
    if not mart.rows:
        return []
    first = mart.rows[0]
    years = {row["child_poverty_year"] for row in mart} - {None}
    year = f", {max(years)}" if years else ""
    poverty = [mart.cell(row, "child_poverty_percent") for row in mart]
    deciles = [mart.cell(row, "deprivation_decile") for row in mart]
    areas = _places(townships, "lsoas_top_10_percent")
    told = [
        ("poverty", headlines.spread("Child poverty", poverty),
         f"Children in low-income families in per cent{year}, by LSOA", poverty, POVERTY),
        ("deprivation",
         headlines.most_areas(areas) if areas else headlines.most_deprived(deciles),
         f"{INDEX.get(first['deprivation_index'], 'Deprivation')}, release of "
         f"{first['deprivation_release']}: tenth of England's LSOAs, 1 the most deprived",
         deciles, DEPRIVATION),
    ]  # fmt: skip
    lsoas = _Lsoas.of(mart, boundaries, is_whole=not name)
    figures: list[Figure] = []
    for figure, title, subtitle, cells, ramp in told:
        is_first = not figures
        also = ["township_profile"] if figure == "deprivation" and areas else []
        also += ["area_outlines"] if lsoas.drawn else []
        figures.append(
            Figure(
                figure, title, subtitle, _lsoas(mart, name) if is_first else None,
                (mart.name, *also), lsoas.chart(figure, title, subtitle, cells, ramp, is_first),
                says=lsoas.says if is_first else (), is_long=True,
                table_of="" if is_first else figures[0].name,
            )
        )  # fmt: skip
    return figures


@dataclass(frozen=True)
class _Lsoas:
    """The LSOAs of a page as its maps have them.

    drawn  their outlines, or None where there are too few for a map
    on     which rows of the profile they are of
    """

    mart: Mart
    is_whole: bool
    drawn: Drawn | None
    on: Sequence[int]
    year: int | None

    @classmethod
    def of(cls, mart: Mart, boundaries: Mart, *, is_whole: bool) -> "_Lsoas":
        found = {(row["area_level"], row["area"]): row for row in boundaries}
        on = [at for at, row in enumerate(mart) if ("lsoa", row["lsoa_code"]) in found]
        if len(on) <= MOST * len(mart.rows):
            return cls(mart, is_whole, None, (), None)
        names = sorted({row["township_name"] for row in mart} - {None})
        areas = [found["lsoa", mart.rows[at]["lsoa_code"]] for at in on]
        drawn = Drawn(
            [_outline(row) for row in areas],
            [(name, _outline(found["township", name])) for name in names
             if ("township", name) in found],
        )  # fmt: skip
        return cls(mart, is_whole, drawn, on, areas[0]["boundaries_year"])

    @property
    def says(self) -> Sequence[str]:
        return (MAP, LICENCE.format(self.year)) if self.drawn else (TILES,)

    def chart(
        self, figure: str, title: str, subtitle: str, cells: Sequence[Cell], ramp: Ramp,
        is_first: bool,
    ) -> Markup:  # fmt: skip
        """The key and the map, and tiles for what is not on it."""
        parts = [ramp.key()]
        if self.drawn:
            told = [(_named(self.mart.rows[at]), cells[at]) for at in self.on]
            said = f"{subtitle}. A map in four shades. The table has the numbers."
            parts.append(outlines(figure, title, said, self.drawn, told, ramp, is_first))
        left = [at for at in range(len(cells)) if at not in set(self.on)]
        if left:
            rows = [self.mart.rows[at] for at in left]
            found = [
                (row["township_name"] or "" if self.is_whole else "", row["ward_name"] or "No ward",
                 cells[at])
                for at, row in zip(left, rows, strict=True)
            ]  # fmt: skip
            what = f"Tiles of LSOAs that are not on the map: {subtitle}"
            if self.drawn:
                parts.append(Markup('<p class="says">{}</p>').format(NOT_DRAWN))
            else:
                what = f"Tiles: {subtitle}"
            what += ". The table has the numbers."
            parts.append(tiles(f"{figure}-tiles", what, found, ramp))
        return Markup("").join(parts)


def _named(row: Row) -> str:
    return str(row["lsoa_name"] or row["lsoa_code"])


def _outline(row: Row) -> Outline:
    return Outline.of(row["outline"], (row["label_x"], row["label_y"]))


def _lsoas(mart: Mart, name: str) -> Table:
    columns = {
        "LSOA code": "lsoa_code",
        "Ward": "ward_name",
        "Child poverty %": "child_poverty_percent",
        "Tenth": "deprivation_decile",
        "Rank in England": "deprivation_rank",
        "Children 0 to 17": "children_0_17",
    }
    return Table.of(
        mart,
        f"Every LSOA{' of ' + name if name else ''}: child poverty and deprivation",
        "LSOA",
        columns,
        _named,
        frozenset({0, 1, 2}),
    )


def _in_order(mart: Mart) -> list[Row]:
    return sorted(mart, key=lambda row: row["priority_order"])


def priority_figure(mart: Mart, name: str) -> Figure:
    """The priority LSOAs with the rule that chose each."""
    columns = {
        "Township": "township_name",
        "Ward": "ward_name",
        "LSOA code": "lsoa_code",
        "Rank in England": "deprivation_rank",
        "Band": "deprivation_band",
        "Children 0 to 17": "children_0_17",
        "Chosen as": "selection_rule",
    }
    rows = _in_order(mart)
    return Figure(
        name,
        headlines.priorities(rows),
        "Priority LSOAs, with the rule that chose each",
        Table.of(
            mart.only(rows),
            "Priority LSOAs, in their order",
            "Area",
            columns,
            lambda row: str(row["area_name"] or row["lsoa_code"]),
            frozenset({0, 1, 2, 3, 5, 7}),
        ),
        (mart.name,),
    )  # fmt: skip
