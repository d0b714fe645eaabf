"""What an encrypted warehouse would cost, if the engine could write one that deserves the name.

    python benchmarks/encryption.py [--rows 5000000] [--runs 5]

Writes and reads the same table in a plain database and in one with a key, medians of several
runs in turn. DuckDB 2.0.0 writes the latter only with random numbers that can be predicted
(docs/security.md), which costs no less: the cipher is the same. Times mean little on a shared
machine; the ratios are what to watch.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import duckdb

TABLE = (
    "select range as one, md5(cast(range as varchar)) as two, "
    "cast('2010-04-01' as date) + cast(hash(range) % 4000 as integer) as three from range({rows})"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    kinds = {"plain": "", "encrypted": "(encryption_key 'a key that is long enough')"}
    took: dict[tuple[str, str], list[float]] = {}
    sizes: dict[str, int] = {}
    with tempfile.TemporaryDirectory(prefix="cyp-bench-") as folder:
        for _ in range(options.runs):
            for kind, how in kinds.items():
                path = Path(folder) / f"{kind}.duckdb"
                path.unlink(missing_ok=True)
                attach = f"attach '{path}' as kept {how}"
                writing = f"create table kept.t as {TABLE.format(rows=options.rows)}"
                took.setdefault((kind, "write"), []).append(_cpu(attach, writing))
                reading = "select count(distinct two), min(three), sum(one) from kept.t"
                took.setdefault((kind, "read"), []).append(_cpu(attach, reading))
                sizes[kind] = path.stat().st_size
    print(f"{options.rows:,} rows, CPU seconds, medians of {options.runs}")
    for what in ("write", "read"):
        plain, other = (statistics.median(took[kind, what]) for kind in kinds)
        print(f"{what:6} plain {plain:6.2f}   encrypted {other:6.2f}   times {other / plain:.2f}")
    print(f"bytes  plain {sizes['plain']:,}   encrypted {sizes['encrypted']:,}")


def _cpu(attach: str, statement: str) -> float:
    with duckdb.connect() as connection:
        connection.execute("set force_mbedtls_unsafe = true")
        began = time.process_time()
        connection.execute(attach)
        connection.execute(statement).fetchall()
        connection.execute("checkpoint kept")
        connection.execute("detach kept")
        return time.process_time() - began


if __name__ == "__main__":
    main()
