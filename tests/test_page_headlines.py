"""What each headline says, case by case."""

import re
from datetime import date

import pytest

from flows.page import headlines
from flows.page.charts import Limits, Mark
from flows.page.headlines.categories import Portion
from flows.page.headlines.rates import Point
from flows.page.marts import Cell
from flows.page.words import listed, written
from flows.settings import HOUSE

WITHHELD, NOT_AVAILABLE = Cell(None, "c"), Cell(None, "x")


def rate(value):
    return Cell(value, column="rate_per_10000")


def named(*numbers):
    """a, b, c, ... with these numbers; None is withheld."""
    return [
        (name, WITHHELD if number is None else Cell(number))
        for name, number in zip("abcdefghij", numbers, strict=False)
    ]


def test_a_cell_holds_a_value_or_a_marker():
    for value, marker in ((None, None), (3, "c"), (None, "k")):
        with pytest.raises(ValueError, match="one, and not both"):
            Cell(value, marker)


@pytest.mark.parametrize(
    ("comparison", "told"),
    [
        ("higher", "Looked after: 94.9 per 10,000, higher than England's 58.0"),
        ("lower", "Looked after: 94.9 per 10,000, lower than England's 58.0"),
        ("similar", "Looked after: 94.9 per 10,000, similar to England's 58.0"),
    ],
)
def test_a_rate_against_its_comparator(comparison, told):
    cells = Cell(622), rate(94.9), Cell(comparison), Cell("England"), rate(58.0)
    same, before = Cell(date(2011, 3, 31)), Cell(date(2010, 3, 31))
    assert headlines.against("Looked after", 2011, *cells, same) == told
    assert headlines.against("Looked after", 2011, *cells, before) == f"{told} in 2010"


@pytest.mark.parametrize(
    ("children", "found", "told"),
    [
        (Cell(622), rate(94.9), "Looked after: 94.9 per 10,000, and nobody to compare with"),
        (Cell(622), NOT_AVAILABLE,
         "Looked after: 622, and no rate, for there is no population"),
        (WITHHELD, WITHHELD, "Looked after: the number is withheld"),
        (NOT_AVAILABLE, NOT_AVAILABLE, "Looked after: the number is not available"),
    ],
)  # fmt: skip
def test_a_rate_without_comparator_population_or_number(children, found, told):
    missing = [NOT_AVAILABLE] * 4
    assert headlines.against("Looked after", 2011, children, found, *missing) == told


def points(*told):
    return [
        Point(str(2000 + place), *([WITHHELD] * 3 if each is None else map(rate, each)))
        for place, each in enumerate(told)
    ]


@pytest.mark.parametrize(
    ("years", "told"),
    [
        ((), "No rate has been counted yet"),
        ((None, None), "No rate of any year is shown"),
        ((None, (5.0, 4.0, 6.0)), "The rate of one year is shown: 5.0 in 2001"),
        (((5.0, 4.0, 6.0), (9.0, 7.0, 11.0)),
         "The rate in 2001 (9.0) is higher than in 2000 (5.0)"),
        (((9.0, 7.0, 11.0), (5.0, 4.0, 6.0)),
         "The rate in 2001 (5.0) is lower than in 2000 (9.0)"),
        (((5.0, 4.0, 6.0), (6.0, 5.0, 7.0)), "The rate in 2001 (6.0) is similar to 2000 (5.0)"),
        (((5.0, 4.0, 6.0), (7.0, 6.0, 8.0)), "The rate in 2001 (7.0) is similar to 2000 (5.0)"),
        (((5.0, 4.0, 6.0), None, (5.0, 4.1, 6.1)),
         "The rate in 2002 (5.0) is the same as in 2000"),
    ],
)  # fmt: skip
def test_a_trend(years, told):
    assert headlines.trend(points(*years)) == told


