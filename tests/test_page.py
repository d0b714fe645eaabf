"""The page: what it holds, what it withholds, and that it needs nothing but its folder."""

import json
import re
import time
from datetime import date
from itertools import pairwise

import duckdb
import pytest

from flows.manifest import public_models
from flows.page import write_page
from tests.pages import DAY, LA, LONG, Document, authority, good, page_of

MOST_BYTES = 500_000
MOST_SECONDS = 10


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """An authority with a hole of every kind, its page beside it."""
    rows = authority()
    return rows, page_of(tmp_path_factory.mktemp("full"), rows)


def htmls(folder):
    return sorted(folder.rglob("*.html"))


def test_there_is_a_page_and_one_for_each_township(full):
    _, folder = full
    assert [path.name for path in htmls(folder)] == [
        "index.html",
        *(f"place-{number}.html" for number in range(5)),
    ]


def test_it_calls_nobody_and_runs_nothing(full):
    for path in htmls(full[1]):
        content = path.read_text(encoding="utf-8")
        assert len(content.encode()) < MOST_BYTES
        assert not re.search(
            r"https?:|//[a-z]|<script|javascript:|@import|url\(| on[a-z]+=", content
        )


def test_every_link_leads_somewhere(full):
    _, folder = full
    (folder.parent / "csv").mkdir(exist_ok=True)
    for path in htmls(folder):
        for link in (each["href"] for each in Document(path).all("a")):
            target, _, anchor = link.partition("#")
            if target.startswith("../"):  # marts' own files: beside the page in a publication
                assert re.fullmatch(r"\.\./(cyp\.xlsx|csv/[a-z_]+\.csv)", target), link
                continue
            page = path.parent / target if target else path
            assert page.exists(), link
            if anchor:
                assert anchor in {attributes.get("id") for _, attributes in Document(page).elements}


def test_each_figure_leads_to_the_models_of_its_marts_where_their_documentation_is_served(tmp_path):
    served = "https://intranet.example/cyp/models.html"
    for path in htmls(page_of(tmp_path, authority(1), docs_url=served)):
        links = [each["href"] for each in Document(path).all("a")]
        models = [link for link in links if link.startswith("https:")]
        counted = [link.partition("#how-")[2] for link in links if "#how-" in link]
        assert models == [f"{served}#!/model/model.cyp_warehouse.{mart}" for mart in counted]
        assert models


def test_a_page_is_put_together_as_one_that_can_be_heard(full):
    for path in htmls(full[1]):
        page = Document(path)
        tags = [tag for tag, _ in page.elements]
        assert page.all("html") == [{"lang": "en-GB"}]
        assert [tags.count(tag) for tag in ("h1", "header", "main", "footer")] == [1] * 4
        titles = [
            place for place, _ in page.texts if place[-1:] == ("title",) and "svg" not in place
        ]
        assert len(titles) == 1
        first = next(attributes for tag, attributes in page.elements if tag == "a")
        assert first == {"class": "skip", "href": "#main"}
        levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        names = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
        assert len(names) == len(set(names))
        assert tags.count("caption") == tags.count("table") > 0
        assert all(each.get("scope") in {"col", "row"} for each in page.all("th"))
        for chart in page.all("svg"):
            if "role" in chart:
                assert set(chart["aria-labelledby"].split()) <= set(names)
        charts = [each for each in page.all("svg") if "role" in each]
        assert tags.count("desc") == len(charts) > 0


def test_where_a_mart_has_no_number_the_page_has_the_marker(full):
    """Held against the made-up rows themselves, not against what the page read of them."""
    rows, folder = full
    tables = {table[0][0]: table for table in reversed(Document(folder / "index.html").tables)}
    hidden = {str(r["at_date"].year) for r in rows["children_rates"] if r["children"] is None}
    rates = [table for table in Document(folder / "index.html").tables
             if table[0][0] == "31 March" and "Population 0 to 17" in table[0]]  # fmt: skip
    assert len(rates) == 3
    in_need, plans, looked_after = rates
    assert hidden == {"2008"}
    by_year = {line[0]: line[1:5] for line in in_need[1:]}
    assert by_year["2008"] == ["[c]"] * 4
    assert by_year["2009"] == ["100", "50.0", "40.0", "60.0"]
    assert {tuple(line[6:]) for line in plans[1:]} == {("[x]", "[x]", "[x]", "[x]")}
    assert {tuple(line[1:6]) for line in looked_after[1:]} == {("100", "[x]", "[x]", "[x]", "[x]")}
    township = {line[0]: dict(zip(tables["Township"][0], line, strict=True))
                for line in tables["Township"][1:]}  # fmt: skip
    assert township["Place 0"]["In need"] == township["Place 0"]["In need per 10,000"] == "[c]"
    assert township["Out of area"]["Children 0 to 17"] == "[z]"
    origins = {line[0]: line for line in tables["Ethnic origin"][1:]}
    assert origins["ethnic_origin 2"] == [
        "ethnic_origin 2", "[c]", "[c]", "[c]", "[c]", "50.0", "[c]",
    ]  # fmt: skip
    drawn = " ".join(
        text for place, text in Document(folder / "index.html").texts if "svg" in place
    )
    assert drawn.count("[c] withheld") > 3
    assert "[x]" in drawn


