"""Nights that are cut short: killed, out of room, in each other's way, asked to stop."""

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from benchmarks import crash
from flows import errors, night, tether
from flows.errors import DiskFull, StepFailed, spoken
from flows.land import files
from flows.lock import Busy, alone, lent
from flows.manifest import NothingBuilt, public_models
from flows.settings import HOUSE, Settings
from flows.status import last_night
from flows.warehouse import warehouse
from flows.whole import write_whole
from tests import small_disk
from tests.scratch import Scratch

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kill -9 and /proc are Linux's")

SEED = 2011
KILLS = 20
ROUNDS = 14  # at most: on a machine that is slow by turns, nights are over before they are killed
# Deliveries that no round has made, one with a census and one without.
WITH_CENSUS, WITHOUT = 15, 16
# The first night leaves the compiled test by which each night holds the ledger.
FIRST = ("--exclude", "test_type:generic")


@dataclass
class Place:
    """A home with everything built and published, and the drop folder of its deliveries."""

    home: Path
    drop: Path

    @property
    def settings(self) -> Settings:
        return Settings(self.drop, False, self.home, None, crash.KEY.encode())

    def deliver(self, delivery: int) -> None:
        crash.Drop(self.drop).deliver(delivery)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """The command, as a user's shell would start it: a job in the background does not hear
        Ctrl-C, and hands that down to what it starts."""
        signal.signal(signal.SIGINT, signal.default_int_handler)
        return subprocess.Popen(
            [sys.executable, "-m", "flows.cli", *words],
            cwd=HOUSE,
            env=crash.environment(self.drop, self.home),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def is_busy_said_in(self, told: str) -> bool:
        """Whether a command said that the home is taken, and nothing else that is wrong."""
        lines = [line for line in told.splitlines() if not line.startswith("cyp refresh:")]
        busy = f"cyp: A cyp command is already running in {self.home} ("
        return len(lines) == 1 and lines[0].startswith(busy)


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[crash.Trial]:
    """A home after its first night, its twin, and a reader at work."""
    folder = tmp_path_factory.mktemp("trial")
    trial = crash.Trial(folder, random.Random(SEED), 0, 3.0, crash.NARROW, FIRST)
    with trial:
        yield trial


@pytest.fixture
def place(trial: crash.Trial, tmp_path: Path) -> Place:
    return _copy_of(trial, tmp_path)


@pytest.fixture(scope="module")
def refreshed(trial: crash.Trial, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """One for all who refresh in it as users do: Prefect makes its database once in a home."""
    return _copy_of(trial, tmp_path_factory.mktemp("refreshed"))


def _copy_of(trial: crash.Trial, folder: Path) -> Place:
    """A copy of the home that nothing was killed in."""
    shutil.copytree(trial.calm, folder / "home", symlinks=True)
    for name in ("drop", "sample"):
        shutil.copytree(trial.folder / name, folder / name)
    return Place(folder / "home", folder / "drop")


# ---- killed ------------------------------------------------------------------------------------


def test_nothing_is_to_be_seen_of_nights_killed_at_random_moments(trial: crash.Trial) -> None:
    """The next night completes by itself, with what it would have been without the kills, and
    whoever reads what is published meanwhile reads one whole version."""
    while trial.kills < KILLS and trial.rounds < ROUNDS:
        trial.round(min(10, KILLS - trial.kills))
    print(f"seed {SEED}\n{trial.summary}")
    assert trial.failures == []
    assert trial.torn == []
    assert trial.kills == KILLS
    assert trial.reads >= KILLS
    assert trial.versions >= 2
    assert len(trial.killed) >= 2, trial.killed


def test_the_reader_of_the_trial_tells_a_torn_version(place: Place) -> None:
    """Or else the test above would say little."""
    published = place.home / "published"
    crash.look(published)
    version = published.resolve()
    (one, other, *_) = sorted((version / "csv").iterdir())
    kept = one.read_bytes()
    one.write_bytes(other.read_bytes())
    with pytest.raises(crash.Torn):
        crash.look(published)
    one.write_bytes(kept)
    crash.look(published)
    version.rename(version.with_name("elsewhere"))
    with pytest.raises(OSError):
        crash.look(published)


def test_homes_that_differ_are_told_apart(place: Place, trial: crash.Trial) -> None:
    assert crash.differences(place.home, trial.calm) == []
    with duckdb.connect(str(place.home / "published" / "cyp.duckdb")) as connection:
        connection.execute("update published.data_quality_summary set files = files + 1")
    with duckdb.connect(str(place.home / "warehouse.duckdb")) as connection:
        connection.execute("update landing.extract_files set rows_landed = 0")
    assert crash.differences(place.home, trial.calm) == [
        "published: data_quality_summary",
        "the ledger",
    ]


HOLDS_ON = """
import sys, time
import duckdb
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
time.sleep(600)
"""
PARENT = """
import subprocess, sys
from flows import tether
child = subprocess.Popen(tether.command("holds_on", sys.argv[1]), stdin=subprocess.PIPE)
child.wait()
"""


def test_a_child_goes_with_its_parent_and_the_next_night_waits_for_its_lock(
    tmp_path: Path,
) -> None:
    scratch = Scratch.at(tmp_path)
    (tmp_path / "holds_on.py").write_text(HOLDS_ON)
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(scratch.settings.warehouse)],
        cwd=HOUSE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HOUSE), str(tmp_path)])},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "open\n"
    with pytest.raises(duckdb.IOException, match="lock"):
        duckdb.connect(str(scratch.settings.warehouse))
    parent.kill()
    with warehouse(scratch.settings) as connection:  # at once
        assert connection.execute("select 1").fetchall() == [(1,)]
    parent.wait()


