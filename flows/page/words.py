"""How numbers, dates and lists of names are written on the page."""

from collections.abc import Sequence
from datetime import date
from typing import Any

MARKERS = {
    "c": ("[c]", "withheld"),
    "x": ("[x]", "not available"),
    "z": ("[z]", "not applicable"),
}
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
# What is told to one decimal, a nought included: 36.0 beside 35.7.
TO_ONE_DECIMAL = ("rate", "percent", "share", "limit_")


def written(value: Any, column: str = "") -> str:
    """A published value as the page writes it; the column says whether it is a year, which
    has no comma, or a rate, which has its decimal."""
    if isinstance(value, date):
        return day(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if column.endswith(("_year", "_release")):
        return str(value)
    if isinstance(value, float) and any(part in column for part in TO_ONE_DECIMAL):
        return f"{value:,.1f}"
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.2f}".rstrip("0")


def day(at: date) -> str:
    """31 March 2011, the same in every locale."""
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def listed(names: Sequence[str], most: int = 4) -> str:
    """Names as a sentence has them; beyond `most` the rest are counted. Names that have an and
    or an or of their own have commas between them only."""
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"
    if any(word in f" {name} " for name in names for word in (" and ", " or ")):
        return ", ".join(names)
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def plural(number: int, thing: str, things: str = "") -> str:
    """1 ward, 2 wards."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def capital(text: str) -> str:
    """With a capital first, and the rest as it was."""
    return text[:1].upper() + text[1:]
