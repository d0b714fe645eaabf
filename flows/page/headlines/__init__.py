"""The headline over each figure, computed from what the figure shows.

Each is a function of published cells that gives one sentence without a full stop, and has
something true to say in every case: ties, no change, a number that is withheld, no comparator,
one category, no row. Higher, lower, similar: whether that is good is not for the page to say.
"""

from flows.page.headlines.categories import (
    first_and_last,
    largest,
    peaks,
    represented,
    standing_out,
)
from flows.page.headlines.compared import beside_neighbours, in_funnel, order, scattered
from flows.page.headlines.places import highest, most_areas, most_deprived, priorities, spread
from flows.page.headlines.rates import against, trend
from flows.page.headlines.records import (
    came_back,
    in_care,
    indicators,
    set_aside,
    started_again,
)

__all__ = [
    "against",
    "beside_neighbours",
    "came_back",
    "first_and_last",
    "highest",
    "in_care",
    "in_funnel",
    "indicators",
    "largest",
    "most_areas",
    "most_deprived",
    "order",
    "peaks",
    "priorities",
    "represented",
    "scattered",
    "set_aside",
    "spread",
    "standing_out",
    "started_again",
    "trend",
]