def test_no_number_is_on_the_page_that_no_mart_has(full):
    """A sum, a difference, a count of its own: whatever the page had worked out would be here,
    and so would what can be worked out of a withheld number. Counts of areas and rows are no
    numbers of children; the scales of charts are no figures."""
    rows, folder = full
    told = " ".join(
        f"{value:,} {value}" if isinstance(value, int) else
        f"{value:,.1f} {value:,g}" if isinstance(value, float) else
        f"{value} {value:%Y}" if isinstance(value, date) else str(value)
        for mart in rows.values() for row in mart for value in row.values()
    )  # fmt: skip
    number = re.compile(r"\d[\d,]*(?:\.\d+)?")
    known = set(number.findall(told)) | set(number.findall(
        # What the page says of measures, intervals and its own date.
        "10,000 10000 0 17 95 99.8 998 1,500 26 2026 40 30 39.9 20 29.9 10 1 2 3 5 6 12 31"
    ))  # fmt: skip
    for path in htmls(folder):
        for place, text in Document(path).texts:
            if any(each.startswith("text.tick") for each in place) or "style" in place:
                continue
            counted = re.sub(
                r"Figure \d+\.|figure \d+|\d+ LSOAs?|\d+ rows?|\d+ indicators|in \d+ of \d+ years?"
                r"|\d+ other authorities|\d+ lies? above|\d+ below|\d+ statistical neighbours?"
                r"|\d+ (has|have) |\d+ rates? (is|are)",
                "",
                text,
            )
            strays = {each.rstrip(",") for each in number.findall(counted)} - known
            assert not strays, (path.name, text, strays)


def test_an_authority_is_shown_among_others_and_beside_its_neighbours(full):
    page = Document(full[1] / "index.html")
    (funnel, _), (neighbours, _) = (
        [table for table in page.tables if table[0][:2] == ["Area", second]]
        for second in ("Children", "Neighbour")
    )
    assert len(funnel) == 1 + 3 + 24
    assert funnel[1] == [
        "Somewhere", "100", "50.0", "100", "30.1", "40.2", "60.3", "70.4",
    ]  # fmt: skip
    assert funnel[2][:3] == ["England", "100", "30.5"]
    by_name = {line[0]: line for line in funnel}
    assert by_name["Otherborough 5 (statistical neighbour)"][1:3] == ["[c]", "[c]"]
    assert neighbours[-1][:5] == ["Otherborough 5", "9", "Very Close", "[c]", "[c]"]
    assert [line[4] for line in neighbours[1:4]] == ["57.5", "54.5", "51.5"]
    assert neighbours[4] == ["Somewhere", "", "", "100", "50.0", "100"]
    words = page.words
    assert "Children in need in 2011: 50.0 per 10,000, similar to England's 30.5" in words
    assert "Of 7 statistical neighbours 4 have a lower rate and 3 have a higher rate." in words
    assert "1 rate is not shown" in words
    assert "Children looked after in 2011: the rate is not available" in words
    assert "not shown of child protection plan: none were delivered" in words
    assert "No funnel plot is shown of child protection plan" in words


def test_with_nobody_to_compare_with_it_says_so(tmp_path):
    rows = authority(1) | {"comparator_rates": []}
    page = Document(page_of(tmp_path, rows) / "index.html")
    assert "No funnel plot is shown: no rates of other authorities were delivered" in page.words
    assert "Statistical neighbours are not shown: none were delivered" in page.words
    assert "In a funnel plot" not in page.words
    assert not [table for table in page.tables if table[0][1] in {"Children", "Neighbour"}
                and table[0][0] == "Area"]  # fmt: skip


