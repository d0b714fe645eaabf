"""Which pages there are, and what is on each: an authority's own, and one for each township."""

import re
from collections.abc import Sequence

from flows.page import headlines
from flows.page.charts import Line, lines
from flows.page.marts import Mart, Marts, Row
from flows.page.sections import cohort, place, quality, rates, scorecard, time_in_care
from flows.page.shapes import Answer, Figure, Number, Page, Section, Table
from flows.page.words import day

INDEX = "index.html"
TITLE = "Children and young people's needs"


def pages(marts: Marts, la_code: str) -> list[Page]:
    """An authority's page, and those of its townships, from its marts."""
    who = name_of(marts, la_code)
    names = list(dict.fromkeys(
        row["township_name"] for row in marts["township_profile"] if place.is_place(row)
    ))  # fmt: skip
    paths = dict(zip(names, _paths(names), strict=True))
    whole = Page(
        INDEX,
        f"{TITLE}: {who}",
        "How many children need help, which children, from where and why; rebuilt every night "
        "from what is published, and from nothing else.",
        (
            rates.rates(marts, who),
            cohort.cohort(marts),
            place.place(marts),
            time_in_care.time_in_care(marts),
            scorecard.scorecard(marts),
            quality.quality(marts),
        ),
        rates.numbers(marts),
        _answers(marts),
        [(paths[name], name) for name in names],
        is_index=True,
    )
    return [whole, *(_township(marts, who, name, paths[name]) for name in names)]


def list_of(authorities: Sequence[tuple[str, str]]) -> Page:
    """The page before the pages of several authorities: folder, name."""
    links = [(f"{folder}/{INDEX}", name) for folder, name in authorities]
    lead = (
        "A page for each authority whose figures are published here."
        if links
        else "Nothing is published of any authority yet."
    )
    return Page(INDEX, TITLE, lead, (), links=links, is_index=True)


def name_of(marts: Marts, la_code: str) -> str:
    """The authority's name, where a mart has it."""
    names = [row["la_name"] for row in marts["children_rates"] if row["la_name"]]
    return names[-1] if names else f"authority {la_code}"


def _answers(marts: Marts) -> list[Answer]:
    measures = list(rates.MEASURES)
    return [
        Answer("How many children, and is that higher than elsewhere?",
               [rates.latest(marts, measure) for measure in measures], "rates"),
        Answer("Is it changing?",
               [f"{rates.MEASURES[measure]}: {_small(rates.changing(marts, measure))}"
                for measure in measures] + [cohort.entering(marts)], "rates"),
        Answer("Which children?", cohort.which(marts), "cohort"),
        Answer("Why?", [cohort.why(marts)], "cohort"),
        Answer("From where?", place.whence(marts), "place"),
        Answer("Do they stay longer, and do they come back?",
               [time_in_care.staying(marts), time_in_care.coming_back(marts)], "time"),
        Answer("How sure are we?", [
            quality.trusted(marts),
            "Rates and shares have 95% intervals; what could tell who a child is is withheld "
            "and shown as [c]",
        ], "quality"),
    ]  # fmt: skip


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def _paths(names: Sequence[str]) -> list[str]:
    """A file's name for each township; those that would be alike are numbered."""
    taken: list[str] = []
    for name in names:
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "township"
        path, number = f"{slug}.html", 2
        while path in {*taken, INDEX}:
            path, number = f"{slug}-{number}.html", number + 1
        taken.append(path)
    return taken


def _township(marts: Marts, who: str, name: str, path: str) -> Page:
    rows = sorted(
        (row for row in marts["township_profile"] if row["township_name"] == name),
        key=lambda row: row["at_date"],
    )
    mart = marts["township_profile"].only(rows)
    wards = place.last_day(_within(marts["ward_profile"], name))
    lsoas = _within(marts["lsoa_profile"], name)
    chosen = _within(marts["priority_lsoas"], name)
    where = [place.ward_figure(wards, "wards", is_charted=True)] if wards.rows else []
    where += place.lsoa_figures(lsoas, place.last_day(mart), marts["area_outlines"], name)
    if chosen.rows:
        where.append(place.priority_figure(chosen, "priority"))
    return Page(
        path,
        f"{name}, {who}",
        f"Children known to children's services whose home is in the township of {name}.",
        (
            Section("years", "How many children, and is it changing?", _years(mart, rows)),
            Section("place", "Where in the township?", where),
        ),
        _numbers(mart, rows[-1]),
    )


def _within(mart: Mart, township: str) -> Mart:
    return mart.only(row for row in mart if row["township_name"] == township)


def _numbers(mart: Mart, row: Row) -> list[Number]:
    at = day(row["at_date"])
    rate, in_need = mart.cells(row, "looked_after_rate", "children_in_need_rate")
    poverty = mart.cell(row, "child_poverty_percent")
    return [
        Number(
            "Children in need",
            mart.cell(row, "children_in_need"),
            at,
            f"{in_need.shown} per 10,000",
        ),
        Number(
            "Children on a child protection plan", mart.cell(row, "child_protection_plans"), at, ""
        ),
        Number(
            "Children looked after", mart.cell(row, "looked_after"), at, f"{rate.shown} per 10,000"
        ),
        Number("Child poverty, %", poverty, "of children in low-income families", ""),
    ]


def _years(mart: Mart, rows: Sequence[Row]) -> list[Figure]:
    told = {
        "looked_after": "Looked after",
        "children_in_need": "In need",
    }
    period = f"31 March {rows[0]['at_date'].year} to {rows[-1]['at_date'].year}"
    figures: list[Figure] = []
    for column, what in told.items():
        name = f"years-{column.replace('_', '-')}"
        cells = [(row["at_date"], mart.cell(row, column)) for row in rows]
        title = headlines.first_and_last(
            f"children {what.lower()}", [(str(when.year), cell) for when, cell in cells]
        )
        subtitle = f"{what}: number of children whose home is in the township, {period}"
        figures.append(
            Figure(
                name, title, subtitle,
                Table(
                    f"Children at each 31 March, {rows[-1]['township_name']}",
                    ["31 March", *place.COLUMNS],
                    [[str(row["at_date"].year), *mart.cells(row, *place.COLUMNS.values())]
                     for row in reversed(rows)],
                ) if not figures else None,
                (mart.name,),
                lines(name, title, f"{subtitle}. A line. The table has the numbers.",
                      [Line(what, cells)]),
                table_of=figures[0].name if figures else "",
            )
        )  # fmt: skip
    return figures
