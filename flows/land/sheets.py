"""The process that reads a workbook: `python sheets.py <path> <limits as JSON>`.

It says what it finds in lines of JSON, each a kind and a value: a sheet's name, some of its
rows, the sheet's end, a refusal (what, line), the end. It imports nothing of this project, so
that it starts at once.
"""

import contextlib
import datetime
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from xml.parsers import expat

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
)

Value = int | float | str | bool | datetime.date | datetime.time | datetime.timedelta

LIMITS = ("columns", "cell_characters", "workbook_memory")
SECONDS = 3600  # of a processor; a reader that takes as long is lost
ROWS = 500  # handed over in one line
BLOCK = 1 << 22

CELL = rb"<(?:\w+:)?c\b([^>]*)>"
# A cell whose value is an error, such as #N/A: the reader of workbooks would leave it blank.
ERROR = re.compile(
    rb"<(?:\w+:)?c\b([^>]*\bt\s*=\s*[\"']e[\"'][^>]*)>"
    rb"(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)<",
    re.DOTALL,
)
# A formula with no result beside it.
UNWORKED = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f\b[^>]*/>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>\s*|<(?:\w+:)?v>\s*</(?:\w+:)?v>\s*)?</(?:\w+:)?c>"
)
ADDRESS = re.compile(rb"\br\s*=\s*[\"']([A-Z]+)([0-9]+)[\"']")
IS_TEXT = re.compile(rb"\bt\s*=\s*[\"']str[\"']")


class Refused(Exception):
    """What is wrong with the workbook, and in which row."""

    def __init__(self, what: str, line: int | None = None) -> None:
        super().__init__(what)
        self.what, self.line = what, line


def main(path: Path, limits: dict[str, int]) -> None:
    _hold_memory(limits["workbook_memory"])
    try:
        for kind, value in read(path, limits):
            _say(kind, value)
    except Refused as refused:
        _say("refusal", [refused.what, refused.line])
    except PasswordError:
        _say("refusal", ["it is locked with a password; save it without one"])
    except (CalamineError, zipfile.BadZipFile, expat.ExpatError):
        _say_damaged()
    except MemoryError:
        return
    except BaseException as error:
        # The reader is written in Rust, which panics past Exception on some damaged files.
        if type(error).__name__ != "PanicException":
            raise
        _say_damaged()
    else:
        _say("end", None)


def _say_damaged() -> None:
    """Unless there is no memory left, which a reader may take for damage."""
    with contextlib.suppress(MemoryError):
        bytearray(BLOCK)
        _say("refusal", ["it is no workbook that can be read (damaged)"])


def read(path: Path, limits: dict[str, int]) -> Iterator[tuple[str, Any]]:
    # Told from its bytes, whatever it is called: by path, the name would decide.
    with path.open("rb") as file:
        workbook = CalamineWorkbook.from_filelike(file)
    errors = errors_of(path)
    for sheet in workbook.sheets_metadata:
        if sheet.typ == SheetTypeEnum.WorkSheet:
            yield "sheet", sheet.name
            there = workbook.get_sheet_by_name(sheet.name)
            some: list[tuple[int, list[str]]] = []
            for row in _rows(there, limits, errors.get(sheet.name, {})):
                some.append(row)
                if len(some) == ROWS:
                    yield "rows", some
                    some = []
            yield "rows", some
            yield "sheet ends", None


def _rows(
    sheet: CalamineSheet, limits: dict[str, int], errors: dict[int, dict[int, str]]
) -> Iterator[tuple[int, list[str]]]:
    if sheet.start is None:
        return
    left = [""] * sheet.start[1]
    if len(left) + sheet.width > limits["columns"]:
        raise Refused(f"a sheet has more than {limits['columns']:,} columns (CYP_LIMIT_COLUMNS)")
    for number, values in enumerate(sheet.iter_rows(), start=1):
        cells = left + [value if type(value) is str else as_text(value) for value in values]
        for column, error in errors.get(number, {}).items():
            cells[column] = cells[column] or error
        if any(cells):
            most = limits["cell_characters"]
            if any(len(cell) > most for cell in cells):
                raise Refused(
                    f"a cell is longer than {most:,} characters (CYP_LIMIT_CELL_CHARACTERS)", number
                )
            yield number, cells