LIMITS = Limits(*map(rate, (40.0, 45.0, 55.0, 60.0)))
NO_LIMITS = Limits(*[NOT_AVAILABLE] * 4)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (60.1, "60.1 per 10,000, higher than England's 50.0: above the 99.8% limit"),
        (60.0, "60.0 per 10,000, higher than England's 50.0: above the 95% limit, within the "
         "99.8% limit"),
        (55.0, "55.0 per 10,000, similar to England's 50.0: within the 95% limits"),
        (45.0, "45.0 per 10,000, similar to England's 50.0: within the 95% limits"),
        (44.9, "44.9 per 10,000, lower than England's 50.0: below the 95% limit, within the "
         "99.8% limit"),
        (39.9, "39.9 per 10,000, lower than England's 50.0: below the 99.8% limit"),
    ],
)  # fmt: skip
def test_where_a_rate_lies_in_the_funnel(found, told):
    said = headlines.in_funnel("Looked after", 2010, rate(found), rate(50.0), LIMITS)
    assert said == f"Looked after in 2010: {told}"


@pytest.mark.parametrize(
    ("found", "england", "limits", "told"),
    [
        (WITHHELD, rate(50.0), LIMITS, "the rate is withheld, and is not in the funnel"),
        (NOT_AVAILABLE, rate(50.0), LIMITS, "the rate is not available, and is not in the funnel"),
        (rate(50.0), NOT_AVAILABLE, NO_LIMITS,
         "50.0 per 10,000, and no limits around England's rate to hold it against"),
        (rate(50.0), rate(50.0), NO_LIMITS,
         "50.0 per 10,000, and no limits around England's rate to hold it against"),
    ],
)  # fmt: skip
def test_a_rate_that_cannot_be_placed_in_the_funnel(found, england, limits, told):
    said = headlines.in_funnel("Looked after", 2010, found, england, limits)
    assert said == f"Looked after in 2010: {told}"


def marks(*rates, limits=LIMITS):
    return [
        Mark(str(n), Cell(1000), WITHHELD if each is None else rate(each), limits)
        for n, each in enumerate(rates)
    ]


@pytest.mark.parametrize(
    ("others", "told"),
    [
        (marks(), "No other authority's rate can be held against its limits."),
        (marks(None), "No other authority's rate can be held against its limits."),
        (marks(50.0, limits=NO_LIMITS),
         "No other authority's rate can be held against its limits."),
        (marks(60.0, 40.0, None), "Of 2 other authorities none lies outside the 99.8% limits."),
        (marks(50.0), "Of 1 other authority none lies outside the 99.8% limits."),
        (marks(*[50.0] * 9, 61.0),
         "Of 10 other authorities 1 lies above and 0 below the 99.8% limits."),
        (marks(61.0, 62.0, 39.0, 50.0), "Of 4 other authorities 2 lie above and 1 below the 99.8% "
         "limits: far more than chance would put there."),
    ],
)  # fmt: skip
def test_how_many_others_lie_outside_the_funnel(others, told):
    assert headlines.scattered(others) == told


@pytest.mark.parametrize(
    ("own", "mean", "told"),
    [
        ((50.0, 45.0, 55.0), 44.9, "50.0 per 10,000, higher than the mean of its statistical "
         "neighbours, 44.9"),
        ((50.0, 45.0, 55.0), 45.0, "50.0 per 10,000, similar to the mean of its statistical "
         "neighbours, 45.0"),
        ((50.0, 45.0, 55.0), 55.1, "50.0 per 10,000, lower than the mean of its statistical "
         "neighbours, 55.1"),
        ((50.0, 45.0, 55.0), None, "no rate of a statistical neighbour is shown"),
        (None, None, "no rate of a statistical neighbour is shown"),
        (None, 55.1, "the rate is withheld; the mean of the statistical neighbours, 55.1"),
    ],
)  # fmt: skip
def test_a_rate_beside_the_mean_of_the_neighbours(own, mean, told):
    (point,) = points(own)
    mean = NOT_AVAILABLE if mean is None else rate(mean)
    said = headlines.beside_neighbours("Looked after", 2010, point, mean)
    assert said == f"Looked after in 2010: {told}"


