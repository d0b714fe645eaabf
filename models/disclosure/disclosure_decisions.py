# One row per audience and count that is withheld from it, with the reason: that of the policy, or
# `others`, because others could be worked out from it. The mathematics is flows/disclosure.
from pandas import DataFrame

from flows.disclosure import Decision, decide


def model(dbt, session):
    dbt.config(materialized="table")
    decided = decide(
        policies=dbt.ref("disclosure_policies"),
        counts=dbt.ref("disclosure_counts"),
        sums=dbt.ref("disclosure_sums"),
        reaches=dbt.ref("disclosure_reaches"),
        reasons=dbt.ref("disclosure_reasons"),
        seen_counts=dbt.source("ledger", "seen_counts"),
        seen_sums=dbt.source("ledger", "seen_sums"),
    )
    return DataFrame(decided, columns=Decision._fields)
