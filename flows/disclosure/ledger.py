"""The ledger of disclosure: what the last published version told, and what it withheld, so that
tonight's cannot be held against it to work out what neither tells (`models/disclosure`).

It lies in the warehouse. A version is written into it before readers can see it, and the ones
before are taken out when readers see it: a publication that is killed leaves both, and the next
night reckons with both.
"""

import duckdb

from flows.declared import MODELS, make_tables
from flows.disclosure import REGION
from flows.warehouse import transaction

SOURCES = MODELS / "disclosure" / "_disclosure__sources.yml"

KEPT = "counted_"
# The marts as they were counted, for whoever is to know what has changed since.
COUNTED = {
    "children_rates": "rates.children_rates_counted",
    "first_episode_profile": "looked_after.first_episode_profile_counted",
    "township_profile": "places.township_profile_counted",
    "ward_profile": "places.ward_profile_counted",
    "time_in_care": "looked_after.time_in_care_counted",
    "returns_to_care": "looked_after.returns_to_care_counted",
    "indicator_scorecard": "progress.indicator_scorecard_counted",
    "data_quality_summary": "quality.data_quality_summary_counted",
    "rule_summary": "validation.rule_summary_counted",
    "region_profile": "disclosure.region_profile_counted",
}


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the ledger, if it is not there."""
    make_tables(connection, SOURCES)


def enter(connection: duckdb.DuckDBPyConnection, version: str) -> None:
    """Write down the version that is about to be published."""
    prepare(connection)
    with transaction(connection):
        connection.execute(
            """
            insert into ledger.seen_counts by name
            select
                ? as version, policies.audience, counts.count_id, counts.role, counts.counted,
                decisions.count_id is not null as is_withheld
            from disclosure.disclosure_counts as counts
            cross join disclosure.disclosure_policies as policies
            left join disclosure.disclosure_decisions as decisions
                on policies.audience = decisions.audience
                and counts.count_id = decisions.count_id
            """,
            [version],
        )
        connection.execute(
            "insert into ledger.seen_sums by name "
            "select ? as version, sum_id, count_id, sign from disclosure.disclosure_sums",
            [version],
        )
        # Totals of regions are told to whoever reads them, whichever audience it is of.
        connection.execute(
            """
            insert into ledger.seen_counts by name
            select
                ? as version, ? as audience, counts.count_id, counts.role, counts.counted,
                decisions.count_id is not null as is_withheld
            from disclosure.region_counts as counts
            left join disclosure.region_decisions as decisions using (count_id)
            """,
            [version, REGION],
        )
        connection.execute(
            "insert into ledger.seen_sums by name "
            "select ? as version, sum_id, count_id, sign from disclosure.region_sums",
            [version],
        )
        for mart, counted in COUNTED.items():
            connection.execute(
                f"create table ledger.{_kept(mart, version)} as select * from {counted}"
            )


def settle(connection: duckdb.DuckDBPyConnection, version: str) -> None:
    """Take out every version but the one that readers see."""
    kept = {_kept(mart, version) for mart in COUNTED}
    with transaction(connection):
        for table in ("seen_counts", "seen_sums"):
            connection.execute(f"delete from ledger.{table} where version <> ?", [version])
        for table in tables(connection):
            if table.startswith(KEPT) and table not in kept:
                connection.execute(f"drop table ledger.{table}")


def truth(connection: duckdb.DuckDBPyConnection, version: str) -> dict[str, str]:
    """The counted marts of a version, by mart; none where the ledger does not hold it."""
    there = tables(connection)
    kept = {mart: _kept(mart, version) for mart in COUNTED}
    return {mart: f"ledger.{table}" for mart, table in kept.items() if table in there}


def _kept(mart: str, version: str) -> str:
    return f"{KEPT}{mart}_{version}"


def tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The ledger's tables; none before the first publication."""
    found = connection.execute(
        "select table_name from duckdb_tables() "
        "where database_name = current_database() and schema_name = 'ledger'"
    )
    return {name for (name,) in found.fetchall()}
