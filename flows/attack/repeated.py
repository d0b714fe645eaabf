"""Numbers that repeat a count: shares, rates and their limits, reckoned as anybody can who has
the glossary. Written from the definitions, not taken from the models."""

from __future__ import annotations

from math import floor, sqrt

Z = 1.959963984540054


def one_decimal(number: float) -> float:
    return floor(number * 10 + 0.5) / 10


def agree(one: float | None, other: float | None) -> bool:
    """Whether two numbers are the same to one decimal."""
    return one is not None and other is not None and abs(one - other) < 1e-6


def percentage(part: float, whole: float) -> float | None:
    """In per cent to one decimal, halves up; None of nobody."""
    return floor((part * 2000 + whole) / (2 * whole)) / 10 if whole > 0 else None


def wilson(part: float, whole: float) -> tuple[float, float] | None:
    """95% limits of a percentage, to one decimal."""
    if whole <= 0 or part > whole:
        return None
    root = Z * sqrt(Z * Z + 4 * part * (whole - part) / whole)
    low, high = (100 * (2 * part + Z * Z + side * root) / (2 * (whole + Z * Z)) for side in (-1, 1))
    return one_decimal(max(low, 0)), one_decimal(min(high, 100))


def poisson(count: float, population: float) -> tuple[float, float] | None:
    """95% limits of a rate per 10,000, to one decimal: exact below 10, Byar's from there."""
    if population <= 0:
        return None
    if count < 10:
        from scipy.special import gammaincinv

        low = float(gammaincinv(count, 0.025)) if count > 0 else 0.0
        high = float(gammaincinv(count + 1, 0.975))
    else:
        low, high = _byar(count, -1), _byar(count + 1, 1)
    return one_decimal(low * 10000 / population), one_decimal(high * 10000 / population)


def _byar(count: float, side: int) -> float:
    return float(count * (1 - 1 / (9 * count) + side * Z / (3 * sqrt(count))) ** 3)
