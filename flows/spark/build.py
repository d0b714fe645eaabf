"""One run of dbt on an engine that is up: seeds, models, unit tests and data tests."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.build import BAD
from flows.settings import HOUSE


@dataclass(frozen=True)
class Built:
    """What came of a run: how many of each kind ended how, and what did not pass, by name. What an
    engine says of a failure may hold a child's row, and is not kept."""

    counts: dict[tuple[str, str], int]
    failed: tuple[str, ...]

    @property
    def sentence(self) -> str:
        told = ", ".join(
            f"{number} {kind} {status}" for (kind, status), number in sorted(self.counts.items())
        )
        return told + (f"; not passed: {', '.join(self.failed)}" if self.failed else "")


def build(scratch: Path, *arguments: str) -> Built:
    """Run dbt in this process, which holds the session: `build` by default, or what is said."""
    from dbt.cli.main import dbtRunner

    from flows.spark import submission

    submission.install()
    said = dbtRunner().invoke(
        [
            *(arguments or ("build",)),
            "--target",
            "spark",
            "--project-dir",
            str(HOUSE),
            "--profiles-dir",
            str(HOUSE),
            "--target-path",
            str(scratch / "target"),
            "--log-path",
            str(scratch / "logs"),
            "--log-level",
            "none",
            "--log-level-file",
            "none",
        ]
    )
    results: list[Any] = list(getattr(said.result, "results", ()) or ())
    if not results:
        return Built({}, ("dbt, which did nothing",))
    counts = Counter((str(each.node.resource_type), str(each.status)) for each in results)
    failed = sorted(each.node.name for each in results if str(each.status) in BAD)
    return Built(dict(counts), tuple(failed))
