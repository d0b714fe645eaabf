"""Files that are large in earnest, and what memory it takes to deal with them:
``python -m tests.corpus.large <folder> <bytes> [<name>...]`` lands all or some of them in a
warehouse of its own and says, in a line of JSON for each, what became of it, the most memory that
was held until then (in MiB) and the seconds it took."""

import gzip
import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path

from tests.corpus.case import PLANTED, census, child, episodes
from tests.corpus.workbooks import bomb, with_row
from tests.scratch import Scratch

BLOCK = 1 << 20


def filled(
    head: str, tail: str, *, letter: str = "x", packed: bool = False
) -> Callable[[Path, int], None]:
    """A file of one line: a letter over and over, between a head and a tail."""

    def write(path: Path, size: int) -> None:
        with gzip.open(path, "wb", 1) if packed else path.open("wb") as file:
            file.write(head.encode())
            for _ in range(size // BLOCK):
                file.write(letter.encode() * BLOCK)
            file.write(tail.encode())

    return write


def written(content: Callable[[], bytes]) -> Callable[[Path, int], object]:
    return lambda path, _: path.write_bytes(content())


before, behind = census(child(PLANTED + "|")).replace("\n", "").split("|")
BLANK = "ssda903/2011/blank.csv"
LARGE: dict[str, Callable[[Path, int], object]] = {
    "ssda903/2011/line.csv": filled(episodes()[:-2], ""),
    "ssda903/2011/headings.csv": filled(PLANTED, ""),
    "ssda903/2011/quoted.csv": filled(episodes()[:-2] + ',"', ""),
    "ssda903/2011/columns.csv": filled(episodes()[:-2], "", letter=","),
    "ssda903/2011/bomb.csv.gz": filled(episodes(), "", letter="\n", packed=True),
    "cin_census/2011/cell.xml": filled(before, behind),
    "cin_census/2011/attribute.xml": filled(before + '<a b="', f'"/>{behind}'),
    "cin_census/2011/tag.xml": filled(before + "<a", f"/>{behind}"),
    "cin_census/2011/comment.xml": filled(before + "<!--", f"-->{behind}"),
    "cin_census/2011/blank.xml": filled(before, behind, letter=" "),
    "cin_census/2011/nested.xml": filled(before, behind, letter="<a>"),
    "deprivation/2010/bomb.xlsx": written(bomb),
    "deprivation/2010/corners.xlsx": written(
        lambda: with_row('<row r="1048576"><c r="EWU1048576"><v>1</v></c></row>')
    ),
    BLANK: filled(episodes(), "", letter="\n"),
}


def _most_held() -> int:
    """Mebibytes. What the system tells of a child's usage begins with its parent's; its own
    high-water mark does not."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main(folder: Path, size: int, names: list[str]) -> None:
    scratch = Scratch.at(folder)
    for name in names or LARGE:
        path = scratch.settings.extracts / name
        path.parent.mkdir(parents=True, exist_ok=True)
        LARGE[name](path, size)
        landed = scratch.land(only=name)[name]
        path.unlink()
        held = _most_held()
        told = [name, landed.outcome, landed.reason, held, round(landed.seconds, 1)]
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
