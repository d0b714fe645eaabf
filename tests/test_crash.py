"""Nights that are cut short: killed, out of room, in each other's way, asked to stop."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from benchmarks import crash
from flows import lock, tether
from flows.errors import DiskFull, disk_full, is_disk_full, spoken
from flows.manifest import NothingBuilt, public_models
from flows.settings import HOUSE, Settings
from flows.whole import sweep, write_whole

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kill -9 and /proc are Linux's")

SEED = 2011
KILLS = 20
# No data test is built, which writes nothing; and once all stands, only what tells of children
# looked after and of the deliveries is built anew.
NO_TESTS = ("--exclude-resource-type", "test")
EXTRA = (
    *NO_TESTS, "--exclude", "path:seeds", "path:models/staging",
    *(f"path:models/intermediate/{part}" for part in ("places", "comparators", "children_in_need")),
    *(f"path:models/marts/{part}" for part in ("core", "places", "progress", "rates")),
)  # fmt: skip


def test_nothing_is_to_be_seen_of_nights_killed_at_random_moments(tmp_path: Path) -> None:
    """The next night completes by itself, with what it would have been without the kills, and
    whoever reads what is published meanwhile reads one whole version."""
    trial = crash.Trial(tmp_path, random.Random(SEED), 0, pause=2.0, extra=EXTRA, first=NO_TESTS)
    with trial:
        while trial.kills < KILLS and trial.rounds < 12:
            trial.round(min(10, KILLS - trial.kills))
    print(f"seed {SEED}\n{trial.summary}")
    assert trial.failures == []
    assert trial.torn == []
    assert trial.kills == KILLS
    assert trial.reads >= KILLS
    assert trial.versions >= 2
    assert len(trial.killed) >= 3, trial.killed
