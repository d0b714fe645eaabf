"""Read a workbook (.xls, .xlsx, .ods): its sheets, each cell as the text a person would type."""

import datetime
from collections.abc import Iterator
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from flows.land.delivery import MAX_CELL, MAX_COLUMNS, Refusal

Value = int | float | str | bool | datetime.date | datetime.time | datetime.timedelta


def sheets(path: Path) -> Iterator[tuple[str, Iterator[tuple[int, list[str]]]]]:
    """Every worksheet by name with its rows, numbered as in the workbook; hidden
    sheets too, for a publisher hides sheets that hold data. Blank rows are left out."""
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        names = [
            sheet.name for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet
        ]
        for name in names:
            yield name, _rows(workbook.get_sheet_by_name(name))
    except CalamineError:
        raise Refusal("it is no workbook that can be read (damaged, locked or a zip)") from None
    except Refusal:
        raise
    except BaseException as error:
        # The reader is written in Rust, which panics past Exception on some damaged files.
        if type(error).__name__ != "PanicException":
            raise
        raise Refusal("the workbook is damaged") from None


def _rows(sheet: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    if sheet.start is None:
        return
    left = [""] * sheet.start[1]
    if len(left) + sheet.width > MAX_COLUMNS:
        raise Refusal(f"sheet {sheet.name} has more than {MAX_COLUMNS} columns")
    for number, values in enumerate(sheet.iter_rows(), start=1):
        cells = left + [value if type(value) is str else as_text(value) for value in values]
        if any(cells):
            if any(len(cell) > MAX_CELL for cell in cells):
                raise Refusal(f"a cell is longer than {MAX_CELL} characters", number)
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
