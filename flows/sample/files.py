"""Writing the sample's files: the same bytes wherever it is done."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path


def uk(day: date | None) -> str:
    """dd/mm/yyyy, as the SSDA903 return wants its dates; blank for no date."""
    return f"{day.day:02d}/{day.month:02d}/{day.year}" if day else ""


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return write_text(path, text.getvalue())


def write_text(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path
