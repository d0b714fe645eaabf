"""What source declarations, seeds and published models already say, for suites to hold data to.

Nothing is listed twice: a landed table's columns live in ``_<source>__sources.yml``, code
sets in the seeds, a published mart's columns in the YAML beside its model.
"""

import csv
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HOUSE = Path(__file__).resolve().parent.parent


@cache
def columns(source: str, table: str) -> tuple[str, ...]:
    """The columns a landed table is declared to have, provenance included."""
    path = HOUSE / "models" / "staging" / source / f"_{source}__sources.yml"
    (declared,) = _read(path)["sources"]
    (found,) = [entry for entry in declared["tables"] if entry["name"] == table]
    return tuple(column["name"] for column in found["columns"])


@cache
def codes(folder: str, code_set: str) -> tuple[str, ...]:
    """The codes of a set, of any year: the rows of that `code_set` in any
    ``seeds/<folder>/*_codes.csv``, or the seed ``seeds/<folder>/<code_set>.csv``, whose code
    is its first column named so. Empty when the seeds hold no such set."""
    place = HOUSE / "seeds" / folder
    listed = [
        row["code"]
        for path in sorted(place.glob("*_codes.csv"))
        for row in _rows(path)
        if row.get("code_set") == code_set
    ]
    own = place / f"{code_set}.csv"
    if own.exists():
        rows = _rows(own)
        column = next(name for name in rows[0] if name == "code" or name.endswith("_code"))
        listed += [row[column] for row in rows if row[column]]
    return tuple(dict.fromkeys(listed))


@cache
def published_columns(mart: str) -> dict[str, str]:
    """Column -> data type of a published mart, in the order of its contract."""
    for path in sorted((HOUSE / "models" / "published").glob("*.yml")):
        for model in _read(path).get("models", []):
            if model["name"] == mart:
                return {column["name"]: column["data_type"] for column in model["columns"]}
    raise LookupError(f"No YAML in models/published describes {mart}.")


@cache
def _read(path: Path) -> dict[str, Any]:
    declared: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return declared


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))
