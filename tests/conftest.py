"""One night on the bundled sample, shared by every test that asks what is in the morning."""

import atexit
import gc
import os
import pickle
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from flows import build, collector
from flows.lock import Busy, alone
from flows.night import Night, run_night
from flows.settings import HOUSE, Settings
from tests.building import models_only
from tests.warm import WARM, ready

# The sample under a key of its own, so that a copy of its home can be one of real extracts.
KEY = b"the key of the tests, who are nobody"

# The files that take longest begin first, each in a process of its own. Of the first three, one
# makes the night that is shared and two need none; so nobody waits for it, or for the last of all.
LONGEST = (
    "test_crash", "test_leaks", "test_incremental", "test_night", "test_forget", "test_keys",
    "test_hostile", "test_rules", "test_stitching",
)  # fmt: skip


def _shared_by_all(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of a run know."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "cyp"


@pytest.fixture(scope="session", autouse=True)
def warm_dbt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """dbt is loaded once in each process, and the project is parsed by the first that needs it:
    commands that tests start, as users do, find that too."""
    parsed = _shared_by_all(tmp_path_factory) / "partial_parse.msgpack"
    parsed.parent.mkdir(exist_ok=True)
    parsed.touch()  # dbt wants it to be there, and makes nothing of it while it is empty
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(build, "subprocess", WARM)
        patched.setenv("DBT_PARTIAL_PARSE_FILE_PATH", str(parsed))
        yield


@pytest.fixture(scope="session")
def parsed() -> None:
    """The project is parsed, for commands that tests start: it takes as long as a small night."""
    ready()


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a home that all processes of a run share, on the bundled sample."""
    home = _shared_by_all(tmp_path_factory) / "home"
    return Settings(extracts=home / "sample", is_sample=True, home=home, la_code=None, key=KEY)


@pytest.fixture(scope="session")
def night(house: Settings) -> Night:
    """The whole path, once: land, build, audit, publish, in `house`. Tests only read it."""
    told = house.home.with_name("night.pickle")
    while not told.exists():  # another process may be at it
        with suppress(Busy), alone(replace(house, home=told.parent)):
            if not told.exists():
                night = run_night(house, report=print)
                assert not night.is_red, night.sentence
                told.write_bytes(pickle.dumps(night))
        time.sleep(0.2)
    night = pickle.loads(told.read_bytes())  # noqa: S301 - written just now, by us
    assert isinstance(night, Night)
    return night


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    gc.freeze()  # modules and tests stay to the end, and the collector need not look through them
    collector.seldom()
    items.sort(key=lambda item: (*LONGEST, item.path.stem).index(item.path.stem))


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: a night waits for its disk and its processes. Two more
    took no less time."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture
def copied(house: Settings, night: Night, tmp_path: Path) -> Settings:
    """A copy of the house after its night, to do harm to. Its extracts are no longer the
    sample to the code, so that what a test drops there stays."""
    home = tmp_path / "home"
    shutil.copytree(house.home, home, ignore=shutil.ignore_patterns("prefect", "refresh.lock"))
    return replace(house, home=home, extracts=home / "sample", is_sample=False)


@pytest.fixture
def only_models() -> Iterator[None]:
    with models_only():
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real publishers' files kept beside the project; CYP_SHARED says where else they are."""
    place = Path(os.environ.get("CYP_SHARED") or HOUSE.parent / "shared")
    if not place.is_dir():
        pytest.skip(f"no real files: {place} is not there (CYP_SHARED says where they are)")
    return place


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Settings], None]:
    """Lets a command find a house the way a user's shell would, and nothing else."""
    for name in [name for name in os.environ if name.startswith(("CYP_", "PREFECT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def point(settings: Settings) -> None:
        monkeypatch.setenv("CYP_HOME", str(settings.home))
        monkeypatch.setenv("CYP_KEY", settings.key.decode())
        if not settings.is_sample:
            monkeypatch.setenv("CYP_EXTRACTS", str(settings.extracts))

    return point


def pytest_unconfigure() -> None:
    """DuckDB's bindings print pages about references that are left when Python ends. Nothing
    of ours is said after this, so what is said then is not heard."""
    atexit.register(os.dup2, os.open(os.devnull, os.O_WRONLY), 2)