def test_the_scorecard_and_what_was_delivered_have_a_chart_and_say_what_is_withheld(tmp_path):
    rows = authority(1)
    delivered = good("data_quality_summary")[0]
    withheld = dict.fromkeys(("rows_delivered", "rows_loaded", "rows_quarantined"))
    rows["data_quality_summary"] = [
        {**delivered, "source": "addresses", "collection_year": 2010, "rows_loaded": 6_543},
        {**delivered, "source": "addresses", "collection_year": 2011, "rows_quarantined": 0},
        {**delivered, "source": "ssda903", "collection_year": 2011, "rows_superseded": 0,
         **withheld, **dict.fromkeys((f"{name}_marker" for name in withheld), "c")},
    ]  # fmt: skip
    indicator = {**good("indicator_scorecard")[0], "indicator": "i", "indicator_name": "Calls",
                 "unit": "calls", "target": 300.0}  # fmt: skip
    rows["indicator_scorecard"] = [
        {**indicator, "at_date": date(2010, 3, 31), "value": 251.0},
        {**indicator, "at_date": DAY, "value": 277.0},
        {**indicator, "indicator": "j", "indicator_name": "Visits", "at_date": DAY, "value": None},
    ]
    page = Document(page_of(tmp_path, rows) / "index.html")
    drawn = [text for place, text in page.texts if "svg" in place and "g" in place]
    assert "277 calls, before 251, target 300" in drawn
    assert "[c] withheld, target 300" in drawn or "[x] not available, target 300" in drawn
    # The last year of each source only; what there is none of is left unsaid.
    assert "addresses, 2011" in drawn
    assert "addresses, 2010" not in drawn
    assert "100 loaded, 100 superseded" in drawn
    assert "[c] loaded, [c] set aside" in drawn
    heads = [table[0][0] for table in page.tables]
    assert {"Indicator", "Source"} <= set(heads)


def test_figures_json_says_of_each_cell_where_it_is_from(full):
    rows, folder = full
    told = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    assert told["published"] == "2026-11-26"
    assert told["audience"] == "public"
    keys = {"mart", "key", "column", "value", "marker"}
    cells = [cell for figure in told["figures"] for cell in figure["cells"]]
    assert all(set(cell) == keys for cell in cells)
    assert all((cell["value"] is None) == (cell["marker"] in {"c", "x", "z"}) for cell in cells)
    for figure in told["figures"]:
        page = Document(folder / figure["page"])
        assert figure["figure"] in {attributes.get("id") for _, attributes in page.elements}
    (found,) = [
        cell for cell in cells
        if cell["mart"] == "children_rates" and cell["column"] == "children"
        and cell["key"] == {"la_code": LA, "at_date": "2008-03-31", "measure": "children_in_need"}
    ]  # fmt: skip
    assert (found["value"], found["marker"]) == (None, "c")
    # What the rules find is for those who mend the returns, in tables and `cyp validate`; what a
    # region counts is for those who work for it, in its folder.
    told_of = {mart for mart in rows if rows[mart]} - {"rule_summary", "region_profile"}
    assert {cell["mart"] for cell in cells} == told_of


@pytest.mark.parametrize("marts", [{}, {"indicator_scorecard": good("indicator_scorecard")}])
def test_without_rows_it_says_so(tmp_path, marts):
    folder = page_of(tmp_path, marts)
    words = Document(folder / "index.html").words
    if marts:
        assert "No first episode has been counted yet" in words
        assert "no township is told of" in words.lower()
    else:
        assert "Nothing is published of any authority yet." in words


def test_an_authority_without_townships_has_one_page(tmp_path):
    rows = {**authority(townships=0), "lsoa_profile": good("lsoa_profile", 3)}
    for row in rows["lsoa_profile"]:
        row |= {"township_name": None, "ward_name": None, "deprivation_decile": 1}
    folder = page_of(tmp_path, rows)
    assert [path.name for path in htmls(folder)] == ["index.html"]
    words = Document(folder / "index.html").words
    assert "No township is told of" in words
    assert "3 LSOAs are in England's most deprived tenth" in words


def test_one_township_with_24_wards_and_long_names(tmp_path):
    folder = page_of(tmp_path, authority(townships=1, wards=24, lsoas=9, long=True))
    names = [path.name for path in htmls(folder)]
    assert len(names) == 2
    page = Document(folder / "index.html")
    (wards,) = [table for table in page.tables if table[0][0] == "Ward"]
    assert len(wards) == 1 + 24
    assert f"{LONG} 0 ward 23" in page.words


