"""One night on the bundled sample, shared by every test that asks what is in the morning."""

import atexit
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from flows.night import Night, run_night
from flows.settings import HOUSE, SAMPLE_KEY, Settings


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a home of its own, on the bundled sample."""
    home = tmp_path_factory.mktemp("cyp") / "home"
    return Settings(
        extracts=home / "sample", is_sample=True, home=home, la_code=None, key=SAMPLE_KEY
    )


@pytest.fixture(scope="session")
def night(house: Settings) -> Night:
    """The whole path, once: land, build, audit, publish, in `house`. Tests only read it."""
    night = run_night(house, report=print)
    assert not night.is_red, night.sentence
    return night


@pytest.fixture
def copied(house: Settings, night: Night, tmp_path: Path) -> Settings:
    """A copy of the house after its night, to do harm to. Its extracts are no longer the
    sample to the code, so that what a test drops there stays."""
    home = tmp_path / "home"
    shutil.copytree(house.home, home, ignore=shutil.ignore_patterns("prefect", "refresh.lock"))
    return replace(house, home=home, extracts=home / "sample", is_sample=False)


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
