# One row per audience and count that is withheld from it, with the reason: that of the policy, or
# `others`, because others could be worked out from it. The mathematics is flows/disclosure.
from flows.disclosure import decide


def model(dbt, session):
    dbt.config(materialized="table")
    return decide(
        policies=dbt.ref("disclosure_policies"),
        counts=dbt.ref("disclosure_counts"),
        sums=dbt.ref("disclosure_sums"),
        reasons=dbt.ref("disclosure_reasons"),
        seen_counts=dbt.source("ledger", "seen_counts"),
        seen_sums=dbt.source("ledger", "seen_sums"),
    )
