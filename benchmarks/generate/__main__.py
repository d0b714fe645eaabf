"""The command of `benchmarks.generate`."""

import argparse
import sys
from pathlib import Path

import duckdb

from benchmarks import generate
from benchmarks.generate import check
from benchmarks.generate.places import CENSUS_CHILDREN


def main() -> None:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.generate", description=generate.__doc__.splitlines()[0]
    )
    parser.add_argument("--authorities", type=int, default=10)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument(
        "--children", type=int, default=CENSUS_CHILDREN,
        help="of whom a census tells, in an authority of middling size",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--folder", type=Path, required=True, help="new, or to be written over")
    parser.add_argument(
        "--check", type=Path, metavar="HOME", help="write nothing; hold a home's marts against it"
    )
    options = parser.parse_args()
    if options.check:
        sys.exit(_check(options.check, options.folder))
    counted = generate.write(
        options.folder,
        options.authorities,
        options.years,
        census_children=options.children,
        seed=options.seed,
        processes=options.processes,
        report=lambda line: print(line, flush=True),
    )
    for name, number in sorted(counted.items()):
        print(f"{name:16} {number:12,}")


def _check(home: Path, folder: Path) -> int:
    """One when anything differs."""
    print(f"{'mart':32} {'rows':>10} {'numbers':>10} {'withheld':>9} {'different':>9}")
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        held = check.check(connection, folder)
    for mart, found in held.items():
        print(
            f"{mart:32} {found.rows:10,} {found.numbers:10,} {found.withheld:9,} "
            f"{len(found.different):9,}"
        )
    for mart, found in held.items():
        for different in found.different[:5]:
            print(f"{mart}: {different}")
    return 1 if any(found.different for found in held.values()) else 0


if __name__ == "__main__":
    main()
