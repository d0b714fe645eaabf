"""Whatever arrives: a clear sentence or every row, nothing changed by what is refused, nothing
of a child in a message, no hang, and no more memory than there is."""

import faulthandler
import gzip
import hashlib
import json
import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows import cli
from flows.audit import at_the_door
from flows.land import files, landing
from flows.night import run_night
from flows.settings import HOUSE, Limits, Settings, SettingsError
from flows.warehouse import warehouse
from tests.corpus import CASES, PLANTED, Case, PassedOver, Refused
from tests.corpus import Landed as LetIn
from tests.corpus.case import EARLIER, census, child, episode, episodes
from tests.corpus.large import BLANK
from tests.corpus.workbooks import book
from tests.scratch import Scratch

PATIENCE = 180  # seconds in which any of these files is dealt with, on the slowest machine


@pytest.fixture(autouse=True)
def watchdog() -> Iterator[None]:
    """A guard against a hang, which no case comes near."""

    def bark(*_: object) -> None:
        raise TimeoutError(f"not done after {PATIENCE} seconds")

    before = signal.signal(signal.SIGALRM, bark)
    signal.alarm(PATIENCE)
    faulthandler.dump_traceback_later(3 * PATIENCE, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(autouse=True)
def nobody_is_asked(monkeypatch) -> None:
    """Nothing is fetched: an attempt fails the test."""

    def connect(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> Scratch:
    """A warehouse in which nothing stands."""
    return Scratch.at(tmp_path_factory.mktemp("empty"))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Scratch:
    """A warehouse in which a good file of each source stands."""
    scratch = Scratch.at(tmp_path_factory.mktemp("prepared"))
    for name, content in EARLIER.items():
        assert scratch.land_one(name, content).outcome == "landed"
    return scratch


@pytest.fixture(scope="module")
def stood(prepared: Scratch) -> dict[str, list[tuple]]:
    """What stands in it, which nothing that is refused may change."""
    with prepared.at_hand():
        return landed_tables(prepared)


def copy_of(scratch: Scratch, folder: Path) -> Scratch:
    """A copy to do harm to. Its folder of extracts is empty."""
    shutil.copytree(scratch.settings.home, folder / "home")
    (folder / "extracts").mkdir()
    return Scratch(replace(scratch.settings, home=folder / "home", extracts=folder / "extracts"))


def under(scratch: Scratch, limits: dict[str, int]) -> Scratch:
    """The same, with limits that keep a case small."""
    return Scratch(replace(scratch.settings, limits=replace(Limits(), **limits)))


def landed_tables(scratch: Scratch) -> dict[str, list[tuple]]:
    """Every row of every landing table, by table; of the ledger, the paths of what stands."""
    with warehouse(scratch.settings) as connection:
        tables = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'landing'"
        ).fetchall()
        told = {
            table: connection.execute(f"from landing.{table} order by all").fetchall()
            for (table,) in tables
            if table != "extract_files"
        }
        told["extract_files"] = connection.execute(
            "select path from landing.extract_files where outcome = 'landed' order by all"
        ).fetchall()
    return told


def kept(scratch: Scratch) -> int:
    return sum(path.is_file() for path in scratch.settings.archive.rglob("*"))


def test_the_corpus_is_large_and_every_case_has_a_name_of_its_own():
    names = [case.name for case in CASES]
    assert len(names) >= 110
    assert len(set(names)) == len(names)


REFUSED = [case for case in CASES if isinstance(case.expected, Refused)]
LET_IN = [case for case in CASES if isinstance(case.expected, LetIn)]
PASSED_OVER = [case for case in CASES if isinstance(case.expected, PassedOver)]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_refused(case: Case, prepared: Scratch, stood, tmp_path, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    scratch = under(copy_of(prepared, tmp_path), case.limits)
    with scratch.at_hand():
        archived = kept(scratch)
        case.deliver(scratch.settings.extracts)
        outcomes = list(scratch.land(at_the_door if case.examined else None).values())

        assert {one.outcome for one in outcomes} == {"refused"}
        reason = outcomes[0].reason
        assert reason.startswith(f"file {outcomes[0].name}")
        assert re.search(case.expected.words, reason), reason
        if case.expected.line:
            assert f", line {case.expected.line}" in reason, reason
        if case.expected.column:
            assert f", column {case.expected.column}:" in reason, reason
        assert reason.isprintable()
        assert PLANTED not in f"{capfd.readouterr()} {caplog.text} {outcomes}"
        assert landed_tables(scratch) == stood
        assert kept(scratch) == archived + case.expected.is_kept
        # The next night says the same, and puts it on record but once.
        assert [one.reason for one in scratch.land().values()] == [one.reason for one in outcomes]
        assert scratch.rows(
            "select reason from landing.extract_files where outcome = 'refused'"
        ) == [(one.reason,) for one in outcomes]


@pytest.mark.parametrize("case", LET_IN, ids=lambda case: case.name)
def test_landed(case: Case, empty: Scratch, tmp_path, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    scratch = under(copy_of(empty, tmp_path), case.limits)
    with scratch.at_hand():
        case.deliver(scratch.settings.extracts)
        [one] = scratch.land().values()
        assert one.outcome == "landed", one.reason
        assert one.tables.items() >= case.expected.tables.items()
        assert scratch.rows(case.expected.query) == case.expected.rows
        assert one.name.isprintable()
        assert PLANTED not in f"{capfd.readouterr()} {caplog.text} {one}"
        assert {again.outcome for again in scratch.land().values()} == {"unchanged"}


@pytest.mark.parametrize("case", PASSED_OVER, ids=lambda case: case.name)
def test_passed_over(case: Case, empty: Scratch, tmp_path):
    scratch = copy_of(empty, tmp_path)
    case.deliver(scratch.settings.extracts)
    assert scratch.land() == {}


# What is the moment's fault and not the file's


AT = "ssda903/2011/a.csv"
BEFORE, AFTER = episodes(episode("A")), episodes(episode("B"), episode("C"))


def changed_by(write, path: Path, monkeypatch) -> None:
    """Lets somebody write to a file as soon as its state before the copy has been taken."""
    stat, taken = os.fstat, []

    def fstat(file: int) -> os.stat_result:
        status = stat(file)
        if status.st_ino == inode:
            taken.append(file)
            if len(taken) == 2:  # the first is to see that it is a file at all
                write(path)
        return status

    inode = path.stat().st_ino
    monkeypatch.setattr(files.os, "fstat", fstat)


def written_on(path: Path) -> None:
    with path.open("a") as file:
        file.write(episode("D"))


def written_over(path: Path) -> None:
    path.write_text(BEFORE.replace("A,", "Z,"))
    os.utime(path, (1, 1))


def replaced(path: Path) -> None:
    other = path.with_name(".other")
    other.write_text(AFTER)
    other.replace(path)


@pytest.mark.parametrize("write", [written_on, written_over, replaced, Path.unlink])
def test_a_file_that_changes_while_it_is_copied_is_tried_again(write, empty, tmp_path, monkeypatch):
    scratch = copy_of(empty, tmp_path)
    path = scratch.deliver(AT, BEFORE)
    with monkeypatch.context() as patched:
        changed_by(write, path, patched)
        with pytest.raises(files.TryAgain, match="changed while it was read"):
            files.archived(path, scratch.settings)
    assert kept(scratch) == 0


def after(name: str, write, path: Path, monkeypatch) -> None:
    """Lets somebody write to the file as soon as it has been asked for its size, or hashed."""
    asked = getattr(files, name)

    def ask_then_write(of: Path) -> Any:
        told = asked(of)
        write(path)
        return told

    monkeypatch.setattr(files, name, ask_then_write)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("size_of", written_on),
        ("size_of", replaced),
        ("sha256_of", written_on),
        ("sha256_of", written_over),
        ("sha256_of", replaced),
    ],
)
def test_a_file_that_changes_before_it_is_copied_is_not_put_on_record(
    name, write, empty, tmp_path, monkeypatch
):
    """One of a size that came is hashed first; of another it is new by its size."""
    scratch = copy_of(empty, tmp_path)
    if name == "sha256_of":
        scratch.deliver(AT, BEFORE.replace("A,", "Y,"))
        scratch.land()
    stood = scratch.rows("from landing.extract_files"), kept(scratch), landed_tables(scratch)
    path = scratch.deliver(AT, BEFORE)
    with monkeypatch.context() as patched:
        after(name, write, path, patched)
        one = scratch.land()[AT]
    assert one.outcome == "refused"
    assert one.reason == (
        f"file {AT}: it was changed while it was read; it is tried again the next night"
    )
    assert stood == (
        scratch.rows("from landing.extract_files"), kept(scratch), landed_tables(scratch)
    )  # fmt: skip
    assert scratch.land()[AT].outcome == "landed"


def test_a_file_of_a_new_size_is_hashed_as_it_is_copied(empty, tmp_path, monkeypatch):
    """And so known by what was read, whatever it was before."""
    scratch = copy_of(empty, tmp_path)
    path = scratch.deliver(AT, BEFORE)
    with monkeypatch.context() as patched:
        after("size_of", written_over, path, patched)
        patched.delattr(files, "sha256_of")
        assert scratch.land()[AT].outcome == "landed"
    assert scratch.land()[AT].outcome == "unchanged"
    told = hashlib.sha256(path.read_bytes()).hexdigest()
    assert {row[0] for row in scratch.rows("select sha256 from landing.extract_files")} == {told}
    assert {file.stem for file in scratch.settings.archive.rglob("*.csv")} == {told}


def test_a_file_that_goes_before_it_is_read_is_not_put_on_record(empty, tmp_path):
    scratch = copy_of(empty, tmp_path)
    path = scratch.deliver(AT, BEFORE)
    (extract,) = landing_of(scratch)
    path.unlink()
    assert landing.settled([extract], scratch.settings) == {}
    one = landing.land(extract, scratch.settings)
    assert (one.outcome, one.reason) == ("refused", f"file {AT}: it was there and is gone")
    assert scratch.rows("from landing.extract_files") == []


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_what_takes_a_files_place_before_it_is_read_is_not_read(make, empty, tmp_path):
    scratch = copy_of(empty, tmp_path)
    path = scratch.deliver(AT, BEFORE)
    (extract,) = landing_of(scratch)
    path.unlink()
    make(path)
    one = landing.land(extract, scratch.settings)
    assert one.outcome == "refused"
    assert kept(scratch) == 0


def landing_of(scratch: Scratch):
    from flows.land import find

    return find(scratch.settings)


NOBODY = """
import json, os, shutil, sys, tempfile
from pathlib import Path
from tests.scratch import Scratch
here = Path(tempfile.mkdtemp())
try:
    # What is read of this project is read now: it may be shut to others.
    Scratch.at(here / "warm").land_one("ssda903/2011/a.csv", sys.argv[1])
    if os.getuid() == 0:
        os.chown(here, 65534, 65534)
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    scratch = Scratch.at(here / "place")
    path = scratch.deliver("ssda903/2011/a.csv", sys.argv[1])
    shut = path if sys.argv[2] == "file" else path.parent
    shut.chmod(0)
    first = scratch.land()
    shut.chmod(0o700)
    second = scratch.land()
    print(json.dumps([[one.outcome, one.reason] for one in [*first.values(), *second.values()]]))
finally:
    shutil.rmtree(here, ignore_errors=True)
"""


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("file", f"file {AT}: it cannot be read (Permission denied)"),
        ("folder", "file ssda903/2011: the folder cannot be read (Permission denied)"),
    ],
)
def test_what_may_not_be_read_is_told_and_tried_again(what, words):
    """As somebody to whom a file can be shut: to the machine's own user none is."""
    done = subprocess.run(
        [sys.executable, "-c", NOBODY, BEFORE, what],
        cwd=HOUSE, capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    first, second = json.loads(done.stdout)
    assert first == ["refused", words]
    assert second == ["landed", None]


# Memory


def test_no_file_takes_more_memory_than_there_is(tmp_path):
    """Forty megabytes to a file here, and never as much more; by hand, a gigabyte."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.corpus.large", str(tmp_path / "place"), str(40 << 20)],
        cwd=HOUSE, capture_output=True, text=True, check=True,
    )  # fmt: skip
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert PLANTED not in done.stdout + done.stderr
    outcomes = {name: outcome for name, outcome, *_ in told}
    assert outcomes.pop(BLANK) == "landed"
    assert set(outcomes.values()) == {"refused"}
    held = {name: most for name, _, _, most, _ in told}
    # Forty million lines go to the engine, which takes what it is given (here a gigabyte).
    assert held.pop(BLANK) < 1_500, told
    assert max(held.values()) < 400, told


# Limits are settings


INDEX = "LSOA CODE,IMD SCORE\nE01009719,12.5\n"
LIMITED = {
    "file_bytes": (50, AT, episodes(), "larger than 50 bytes"),
    "expansion": (2, AT, None, "larger than 1,048,576 bytes when it is unpacked"),
    "line_bytes": (2_000, AT, episodes(episode("A" * 3_000)), "longer than"),
    "cell_characters": (20, AT, episodes(episode("A" * 30)), "longer than"),
    "columns": (5, AT, episodes(), "more than 5"),
    "depth": (4, "cin_census/2011/a.xml", census(child()), "nested more than 4 deep"),
    "preamble_rows": (2, AT, "title\n" * 3 + episodes(), "Looked for headings"),
    "workbook_memory": (1, "deprivation/2010/a.xlsx", None, "CYP_LIMIT_WORKBOOK_MEMORY"),
}


def test_every_limit_is_tried():
    assert set(LIMITED) == {limit.name for limit in fields(Limits)}


@pytest.mark.parametrize("limit", LIMITED)
def test_a_limit_is_a_setting_that_does_what_it_says(
    limit, empty, tmp_path, monkeypatch, environment
):
    value, at, content, words = LIMITED[limit]
    if limit == "expansion":
        content = gzip.compress(episodes(*(episode(f"C{n}") for n in range(40_000))).encode())
    elif limit == "workbook_memory":
        content = book()
    scratch = copy_of(empty, tmp_path)
    assert scratch.land_one(at, content).outcome == "landed"
    environment(scratch.settings)
    monkeypatch.setenv(f"CYP_LIMIT_{limit.upper()}", str(value))
    limits = Settings.from_environment().limits
    assert limits == replace(Limits(), **{limit: value})
    (tmp_path / "second").mkdir()
    scratch = under(copy_of(empty, tmp_path / "second"), {limit: value})
    one = scratch.land_one(at, content)
    assert one.outcome == "refused"
    assert words in one.reason


def test_a_refused_file_is_looked_at_again_under_other_limits_and_only_then(
    empty, tmp_path, monkeypatch
):
    scratch = under(copy_of(empty, tmp_path), {"columns": 5})
    assert scratch.land_one(AT, episodes()).outcome == "refused"
    with monkeypatch.context() as patched:
        patched.setattr(landing, "look_at", lambda *_: pytest.fail("it was read again"))
        assert scratch.land()[AT].outcome == "refused"
    other = under(scratch, {"columns": 6})
    one = other.land()[AT]
    assert one.outcome == "refused"
    assert "more than 6" in one.reason
    assert scratch.rows("select outcome, reason from landing.extract_files") == [
        ("refused", one.reason)
    ]
    let_in = under(scratch, {"columns": 4_000})
    assert let_in.land()[AT].outcome == "landed"
    assert scratch.rows("select outcome from landing.extract_files") == [("landed",)]
    assert let_in.land()[AT].outcome == "unchanged"


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5", "1e6", "\u0661", "1 000"])
def test_a_limit_that_makes_no_sense_is_a_plain_sentence_and_exit_2(
    value, empty, environment, monkeypatch, capsys
):
    environment(empty.settings)
    monkeypatch.setenv("CYP_LIMIT_COLUMNS", value)
    with pytest.raises(SystemExit) as ended:
        cli.main(["land"])
    assert ended.value.code == 2
    assert "CYP_LIMIT_COLUMNS is" in capsys.readouterr().err
    with pytest.raises(SettingsError):
        Settings.from_environment()


# A whole night of them


def published(settings: Settings) -> dict[str, list[tuple]]:
    with duckdb.connect(str(settings.published / "cyp.duckdb"), read_only=True) as marts:
        return {
            mart: marts.execute(f"from published.{mart} order by all").fetchall()
            for (mart,) in marts.execute(
                "select table_name from information_schema.tables where table_schema = 'published'"
            ).fetchall()
        }


@pytest.mark.usefixtures("only_models")
def test_a_night_of_nothing_but_these_is_red_names_each_and_publishes_what_stood(
    copied: Settings, capfd
):
    signal.alarm(0)  # a whole night takes its time on a busy machine
    faulthandler.cancel_dump_traceback_later()
    before = published(copied)
    dropped = []
    for number, case in enumerate(case for case in REFUSED if not case.limits):
        parts = case.at.split("/")
        parts[-1] = f"{number}-{parts[-1]}"
        if parts[0] != "332" and not case.name.startswith("folder-"):
            parts.insert(0, "332")
        at = "/".join(parts)
        replace(case, at=at).deliver(copied.extracts)
        dropped.append(at)
    lines: list[str] = []
    night = run_night(copied, report=lines.append)

    assert night.is_red
    assert night.sentence.startswith(f"{len(night.refused)} files were refused")
    told = [refusal.name for refusal in night.refused]
    assert len(told) == len(set(told))
    assert len(told) >= len(dropped)
    assert set(dropped) - set(told) == {at for at in dropped if "cafe.csv" in at}
    after = published(copied)
    assert after.keys() == before.keys()
    for mart in before.keys() - {"data_quality_summary"}:  # that one tells of the refused
        assert after[mart] == before[mart], mart
    assert PLANTED not in "".join(lines) + str(capfd.readouterr())
    assert not [
        path
        for folder in (copied.nights, copied.docs, copied.logs)
        for path in folder.rglob("*")
        if path.is_file() and PLANTED.encode() in path.read_bytes()
    ]