@pytest.mark.parametrize(
    ("own", "neighbours", "told"),
    [
        (50.0, (), ""),
        (50.0, (None,), "1 rate is not shown."),
        (None, (40.0, 60.0), ""),
        (None, (40.0, None, None), "2 rates are not shown."),
        (50.0, (40.0,), "The one statistical neighbour shown has a lower rate."),
        (50.0, (60.0, 61.0), "Each of 2 statistical neighbours has a higher rate."),
        (50.0, (50.0, 50.0), "Each of 2 statistical neighbours has the same rate."),
        (50.0, (40.0, 41.0, 50.0, 60.0, None), "Of 4 statistical neighbours 2 have a lower rate, "
         "1 has the same rate and 1 has a higher rate. 1 rate is not shown."),
    ],
)  # fmt: skip
def test_the_order_among_the_neighbours(own, neighbours, told):
    cells = [WITHHELD if each is None else rate(each) for each in neighbours]
    assert headlines.order(WITHHELD if own is None else rate(own), cells) == told


def portions(*told):
    return [
        Portion(name, *([WITHHELD] * 3 if each is None else (Cell(n, column="percent")
                                                             for n in each)))
        for name, each in zip("abcdefghij", told, strict=False)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("shares", "told"),
    [
        ((), "Nothing is counted by need yet"),
        ((None, None), "No share by need is shown"),
        (((0.0, 0.0, 0.3), None), "There are no children in any need that is shown"),
        (((100.0, 99.0, 100.0),), "A: 100.0%, the only need there is"),
        (((60.0, 55.0, 65.0), (40.0, 35.0, 45.0)), "A: 60.0%, the most frequent need"),
        (((60.0, 55.0, 65.0), None), "A: 60.0%, the most frequent need of those shown"),
        (((50.1, 47.0, 53.0), (49.9, 47.0, 53.0)), "A (50.1%) and b (49.9%): alike but for chance"),
        (((40.0, 37.0, 43.0), (40.0, 37.0, 43.0), (20.0, 17.0, 23.0)),
         "A (40.0%) and b (40.0%): alike but for chance, the most frequent by need"),
        ([(25.0, 20.0, 30.0)] * 4, "No need is the most frequent by more than chance"),
    ],
)  # fmt: skip
def test_the_largest_category(shares, told):
    assert headlines.largest("need", portions(*shares)) == told


