"""Nights that are cut short: killed, out of room, in each other's way, asked to stop."""

import random
import sys
from pathlib import Path

import pytest

from benchmarks import crash

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kill -9 and /proc are Linux's")

SEED = 2011
KILLS = 20
# A night of the test builds no data test, which write nothing, and leaves standing what comes
# of files that do not change.
EXTRA = (
    "--exclude-resource-type", "test",
    "--exclude", "path:seeds", "path:models/marts/places", "path:models/marts/progress",
    "path:models/intermediate/places", "path:models/staging",
)  # fmt: skip


def test_nothing_is_to_be_seen_of_nights_killed_at_random_moments(tmp_path: Path) -> None:
    """The next night completes by itself, with what it would have been without the kills, and
    whoever reads what is published meanwhile reads one whole version."""
    trial = crash.Trial(tmp_path, random.Random(SEED), prefect=0, pause=1.0, extra=EXTRA)
    with trial:
        while trial.kills < KILLS and trial.rounds < 8:
            trial.round(min(10, KILLS - trial.kills))
    print(f"seed {SEED}\n{trial.summary}")
    assert trial.failures == []
    assert trial.torn == []
    assert trial.kills == KILLS
    assert trial.reads > KILLS
    assert trial.versions >= 2
    assert len(trial.killed) >= 3, trial.killed
