"""Data Docs: what was expected of every delivery and every mart, and what was met, as pages.

They are our own rendering of Great Expectations' results, because its pages load fonts,
scripts and a tracking pixel from outside and show values by default. These open from a
folder with no network, call nobody, and hold names and counts only.
"""

import json
import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from html import escape
from pathlib import Path

import duckdb

from flows.settings import Settings
from flows.whole import write_whole


@dataclass(frozen=True)
class Check:
    """One expectation as it was held: counts, never values."""

    expectation: str
    column: str | None
    severity: str
    rows_checked: int
    rows_unexpected: int
    is_met: bool
    note: str
    words: str = ""


@dataclass(frozen=True)
class Examined:
    """One suite held against one delivery or one mart."""

    door: str
    suite: str
    relation: str
    file_id: str | None
    examined_at: str
    checks: list[Check] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Names the same examination in the next run, as a file name."""
        return re.sub(r"[^a-z0-9]+", "-", f"{self.door} {self.suite} {self.file_id or ''}".lower())

    @property
    def unmet(self) -> list[Check]:
        return [check for check in self.checks if not check.is_met]

    @property
    def outcome(self) -> str:
        severities = {check.severity for check in self.unmet}
        if "critical" in severities:
            return "refused"
        return "warnings" if severities else "met"


# What this process has examined since the pages were last written.
_examined: dict[str, Examined] = {}


def keep(examined: Examined) -> None:
    """Remember an examination until the pages are written."""
    _examined[examined.key] = examined


def put_by(settings: Settings) -> None:
    """Put what has been examined so far where the pages are written from, now or by a later
    run: a file that has landed is not examined again."""
    kept = _kept(settings)
    for key in list(_examined):  # others may be examined meanwhile
        if examined := _examined.pop(key, None):
            write_whole(kept / f"{key}.json", json.dumps(asdict(examined)))


def _kept(settings: Settings) -> Path:
    kept = settings.docs / "validations"
    kept.mkdir(parents=True, exist_ok=True)
    return kept


def write_data_docs(settings: Settings) -> Path:
    """Write the pages of the last run and return the index.

    A file that was not delivered anew keeps its last examination; one that was superseded
    or delivered again loses it.
    """
    put_by(settings)
    names, gone = _ledger(settings)
    examinations = []
    for path in sorted(_kept(settings).glob("*.json")):
        examined = _read(path)
        if examined.file_id in gone:
            path.unlink()
        else:
            examinations.append(examined)
    return _write_pages(settings.docs / "data_docs", examinations, names)


def _read(path: Path) -> Examined:
    told = json.loads(path.read_text(encoding="utf-8"))
    return Examined(**{**told, "checks": [Check(**check) for check in told["checks"]]})


def _ledger(settings: Settings) -> tuple[dict[str, str], set[str]]:
    """File names by id, and the ids of deliveries that no longer matter."""
    if not settings.warehouse.exists():
        return {}, set()
    try:
        with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
            rows = warehouse.execute(
                "select file_id, any_value(path), "
                "bool_and(outcome in ('superseded', 'forgotten')) "
                "or max(landed_at) < max(max(landed_at)) over (partition by any_value(path)) "
                "from landing.extract_files group by file_id"
            ).fetchall()
    except duckdb.Error:
        return {}, set()
    return {row[0]: row[1] for row in rows}, {row[0] for row in rows if row[2]}


STYLE = """
:root { color-scheme: light dark; --line: #8886; --soft: #8881; --good: #1a7f4b; --so: #8a5200;
  --bad: #c0282d; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
caption { text-align: left; padding: .4rem 0; }
th, td { text-align: left; vertical-align: top; padding: .45rem .6rem;
  border-bottom: 1px solid var(--line); }
thead th { background: var(--soft); } td.number, th.number { text-align: right;
  font-variant-numeric: tabular-nums; }
.met { color: var(--good); } .warnings { color: var(--so); } .refused { color: var(--bad); }
.state { font-weight: 600; white-space: nowrap; } .note { opacity: .8; }
"""
STATES = {"met": "✓ all met", "warnings": "▲ warnings", "refused": "✗ refused"}
DOORS = {"in": "What came in", "out": "What goes out"}


def _write_pages(folder: Path, examinations: list[Examined], names: dict[str, str]) -> Path:
    """Build the pages aside, then put them in the old ones' place."""
    fresh = folder.with_name(f".{folder.name}-{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    (fresh / "index.html").write_text(_index(examinations, names), encoding="utf-8")
    for examined in examinations:
        (fresh / f"{examined.key}.html").write_text(_page(examined, names), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(fresh, folder)
    return folder / "index.html"


def _index(examinations: list[Examined], names: dict[str, str]) -> str:
    body = [
        "<h1>What was expected, and what was met</h1>",
        "<p>Every delivery is held against a suite of expectations before it is let in, and "
        "every mart before it is published. An unmet <em>critical</em> expectation refuses the "
        "file or the publication; a <em>warning</em> lets it through and asks for a look. Only "
        "names and counts are kept here, no values.</p>",
    ]
    for door, title in DOORS.items():
        there = [examined for examined in examinations if examined.door == door]
        body.append(f"<h2>{title}</h2>")
        if not there:
            body.append("<p>Nothing has been examined.</p>")
            continue
        there.sort(key=lambda each: (["refused", "warnings", "met"].index(each.outcome), each.key))
        rows = [
            (
                f'<a href="{examined.key}.html">{escape(examined.suite)}</a>',
                escape(names.get(examined.file_id or "", examined.file_id or "")),
                _state(examined.outcome),
                f"{len(examined.checks) - len(examined.unmet)} of {len(examined.checks)}",
                escape(examined.examined_at[:16].replace("T", " ")),
            )
            for examined in there
        ]
        met = sum(examined.outcome == "met" for examined in there)
        body.append(
            _table(
                f"{len(there)} suites held, {met} met in full.",
                ("Suite", "File", "Outcome", "#Expectations met", "Examined (UTC)"),
                rows,
            )
        )
    return _document("Data Docs", body)


def _page(examined: Examined, names: dict[str, str]) -> str:
    file_name = names.get(examined.file_id or "", examined.file_id)
    rows = [
        (
            escape(check.words or check.expectation.replace("_", " "))
            + f'<br><span class="note">{escape(check.note)}</span>',
            escape(check.column or "the whole table").replace("_", "_<wbr>"),
            check.severity,
            f"{check.rows_checked:,}",
            f"{check.rows_unexpected:,}",
            _state("met" if check.is_met else _unmet(check), "met" if check.is_met else "not met"),
        )
        for check in examined.checks
    ]
    body = [
        '<p><a href="index.html">All suites</a></p>',
        f"<h1>{escape(examined.suite)}</h1>",
        f"<p>Held against <strong>{escape(examined.relation)}</strong>"
        + (f", file {escape(file_name)}" if file_name else "")
        + f", on {escape(examined.examined_at[:16].replace('T', ' at '))} UTC: "
        + _state(examined.outcome)
        + ".</p>",
        _table(
            "What was not met comes first.",
            ("Expectation", "Column", "Severity", "#Rows checked", "#Unexpected", "Outcome"),
            rows,
        ),
    ]
    return _document(examined.suite, body)


def _unmet(check: Check) -> str:
    return "refused" if check.severity == "critical" else "warnings"


def _state(outcome: str, words: str | None = None) -> str:
    mark = STATES[outcome][0]
    said = f"{mark} {words}" if words else STATES[outcome]
    return f'<span class="state {outcome}">{said}</span>'


def _table(caption: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table; a head that begins with # is of a column of numbers."""
    kinds = [' class="number"' if head.startswith("#") else "" for head in heads]
    head = "".join(
        f'<th scope="col"{kind}>{escape(text.lstrip("#"))}</th>'
        for text, kind in zip(heads, kinds, strict=True)
    )
    body = "\n".join(
        "<tr>"
        + "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(row, kinds, strict=True))
        + "</tr>"
        for row in rows
    )
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>\n{body}\n</tbody></table>"
    )


def _document(title: str, body: list[str]) -> str:
    content = "\n".join(body)
    return (
        '<!doctype html>\n<html lang="en-GB"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n"
        f"<body><main>\n{content}\n</main></body></html>\n"
    )
