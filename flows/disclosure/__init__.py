"""Which counts leave, and whether what leaves could tell those that do not.

What solves is imported by who decides: every command looks at the ledger, and starts without it.
"""

REGION = "region"  # as whose audience the ledger keeps what was told of regions
