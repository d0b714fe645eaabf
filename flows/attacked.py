"""Attack what is about to leave, as each audience would see it, with everything that its readers
hold already: the version that they have, and what others are shown."""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import duckdb

from flows import held
from flows.attack import Attack, Policy, Version, attack
from flows.attack.known import LAYOUTS
from flows.disclosure import ledger
from flows.manifest import PublicModel
from flows.settings import Settings

# Of areas, which nobody is counted in that is known to services.
ORDERED = "priority_lsoas"  # in an order that tells where most children come from
OF_AREAS = {
    "lsoa_profile": "places.lsoa_profile_counted",
    ORDERED: "places.priority_lsoas_counted",
}
# Of what others publish, what may tell of those who are counted here: their own figures and
# totals that they are in.
OTHERS = "comparator_rates"
OF_OTHERS = (
    "(select * from rates.comparator_rates_counted where area_level in ('england', 'region') "
    "or compared_la_code in (select la_code from rates.children_rates_counted))"
)


def attacks(
    warehouse: duckdb.DuckDBPyConnection,
    settings: Settings,
    models: list[PublicModel],
    readers: Mapping[str, Collection[str]],
) -> list[Attack]:
    """One attack for each audience; who may see more knows what is shown to those before.
    `readers` are the tables that each audience holds, as `held.attach` found them."""
    marts = [model for model in models if model.name in LAYOUTS]
    counted = {
        name: relation
        for name, relation in (ledger.COUNTED | OF_AREAS | {OTHERS: OF_OTHERS}).items()
        if name in {model.name for model in marts}
    }
    known: list[Version] = []
    before: list[Version] = []
    fought = []
    for policy in policies(warehouse):
        shown = {
            model.name: model.rows_for(policy.audience) for model in marts if model.name in counted
        }
        if OTHERS in shown:
            shown[OTHERS] = (
                f"(select * from {shown[OTHERS]} "
                f"where area_code in (select area_code from {OF_OTHERS}))"
            )
        tonight = Version(shown, counted)
        audience = policy.audience
        if last := _last(warehouse, settings.outputs[audience], audience, readers[audience]):
            before.append(last)
        fought.append(attack(warehouse, tonight, known, policy, before))
        known.append(tonight)
    return fought


def policies(warehouse: duckdb.DuckDBPyConnection) -> list[Policy]:
    """The policies of this build, the strictest first."""
    told = warehouse.execute(
        "select audience, suppress_up_to, noughts_are_shown, rounds_to, least_interval, "
        "least_interval_if_unchanged, minimum_population, lowest_level, fewest_elsewhere - 1, "
        "sensitive, region_suppress_up_to, region_rounds_to, region_fewest_authorities "
        "from disclosure.disclosure_policies order by sort_order"
    ).fetchall()
    return [
        _with_regions(
            Policy(
                audience=audience,
                suppress_up_to=suppress_up_to,
                noughts_are_shown=noughts_are_shown,
                rounding=rounds_to,
                least_interval=least_interval,
                least_interval_if_unchanged=least_interval_if_unchanged,
                minimum_population=minimum_population,
                lowest_level=lowest_level,
                dominance_leaves=dominance_leaves,
                sensitive=frozenset(sensitive.split(",")),
                region_fewest_authorities=fewest_authorities,
            ),
            regional_suppress_up_to,
            regional_rounds_to,
        )
        for (
            audience, suppress_up_to, noughts_are_shown, rounds_to, least_interval,
            least_interval_if_unchanged, minimum_population, lowest_level, dominance_leaves,
            sensitive, regional_suppress_up_to, regional_rounds_to, fewest_authorities,
        ) in told
    ]  # fmt: skip


def _with_regions(policy: Policy, suppress_up_to: int, rounds_to: int) -> Policy:
    """The same policy, with what is asked of regions in it."""
    of_regions = replace(policy, suppress_up_to=suppress_up_to, rounding=rounds_to)
    return replace(policy, region=of_regions)


def _last(
    warehouse: duckdb.DuckDBPyConnection, place: Path, audience: str, tables: Collection[str]
) -> Version | None:
    """What an audience holds now; None where that is nothing, or cannot be reckoned with because
    nobody wrote down what was counted then."""
    package = place / "datapackage.json"
    if not (tables and package.exists()):
        return None
    truth = ledger.truth(warehouse, json.loads(package.read_text(encoding="utf-8"))["version"])
    shown = {mart: f"{held.name(audience)}.published.{mart}" for mart in tables if mart in truth}
    if not shown:
        return None
    counted = {mart: truth[mart] for mart in shown}
    if ORDERED in tables:  # where most came from then; of areas nothing is kept back
        shown[ORDERED] = counted[ORDERED] = f"{held.name(audience)}.published.{ORDERED}"
    return Version(shown, counted)
