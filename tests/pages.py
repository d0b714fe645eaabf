"""Made-up marts for the page, put into a folder as a publication has it, and a reader of pages."""

from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb

from expectations.contracts import published_columns
from expectations.published import MARTS
from flows.manifest import PublicColumn, PublicModel
from flows.page import write_page
from tests.marts import good_rows

Rows = dict[str, list[dict[str, Any]]]

LA = "900"
DAY = date(2011, 3, 31)
LIMITS = ("limit_lower_998", "limit_lower_95", "limit_upper_95", "limit_upper_998")
VOID = {"meta", "link", "br", "rect", "line", "circle", "polyline", "polygon", "img", "input"}
LONG = "Saint Bartholomew-in-the-Marsh, Upper Netherwood with Little Wolstanborough and Heath"


def models() -> list[PublicModel]:
    """Every published mart, as the manifest would name it."""
    return [
        PublicModel(
            name,
            "published",
            f"One row per {name} <and its key>.",
            tuple(
                PublicColumn(column, kind.lower(), f"What {column} is.", None)
                for column, kind in published_columns(name).items()
            ),
        )
        for name in sorted(MARTS)
    ]


def page_of(folder: Path, rows: Rows, audience: str = "public", **options: Any) -> Path:
    """Write a page of these rows, all other marts being empty; the folder of its files."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(folder / "cyp.duckdb")) as connection:
        connection.execute("create schema published")
        for model in models():
            declared = ", ".join(f"{each.name} {each.data_type}" for each in model.columns)
            connection.execute(f"create table {model.relation} ({declared})")
            if told := rows.get(model.name):  # in one statement, which is soon done
                marks = f"({', '.join('?' for _ in model.columns)})"
                connection.execute(
                    f"insert into {model.relation} values {', '.join([marks] * len(told))}",
                    [row.get(each.name) for row in told for each in model.columns],
                )
    write_page(folder, models(), audience, "20261126T020000000000Z", **options)
    return folder / "page"


def good(name: str, rows: int = 1) -> list[dict[str, Any]]:
    """Rows with every number shown, of this authority."""
    told: list[dict[str, Any]] = good_rows(name, rows).astype(object).to_dict("records")
    return [{**row, "la_code": LA} for row in told]


def authority(townships: int = 5, wards: int = 5, lsoas: int = 8, long: bool = False) -> Rows:
    """An authority with a hole of every kind: withheld, not available, not applicable."""
    name = LONG if long else "Place"
    rows: Rows = {mart: good(mart) for mart in MARTS if not mart.startswith("star_")}
    rows["area_outlines"] = []
    rows["children_rates"] = [
        _rate(measure, year, place)
        for place, measure in enumerate(
            ("children_in_need", "child_protection_plan", "looked_after")
        )
        for year in range(2005, 2012)
    ]
    for row in rows["children_rates"]:
        row["la_name"] = LONG if long else "Somewhere"
    rows["comparator_rates"] = _others("children_in_need", long) + _others("looked_after", long)
    rows["first_episode_profile"] = _cohort()
    rows["returns_to_care"] = [_returns(year) for year in (2009, 2010, 2011)]
    rows["township_profile"] = [
        _place("township_profile", township_name=f"{name} {t}", children_in_need=None,
               children_in_need_marker="c", children_in_need_rate=None, at_date=day)
        for t in range(townships) for day in (date(2010, 3, 31), DAY)
    ]  # fmt: skip
    if townships:
        rows["township_profile"].append(
            _place("township_profile", township_name="Out of area", children_0_17=None,
                   children_0_17_marker="z", lsoas=None, lsoas_marker="z",
                   lsoas_top_10_percent=None, lsoas_top_10_percent_marker="z",
                   child_poverty_percent=None, looked_after_rate=None)
        )  # fmt: skip
    rows["ward_profile"] = [
        _place("ward_profile", township_name=f"{name} {t}", ward_name=f"{name} {t} ward {w}",
               ward_code=f"W{t}-{w}", looked_after_rate=float(20 + t * wards + w))
        for t in range(townships) for w in range(wards)
    ]  # fmt: skip
    rows["lsoa_profile"] = [
        {**good("lsoa_profile")[0], "lsoa_code": f"L{t}-{w}-{n}", "lsoa_name": f"{name} {n}",
         "ward_name": f"{name} {t} ward {w}", "township_name": f"{name} {t}",
         "deprivation_decile": 1 + n % 10, "deprivation_release": 2007,
         "deprivation_index": "imd",
         "child_poverty_percent": None if n == 0 else 7.3 + 6 * n, "child_poverty_year": 2007}
        for t in range(townships) for w in range(wards) for n in range(lsoas)
    ]  # fmt: skip
    return rows


def mapped(rows: Rows, side: int = 12) -> Rows:
    """The same authority with boundaries: each township a row of squares, each square an LSOA."""
    towns = list(dict.fromkeys(row["township_name"] for row in rows["lsoa_profile"]))
    rows["area_outlines"] = []
    for town, name in enumerate(towns):
        codes = [r["lsoa_code"] for r in rows["lsoa_profile"] if r["township_name"] == name]
        areas = [("lsoa", code, at, 1) for at, code in enumerate(codes)]
        for level, area, at, wide in [*areas, ("township", name, 0, len(codes))]:
            (west, north), (east, south) = (
                (side * x, 4 * side * y) for x, y in ((at, town), (at + wide, town + 1))
            )
            corners = [(west, north), (east, north), (east, south), (west, south), (west, north)]
            rows["area_outlines"].append({
                **good("area_outlines")[0], "area_level": level, "area": area,
                "boundaries_year": 2011, "label_x": (west + east) // 2,
                "label_y": (north + south) // 2,
                "outline": " ".join(f"{x},{y}" for x, y in corners),
            })  # fmt: skip
    return rows


def _place(mart: str, **changed: Any) -> dict[str, Any]:
    return {**good(mart)[0], "at_date": DAY, **changed}


def _returns(year: int) -> dict[str, Any]:
    """Before the first year nothing is known, in the second a count is withheld, and after the
    last a year has not passed."""
    row = {**good("returns_to_care")[0], "at_date": date(year, 3, 31)}
    hidden = {
        2009: (("started", "started_again", "started_within_12_months"), "x"),
        2010: (("returned", "started_within_12_months"), "c"),
        2011: (("returned",), "x"),
    }
    for what in hidden[year][0]:
        row |= dict.fromkeys(column for column in row if column.startswith(f"{what}_"))
        row[f"{what}_children_marker"] = hidden[year][1]
    return row


def _rate(measure: str, year: int, place: int) -> dict[str, Any]:
    row = {**good("children_rates")[0], "measure": measure, "at_date": date(year, 3, 31),
           "la_name": "Somewhere", "comparator_name": "England",
           "comparator_date": date(year, 3, 31)}  # fmt: skip
    if (place, year) == (0, 2008):
        row |= dict.fromkeys(
            ("children", "rate_per_10000", "rate_lower_95", "rate_upper_95", "comparison")
        ) | {"children_marker": "c"}
    if place == 1:
        row |= dict.fromkeys(
            ("comparator_name", "comparator_date", "comparator_rate_per_10000", "comparison")
        )
    if place == 2:
        row |= dict.fromkeys(
            ("population_0_17", "rate_per_10000", "rate_lower_95", "rate_upper_95", "comparison")
        ) | {"population_0_17_marker": "x"}
    return row


def _others(measure: str, long: bool = False) -> list[dict[str, Any]]:
    """Those that an authority is compared with: of children looked after there are neither limits
    nor a rate of its own."""
    rows = []
    for number, (level, name) in enumerate(
        [("england", "England"), ("region", "West"), ("own", "Somewhere")]
        + [("neighbours", "Mean of statistical neighbours")]
        + [("la", f"{LONG if long else 'Otherborough'} {n}") for n in range(24)]
    ):
        row = {
            **good("comparator_rates")[0], "measure": measure, "at_date": DAY,
            "area_level": level, "area_code": f"A{number:02d}", "area_name": name,
            "neighbour_rank": None, "closeness_name": None, "population_0_17": 900 + 4100 * number,
            "rate_per_10000": 30.5 + number, "limit_lower_998": 30.1, "limit_lower_95": 40.2,
            "limit_upper_95": 60.3, "limit_upper_998": 70.4,
        }  # fmt: skip
        if level == "la" and number % 3 == 0:
            row |= {"neighbour_rank": number, "closeness_name": "Very Close"}
        if level == "own":
            row |= {"rate_per_10000": None, "rate_per_10000_marker": "z"}
        if level in {"own", "neighbours"} or number == 9:
            marker = "c" if number == 9 else "z"
            row |= {"children": None, "children_marker": marker}
        if level == "neighbours":
            row |= dict.fromkeys(("population_0_17", *LIMITS)) | {"population_0_17_marker": "z"}
        if number == 9:
            row |= {"rate_per_10000": None, "rate_per_10000_marker": "c"}
        if measure == "looked_after":
            row |= dict.fromkeys(LIMITS)
        rows.append(row)
    return rows


def _cohort() -> list[dict[str, Any]]:
    return [
        {
            **good("first_episode_profile")[0],
            "cohort_start_date": date(2001, 4, 1),
            "cohort_end_date": DAY,
            "dimension": dimension,
            "category_code": str(number),
            "category_name": f"{dimension} {number}" if dimension != "age" else str(number),
            "sort_order": number,
            **(
                dict.fromkeys(("children", "percent", "percent_lower_95", "percent_upper_95",
                               "comparison")) | {"children_marker": "c"}
                if number == 2
                else {"children": 100 + number}
            ),
        }
        for dimension, many in {
            "all": 1, "sex": 3, "ethnic_group": 6, "ethnic_origin": 18, "category_of_need": 9,
            "age": 18, "entry_year": 10, "deprivation_decile": 10,
        }.items()
        for number in range(1, many + 1)
    ]  # fmt: skip


class Document(HTMLParser):
    """What is asked of a page: its elements in order, what is in each, and its tables."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[tuple[tuple[str, ...], str]] = []
        self.tables: list[list[list[str]]] = []
        self.feed(path.read_text(encoding="utf-8"))
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag if tag != "text" else f"text.{dict(attrs).get('class')}")
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop().split(".")[0] == tag, "elements are nested"

    def handle_data(self, data):
        if "style" in self.open:
            return
        self.texts.append((tuple(self.open), data))
        if {"td", "th"} & set(self.open):
            self.tables[-1][-1][-1] += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def words(self):
        return " ".join(text for _, text in self.texts)
