"""The log says who did what, and shows when it was tampered with."""

import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from flows import cli, errors, log
from flows.errors import DiskFull
from flows.settings import Settings
from tests.scratch import Scratch
from tests.test_forget import BOTH, CHILD


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Scratch.at(tmp_path).settings
    for number in range(3):
        log.add(settings, "landed", run="r", files={f"id{number}": number})
    return settings


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
        sys.exit(0)
    return int(ended.value.code or 0)


def told(settings: Settings) -> list[bytes]:
    return settings.log.read_bytes().splitlines(keepends=True)


def test_each_entry_says_who_by_which_command_when_and_what(settings: Settings) -> None:
    entry = log.read(settings).entries[-1]
    assert set(entry) == {"at", "user", "command", "what", "run", "files", "before"}
    assert entry["files"] == {"id2": 2}
    assert entry["user"]
    assert entry["at"].endswith("+00:00")
    if os.name == "posix":
        assert stat.S_IMODE(settings.log.stat().st_mode) == 0o600
        assert stat.S_IMODE(settings.log.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("harm", "line"),
    [
        (lambda lines: [lines[0].replace(b'"id0": 0', b'"id0": 9'), *lines[1:]], 2),
        (lambda lines: [lines[0], lines[2]], 2),
        (lambda lines: lines[1:], 1),
        (lambda lines: [lines[1], lines[0], lines[2]], 1),
        (lambda lines: [lines[0], lines[0], *lines[1:]], 2),
        (lambda lines: [lines[0], b"\n", *lines[1:]], 3),
        (lambda lines: [lines[0], b"garbage\n", lines[2]], 3),
    ],
)
def test_a_line_that_is_altered_taken_out_or_put_in_is_told(
    settings: Settings, environment: Any, capsys: Any, harm: Any, line: int
) -> None:
    environment(settings)
    assert run("log") == 0
    said = capsys.readouterr().out
    assert "3 entries; the chain holds" in said
    assert "id1=1" in said
    settings.log.write_bytes(b"".join(harm(told(settings))))
    assert run("log") == 1
    assert f"line {line} does not follow" in capsys.readouterr().err


def test_a_log_that_was_cut_or_written_anew_is_told_by_a_hash_that_was_kept_elsewhere(
    settings: Settings, environment: Any, capsys: Any
) -> None:
    environment(settings)
    head = log.read(settings).head
    assert run("log", "--head", head[:16]) == 0
    log.add(settings, "ended", run="r")
    assert run("log", "--head", head) == 0  # it has gone on since
    settings.log.write_bytes(b"".join(told(settings)[:2]))
    assert run("log") == 0
    assert run("log", "--head", head) == 1
    assert "never ended with that hash" in capsys.readouterr().err


def test_after_a_machine_that_stopped_while_it_wrote_the_log_goes_on(settings: Settings) -> None:
    with settings.log.open("ab") as file:
        file.write(told(settings)[-1][:-20])
    log.add(settings, "ended", run="r", files={"id": 1} | {f"{n:016}": n for n in range(9000)})
    log.add(settings, "began", run="s")
    chain = log.read(settings)
    assert not chain.broken
    assert [entry["what"] for entry in chain.entries[3:]] == [
        "a line that was cut short", "ended", "began",
    ]  # fmt: skip


def test_a_full_disk_leaves_the_log_as_it_was(settings: Settings, monkeypatch: Any) -> None:
    before = told(settings)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(DiskFull):
            log.add(settings, "ended", run="r")
    assert told(settings) == before
    assert isinstance(errors.spoken(DiskFull("full")), DiskFull)


def test_what_is_forgotten_is_told_without_whom_and_the_log_stays(
    tmp_path: Path, environment: Any, monkeypatch: Any
) -> None:
    from flows import forget
    from flows.night import document_all

    scratch = Scratch.at(tmp_path)
    scratch.deliver("ssda903/2010/a.csv", BOTH)
    scratch.deliver(f"ssda903/2011/{CHILD}.csv", BOTH)
    monkeypatch.setattr(forget, "make_again", lambda settings, *_: document_all(settings))
    environment(scratch.settings)
    monkeypatch.setenv("CYP_LA", "332")
    assert run("land") == 0
    forget.forget_delivery(scratch.settings, f"ssda903/2011/{CHILD}.csv", None, print)
    with pytest.raises(forget.NotForgotten):  # the ledger goes on naming the file
        forget.forget_child(scratch.settings, CHILD, "332", None, print)
    entries = log.read(scratch.settings).entries
    assert [entry["what"] for entry in entries] == [
        "began", "landed", "ended", "withdrew", "erased",
    ]  # fmt: skip
    assert entries[0]["command"] == "land"
    assert list(entries[1]["files"].values()) == [2, 2]
    assert entries[3]["rows"] == 2
    assert entries[4] | {"la": "332", "rows": 1, "files": 1, "may_return": False} == entries[4]
    assert CHILD.encode() not in settings_log(scratch)
    assert not log.read(scratch.settings).broken


def settings_log(scratch: Scratch) -> bytes:
    return scratch.settings.log.read_bytes()


def test_a_night_is_told_from_beginning_to_end_and_names_no_file(
    night: Any, house: Settings
) -> None:
    chain = log.read(house)
    assert not chain.broken
    theirs = [entry for entry in chain.entries if entry.get("run") == night.run_id]
    assert [entry["what"] for entry in theirs] == ["began", "landed", "published", "ended"]
    _, landed, published, ended = theirs
    assert len(landed["files"]) == sum(one.outcome == "landed" for one in night.landed)
    assert sum(landed["files"].values()) == sum(sum(one.tables.values()) for one in night.landed)
    assert published["rows"] == night.published.tables
    assert ended["is_red"] is False
    text = json.dumps(theirs)
    assert not [one.name for one in night.landed if Path(one.name).name in text]
