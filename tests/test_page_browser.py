"""The page in a browser: axe-core finds no fault with it, nothing sticks out, nothing is fetched.

A Chromium that is on the machine is driven; none is downloaded. Where there is none the tests are
skipped."""

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.pages import authority, mapped, page_of

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="no Chromium here: chromium, chromium-browser or google-chrome in PATH"
)
WIDTHS = DESK, PHONE = 1280, 390
AT_A_DESK = "five"
PASSED = {"wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"}

SMALL_OR_OUT = (
    "[...document.querySelectorAll('svg.chart text')].filter(each => "
    "parseFloat(getComputedStyle(each).fontSize) < 10 || "
    "each.getBoundingClientRect().right > innerWidth + 1).map(each => each.textContent)"
)

AUTHORITIES = {
    "five townships": authority,
    "one township, 24 wards, long names": lambda: authority(1, 24, 9, long=True),
    "mapped, with long names": lambda: mapped(authority(5, long=True)),
    "no township": lambda: authority(townships=0),
    "nothing": dict,
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # In a container Chromium has no user namespace for a sandbox; the pages are our own.
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@pytest.fixture(scope="module", params=AUTHORITIES)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    name = request.param.split()[0]
    return page_of(tmp_path_factory.mktemp(name), AUTHORITIES[request.param]())


def test_axe_finds_nothing_and_nothing_sticks_out(browser: Browser, folder: Path) -> None:
    """On the needs assessment and on the page of a township; axe on a phone, where more can be
    wrong, and of one authority at a desk as well."""
    for path in sorted(folder.rglob("*.html"))[:2]:
        page = browser.new_page()
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert not page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            ), path.name
            assert page.evaluate(SMALL_OR_OUT) == [], path.name
            if width == PHONE or (width == DESK and folder.parent.name.startswith(AT_A_DESK)):
                _axe_finds_nothing(page, path.name)
        assert asked == [path.as_uri()]
        page.close()


def _axe_finds_nothing(page: Page, name: str) -> None:
    found = Axe().run(page)
    assert not found.violations_count, (name, found.generate_report())
    # Contrast of text in a chart is nothing axe can judge; test_page.py computes it.
    undecided = {each["id"] for each in found.response["incomplete"]}
    assert undecided <= {"color-contrast"}, (name, undecided)
    assert {tag for each in found.response["passes"] for tag in each["tags"]} & PASSED


def test_the_first_key_skips_to_the_content_and_boxes_that_scroll_can_be_reached(
    browser: Browser, tmp_path: Path
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto((page_of(tmp_path, authority(1)) / "index.html").as_uri())
    page.keyboard.press("Tab")
    focused = "document.activeElement.className"
    assert page.evaluate(focused) == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    reached = set()
    for _ in range(400):
        page.keyboard.press("Tab")
        reached.add(page.evaluate(f"document.activeElement.tagName + '.' + {focused}"))
    assert {"A.", "SUMMARY."} < reached
    assert any(each.startswith("DIV.scroll") for each in reached)
    page.close()


def test_it_prints_to_tagged_a4_with_its_tables(browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page()
    page.goto((page_of(tmp_path, authority(2)) / "index.html").as_uri())
    printed = page.pdf(prefer_css_page_size=True, tagged=True)
    assert b"/StructTreeRoot" in printed
    assert b"/MediaBox [0 0 595" in printed or b"/MediaBox [0 0 594" in printed
    page.emulate_media(media="print")
    shown = "getComputedStyle(document.querySelector('{}')).display"
    assert page.evaluate(shown.format("nav")) == "none"
    assert page.evaluate(shown.format("summary")) == "none"
    table = "document.querySelector('details table').getBoundingClientRect().height"
    assert page.evaluate(table) > 0
    page.close()


def test_it_is_heard_as_it_is_seen(browser: Browser, folder: Path) -> None:
    """What Chromium hands to a screen reader, of the needs assessment and of a township."""
    for path in sorted(folder.rglob("*.html"))[:2]:
        heard = _heard(browser, path)
        roles = [each["role"] for each in heard]
        landmarks = [role for role in roles if role in {"banner", "main", "contentinfo"}]
        assert landmarks == ["banner", "main", "contentinfo"]
        levels = [each["level"] for each in heard if each["role"] == "heading"]
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        for each in heard:
            if each["role"] in {"link", "heading", "region", "navigation", "DisclosureTriangle"}:
                assert each["name"].strip(), each
            if each["role"] == "image":
                # One picture: what is drawn in it is in the table.
                assert each["name"].strip(), each
                assert not each["within"], each["name"]
        pictures = [each for each in heard if each["role"] == "image" and not each["is_tiles"]]
        assert all(each["description"].endswith("the numbers.") for each in pictures)
        assert all(each["description"] not in each["name"] for each in pictures)
        _tables_are_heard_with_their_heads(heard)
        if pictures:
            assert "table" in roles
            # Headline, key and chart, then the table behind it.
            told = [role for role in roles if role in {"heading", "image", "table"}]
            assert told[told.index("image") - 1] == "heading"


def _tables_are_heard_with_their_heads(heard: list[dict[str, Any]]) -> None:
    tables = [each for each in heard if each["role"] == "table"]
    assert all(each["name"].strip() for each in tables)
    rows = [each for each in heard if each["role"] == "row"]
    firsts = [each["within"][0] for each in rows]
    assert set(firsts) <= {"columnheader", "rowheader"}
    assert firsts.count("columnheader") == len(tables)
    assert all(
        set(each["within"][1:]) <= ({"columnheader"} if first == "columnheader" else {"cell"})
        for each, first in zip(rows, firsts, strict=True)
    )


def _heard(browser: Browser, path: Path) -> list[dict[str, Any]]:
    """The nodes of the page's accessibility tree in reading order, tables opened."""
    page = browser.new_page()
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    page.close()
    nodes = {node["nodeId"]: node for node in tree}
    found: list[dict[str, Any]] = []

    def told(node: dict[str, Any], what: str) -> str:
        return str(node.get(what, {}).get("value", ""))

    def heard_within(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for child in (nodes[each] for each in node.get("childIds", []) if each in nodes):
            if child["ignored"]:
                yield from heard_within(child)
            else:
                yield child

    def listen(node: dict[str, Any]) -> None:
        within = list(heard_within(node))
        properties = {each["name"]: each["value"].get("value") for each in node["properties"]}
        found.append({
            "role": told(node, "role"),
            "name": told(node, "name"),
            "description": told(node, "description"),
            "level": properties.get("level"),
            "within": [told(each, "role") for each in within],
            "is_tiles": told(node, "name").startswith("Tiles"),
        })  # fmt: skip
        for each in within:
            if told(each, "role") != "InlineTextBox":
                listen(each)

    listen(tree[0])
    return found
