"""Boundaries in GeoJSON: what a publisher writes, and what is bent, cut short or vast."""

import gzip
import json
from typing import Any

from tests.corpus.case import PLANTED, Case, Landed, Refused

AT = "boundaries/2011/LSOA.geojson"
TABLE = "boundaries__areas"
ONE = {TABLE: 1}
OUTLINE = [[[-2.1, 52.4], [-2.1, 52.5], [-2.0, 52.5], [-2.1, 52.4]]]
THERE = (
    "select _line, lsoa_code, lsoa_name, geometry_type, coordinates, _other "
    f"from landing.{TABLE} order by _row"
)
CODES = f"select lsoa_code, _other from landing.{TABLE} order by _row"
CUT = "ends before its outermost bracket is closed"


def area(code: Any = "E01000001", name: str = PLANTED, **more: Any) -> str:
    told = {"LSOA11CD": code, "LSOA11NM": name, **more}
    geometry = {"type": "Polygon", "coordinates": OUTLINE}
    return json.dumps({"type": "Feature", "properties": told, "geometry": geometry})


def areas(*features: str, start: str = '{"type": "FeatureCollection", ', end: str = "}") -> bytes:
    """A collection; the first feature stands in line 2, each in a line of its own."""
    within = ",\n".join(features or (area(),))
    return f'{start}"features": [\n{within}\n]{end}\n'.encode()


def refused(
    name: str, wrong: str, content: bytes, words: str, line: int | None = None, **more: Any
) -> Case:
    return Case(f"boundaries-{name}", wrong, AT, content, Refused(words, line), **more)


def landed(name: str, what: str, content: bytes, query: str, *rows: tuple[Any, ...]) -> Case:
    expected = Landed({TABLE: len(rows)}, query, list(rows))
    return Case(f"boundaries-{name}", what, AT, content, expected)


ROW = (2, "E01000001", PLANTED, "Polygon", json.dumps(OUTLINE), None)
LIMIT = {"cell_characters": 100_000}

FEATURES = (
    landed("as-published", "", areas(), THERE, ROW),
    landed("with-a-mark", "", b"\xef\xbb\xbf" + areas(), THERE, ROW),
    landed("in-utf-16", "", areas().decode().encode("utf-16"), THERE, ROW),
    landed("packed", "", gzip.compress(areas()), THERE, ROW),
    landed("with-a-crs-behind", "members in any order", areas(
        start="{", end=', "crs": {"type": "name"}, "type": "FeatureCollection"}'), THERE, ROW),
    landed("with-other-properties", "numbers as they are written", areas(area(FID=7, BNG_E=1.50)
        .replace("1.5", "1.50")), CODES, ("E01000001", '{"FID": "7", "BNG_E": "1.50"}')),
    landed("of-two-vintages", "the first code is its own", areas(area(LSOA21CD="E01000002")),
        CODES, ("E01000001", '{"LSOA21CD": "E01000002"}')),
    landed("nowhere", "no geometry: set aside later", areas(
        '{"type": "Feature", "properties": null, "geometry": null}'), THERE,
        (2, None, None, None, None, None)),
    landed("not-a-number", "set aside later", areas(area().replace("-2.0,", "NaN,")),
        f"select coordinates like '%NaN%' from landing.{TABLE}", (True,)),
    landed("brackets-in-a-name", "text is no structure", areas(area(name='a "]}[{\\ b')),
        f"select lsoa_name from landing.{TABLE}", ('a "]}[{\\ b',)),
    landed("none", "an empty list", areas().replace(area().encode(), b""), THERE),
    refused("cut-short-in-a-feature", "", areas(area(), area())[:-60], CUT, 3),
    refused("cut-short-between", "", areas().rstrip(b"}\n"), CUT, 3),
    refused("cut-short-in-a-name", "", areas()[:60], CUT, 2),
    refused("followed", "by more of it", areas() + b"{}", "something follows its end", 4),
    refused("a-topology", "", b'{"type": "Topology", "objects": {}, "arcs": []}',
            "no FeatureCollection"),
    refused("a-list", "", b"[" + area().encode() + b"]", "not well-formed JSON"),
    refused("a-lone-feature", "", area().encode(), "no FeatureCollection"),
    refused("two-lists", "", areas(end=', "features": []}'), "two lists of features", 3),
    refused("no-feature", "a number in the list", areas(area(), "7"), "is no feature", 3),
    refused("no-comma", "", areas(area() + area()), "not well-formed JSON", 2),
    refused("a-bracket-too-few", "", areas(area().replace("]]]", "]]}")),
            "not well-formed JSON", 2),
    refused("a-property-twice", "readers differ", areas(area().replace("LSOA11NM", "LSOA11CD")),
            "a member twice", 2),
    refused("properties-in-a-list", "", areas('{"properties": [1], "geometry": null}'),
            "properties of a feature are no object", 2),
    refused("not-in-utf-8", "lying about its encoding", areas(area(name="X")).replace(
        b'"X"', b'"\xe9"'), "not written in UTF-8"),
    refused("half-a-character", "spelt by an escape", areas(area(name="\ud800")),
            "half a character", 2),
    refused("a-nul", "spelt by an escape", areas(area(), area(name="\0")), "holds a NUL", 3),
    refused("a-number-without-end", "", areas(area().replace("-2.1,", f"{'9' * 5_000},")),
            "not well-formed JSON", 2),
    Case("boundaries-many-that-are-nothing", "more than a batch", AT, areas(*["{}"] * 60_000),
         Landed({TABLE: 60_000}, f"select max(_row), max(_line) from landing.{TABLE}",
                [(60_000, 60_001)])),
    refused("too-deep", "", areas(area().replace("[[[", "[" * 90).replace("]]]", "]" * 90)),
            "nested more than 40 deep", 2),
    refused("too-deep-without-end", "", b'{"features": ' + b"[" * 10_000_000,
            "nested more than 40 deep", 1),
    refused("a-feature-too-long", "", areas(area(), area().replace("]]]", ", [1, 2]" * 90_000)),
            "CYP_LIMIT_CELL_CHARACTERS", 3, limits=LIMIT),
    refused("a-text-without-end", "", areas()[:80] + b"x" * 3_000_000,
            "CYP_LIMIT_CELL_CHARACTERS", 2, limits=LIMIT),
    refused("too-many-properties", "", areas(area(**{f"p{n}": n for n in range(4_001)})),
            "CYP_LIMIT_COLUMNS", 2),
    refused("a-gzip-of-much", "", gzip.compress(areas(*[area()] * 20_000)), "CYP_LIMIT_EXPANSION",
            limits={"expansion": 2}),
    refused("of-wards", "another kind of area", areas(area().replace("LSOA11CD", "WD13CD")),
            "LSOA code", examined=True),
    refused("in-another-grid", "metres of the web's maps", areas(
        area().replace("-2.", "-237000.").replace("52.", "6880000.")), "neither longitude|Neither",
        examined=True),
    refused("of-nothing", "", areas().replace(area().encode(), b""), "Without rows", examined=True),
    Case("boundaries-as-csv", "", AT, b"LSOA11CD,geometry\nE01000001,\n",
         Refused("it is CSV; boundaries comes as GeoJSON")),
    Case("boundaries-in-place-of-a-lookup", "", "lookups/2011/LSOA.geojson", areas(),
         Refused("it is JSON; lookups comes as")),
)  # fmt: skip
