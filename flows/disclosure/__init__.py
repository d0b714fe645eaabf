"""Which counts leave, and whether what leaves could tell those that do not."""

from flows.disclosure.decide import Decision, decide

__all__ = ["Decision", "decide"]