def test_a_tethered_module_gets_its_arguments_and_says_how_it_ended() -> None:
    with subprocess.Popen(
        tether.command("json.tool", "--no-such-option"),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as child:  # fmt: skip
        assert child.stdout is not None
        assert "--no-such-option" in child.stdout.read()
        assert child.wait() == 2


def test_what_a_killed_night_left_is_swept_at_the_next_start(tmp_path: Path) -> None:
    scratch = Scratch.at(tmp_path)
    settings = scratch.settings
    for name in (
        "archive/.landing-abc", "nights/.20240101.json-7.part", ".sample.version-7.part",
        ".publishing-7/cyp.duckdb", "docs/.data_docs-7/index.html", "scratch/duckdb_temp.block",
        "docs/validations/.in-episodes.json-7.part", "warehouse.duckdb.tmp/duckdb_temp.block",
    ):  # fmt: skip
        path = settings.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("half of it")
    (settings.home / ".publishing-link-7").symlink_to(settings.home / ".published" / "one")
    kept = settings.archive / "ab" / "abc.csv"
    kept.parent.mkdir(parents=True)
    kept.write_text("a delivery")
    with alone(settings):
        night.begin(settings)
    left = {path.name for path in settings.home.rglob("*") if path.is_file() or path.is_symlink()}
    assert left == {"warehouse.duckdb", "refresh.lock", "abc.csv"}


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    write_whole(path, "one")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "two \udc80")
    assert path.read_text() == "one"
    assert list(tmp_path.iterdir()) == [path]


def test_marts_of_a_build_that_was_cut_short_do_not_leave(place: Place) -> None:
    """Some may be of tonight and some of the night before."""
    settings = place.settings
    assert public_models(settings)
    settings.unfinished.touch()
    with pytest.raises(NothingBuilt, match="build again"):
        public_models(settings)


# ---- out of room -------------------------------------------------------------------------------