def as_text(value: Value) -> str:
    """The shortest text that reads back as the value: whole numbers without a fraction,
    dates as yyyy-mm-dd."""
    match value:
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer() and abs(value) < 1e16:
            return str(int(value))
        case datetime.datetime() if value.time() == datetime.time():
            return value.date().isoformat()
        case datetime.datetime() | datetime.date() | datetime.time():
            return value.isoformat()
        case _:
            return str(value)


def errors_of(path: Path) -> dict[str, dict[int, dict[int, str]]]:
    """Cells of an .xlsx whose value is an error, as sheet -> row -> column (from 0) -> text.
    Raises Refused where a formula has no result: somebody's program wrote it and no
    spreadsheet has worked it out, so nobody has seen the number that would be read as blank."""
    found: dict[str, dict[int, dict[int, str]]] = {}
    if not zipfile.is_zipfile(path):
        return found
    with zipfile.ZipFile(path) as parts:
        names = set(parts.namelist())
        if "xl/workbook.xml" not in names:
            return found
        for sheet, part in _parts_of_sheets(parts).items():
            if part in names:
                found[sheet] = _errors_of_sheet(parts, part)
    return found


def _parts_of_sheets(parts: zipfile.ZipFile) -> dict[str, str]:
    """Which part of the zip each sheet is."""
    targets = {
        attributes.get("Id", ""): attributes.get("Target", "")
        for name, attributes in _elements(parts, "xl/_rels/workbook.xml.rels")
        if name == "Relationship"
    }
    return {
        attributes["name"]: _beside_workbook(
            next((targets.get(value, "") for key, value in attributes.items() if _is_id(key)), "")
        )
        for name, attributes in _elements(parts, "xl/workbook.xml")
        if name == "sheet" and "name" in attributes
    }


def _is_id(attribute: str) -> bool:
    return attribute.endswith(":id")


def _beside_workbook(target: str) -> str:
    return target[1:] if target.startswith("/") else str(PurePosixPath("xl") / target)


def _elements(parts: zipfile.ZipFile, name: str) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate()

    def started(tag: str, attributes: dict[str, str]) -> None:
        found.append((tag.rpartition(":")[2], attributes))

    def typed(*_: object) -> None:
        raise Refused("a part of the workbook declares a document type, which none does")

    parser.StartElementHandler = started
    parser.StartDoctypeDeclHandler = typed
    with contextlib.suppress(KeyError):
        parser.Parse(parts.read(name), True)
    return found


def _errors_of_sheet(parts: zipfile.ZipFile, part: str) -> dict[int, dict[int, str]]:
    errors: dict[int, dict[int, str]] = {}
    with parts.open(part) as file:
        rest = b""
        while block := file.read(BLOCK):
            rest += block
            whole = max(rest.rfind(b"</c>"), rest.rfind(b":c>"))
            if whole < 0:
                continue
            cells, rest = rest[: whole + 4], rest[whole + 4 :]
            for error in ERROR.finditer(cells):
                if address := ADDRESS.search(error[1]):
                    row, column = int(address[2]), _column(address[1])
                    errors.setdefault(row, {})[column] = error[2].decode("utf-8", "replace")
            _hold_formulas(cells)
    return errors


def _hold_formulas(cells: bytes) -> None:
    for formula in UNWORKED.finditer(cells):
        *_, attributes = re.findall(CELL, cells[max(0, formula.start() - 20_000) : formula.start()])
        if not IS_TEXT.search(attributes):  # a formula may well give an empty text
            address = ADDRESS.search(attributes)
            raise Refused(
                "a cell holds a formula that was never worked out; open the workbook in a "
                "spreadsheet program, save it and deliver it again",
                int(address[2]) if address else None,
            )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _hold_memory(most: int) -> None:
    try:
        import resource
    except ImportError:  # on Windows, where the process of its own must do
        return
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _say(kind: str, value: Any) -> None:
    sys.stdout.write(json.dumps([kind, value]) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
