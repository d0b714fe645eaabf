"""Build the warehouse with dbt.

dbt runs as a process of its own: DuckDB lets one process write at a time, and a
process that has ended holds no lock.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from flows.settings import HOUSE, Settings


class BuildFailed(Exception):
    """dbt stopped; the message names the nodes that failed, never their rows."""


def dbt(settings: Settings, *arguments: str, variables: dict[str, object] | None = None) -> None:
    """Run one dbt command against the warehouse. Raises BuildFailed."""
    command = [
        sys.executable, "-m", "dbt.cli.main", *arguments,
        "--project-dir", str(HOUSE), "--profiles-dir", str(HOUSE),
        "--target-path", str(settings.target), "--log-path", str(settings.home / "logs"),
        *(["--vars", json.dumps(variables)] if variables else []),
    ]  # fmt: skip
    settings.scratch.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        command,
        env={
            **os.environ,
            "CYP_WAREHOUSE": str(settings.warehouse),
            "CYP_SCRATCH": str(settings.scratch),
            "CYP_MEMORY_LIMIT": settings.memory_limit,
            "DO_NOT_TRACK": "1",
        },
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildFailed(_what_failed(settings, arguments[0]))


def build(settings: Settings, variables: dict[str, object] | None = None) -> None:
    """Seeds, models and data tests; unit tests belong to `make test`, not to the night."""
    dbt(settings, "build", "--quiet", "--exclude-resource-type", "unit_test", variables=variables)


def _what_failed(settings: Settings, command: str) -> str:
    """Names and counts from run_results.json: dbt's own messages may quote values."""
    results = settings.target / "run_results.json"
    failed = [
        f"{result['unique_id']} ({result['status']}, {result['failures'] or 0} rows)"
        for result in _results(results)
        if result["status"] in {"error", "fail", "runtime error"}
    ]
    return f"dbt {command} failed: " + (
        ", ".join(failed) or f"see {settings.home / 'logs' / 'dbt.log'}"
    )


def _results(path: Path) -> Iterable[dict[str, object]]:
    return json.loads(path.read_text())["results"] if path.exists() else []
