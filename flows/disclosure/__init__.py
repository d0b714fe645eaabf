"""Which counts leave, and whether what leaves could tell those that do not."""

from flows.disclosure.decide import decide

__all__ = ["decide"]
