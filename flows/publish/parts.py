"""The folders of a publication: one for each audience, and in it one for each authority that is
pooled here and for each region. Each is made from the marts and taken apart for the search that
follows; where there are many, by as many processes as there are processors."""

import atexit
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import connection, get_context, parent_process
from pathlib import Path

from flows import collector
from flows.manifest import PublicModel
from flows.publish.folder import build_folder
from flows.publish.searched import Words, taken_apart
from flows.settings import Settings

MANY = 12  # folders: fewer are made as soon as the processes have started

Work = Callable[[Callable[["Part"], "Made"], Iterable["Part"]], Iterator["Made"]]


@dataclass(frozen=True)
class Part:
    """One folder. `root` is its audience's; `la_code` or `region_code` is whose rows are in it, or
    everybody's. `within` are the folders that lie in it, with the names of their packages."""

    folder: Path
    root: Path
    audience: str
    la_code: str = ""
    region_code: str = ""
    within: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Made:
    """A folder that stands: its rows by table, and the words that are to be searched."""

    part: Part
    rows: dict[str, int]
    words: Words


def parts(
    root: Path, audience: str, la_codes: Iterable[str], regions: Mapping[str, str]
) -> tuple[list[Part], Part]:
    """The folders that lie in an audience's, and that itself, which tells of them and so is made
    last. `regions` are codes by the name of their folder."""
    inner = [Part(root / code, root, audience, la_code=code) for code in la_codes]
    inner += [Part(root / name, root, audience, region_code=code) for name, code in regions.items()]
    within = {code: f"authority-{code}" for code in la_codes}
    within |= {name: name.replace("_", "-") for name in regions}
    return inner, Part(root, root, audience, within=within)


def make(part: Part, models: list[PublicModel], settings: Settings, version: str) -> Made:
    """Raises CannotBeSearched."""
    part.folder.mkdir(exist_ok=True)
    if part.region_code:
        models = [model for model in models if model.is_of_regions]
    rows = build_folder(
        part.folder, models, settings, part.audience, version,
        la_code=part.la_code, region_code=part.region_code, within=part.within,
    )  # fmt: skip
    return Made(part, rows, taken_apart(part.folder, settings, part.root, part.within))


def processes(number: int) -> int:
    """How many make so many folders."""
    return 1 if number < MANY else min(os.cpu_count() or 1, number)


@contextmanager
def hands(number: int) -> Iterator[Work]:
    """What does the same to each of so many folders, in their order."""
    if processes(number) == 1:
        yield map
        return
    # Not forked: this process has threads, the engine's and an orchestrator's.
    with ProcessPoolExecutor(
        processes(number), mp_context=get_context("spawn"), initializer=_begin
    ) as pool:
        try:
            yield pool.map
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _begin() -> None:
    """Ctrl-C is the parent's to hear; however that ends, this process goes with it, and without
    the "leaks" that DuckDB's binding prints when Python ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collector.seldom()
    atexit.register(os.dup2, os.open(os.devnull, os.O_WRONLY), 2)
    threading.Thread(target=_go_with_the_parent, daemon=True).start()


def _go_with_the_parent() -> None:
    if parent := parent_process():
        connection.wait([parent.sentinel])
        os._exit(1)


def all_made(
    asides: Mapping[str, Path],
    models: list[PublicModel],
    settings: Settings,
    version: str,
    la_codes: Iterable[str],
    regions: Mapping[str, Mapping[str, str]],
) -> Generator[Made, None, None]:
    """Every folder of every audience, those that lie in another before it."""
    of_audiences = [
        parts(aside, audience, la_codes, regions.get(audience, {}))
        for audience, aside in asides.items()
    ]
    inner = [part for within, _ in of_audiences for part in within]
    number = len(inner) + len(of_audiences)
    own = settings.shared_by(processes(number))
    work = partial(make, models=models, settings=own, version=version)
    with hands(number) as each:
        yield from each(work, inner)
        yield from each(work, [whole for _, whole in of_audiences])
