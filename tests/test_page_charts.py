"""How charts are drawn: scales, long names, and whether what is drawn can be told apart."""

import re
from datetime import date

from flows.page.charts import (
    POVERTY,
    Aim,
    Dot,
    Drawn,
    Limits,
    Line,
    Mark,
    Outline,
    Stack,
    dots,
    funnel,
    lines,
    outlines,
    stacks,
    targets,
)
from flows.page.charts.draw import ticks_of, top_of, wrapped
from flows.page.marts import Cell
from flows.settings import HOUSE
from tests.pages import LONG


def test_scales_begin_at_nought_and_end_at_a_round_number():
    ends = {0: 1, 0.04: 0.04, 7: 8, 58: 60, 94.9: 100, 102: 150, 419: 500, 1_450: 1_500}
    assert {n: round(top_of([Cell(n), Cell(None, "c")]), 9) for n in ends} == ends
    assert top_of([]) == 1
    assert [ticks_of(end) for end in (100, 150, 500)] == [
        [0, 25, 50, 75, 100], [0, 50, 100, 150], [0, 100, 200, 300, 400, 500],
    ]  # fmt: skip


def test_long_names_are_wrapped_and_cut():
    lines = wrapped(LONG * 3, 26, 2)
    assert len(lines) == 2
    assert all(len(line) <= 26 for line in lines)
    assert wrapped("", 26) == [""]


NONE = Cell(None, "x")


def mark(name, people, rate, is_neighbour=False, spread=9.0):
    limits = Limits(*(Cell(50.0 + way * spread) for way in (-2, -1, 1, 2)))
    return Mark(name, people, rate, limits, is_neighbour)


def test_a_funnel_tells_the_authority_its_neighbours_and_others_by_shape():
    others = [
        mark("a", Cell(10_000), Cell(48.0)),
        mark("b", Cell(20_000), Cell(55.0), True, 6.0),
        mark("c", Cell(30_000), Cell(None, "c"), spread=4.5),
        mark("d", NONE, Cell(40.0)),
    ]
    own = mark("Ours", Cell(25_000), Cell(61.0), spread=5.0)
    drawn = funnel("f", "t", "d", own, others, Cell(50.0))
    assert drawn.count("<circle") == 1 + 1
    assert drawn.count("<polygon") == 1
    assert drawn.count("<polyline") == 4
    assert "Ours 61</text>" in drawn
    assert ">England</tspan>" in drawn
    # A limit goes the way that limits go, not straight from one authority to the next.
    outer = re.findall(r'class="limit" points="([^"]*)"', drawn)[1]
    downs = [int(each) for each in outer.split(",")[1::2]]
    assert len(downs) > 20
    assert downs == sorted(downs)


def test_a_rate_that_is_withheld_has_its_marker_at_the_foot_of_the_funnel():
    other = mark("a", Cell(10_000), Cell(48.0))
    for people, told in ((Cell(25_000), True), (NONE, False)):
        own = mark("Ours", people, Cell(None, "c"))
        drawn = funnel("f", "t", "d", own, [other], NONE)
        assert ("[c]</text>" in drawn) == told
        assert 'class="own"' not in drawn
        assert "England" not in drawn


def test_a_long_name_in_a_funnel_stands_on_lines_before_or_after_its_mark():
    for people, is_before in ((Cell(1_000), False), (Cell(30_000), True)):
        own = mark(LONG, people, Cell(61.0))
        drawn = funnel("f", "t", "d", own, [mark("a", Cell(10_000), Cell(48.0))], NONE)
        assert drawn.count('class="strong over-marks') == 4
        assert ("over-marks before" in drawn) == is_before
        assert ">61</text>" in drawn


def test_a_funnel_of_nobody_and_one_without_limits_are_drawn():
    bare = Mark("a", Cell(10_000), Cell(48.0), Limits(NONE, NONE, NONE, NONE))
    assert "<circle" not in funnel("f", "t", "d", bare, [], Cell(50.0))
    drawn = funnel("f", "t", "d", bare, [bare], NONE)
    assert "<polyline" not in drawn
    assert drawn.count("<circle") == 2


def test_dots_keep_their_order_and_show_why_there_is_none():
    rows = [
        Dot("Ours", Cell(9.0), "own", Cell(8.0), Cell(10.0)),
        Dot("England", Cell(7.0), "other"),
        Dot(LONG, Cell(None, "c"), "neighbour"),
    ]
    drawn = dots("n", "t", "d", rows)
    assert drawn.index("Ours") < drawn.index("England") < drawn.index("[c]")
    assert drawn.count('class="range"') == drawn.count("<circle") == 1
    assert "<polygon" not in drawn
    assert dots("n", "t", "d", [])


# Colours


def test_a_year_between_two_that_are_withheld_has_its_interval():
    years = [date(2001 + place, 3, 31) for place in range(5)]

    def cells(*numbers):
        return [Cell(None, "c") if each is None else Cell(each) for each in numbers]

    shares, lower, upper = (
        cells(number, number, None, number, None) for number in (20.0, 10.0, 30.0)
    )
    drawn = lines("n", "t", "d", [Line("Share", list(zip(years, shares, strict=True)),
                                       lower, upper)])  # fmt: skip
    assert drawn.count('class="band"') == 1
    assert drawn.count('class="lone"') == 1


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def aim(name, figure, before, target, unit="children"):
    return Aim(name, figure, before, target, unit)


