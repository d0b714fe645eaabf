"""Every figure the plan printed, recomputed through the marts."""

import csv
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest

from flows.figures import PLAN_FIGURES, Figure, recompute
from flows.night import Night
from flows.settings import Settings


def rows(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


IDS = list(rows(PLAN_FIGURES))


@pytest.fixture(scope="session")
def figures(house: Settings, night: Night) -> dict[str, Figure]:
    return {figure.id: figure for figure in recompute(house)}


@pytest.mark.parametrize("figure_id", IDS)
def test_a_printed_figure_is_what_the_marts_say(figure_id: str, figures: dict[str, Figure]) -> None:
    figure = figures[figure_id]
    assert figure.agrees, (
        f"{figure.figure}, {figure.dimensions}: printed {figure.printed}, "
        f"recomputed {figure.recomputed}. {figure.note}"
    )


def test_the_figures_compared_are_the_ones_that_were_printed(shared: Path) -> None:
    printed = rows(shared / "plan" / "figures.csv")
    ours = rows(PLAN_FIGURES)
    assert set(ours) == set(printed)
    values = {name: row["value"] for name, row in printed.items() if number(row["value"])}
    assert {name: ours[name]["printed"] for name in values} == values
    assert all(
        row["rounding"] == printed[name]["rounding"]
        for name, row in ours.items()
        if row["rounding"] in {"exact", "nearest 1", "nearest 0.1"}
    )


def test_every_figure_is_asked_of_a_mart_and_not_of_landing_or_staging() -> None:
    for name, row in rows(PLAN_FIGURES).items():
        assert "landing." not in row["query"], name
        assert "staging." not in row["query"], name


def number(text: str) -> bool:
    try:
        Decimal(text)
    except InvalidOperation:
        return False
    return True
