"""Returns of many authorities over many years, as real files, and what the marts must say of them.

    python -m benchmarks.generate --authorities 10 --years 10 --folder F

writes F/extracts, which a night takes for its drop folder, and F/known, one file for each
authority with what was counted in plain Python over the same children. England is
`--authorities 150`: 3 million episodes, 6 million children of censuses, 2.7 million postcodes.
"""

import multiprocessing
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.generate import files
from benchmarks.generate.places import CENSUS_CHILDREN, LAST_YEAR, Authority, some


def write(
    folder: Path,
    authorities: int,
    years: int,
    *,
    census_children: int = CENSUS_CHILDREN,
    seed: int = 1,
    processes: int = 2,
    report: Callable[[str], None] = lambda line: None,
) -> Counter[str]:
    """Write everything below a folder that is new; how many rows there are of what."""
    made = list(some(authorities, census_children))
    told = range(LAST_YEAR + 1 - years, LAST_YEAR + 1)
    work = partial(_write_one, folder=folder, years=told, seed=seed)
    counted: Counter[str] = Counter()
    if processes > 1:
        with multiprocessing.Pool(processes) as pool:
            for done, of_one in enumerate(pool.imap_unordered(work, made), 1):
                counted.update(of_one)
                report(f"{done} of {len(made)} authorities: {counted['episodes']:,} episodes")
    else:
        for authority in made:
            counted.update(work(authority))
    files.put_together(folder / "extracts", made)
    files.write_tables(folder / "extracts", folder / "known", told, census_children, seed)
    return counted


def _write_one(authority: Authority, *, folder: Path, years: range, seed: int) -> dict[str, int]:
    world = files.World(authority, years, seed)
    return files.write_authority(world, folder / "extracts", folder / "known")
