"""Random authorities that once told something (benchmarks/disclosure.py) tell it no more."""

import subprocess
import sys

from flows.settings import HOUSE

# Of seed 1; what an attacker worked out of each, and from what.
TOLD = {
    "101": "wards and townships, from the one that the list of priority LSOAs says most come from",
    "102": "starts of care, known of every child in a band of age at entry",
    "103": "wards from deciles, by the map of LSOAs",
    "105": "that all are in the one township, from its noughts by ward",
    "107": "what a ward grew by, over a year of a census alone",
    "111": "homes out of the area, by decile",
    "112": "children of a band, from those who were still there a year later",
    "135": "who entered care after the last return, from the cohort",
    "136": "that nobody had been there for two years, because two years before nobody was",
}


def test_random_authorities_that_told_something_once_tell_nothing_and_breaks_are_caught() -> None:
    command = [sys.executable, "-m", "benchmarks.disclosure", "--nights", "1", "--breaks", "1"]
    done = subprocess.run(
        [*command, "--only", *TOLD], cwd=HOUSE, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
