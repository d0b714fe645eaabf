"""How far it can be trusted: what was delivered and what became of it."""

from flows.page import headlines
from flows.page.marts import NATIONAL, Marts
from flows.page.shapes import Figure, Section, Table

COLUMNS = {
    "Year": "collection_year",
    "Files": "files",
    "Rows delivered": "rows_delivered",
    "Loaded": "rows_loaded",
    "Superseded": "rows_superseded",
    "Set aside": "rows_quarantined",
    "Broke a critical rule": "rule_failures_error",
    "Broke a rule": "rule_failures_warning",
}


def quality(marts: Marts) -> Section:
    """Every source in every year."""
    mart = marts["data_quality_summary"]
    title = "How sure are we?"
    if not mart.rows:
        return Section("quality", title, says=("Nothing has been delivered yet.",))
    figure = Figure(
        "deliveries",
        trusted(marts),
        "Rows by source and collection year; a return's year is that of the March that ends it",
        Table(
            "What was delivered, and what became of it",
            ["Source", *COLUMNS],
            [
                [
                    row["source"] + (", England" if row["la_code"] == NATIONAL else ""),
                    *mart.cells(row, *COLUMNS.values()),
                ]
                for row in mart
            ],
            frozenset({0, 1}),
        ),
        (mart.name,),
    )
    return Section("quality", title, [figure])


def trusted(marts: Marts) -> str:
    """The headline of what was set aside."""
    mart = marts["data_quality_summary"]
    return headlines.set_aside([mart.cell(row, "rows_quarantined") for row in mart])
