"""What the marts must say of an authority, counted in plain Python over its children."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.generate.places import Authority
from flows.sample.dates import last_day

if TYPE_CHECKING:
    from benchmarks.generate.files import World


def of(world: World) -> dict[str, Any]:
    return {"children_rates": rates(world)}


def poverty(authority: Authority, lsoa: int) -> tuple[int, int]:
    """Children of an LSOA, and those of them in families of low income."""
    every = authority.residents(lsoa)
    per_mille = 40 + 470 * (32_482 - authority.rank(lsoa)) ** 2 // 32_482**2 + lsoa % 20
    return every, every * per_mille // 1000


def rates(world: World) -> list[list[Any]]:
    """Day, measure, children."""
    told: list[list[Any]] = []
    for year in world.years:
        day = last_day(year)
        looked_after = in_need = on_plans = 0
        for child in world.children:
            looked_after += any(
                not period.is_short_break
                and period.start <= day
                and (period.vanished_after == 0 or period.vanished_after >= year)
                and (period.end is None or period.end > day)
                for period in child.periods
            )
        for person in world.people:
            in_need += any(
                not case.is_nfa
                and case.referred <= day
                and (case.closed is None or case.closed > day)
                for case in person.cases
            )
            on_plans += any(
                plan.start <= day and (plan.end is None or plan.end > day)
                for case in person.cases
                for plan in case.plans
            )
        told += [
            [day.isoformat(), "looked_after", looked_after],
            [day.isoformat(), "children_in_need", in_need],
            [day.isoformat(), "child_protection_plan", on_plans],
        ]
    return told
