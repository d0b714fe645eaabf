"""Files for the people who mend the source: they hold personal data, so they are their owner's
alone to read, and lie neither where readers walk nor where deliveries are dropped."""

import csv
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from flows.settings import Settings, SettingsError

# A text that begins with one of these is a formula to a spreadsheet.
FORMULAE = ("=", "+", "-", "@", "\t", "\r")


def hold_place(settings: Settings, file: Path, endings: Sequence[str]) -> None:
    """Raises SettingsError where such a file must not lie, or is none of these kinds. Readers walk
    through what is published, and what is in the drop folder is landed."""
    target = file.resolve()
    for place, why in (
        *(
            (place, "is published, and this is personal data")
            for place in settings.outputs.values()
        ),
        (settings.extracts, "is where deliveries are dropped, and this is none"),
    ):
        if target.is_relative_to(place.resolve()) or file.absolute().is_relative_to(
            place.absolute()
        ):
            raise SettingsError(f"{place} {why}. Name another place for the export.")
    if target.suffix.lower() not in endings:
        kinds = {".csv": "a CSV file", ".xlsx": "a workbook"}
        raise SettingsError(
            f"The export is {' or '.join(kinds[ending] for ending in endings)}. "
            f"Name one that ends in {' or '.join(endings)}."
        )
    if not target.parent.is_dir():
        raise SettingsError(f"There is no folder {target.parent} to write the export to.")


@contextmanager
def aside(file: Path) -> Iterator[Path]:
    """Where to write it: all of it comes to its place or none of it, and never for a moment is it
    readable by others."""
    target = file.resolve()
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    os.close(descriptor)
    try:  # mkstemp's file is its owner's alone, and stays so under its new name
        yield Path(name)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_csv(file: Path, heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write the rows, and say how many."""
    with (
        aside(file) as place,
        # the mark at the beginning tells a spreadsheet that this is UTF-8
        place.open("w", encoding="utf-8-sig", newline="") as out,
    ):
        return write_rows(out, heading, rows)


def write_rows(out: TextIO, heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    writer = csv.writer(out)
    writer.writerow(heading)
    written = 0
    for row in rows:
        writer.writerow(map(_harmless, row))
        written += 1
    return written


def _harmless(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula, behind an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULAE) else value
