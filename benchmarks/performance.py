"""The tables of docs/performance.md, measured anew where they stand.

    python -m benchmarks.performance [PART ...] [--runs N]        (make performance)

The page itself says what is measured: a part of it that begins with a comment such as

    <!-- measured: python -m benchmarks.landing_csv --runs 5 -->

and ends with `<!-- end of measured -->` is what that command says on its standard output, the
machine and the number of runs with it. PART is a word or more of a command; without one, all are
run, one after the other. `--runs` takes the place of the page's number, of commands that know it;
the part says so. Of a command that fails the part stays as it was, and the end is 1.
"""

import argparse
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from flows.settings import HOUSE
from flows.whole import write_whole

PAGE = HOUSE / "docs/performance.md"
PART = re.compile(
    r"(?P<begin><!-- measured: python -m (?P<command>benchmarks\.[^\n]+) -->\n)"
    r".*?(?P<end><!-- end of measured -->)",
    re.DOTALL,
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--runs", type=int)
    parser.add_argument("--page", type=Path, default=PAGE, help=argparse.SUPPRESS)
    options = parser.parse_args()
    chosen = [
        command
        for command in commands(options.page)
        if not options.parts or any(part in f"{command} " for part in options.parts)
    ]
    if not chosen:
        sys.exit(f"No part of the page is measured by: {', '.join(options.parts)}.")
    failed = [command for command in chosen if not measured(options.page, command, options.runs)]
    for command in failed:
        print(f"failed: python -m {_asked(command, options.runs)}", file=sys.stderr)
    return int(bool(failed))


def commands(page: Path) -> Iterator[str]:
    """What the page is measured by, in its order."""
    for part in PART.finditer(page.read_text(encoding="utf-8")):
        yield part["command"]


def measured(page: Path, command: str, runs: int | None = None) -> bool:
    """Run a command and put what it says where the page has it; whether it ended well."""
    asked = _asked(command, runs)
    print(f"$ python -m {asked}", file=sys.stderr, flush=True)
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(asked)],
        cwd=HOUSE, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        return False
    today = date.today()
    said = f"\n`python -m {asked}`, {today.day} {today:%B %Y}.\n\n{done.stdout.strip()}\n\n"

    def part(found: re.Match[str]) -> str:
        is_it = found["command"] == command
        return f"{found['begin']}{said}{found['end']}" if is_it else found[0]

    # Read only now: what ran may have taken hours, in which the page was edited.
    write_whole(page, PART.sub(part, page.read_text(encoding="utf-8")))
    return True


def _asked(command: str, runs: int | None) -> str:
    return re.sub(r" --runs \d+", "", command) + f" --runs {runs}" if runs else command


if __name__ == "__main__":
    sys.exit(main())