def test_townships_with_names_alike_have_pages_of_their_own(tmp_path):
    rows = authority(townships=2)
    names = ["Index", "St. Mary's", "St Mary s", "…"]
    rows["township_profile"] = [
        {**rows["township_profile"][0], "township_name": name, "at_date": DAY} for name in names
    ]
    folder = page_of(tmp_path, rows)
    assert [path.name for path in htmls(folder)] == [
        "index-2.html", "index.html", "st-mary-s-2.html", "st-mary-s.html", "township.html",
    ]  # fmt: skip


def test_several_authorities_have_a_folder_each(tmp_path):
    rows = authority(townships=1)
    other = {
        mart: [*told, *({**row, "la_code": "901", "la_name": "Elsewhere"} for row in told)]
        for mart, told in rows.items()
    }
    folder = page_of(tmp_path, other)
    assert {path.relative_to(folder).as_posix() for path in htmls(folder)} == {
        "index.html", "900/index.html", "900/place-0.html", "901/index.html", "901/place-0.html",
    }  # fmt: skip
    links = [each["href"] for each in Document(folder / "index.html").all("a")]
    assert links[1:] == ["900/index.html", "901/index.html"]
    within = [each["href"] for each in Document(folder / "901/index.html").all("a")]
    assert "../../cyp.xlsx" in within
    assert "../figures.json" in within


def test_a_name_is_text_whatever_it_looks_like(tmp_path):
    rows = authority(townships=1)
    evil = "<script>alert(1)</script> & \"q\" 'a'"
    for row in (*rows["township_profile"], *rows["ward_profile"], *rows["lsoa_profile"]):
        row["township_name"] = evil
    for row in rows["first_episode_profile"]:
        row["category_name"] = evil
    folder = page_of(tmp_path, rows)
    for path in htmls(folder):
        assert "<script" not in path.read_text(encoding="utf-8")
        assert evil in Document(path).words


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"is_sample": True}, "these children are invented"),
        ({"audience": "partners"}, "not to be published"),
    ],
)
def test_it_says_whom_it_is_for(tmp_path, options, told):
    assert told in Document(page_of(tmp_path, authority(1), **options) / "index.html").words
    plain = page_of(tmp_path / "plain", authority(1))
    assert told not in Document(plain / "index.html").words


# The sample


def test_the_sample_has_its_page(night, house, tmp_path):
    published = house.published
    pages = htmls(published / "page")
    assert len(pages) == 6
    assert all(path.stat().st_size < MOST_BYTES for path in pages)
    words = Document(published / "page/index.html").words
    assert "Children looked after: 94.9 per 10,000, higher than England's 58.0 in 2010" in words
    assert "in 2010: 93.4 per 10,000, higher than England's 58.0: above the 99.8% limit" in words
    assert "higher than the mean of its statistical neighbours, " in words
    assert "these children are invented" in words
    assert "not to be published" in (house.home / "partners/page/index.html").read_text()
    told = json.loads((published / "page/figures.json").read_text(encoding="utf-8"))
    with duckdb.connect(str(published / "cyp.duckdb"), read_only=True) as connection:
        marts = {
            model.name: connection.execute(f"from {model.relation}").fetchall()
            for model in public_models(house)
        }
        names = {model.name: model.column_names for model in public_models(house)}
    found = {
        mart: {
            json.dumps({n: row[names[mart].index(n)] for n in key}, default=str): row
            for row in marts[mart]
        }
        for mart, key in {
            cell["mart"]: tuple(cell["key"])
            for figure in told["figures"] for cell in figure["cells"]
        }.items()
    }  # fmt: skip
    cells = [cell for figure in told["figures"] for cell in figure["cells"]]
    assert len(cells) > 4000
    for cell in cells:
        row = found[cell["mart"]][json.dumps(cell["key"])]
        value = row[names[cell["mart"]].index(cell["column"])]
        assert cell["value"] == (str(value) if isinstance(value, date) else value)
    (tmp_path / "again").mkdir()
    for name in ("cyp.duckdb", "cyp.xlsx", "csv"):
        (tmp_path / "again" / name).symlink_to(published / name)
    began = time.perf_counter()
    write_page(tmp_path / "again", public_models(house), "public", "20261126T020000000000Z")
    assert time.perf_counter() - began < MOST_SECONDS
