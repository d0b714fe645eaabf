"""Read a workbook (.xls, .xlsx, .ods): its sheets, each cell as the text a person would type.

A process of its own reads it, with a limit on its memory: a workbook of a few bytes may say
that it holds a cell in the last row and column, and the reader then ends the process that it
runs in.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from flows.land import sheets as reader
from flows.land.delivery import Refusal
from flows.settings import Limits

Rows = Iterator[tuple[int, list[str]]]


def sheets(path: Path, limits: Limits) -> Iterator[tuple[str, Rows]]:
    """Every worksheet by name with its rows, numbered as in the workbook; hidden
    sheets too, for a publisher hides sheets that hold data. Blank rows are left out."""
    told = {name: getattr(limits, name) for name in reader.LIMITS}
    command = [sys.executable, "-I", reader.__file__, str(path), json.dumps(told)]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None  # noqa: S101  (asked for above)
        said = _said(process.stdout)
        try:
            for kind, value in said:
                if kind == "sheet":
                    rows = _rows(said)
                    yield value, rows
                    for _ in rows:  # whoever asked for the sheet may have left some
                        pass
        finally:
            process.kill()


class Counted:
    """Sheets on their way past, and how many records have gone by."""

    def __init__(self, passing: Iterable[tuple[str, Rows]]) -> None:
        self.passing = passing
        self.records = 0

    def __iter__(self) -> Iterator[tuple[str, Rows]]:
        for name, rows in self.passing:
            yield name, self._rows(rows)

    def _rows(self, rows: Rows) -> Rows:
        for row in rows:
            self.records += 1
            yield row


def _said(lines: IO[bytes]) -> Iterator[tuple[str, Any]]:
    """What the reader hands over; a refusal, or silence before the end, is raised."""
    for line in lines:
        kind, value = json.loads(line)
        if kind == "refusal":
            raise Refusal(*value)
        if kind == "end":
            return
        yield kind, value
    raise Refusal(
        "it is damaged, or to read it takes more memory than CYP_LIMIT_WORKBOOK_MEMORY allows"
    )


def _rows(said: Iterator[tuple[str, Any]]) -> Rows:
    for kind, value in said:
        if kind == "sheet ends":
            return
        yield from map(tuple, value)
