"""Why a published number is not there: which marker columns say so, and what they come to.

The workbook and the page put the marker where the number would be; both ask here.
"""

from collections.abc import Iterable, Sequence

ORDER = ("c", "z", "x")  # the first of them that is told; x where none is


def markers_asked(mart: str, column: str, names: Sequence[str]) -> list[str]:
    """The columns that say why `column` has no value: its own marker, else those of the counts
    that it could give away."""
    from expectations.published import MARTS

    if (own := f"{column}_marker") in names:
        return [own]
    counts = MARTS[mart].counts if mart in MARTS else {}
    return [
        f"{count}_marker"
        for count, numbers in counts.items()
        if column in numbers and f"{count}_marker" in names
    ]


def marker_of(found: Iterable[object]) -> str:
    """c, z or x, from what those columns hold in a row."""
    told = set(found)
    return next((marker for marker in ORDER if marker in told), "x")
