"""The page of what things cost says by which command each of its tables is measured."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

from benchmarks import performance
from flows.settings import HOUSE

PAGE = """# What it costs

<!-- measured: python -m benchmarks.performance --help --runs 5 -->
an old table
<!-- end of measured -->

in between

<!-- measured: python -m benchmarks.performance --no-such-option -->
another old table
<!-- end of measured -->
"""


def _run(page: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.performance", "--page", str(page), *words],
        cwd=HOUSE, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_part_is_what_its_command_says_and_stays_where_the_command_fails(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(PAGE)
    done = _run(page)
    text = page.read_text()
    assert "an old table" not in text
    assert "`python -m benchmarks.performance --help --runs 5`, " in text
    assert "\nusage: " in text
    assert text.startswith("# What it costs\n\n<!-- measured: ")
    assert "<!-- end of measured -->\n\nin between\n" in text
    assert "another old table\n<!-- end of measured -->" in text
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "failed: python -m benchmarks.performance --no-such-option"
    )


def test_a_part_can_be_measured_alone_with_other_runs(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(PAGE)
    assert _run(page, "performance --help", "--runs", "2").returncode == 0
    assert "`python -m benchmarks.performance --help --runs 2`, " in page.read_text()
    assert "No part of the page is measured by: nothing." in _run(page, "nothing").stderr


def test_every_part_of_the_page_is_measured_by_a_benchmark_that_there_is() -> None:
    page = performance.PAGE.read_text(encoding="utf-8")
    told = list(performance.commands(performance.PAGE))
    assert len(told) == page.count("<!-- measured:") == page.count("<!-- end of measured -->") >= 10
    for command in told:
        assert importlib.util.find_spec(command.split()[0]) is not None
    for tables in performance.PART.finditer(page):
        assert re.search(r"^\|---", tables[0], re.MULTILINE), tables["command"]