@pytest.mark.parametrize(
    ("comparisons", "told"),
    [
        ([], "Nothing is counted by group yet"),
        ([None, None], "No share by group can be compared with the area's"),
        (["similar", None], "Each group compared is as large a share as in the area, "
                            "give or take chance"),
        (["higher", "similar"], "By group, a larger share than in the area: a"),
        (["lower", "lower"], "By group, a smaller share than in the area: a and b"),
        (["lower", "higher", "higher"],
         "By group, a larger share than in the area: b and c; a smaller: a"),
    ],
)  # fmt: skip
def test_who_is_a_larger_share_than_in_the_area(comparisons, told):
    assert headlines.represented("group", named(*comparisons)) == told


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ((), "Nothing is counted by age yet"),
        ((None, None), "No number by age is shown"),
        ((5, 5, 5, 5), "No age stands out"),
        ((0, 0, 0), "No age stands out"),
        ((9, 5, 4, 3, 3, 4, 7, 1), "Two ages stand out: a (9) and g (7)"),
        ((1, 2, 3, 4, 5), "One age stands out: e (5)"),
        ((9, 9, 1, 1, 1), "No age stands out"),
        ((9, 5, None, 3, 3, 4, 7, 1), "Two ages of those shown stand out: a (9) and g (7)"),
        ((9, 1, 1, 8, 1, 1, 7), "Two ages stand out: a (9) and d (8)"),
    ],
)
def test_ages_that_stand_out(numbers, told):
    assert headlines.standing_out(named(*numbers)) == told


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ((), "No entrants has been counted yet"),
        ((None,), "No number of entrants is shown"),
        ((None, 6), "One year's entrants is shown: 6 in b"),
        ((7, 9, 8), "More entrants in c (8) than in a (7)"),
        ((8, 7), "Fewer entrants in b (7) than in a (8)"),
        ((8, 7, 8, None), "As many entrants in c as in a: 8"),
    ],
)
def test_the_last_year_beside_the_first(numbers, told):
    assert headlines.first_and_last("entrants", named(*numbers)) == told


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ((), "No township is told of yet"),
        ((None, None), "Rate: no township's number is shown"),
        ((4, None), "Rate: 4 in a, the only township shown"),
        ((4, 4, 4), "Rate: 4 in every township that is shown"),
        ((4, 9), "Rate: highest in b (9), lowest in a (4)"),
        ((4, 9, None, 9), "Rate: highest of those shown in b and d (9), lowest in a (4)"),
    ],
)
def test_the_highest_place(numbers, told):
    assert headlines.highest("Rate", named(*numbers)) == told


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ((), "Poverty: no LSOA is told of yet"),
        ((None,), "Poverty is not available by LSOA"),
        ((4, None), "Poverty is 4% in every LSOA that is told of"),
        ((4, 9, 5), "Poverty goes from 4% of children in one LSOA to 9% in another"),
    ],
)
def test_a_spread(numbers, told):
    assert headlines.spread("Poverty", [cell for _, cell in named(*numbers)]) == told


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ((), "No township is told of yet"),
        ((None,), "Deprivation is not available by township"),
        ((0, 0), "No LSOA is in England's most deprived tenth"),
        ((1,), "a has 1 LSOA in England's most deprived tenth"),
        ((1, 7), "b has most LSOAs in England's most deprived tenth: 7"),
        ((7, 7, 1), "a and b have most LSOAs in England's most deprived tenth: 7 each"),
    ],
)
def test_where_most_deprived_lsoas_are(numbers, told):
    assert headlines.most_areas(named(*numbers)) == told


@pytest.mark.parametrize(
    ("deciles", "told"),
    [
        ((None,), "Deprivation is not available by LSOA"),
        ((2, 3), "No LSOA is in England's most deprived tenth"),
        ((1, 2), "1 LSOA is in England's most deprived tenth"),
        ((1, 1, None), "2 LSOAs are in England's most deprived tenth"),
    ],
)
def test_how_many_lsoas_are_most_deprived(deciles, told):
    assert headlines.most_deprived([cell for _, cell in named(*deciles)]) == told


def test_where_to_begin():
    assert headlines.priorities([]) == "No LSOA has been chosen to begin with"
    rows = [{"township_name": name} for name in ("North", "North", None)]
    assert headlines.priorities(rows[:1]) == "1 LSOA to begin with, in North"
    assert headlines.priorities(rows) == "3 LSOAs to begin with, in North and no township"


@pytest.mark.parametrize(
    ("medians", "told"),
    [
        ((), "No time in care has been counted yet"),
        ((None,), "No median time in care is shown"),
        ((90,), "Median time in care: 90 days at a"),
        ((1, 90, 95.5), "Median time in care: 95.5 days at c, longer than at b (90)"),
        ((95, None, 90), "Median time in care: 90 days at c, shorter than at a (95)"),
        ((90, 90), "Median time in care: 90 days at b, the same as at a"),
    ],
)
def test_time_in_care(medians, told):
    assert headlines.in_care(named(*medians)) == told


