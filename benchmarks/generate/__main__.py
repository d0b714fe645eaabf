"""The command of `benchmarks.generate`."""

import argparse
from pathlib import Path

from benchmarks import generate
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
    options = parser.parse_args()
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


if __name__ == "__main__":
    main()
