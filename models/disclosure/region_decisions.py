# One row per total of a region that is withheld, with the reason: that of the policy, or `others`,
# because a count of one of its authorities could be worked out from it. The mathematics is
# flows/disclosure.
from flows.disclosure.regions import RegionDecision, decide_regions
from flows.disclosure.relation import frame, relation


def model(dbt, session):
    dbt.config(materialized="table", file_format="parquet")  # Spark's; DuckDB has its own
    decided = decide_regions(
        policies=relation(dbt.ref("disclosure_policies")),
        counts=relation(dbt.ref("disclosure_counts")),
        sums=relation(dbt.ref("disclosure_sums")),
        reaches=relation(dbt.ref("disclosure_reaches")),
        decisions=relation(dbt.ref("disclosure_decisions")),
        totals=relation(dbt.ref("region_counts")),
        region_sums=relation(dbt.ref("region_sums")),
        reasons=relation(dbt.ref("region_reasons")),
        seen_counts=relation(dbt.source("ledger", "seen_counts")),
        seen_sums=relation(dbt.source("ledger", "seen_sums")),
    )
    return frame(decided, RegionDecision, session)
