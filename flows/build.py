"""Build the warehouse with dbt.

dbt runs as a process of its own: DuckDB lets one process write at a time, and a
process that has ended holds no lock. It ends when we do, however we end.
"""

import json
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows import errors, tether
from flows.settings import HOUSE, Settings
from flows.warehouse import warehouse

Variables = Mapping[str, object]
Report = Callable[[str], None]

PROGRESS_EVERY = 30.0  # seconds

# Where dbt's page of documentation would load a tracker from, and report to.
TRACKERS = ("fuzzed.getdbt.com", "d1fc8wv8zag5ca.cloudfront.net")

BAD = {"error", "fail", "runtime error"}
_NAMED = 12  # as many failed nodes as one sentence can name


PROJECT = "cyp_warehouse"
LEDGER = Path("models", "quality", "extract_ledger.sql")
LEDGER_RELATION = '"warehouse"."quality"."extract_ledger"'
UNACCOUNTED = Path("tests", "sql", "every_delivered_row_is_accounted_for.sql")


class LedgerBroken(Exception):
    """A delivered row is not where the ledger of deliveries says, or is there twice. `la_codes`
    are those whose row it is."""

    def __init__(self, message: str, la_codes: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.la_codes = la_codes


@dataclass(frozen=True)
class FailedNode:
    """A model that could not be made, or a test that found something, and its SQL as compiled."""

    is_test: bool
    sql: str


class BuildFailed(Exception):
    """dbt stopped; the message names the nodes that failed, never their rows."""

    def __init__(self, message: str, nodes: tuple[FailedNode, ...] = ()) -> None:
        super().__init__(message)
        self.nodes = nodes


def dbt(
    settings: Settings,
    *arguments: str,
    variables: Variables | None = None,
    report: Report | None = None,
) -> None:
    """Run one dbt command against the warehouse. Raises BuildFailed. Of one that lasts, how far it
    is is reported from time to time.

    What dbt says is kept nowhere: a failed cast puts the value it failed on into the
    message. What failed is read from dbt's results, from which messages are removed.
    """
    for folder in (settings.scratch, settings.target):
        folder.mkdir(parents=True, exist_ok=True)
    results = _run_results(settings)
    results.unlink(missing_ok=True)
    shared = ["--quiet", "--project-dir", str(HOUSE), "--profiles-dir", str(HOUSE)]
    shared += ["--target-path", str(settings.target)]
    shared += ["--log-path", str(settings.logs), "--log-level-file", "none"]
    if variables:
        shared += ["--vars", json.dumps(dict(variables))]
    command = tether.command("flows.run_dbt", *shared, "--", *arguments)
    with subprocess.Popen(
        command,
        # In every home the same words lead to its files, so that what dbt keeps of its parse
        # (a third of a small build) holds in a home that was moved or copied, too.
        env=settings.environment()
        | {"CYP_WAREHOUSE": settings.warehouse.name, "CYP_SCRATCH": settings.scratch.name},
        cwd=settings.home,
        stdin=subprocess.PIPE,  # the tether; nothing is written to it
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            said = _heard(process, settings, report)
        except BaseException:
            process.kill()
            raise
        failed = process.wait()
    if failed and (errors.says_full(said + _messages(results)) or errors.is_full()):
        results.unlink(missing_ok=True)
        raise errors.disk_full()
    _forget_messages(results)
    if failed:
        told = _results(results)
        raise BuildFailed(_what_failed(arguments[0], told), _nodes(told))


def _heard(process: "subprocess.Popen[str]", settings: Settings, report: Report | None) -> str:
    """What dbt says, once it has said all. Until then, of a long build, how many models and tests
    are done: dbt says so only in lines that tell more, so what it has written is counted."""
    if not process.stdout:
        return ""
    if report is None:
        return process.stdout.read()
    began = time.time()
    with ThreadPoolExecutor(1) as listener:
        heard = listener.submit(process.stdout.read)
        try:
            while wait([heard], timeout=PROGRESS_EVERY).not_done:
                minutes = (time.time() - began) / 60
                report(f"build     {_done_since(settings, began)} done after {minutes:.1f} minutes")
        except BaseException:
            process.kill()  # or its listener would wait for what it says
            raise
        return heard.result()


def _done_since(settings: Settings, began: float) -> str:
    """Of each step dbt keeps the SQL that it runs."""
    run = (settings.target / "run").rglob("*.*")
    steps = sum(path.stat().st_mtime >= began for path in run if path.is_file())
    return f"{steps:,} models and tests"


def build(
    settings: Settings,
    variables: Variables | None = None,
    select: Sequence[str] | None = None,
    report: Report | None = None,
) -> None:
    """Seeds, models and data tests, all of them or those selected; unit tests belong to
    `make test`, not to the night. A test is selected with any one of the models it is of."""
    arguments = ["build", "--exclude-resource-type", "unit_test"]
    if select is not None:
        arguments += ["--select", *select]
        if any(part.startswith("state:") for part in select):
            arguments += ["--state", str(settings.state)]
    settings.home.mkdir(parents=True, exist_ok=True)
    settings.unfinished.touch()
    dbt(settings, *arguments, variables=variables, report=report)
    settings.unfinished.unlink()


def _run_results(settings: Settings) -> Path:
    return settings.target / "run_results.json"


def _compiled(settings: Settings) -> Path:
    return settings.target / "compiled" / PROJECT


def ledger_as_built(settings: Settings) -> Path:
    """The SQL of the ledger of rows as dbt built it last."""
    return _compiled(settings) / LEDGER


def is_ledger_held(settings: Settings) -> bool:
    """Whether dbt's last run has counted every delivered row where it ended up, and held that."""
    ended = {told["unique_id"]: told["status"] for told in _results(_run_results(settings))}
    return (
        ended.get(f"model.{PROJECT}.{LEDGER.stem}") == "success"
        and ended.get(f"test.{PROJECT}.{UNACCOUNTED.stem}") == "pass"
    )


def hold_ledger(settings: Settings) -> None:
    """Count every delivered row anew where it ended up, whether or not the models that tell of it
    have been built tonight: by their own SQL as it was built last, over the rows that are there
    now. Raises LedgerBroken."""
    unaccounted = (_compiled(settings) / UNACCOUNTED).read_text(encoding="utf-8")
    ledger = ledger_as_built(settings).read_text(encoding="utf-8")
    if unaccounted.count(LEDGER_RELATION) != 1:
        raise BuildFailed(f"{UNACCOUNTED} does not read {LEDGER_RELATION}, as it was built.")
    with warehouse(settings) as connection:
        broken = connection.execute(
            "select concat_ws('/', ledger.la_code, ledger.source, ledger.collection_year, "
            "ledger.file_name), ledger.table_name, ledger.la_code from "
            f"({unaccounted.replace(LEDGER_RELATION, f'({ledger})')}\n) as unaccounted "
            f"inner join {LEDGER_RELATION} as ledger using (file_id, table_name) order by all"
        ).fetchall()
    if broken:
        named = ", ".join(f"{file} ({table})" for file, table, _ in broken[:_NAMED])
        more = f" and {len(broken) - _NAMED} more" if len(broken) > _NAMED else ""
        raise LedgerBroken(
            f"Rows are missing, or too many, of {named}{more}: what was delivered is not what is "
            "loaded, superseded, held back, set aside or forgotten.",
            tuple(sorted({la_code for *_, la_code in broken if la_code})),
        )


def document(settings: Settings) -> Path:
    """The models, their columns and their lineage as one page that opens from a folder."""
    dbt(settings, "docs", "generate", "--static")
    settings.docs.mkdir(parents=True, exist_ok=True)
    page = settings.docs / "models.html"
    text = (settings.target / "static_index.html").read_text(encoding="utf-8")
    page.write_text(calling_nobody(text), encoding="utf-8")
    return page


def calling_nobody(page: str) -> str:
    """dbt's page, in which a tracker's addresses lead nowhere; it is off for us besides."""
    for tracker in TRACKERS:
        page = page.replace(tracker, "nobody.invalid")
    return page


def timings(settings: Settings) -> dict[str, float]:
    """Seconds of each node of the last dbt run, by its unique id."""
    return {
        result["unique_id"]: float(result["execution_time"])
        for result in _results(_run_results(settings))
    }


def _what_failed(command: str, results: list[dict[str, Any]]) -> str:
    bad = [result for result in results if result["status"] in BAD]
    if not bad:
        return (
            f"dbt {command} stopped before it did anything: another program may have the "
            "warehouse open, or a model does not parse (dbt parse --profiles-dir . says which)."
        )
    names = [_said(result) for result in bad[:_NAMED]]
    more = f" and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
    return f"dbt {command} failed at " + ", ".join(names) + more + "."


def _nodes(results: list[dict[str, Any]]) -> tuple[FailedNode, ...]:
    return tuple(
        FailedNode(result["unique_id"].startswith("test."), result.get("compiled_code") or "")
        for result in results
        if result["status"] in BAD
    )


def _said(result: dict[str, Any]) -> str:
    name = result["unique_id"].split(".", 2)[-1]
    return f"{name} ({result['failures']} rows)" if result["failures"] else name


def _forget_messages(path: Path) -> None:
    if path.exists():
        report = json.loads(path.read_text(encoding="utf-8"))
        for result in report["results"]:
            if result["status"] in BAD:
                result["message"] = None
        path.write_text(json.dumps(report), encoding="utf-8")


def _messages(path: Path) -> str:
    """What dbt's results say went wrong, to tell a full disk by; repeated nowhere. On a full
    disk they may be cut short."""
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def _results(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    results: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["results"]
    return results
