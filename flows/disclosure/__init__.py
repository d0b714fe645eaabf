"""Which counts leave, and whether what leaves could tell those that do not."""

from flows.disclosure.decide import Decision, decide
from flows.disclosure.regions import RegionDecision, decide_regions
from flows.disclosure.relation import frame, relation

__all__ = ["Decision", "RegionDecision", "decide", "decide_regions", "frame", "relation"]
