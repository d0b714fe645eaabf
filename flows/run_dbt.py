"""Run one dbt command: python -m flows.run_dbt WORDS OF ANY COMMAND -- COMMAND AND ITS OWN WORDS.

dbt's own command line writes its manifest, some megabytes, once it has parsed the project and
again when it is done: as much work as building ten small models. Here the project is parsed
first, which writes nothing but what dbt keeps of its parse, and the command is handed the outcome.
"""

import gc
import sys
from collections.abc import Sequence

from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

# Objects made since the collector last looked. What dbt makes it keeps, mostly: at Python's 700 a
# tenth of a build goes into looking for what is left.
COLLECTED_AFTER = 100_000


def main(words: Sequence[str], manifest: Manifest | None = None) -> int:
    """How it ended, as dbt's own command line says it: 0, 1 where a node failed, 2 where dbt did.
    Who has the project parsed already hands it in."""
    at = words.index("--")
    shared, command = words[:at], words[at + 1 :]
    gc.set_threshold(COLLECTED_AFTER)
    if [*command] == ["parse"]:
        return _code(dbtRunner().invoke([*command, *shared]))
    if manifest is None:
        done, manifest = parse(shared)
        if manifest is None:
            return _code(done)
    gc.freeze()  # the project stays to the end, and the collector need not look through it
    return _code(dbtRunner(manifest=manifest).invoke([*command, *shared]))


def parse(shared: Sequence[str]) -> tuple[dbtRunnerResult, Manifest | None]:
    """The project as dbt reads it; none where it cannot."""
    done = dbtRunner().invoke(["parse", "--no-write-json", *shared])
    return done, done.result if isinstance(done.result, Manifest) else None


def _code(done: dbtRunnerResult) -> int:
    return 0 if done.success else 2 if done.exception else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
