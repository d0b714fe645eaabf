"""The page that people read: what the published marts say, in the order in which a needs assessment
asks. Written into the folder that is about to be published, from that folder and nothing else.

It needs no script, no network and no font of its own, opens from a folder, prints, and is
searched and put in place with the marts. It does no sums: every number on it is a cell of a mart
(`figures.json` says which), and where a mart has none the page shows the marker.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from flows.build import PROJECT
from flows.manifest import PublicColumn, PublicModel
from flows.page.marts import Cell, Mart, Marts, published
from flows.page.pages import INDEX, list_of, name_of, pages
from flows.page.shapes import Page
from flows.page.words import MARKERS, capital, day, plural, written
from flows.settings import PARTNERS

__all__ = ["write_page"]

FOLDER = "page"
SAMPLE = "A sample: these children are invented, as are most figures of other authorities"
FOR_PARTNERS = "For members of the partnership only: not to be published"

AddFigures = Callable[[Iterable[dict[str, Any]]], None]


def write_page(
    folder: Path,
    models: Sequence[PublicModel],
    audience: str,
    version: str,
    is_sample: bool = False,
    docs_url: str = "",
) -> list[Path]:
    """Write `page/` into a folder whose marts are written; return its files. One authority's
    page is `page/index.html`; of several each has a folder, and the index lists them. With
    `docs_url` each figure leads to its marts in dbt's documentation, which is served there."""
    place = folder / FOLDER
    place.mkdir()
    day_of = datetime.strptime(version[:8], "%Y%m%d").date()
    with (
        published(folder / "cyp.duckdb", models) as marts,
        _figures_file(place / "figures.json", audience, day_of) as add,
    ):
        writer = _Writer(place, models, day_of, _tags(audience, is_sample), docs_url, add)
        codes = marts.la_codes
        if len(codes) == 1:
            writer.write_all(marts.of(codes[0]), codes[0], "")
        else:
            names = []
            for code in codes:
                (place / code).mkdir()
                own = marts.of(code)
                names.append((code, name_of(own, code)))
                writer.write_all(own, code, f"{code}/")
            writer.write_list(names)
    return sorted(path for path in place.rglob("*") if path.is_file())


def _tags(audience: str, is_sample: bool) -> list[str]:
    return [
        *([SAMPLE] if is_sample else []),
        *([FOR_PARTNERS] if audience == PARTNERS else []),
    ]


@dataclass(frozen=True)
class _Source:
    """What a mart says of itself, and of which dates it is."""

    name: str
    title: str
    description: str
    rows: str
    dates: str
    columns: Sequence[PublicColumn]


class _Writer:
    """Writes pages, and hands the cells on them to figures.json."""

    def __init__(
        self,
        place: Path,
        models: Sequence[PublicModel],
        published: date,
        tags: Sequence[str],
        docs_url: str,
        add: AddFigures,
    ) -> None:
        self.place, self.models, self.published, self.tags = place, models, published, tags
        self.add = add
        templates = Environment(
            loader=PackageLoader("flows.page"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
        )
        templates.filters["upper_first"] = capital
        templates.globals["meaning"] = _meaning
        templates.globals["documented"] = f"{docs_url}#!/model/model.{PROJECT}." if docs_url else ""
        self.template = templates.get_template("page.html")

    def write_all(self, marts: Marts, la_code: str, within: str) -> None:
        """The pages of an authority, into the folder `within` the page's."""
        self._write(pages(marts, la_code), list(self._sources(marts)), la_code, within)

    def write_list(self, authorities: Sequence[tuple[str, str]]) -> None:
        """The page before the pages of several authorities: folder, name."""
        self._write([list_of(authorities)], [], "", "")

    def _write(
        self, found: Sequence[Page], sources: list[_Source], la_code: str, within: str
    ) -> None:
        for page in found:
            order = {
                figure.name: number
                for number, figure in enumerate(
                    (figure for section in page.sections for figure in section.figures), start=1
                )
            }
            html = self.template.render(
                page=page,
                order=order,
                tags=self.tags,
                index="" if page.is_index else INDEX,
                up="../../" if within else "../",
                root="../" if within else "",
                up_to=found[0].title,
                sources=sources if page.is_index else [],
                published=day(self.published),
            )
            (self.place / within / page.path).write_text(html, encoding="utf-8")
            self.add(_figures(page, la_code, f"{within}{page.path}", order))

    def _sources(self, marts: Marts) -> Iterator[_Source]:
        for model in self.models:
            if "la_code" in model.column_names and not model.name.startswith("star_"):
                mart = marts[model.name]
                yield _Source(
                    model.name,
                    model.name.replace("_", " ").capitalize(),
                    model.description,
                    plural(len(mart.rows), "row"),
                    "; ".join(_dates(mart)),
                    model.columns,
                )


@contextmanager
def _figures_file(path: Path, audience: str, published: date) -> Iterator[AddFigures]:
    """Every cell on every page, for programs: written as the pages are, for those of many
    authorities together would not fit into memory."""
    told = {
        "title": "The figures of the page, each as the mart has it",
        "audience": audience,
        "published": published.isoformat(),
        "markers": {marker: meaning for marker, (_, meaning) in MARKERS.items()},
        "figures": [],
    }
    before, after = _json(told).rsplit("]", 1)
    with path.open("w", encoding="utf-8") as file:
        file.write(before)
        between = ""

        def add(figures: Iterable[dict[str, Any]]) -> None:
            nonlocal between
            for figure in figures:
                file.write(between + _json(figure))
                between = ", "

        yield add
        file.write(f"]{after}\n")


def _json(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, default=str)


def _meaning(cell: Cell) -> str:
    return MARKERS[cell.marker or "x"][1]


def _dates(mart: Mart) -> Iterator[str]:
    """Of which dates and years a mart is, by its columns."""
    for column in mart.columns:
        values = sorted({row[column] for row in mart if row[column] is not None}, key=str)
        if values and (isinstance(values[0], date) or column.endswith(("_year", "_release"))):
            first, last = written(values[0], column), written(values[-1], column)
            yield f"{column} {first}" + (f" to {last}" if first != last else "")


def _figures(page: Page, la_code: str, path: str, order: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "page": path,
            "figure": f"{figure.name}-figure",
            "number": order[figure.name],
            "la_code": la_code,
            "section": section.name,
            "title": figure.title,
            "subtitle": figure.subtitle,
            **({"cells_of": f"{figure.table_of}-figure"} if figure.table_of else {}),
            "cells": [_cell(cell) for cell in figure.table.cells()] if figure.table else [],
        }
        for section in page.sections
        for figure in section.figures
    ]


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "mart": cell.mart,
        "key": dict(cell.key),
        "column": cell.column,
        "value": cell.value,
        "marker": cell.marker,
    }
