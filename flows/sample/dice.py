"""Chance that falls the same way on every machine.

Only ``random.random()`` of a seeded generator is promised to stay the same from one Python
version to the next, so every draw of the sample is made from it here.
"""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TypeVar

Thing = TypeVar("Thing")


class Dice:
    """Draws for one theme of the sample; each theme has its own seed, so that changing one
    theme leaves the others as they were."""

    def __init__(self, seed: int) -> None:
        self.roll = random.Random(seed).random

    def below(self, number: int) -> int:
        """A whole number from 0 to number - 1."""
        return int(self.roll() * number)

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + self.below(high - low + 1)

    def chance(self, percent: int) -> bool:
        return self.below(100) < percent

    def pick(self, things: Sequence[Thing]) -> Thing:
        return things[self.below(len(things))]

    def weigh(self, weights: dict[Thing, int]) -> Thing:
        """One of the keys, as often as its weight says."""
        left = self.below(sum(weights.values()))
        for thing, weight in weights.items():
            if left < weight:
                return thing
            left -= weight
        raise AssertionError("weights are whole and positive")

    def shuffled(self, things: Sequence[Thing]) -> list[Thing]:
        pairs = sorted((self.roll(), place) for place in range(len(things)))
        return [things[place] for _, place in pairs]

    def some(self, things: Sequence[Thing], number: int) -> list[Thing]:
        """So many different ones of the things, in the order in which they were drawn."""
        if number > len(things):
            raise ValueError(f"{number} wanted of {len(things)}")
        return self.shuffled(things)[:number]

    def heaviest(self, weighed: Sequence[tuple[Thing, int]], number: int) -> list[Thing]:
        """So many different ones, the heavier the likelier."""
        order = sorted((self.roll() / weight, place) for place, (_, weight) in enumerate(weighed))
        return [weighed[place][0] for _, place in order[:number]]

    def day(self, first: date, last: date) -> date:
        """A day from first to last, both included; first when last is before it."""
        return first + timedelta(days=self.between(0, max((last - first).days, 0)))
