# One row per audience and count that is withheld from it, with the reason: that of the policy, or
# `others`, because others could be worked out from it. The mathematics is flows/disclosure.
from flows.disclosure.decide import Decision, decide
from flows.disclosure.relation import frame, relation


def model(dbt, session):
    dbt.config(materialized="table", file_format="parquet")  # Spark's; DuckDB has its own
    decided = decide(
        policies=relation(dbt.ref("disclosure_policies")),
        counts=relation(dbt.ref("disclosure_counts")),
        sums=relation(dbt.ref("disclosure_sums")),
        reaches=relation(dbt.ref("disclosure_reaches")),
        reasons=relation(dbt.ref("disclosure_reasons")),
        seen_counts=relation(dbt.source("ledger", "seen_counts")),
        seen_sums=relation(dbt.source("ledger", "seen_sums")),
    )
    return frame(decided, Decision, session)