def test_a_full_disk_ends_in_one_sentence_and_room_is_all_it_takes_to_go_on(
    trial: crash.Trial, place: Place
) -> None:
    disk = small_disk.beside(place.home)
    own = ["unshare", "--mount", "--map-root-user"]
    tried = subprocess.run(
        [*own, "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True
    )
    if tried.returncode:
        pytest.skip("this user may not mount a small disk of its own")
    place.deliver(WITH_CENSUS)
    work = f"{small_disk.nights.__module__}.{small_disk.nights.__name__}"
    done = trial.nights.run(place.home, work=work, extra=crash.NARROW)
    told = done.said.read_text(encoding="utf-8")
    assert done.code == 0, told
    landing, building, publishing, by_hand, refresh, after = map(json.loads, told.splitlines())
    sentence = f"The disk that holds {disk / 'home'} is full: free some space and run again."
    standing = (place.home / "published").resolve().name
    for ended in (landing, building, publishing):
        assert ended == [True, True, f"{sentence} The last published version stands.", 0, standing]
    assert by_hand == [1, f"cyp: {sentence}\n"]
    assert refresh == [1, f"cyp: {sentence}\n"]
    assert after[:2] == [False, False], after
    assert after[4] > standing


def test_a_full_disk_is_told_by_the_systems_error_or_the_engines_and_by_no_other(
    tmp_path: Path,
) -> None:
    errors.at_work_in(tmp_path)
    full = OSError(errno.ENOSPC, "No space left on device", "/data/x")
    by_engine = duckdb.IOException("Could not write file: No space left on device")
    after_it = duckdb.FatalException("database has been invalidated")
    after_it.__context__ = by_engine
    for error in (full, by_engine, after_it):
        told = spoken(error)
        assert isinstance(told, DiskFull)
        assert str(tmp_path) in str(told)
    other = spoken(duckdb.IOException("Could not set lock on file"))
    assert isinstance(other, StepFailed)


@pytest.mark.parametrize("to_disk", [files.TO_DISK, 1])
def test_a_file_is_not_refused_for_a_disk_that_is_full(
    to_disk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would stay refused when there is room again. That there is none is told once: at the end
    of a copy, or of a part of it."""
    scratch = Scratch.at(tmp_path)
    scratch.deliver("ssda903/2011/episodes.csv", "CHILD,DECOM\n")
    fsync, told = os.fsync, []

    def no_room(file: int) -> None:
        if not told:
            told.append(file)
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(file)

    monkeypatch.setattr(files, "TO_DISK", to_disk)
    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(DiskFull):
        scratch.land()
    assert scratch.rows("from landing.extract_files") == []


# ---- in each other's way -----------------------------------------------------------------------

AT_ONCE = """
import sys
from pathlib import Path
from flows.lock import Busy, alone
from flows.settings import Settings
settings = Settings(Path(sys.argv[1]), True, Path(sys.argv[1]), None, b"")
print("ready", flush=True)
for _ in sys.stdin:
    try:
        with alone(settings):
            print("won", flush=True)
            sys.stdin.readline()
    except Busy as busy:
        print(busy, flush=True)
        sys.stdin.readline()
"""


def test_of_two_at_the_same_instant_one_wins_and_the_other_says_so(tmp_path: Path) -> None:
    two = [
        subprocess.Popen(
            [sys.executable, "-c", AT_ONCE, str(tmp_path)],
            cwd=HOUSE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip

    def tell(words: str) -> None:
        for one in two:
            assert one.stdin is not None
            one.stdin.write(words)
            one.stdin.flush()

    def heard() -> list[str]:
        return sorted((one.stdout.readline() for one in two if one.stdout), key=len)

    assert heard() == ["ready\n"] * 2
    for _ in range(50):
        tell("now\n")
        won, other = heard()
        assert won == "won\n"
        assert other.startswith(f"A cyp command is already running in {tmp_path} (")
        tell("done\n")
    for one in two:
        one.communicate()
        assert one.returncode == 0


def test_who_holds_a_home_can_lend_it_to_the_night_within_and_to_no_other(tmp_path: Path) -> None:
    settings = Settings(tmp_path, True, tmp_path, None, b"")
    with alone(settings):
        with lent(settings):
            with alone(settings), pytest.raises(Busy), alone(settings):
                pass
            with alone(settings):
                pass
        with pytest.raises(Busy), alone(settings):
            pass
    with alone(settings):
        pass


# Every command that looks into the home or writes there.
OTHERS = (
    ("land",), ("build",), ("audit",), ("publish",), ("docs",), ("figures",), ("quarantine",),
    ("forget", "332/ssda903/2011/episodes.csv"),
)  # fmt: skip


def test_of_two_refreshes_started_together_one_does_the_night_undisturbed(refreshed: Place) -> None:
    """The other, and every other command meanwhile, say in one sentence that it is at work."""
    place = refreshed
    two = [place.start("refresh") for _ in range(2)]
    _wait_for(lambda: any(refresh.poll() is not None for refresh in two))
    others = [place.start(*words) for words in OTHERS]
    for other in others:
        told, _ = other.communicate(timeout=120)
        assert other.returncode == 1, told
        assert place.is_busy_said_in(told), told
    ends = [refresh.communicate(timeout=240)[0] for refresh in two]
    if two[0].returncode:
        two.reverse()
        ends.reverse()
    assert [refresh.returncode for refresh in two] == [0, 1], ends
    assert place.is_busy_said_in(ends[1])
    record = last_night(place.settings)
    assert record is not None
    assert record["is_red"] is False
    crash.look(place.home / "published")


def test_a_refresh_that_is_asked_to_stop_says_so_and_keeps_its_record(refreshed: Place) -> None:
    """By a service manager (what Ctrl-C does to the command, its dbt and its Prefect server
    together is in test_leaks): the record is kept, dbt is ended, and one sentence said."""
    place = refreshed
    place.deliver(WITHOUT)
    before = (place.home / "published").resolve()
    refresh = place.start("refresh")
    assert refresh.stdout is not None
    said = [refresh.stdout.readline()]
    while not said[-1].startswith("build "):
        said.append(refresh.stdout.readline())
        assert said[-1], said
    _wait_for(lambda: _is_at_work(place.home, b"dbt"))
    refresh.send_signal(signal.SIGTERM)
    told, _ = refresh.communicate(timeout=120)
    assert refresh.returncode == 1
    assert told.strip().splitlines()[-1] == "cyp: Stopped."
    assert "Traceback" not in told
    record = last_night(place.settings)
    assert record is not None
    assert record["sentence"] == ("Stopped before it was done. The last published version stands.")
    _wait_for(lambda: crash.left_alive(place.home) == [])
    assert (place.home / "published").resolve() == before
    crash.look(place.home / "published")


def _is_at_work(home: Path, what: bytes) -> bool:
    """Whether a process of that name in its command line works for the home."""
    for pid in crash.left_alive(home):
        with suppress(OSError):
            if what in Path(f"/proc/{pid}/cmdline").read_bytes():
                return True
    return False


def _wait_for(what: Callable[[], bool], seconds: float = 60) -> None:
    given_up_at = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < given_up_at
        time.sleep(0.05)
