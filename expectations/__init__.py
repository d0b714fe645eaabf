"""What we expect at the two doors: of every table that lands, and of every mart that leaves.

Inside the house, keys and logic are dbt's to test. A suite is a function that returns one
and does nothing else; what each one is held against stands in its ``meta["look"]``, a
query over ``{rows}``: the rows themselves with a few columns worked out (a text read as a
date), or, for tables that may hold a nation, one row of counts and shares.

critical  the file or the mart is not usable: it is refused, the last good one stands
warning   it is let through, and the finding goes to the people who can mend it
"""

import os

# Great Expectations decides at import whether to report its use. The house phones nobody.
os.environ["GX_ANALYTICS_ENABLED"] = "false"

from expectations import area_statistics, cin_census, own_tables, published, ssda903
from expectations.phrases import Suite

__all__ = ["INBOUND", "OUTBOUND", "Suite"]

# Landed table -> its suite.
INBOUND = {
    **{f"ssda903__{table}": suite for table, suite in ssda903.SUITES.items()},
    **{f"cin_census__{table}": suite for table, suite in cin_census.SUITES.items()},
    **area_statistics.SUITES,
    **own_tables.SUITES,
}

# Published mart -> its suite, given what the night delivered for it.
OUTBOUND = published.SUITES
