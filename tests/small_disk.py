"""Nights in a home on a small disk of its own, which is filled when a step begins: work for the
nursery of benchmarks/crash.py. Linux only."""

import ctypes
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from benchmarks import crash
from flows.errors import unspoken
from flows.night import run_night
from flows.settings import Settings

T = TypeVar("T")

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000


def beside(home: Path) -> Path:
    """Where the small disk is mounted."""
    disk = home.with_name("disk")
    disk.mkdir(exist_ok=True)
    return disk


def nights() -> int:
    """A copy of the home, on the disk: three nights that meet it full, two commands, and one night
    with room. Of each a line tells how it ended."""
    home = Path(os.environ["CYP_HOME"])
    disk = beside(home)
    _see_mounts_of_our_own()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", disk], check=True)
    place = disk / "home"
    shutil.copytree(home, place, symlinks=True)
    os.environ |= {"CYP_HOME": str(place), "CYP_EXTRACTS": str(home.with_name("drop"))}
    filler = disk / "filler"

    def fill(leave: int) -> None:
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free - leave)

    def night(fill_at: str = "", leave: int = 0) -> None:
        def step(name: str, work: Callable[[], T], *, retries: int = 0) -> T:
            if fill_at and name.startswith(fill_at) and not filler.exists():
                fill(leave)
            return unspoken(work)()

        told = run_night(Settings.from_environment(), step=step)
        is_full = filler.exists()
        filler.unlink(missing_ok=True)
        seen = crash.look(place / "published")
        _tell(is_full, told.is_red, told.sentence, len(told.refused), seen)

    night("land 332/cin", 40_000)
    night("build with dbt", 200_000)
    night("publish", 200_000)
    fill(1_000_000)
    for word in ("land", "refresh"):
        done = subprocess.run(
            [sys.executable, "-m", "flows.cli", word], capture_output=True, text=True, check=False
        )
        _tell(done.returncode, done.stderr)
    filler.unlink()
    night()
    return 0


def _tell(*what: object) -> None:
    print(json.dumps(what), flush=True)


def _see_mounts_of_our_own() -> None:
    """As `unshare --mount --map-root-user` does, for a process that has its imports done."""
    uid, gid = os.geteuid(), os.getegid()
    system = ctypes.CDLL(None, use_errno=True)
    if system.unshare(CLONE_NEWUSER | CLONE_NEWNS):
        raise OSError(ctypes.get_errno(), "no mounts of its own")
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        Path("/proc/self", name).write_text(text)
