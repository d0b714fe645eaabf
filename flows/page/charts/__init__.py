"""Charts and maps as inline SVG, and tiles, drawn from published cells.

Where a thing lies across is said in per cent of the width and where it lies down in pixels, so
that a chart is as wide as its page and its text never shrinks. Every scale begins at nought. A
cell that is not shown is drawn as its marker. Coordinates are whole numbers between commas
and quotes: nothing in them can be taken for an identifier.
"""

from flows.page.charts.bar import bars
from flows.page.charts.column import columns
from flows.page.charts.dot import Dot, dots
from flows.page.charts.funnel import Limits, Mark, funnel
from flows.page.charts.interval import intervals
from flows.page.charts.line import Line, lines
from flows.page.charts.outline import Drawn, Outline, outlines
from flows.page.charts.ramp import DEPRIVATION, POVERTY, Ramp
from flows.page.charts.stack import Stack, stacks
from flows.page.charts.target import Aim, targets
from flows.page.charts.tile import tiles

__all__ = [
    "DEPRIVATION",
    "POVERTY",
    "Aim",
    "Dot",
    "Drawn",
    "Limits",
    "Line",
    "Mark",
    "Outline",
    "Ramp",
    "Stack",
    "bars",
    "columns",
    "dots",
    "funnel",
    "intervals",
    "lines",
    "outlines",
    "stacks",
    "targets",
    "tiles",
]
