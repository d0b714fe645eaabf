"""Run one dbt command: python -m flows.run_dbt WORDS OF ANY COMMAND -- COMMAND AND ITS OWN WORDS.

dbt's own command line writes its manifest, some megabytes, once it has parsed the project and
again when it is done: as much work as building ten small models. Here the project is parsed
first, which writes nothing but what dbt keeps of its parse, and the command is handed the outcome.
"""

import sys
from collections.abc import Sequence

from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest


def main(words: Sequence[str]) -> int:
    """How it ended, as dbt's own command line says it: 0, 1 where a node failed, 2 where dbt did."""
    at = words.index("--")
    shared, command = list(words[:at]), list(words[at + 1 :])
    parsed = dbtRunner().invoke(["parse", "--no-write-json", *shared])
    if not isinstance(parsed.result, Manifest):
        return _code(parsed)
    return _code(dbtRunner(manifest=parsed.result).invoke([*command, *shared]))


def _code(done: dbtRunnerResult) -> int:
    return 0 if done.success else 2 if done.exception else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
