"""Run one dbt command: python -m flows.run_dbt WORDS OF ANY COMMAND -- COMMAND AND ITS OWN WORDS.

dbt's own command line writes its manifest, some megabytes, once it has parsed the project and
again when it is done, a few bytes at a time, and a graph besides: as much work as building ten
small models. Here the project is parsed first, which writes nothing but what dbt keeps of its
parse, the command is handed the outcome, and what is read of a build is written at a stroke.
"""

import gc
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dbt.artifacts.schemas.run import RunExecutionResult, RunResultsArtifact
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager
from dbt_common.events.event_manager_client import ctx_set_event_manager
from dbt_common.utils.encoding import JSONEncoder

from flows import collector

# Commands whose manifest and results are written here; others say what they write themselves.
WRITTEN_HERE = ("build", "test")


def main(words: Sequence[str], manifest: Manifest | None = None) -> int:
    """How it ended, as dbt's own command line says it: 0, 1 where a node failed, 2 where dbt did.
    Who has the project parsed already hands it in."""
    at = words.index("--")
    shared, command = words[:at], words[at + 1 :]
    collector.seldom()
    ctx_set_event_manager(OnlyWhatIsWrong())
    if [*command] == ["parse"]:
        return _code(dbtRunner().invoke([*command, *shared]))
    if manifest is None:
        done, manifest = parse(shared)
        if manifest is None:
            return _code(done)
    gc.freeze()  # the project stays to the end, and the collector need not look through it
    if command[0] not in WRITTEN_HERE:
        return _code(dbtRunner(manifest=manifest).invoke([*command, *shared]))
    done = dbtRunner(manifest=manifest).invoke([*command, "--no-write-json", *shared])
    _keep(Path(shared[shared.index("--target-path") + 1]), manifest, done)
    return _code(done)


def parse(shared: Sequence[str]) -> tuple[dbtRunnerResult, Manifest | None]:
    """The project as dbt reads it; none where it cannot."""
    done = dbtRunner().invoke(["parse", "--no-write-json", *shared])
    return done, done.result if isinstance(done.result, Manifest) else None


class OnlyWhatIsWrong(EventManager):
    """dbt words each of its twenty events a model before it asks whether anybody listens: a
    twelfth of a build. Nobody listens to those that tell of nothing wrong."""

    def fire_event(
        self,
        e: BaseEvent,
        level: EventLevel | None = None,
        node: Any = None,
        force_warn_or_error_handling: bool = False,
    ) -> None:
        if (level or e.level_tag()) in {EventLevel.WARN, EventLevel.ERROR}:
            super().fire_event(e, level, node, force_warn_or_error_handling)


def _keep(target: Path, manifest: Manifest, done: dbtRunnerResult) -> None:
    """What dbt would write of a build that is read afterwards: the project, and how each node
    ended, where it came to that."""
    as_written = {"artifact": True}
    whole = manifest.writable_manifest().to_dict(omit_none=False, context=as_written)
    _write(target / "manifest.json", whole)
    ended = done.result
    if isinstance(ended, RunExecutionResult):
        told = RunResultsArtifact.from_execution_results(
            ended.results, ended.elapsed_time, ended.generated_at, ended.args
        )
        _write(target / "run_results.json", told.to_dict(omit_none=False))


def _write(path: Path, artifact: dict[str, Any]) -> None:
    path.write_text(json.dumps(artifact, cls=JSONEncoder), encoding="utf-8")


def _code(done: dbtRunnerResult) -> int:
    return 0 if done.success else 2 if done.exception else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