def test_each_indicator_is_drawn_on_a_scale_of_its_own_and_told_in_words():
    drawn = targets("t", "t", "d", [
        aim("a", Cell(80.0), Cell(20.0), Cell(100.0)),
        aim("b", Cell(0.5), None, NONE, "%"),
    ])  # fmt: skip
    assert re.findall(r'class="dot" cx="([^"]*)"', drawn) == ["76.8%", "96%"]
    assert re.findall(r'class="ring" cx="([^"]*)"', drawn) == ["19.2%"]
    assert drawn.count('class="area"') == 1
    assert ">80 children, before 20, target 100</text>" in drawn
    assert ">0.5%, no target</text>" in drawn


def test_an_indicator_that_is_withheld_has_its_marker_and_no_dot():
    drawn = targets("t", "t", "d", [aim("a", Cell(None, "c"), Cell(20.0), Cell(100.0))])
    assert 'class="dot"' not in drawn
    assert 'class="way"' not in drawn
    assert ">[c] withheld, before 20, target 100</text>" in drawn
    nothing = targets("t", "t", "d", [aim("a", Cell(None, "c"), Cell(None, "c"), NONE)])
    assert "<circle" not in nothing
    assert ">[c] withheld, no target</text>" in nothing


def test_the_parts_of_a_bar_stand_one_after_another_and_what_is_withheld_takes_no_room():
    drawn = stacks("s", "t", "d", [
        Stack("a", Cell(100), [("one", Cell(60)), ("three", Cell(0)), ("two", Cell(40))], "said"),
        Stack("b", Cell(None, "c"), [("one", Cell(None, "c")), ("two", Cell(1))], "[c] loaded"),
    ])  # fmt: skip
    assert re.findall(r'class="bar (\w+)" x="([^"]*)" y="\d+" width="([^"]*)"', drawn) == [
        ("one", "0%", "60%"), ("two", "60%", "40%"), ("two", "0%", "1%"),
    ]  # fmt: skip
    assert ">[c] loaded</text>" in drawn


SQUARE = "0,0 9,0 9,9 0,9 0,0"


def map_of(outline=SQUARE, towns=(("North", "0,0 9,0;9,0 9,9"),), cell=NONE, is_first=True):
    drawn = Drawn(
        [Outline.of(outline, (4, 4))],
        [(name, Outline.of(lines, (place, 4))) for place, (name, lines) in enumerate(towns)],
    )
    return outlines("m", "t", "d", drawn, [("Area", cell)], POVERTY, is_first)


def test_a_map_draws_rings_and_holes_step_by_step_from_their_own_beginning():
    drawn = map_of(f"{SQUARE};3,3 3,6 6,6 3,3", cell=Cell(41.0))
    assert '<path id="m0" d="M0,0\nl9,0 0,9 -9,0 0,-9\nM3,3\nl0,3 3,0 -3,-3"/>' in drawn
    assert '<path id="mt" d="M0,0\nl9,0\nM9,0\nl0,9"/>' in drawn
    assert '<use href="#m0" class="s0"><title>Area: 41</title></use>' in drawn
    assert 'viewBox="-4 -4 17 17"' in drawn


def test_a_second_map_has_the_outlines_of_the_first():
    assert "<path" not in map_of(is_first=False)
    assert 'class="s4"><title>Area: [x]</title>' in map_of(is_first=False)


def test_townships_are_named_on_a_map_of_several_and_long_names_are_cut():
    lines = "0,0 9,0"
    assert "<text" not in map_of()
    drawn = map_of(towns=[("North", lines), (LONG, lines)])
    assert ">North</text>" in drawn
    assert " …</tspan>" in drawn
    kinds = re.findall(
        r'class="place (\w+)"', map_of(towns=[(f"T{number}", lines) for number in range(11)])
    )
    assert kinds[0] == "mid"
    assert kinds[-1] == "last"


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_text_stands_out_from_what_is_behind_it():
    css = (HOUSE / "flows/page/templates/page.css").read_text(encoding="utf-8")
    named = dict(re.findall(r"--([a-z]+): (#[0-9a-fA-F]{6})", css))
    css = re.sub(r"var\(--([a-z]+)\)", lambda found: named[found[1]], css)
    css = re.sub(r"#fff\b", "#ffffff", css)
    tiles = re.findall(r"\.s\d \{ background: (#\w{6}); color: (#\w{6})", css)
    assert len(tiles) == 5
    header = re.search(r"header \{ background: (#\w{6}); color: (#\w{6})", css)
    texts = [
        *tiles,
        header.groups(),
        ("#ffdd00", named["ink"]),
        *((behind, named[text]) for behind in ("#ffffff", named["pale"])
          for text in ("ink", "blue", "quiet")),
    ]  # fmt: skip
    assert all(contrast(*pair) >= 4.5 for pair in texts), texts
    marks = set(
        re.findall(r"\.(?:bar|bar\.two|range|area|square|line|line\.two) \{ .*?(#\w{6})", css)
    )
    assert len(marks) == 3
    marks |= set(re.findall(r"\.(?:others circle|limit|upright) \{ .*?(#\w{6})", css))
    assert len(marks) == 6
    assert all(contrast("#ffffff", mark) >= 3 for mark in marks)
    assert round(contrast("#ffffff", "#000000"), 1) == 21
