"""The page in a browser: axe-core finds no fault with it, nothing sticks out, nothing is fetched.

A Chromium that is on the machine is driven; none is downloaded. Where there is none the tests are
skipped."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.pages import authority, page_of

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