def by_year(*told):
    """Percentages by year from 2000, with their limits; None is withheld."""
    return [
        Point(str(2000 + place), *([WITHHELD] * 3 if each is None else
                                   (Cell(n, column="percent") for n in each)))
        for place, each in enumerate(told)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("years", "told"),
    [
        ((), "No return to care can be told yet"),
        ((None, None), "No share of children who came back to care is shown"),
        ((None, (8.0, 5.0, 12.0)),
         "8.0% of children who left care in the year to March 2001 came back within 12 months"),
        (((0.0, 0.0, 4.0), (9.0, 7.0, 11.0)),
         "9.0% of children who left care in the year to March 2001 came back within 12 months, "
         "higher than in 2000 (0.0%)"),
        (((9.0, 7.0, 11.0), (5.0, 4.0, 6.0), None),
         "5.0% of children who left care in the year to March 2001 came back within 12 months, "
         "lower than in 2000 (9.0%)"),
        (((5.0, 4.0, 6.0), None, (7.0, 6.0, 8.0)),
         "7.0% of children who left care in the year to March 2002 came back within 12 months, "
         "similar to 2000 (5.0%)"),
        (((5.0, 4.0, 6.0), (5.0, 3.0, 8.0)),
         "5.0% of children who left care in the year to March 2001 came back within 12 months, "
         "the same as in 2000"),
    ],
)  # fmt: skip
def test_returns_to_care(years, told):
    assert headlines.came_back(by_year(*years)) == told


@pytest.mark.parametrize(
    ("years", "told"),
    [
        ((), "No start of care has been counted yet"),
        (((None, None),), "No share of children who started again is shown"),
        (((16.0, 12.0), (18.9, 5.0), (None, None)),
         "18.9% of children who started in the year to March 2001 had been looked after before; "
         "5.0% had left care less than 12 months earlier"),
        (((0.0, 0.0),),
         "0.0% of children who started in the year to March 2000 had been looked after before; "
         "0.0% had left care less than 12 months earlier"),
        (((18.9, None),),
         "18.9% of children who started in the year to March 2000 had been looked after before"),
        (((16.0, 12.0), (None, 5.0)),
         "5.0% of children who started in the year to March 2001 had left care less than 12 "
         "months earlier"),
    ],
)  # fmt: skip
def test_starts_of_children_looked_after_before(years, told):
    cells = [
        (str(2000 + place), *(WITHHELD if n is None else Cell(n, column="percent") for n in pair))
        for place, pair in enumerate(years)
    ]
    assert headlines.started_again(cells) == told


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ((), "No indicator has been delivered yet"),
        ((None,), "No indicator can be held against a baseline"),
        ((0, None), "No indicator has moved since its baseline"),
        ((5, 0), "a: higher than at the baseline"),
        ((0, -5), "b: lower than at the baseline"),
        ((5, 4, -1, None), "Of 4 indicators, 2 higher and 1 lower than at the baseline"),
        ((-5, -4), "Of 2 indicators, 2 lower than at the baseline"),
    ],
)
def test_indicators(changes, told):
    assert headlines.indicators(named(*changes)) == told


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ((), "Nothing has been delivered yet"),
        ((0, 0), "No row that was delivered had to be set aside"),
        ((0, None), "No row is shown as set aside, and some numbers are withheld"),
        ((9, 0), "Rows were set aside in 1 of 2 years of a source"),
        ((9,), "Rows were set aside in 1 of 1 year of a source"),
        ((9, None, 0), "Rows were set aside in 1 of 3 years of a source; 1 not shown"),
    ],
)
def test_what_was_set_aside(rows, told):
    assert headlines.set_aside([cell for _, cell in named(*rows)]) == told


def test_nothing_is_ever_better_or_worse():
    """Whether more is good is for people to say: no word for it is anywhere in the page's code."""
    looked = 0
    for path in (HOUSE / "flows/page").rglob("*"):
        if path.suffix in {".py", ".html"}:
            words = re.findall(r"[a-z]+", path.read_text(encoding="utf-8").lower())
            assert not {"better", "worse", "best", "worst"} & set(words), path
            looked += 1
    assert looked > 20


def test_numbers_and_names_as_they_are_written():
    assert [
        written(*each)
        for each in (
            (1234, "children"), (36.0, "rate_per_10000"), (2011, "collection_year"),
            (259.0, "median_days"), (-28.1, "change"), (0.25, "value"), (date(2011, 3, 31), ""),
            ("text", ""),
        )
    ] == ["1,234", "36.0", "2011", "259", "-28.1", "0.25", "31 March 2011", "text"]  # fmt: skip
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(["a or b", "c"]) == "a or b, c"
    assert listed(list("abcdef")) == "a, b, c and 3 more"
