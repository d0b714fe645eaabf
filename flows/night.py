"""The night's work, in order, and what stops it. Plain Python: `flows.nightly` runs it in
Prefect, tests run it as it is.

A refused file leaves the last good delivery standing and the rest goes on. A failed build or
audit leaves the last published version standing; where several authorities share the warehouse,
that of those whom it is about, and the rest goes on (`flows.pooled`). Either way the night ends
red, with plain sentences saying why.
"""

import json
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

import duckdb

from flows import differences, erase, log, pooled, retention, sample
from flows.audit import (
    Finding,
    Seen,
    at_the_door,
    at_the_way_out,
    looked_at_together,
    name_at_the_door,
    put_by,
    record,
    record_rules,
    write_data_docs,
)
from flows.build import (
    BuildFailed,
    LedgerBroken,
    Variables,
    build,
    hold_ledger,
    is_ledger_held,
)
from flows.differences import Difference
from flows.disclosure import ledger
from flows.errors import DiskFull, StepFailed, need_room, spoken, unspoken
from flows.land import (
    Ahead,
    Examine,
    Extract,
    Landed,
    door,
    find,
    hold_to_key,
    land,
    prepare,
    settled,
)
from flows.lock import alone
from flows.pooled import HeldBack
from flows.publish import Published, Refused, publish
from flows.settings import HOUSE, Settings
from flows.status import refusal_said
from flows.unchanged import (
    Plan,
    fingerprint,
    keep_build,
    keep_publication,
    published_on,
    to_build,
)
from flows.warehouse import at_hand, transaction, warehouse
from flows.whole import sweep, write_whole

T = TypeVar("T")
Report = Callable[[str], None]


class Step(Protocol):
    """Runs one named piece of work; Prefect's version makes it a visible task."""

    def __call__(self, name: str, work: Callable[[], T], *, retries: int = 0) -> T: ...


class NothingLanded(Exception):
    """There is nothing to build from; the message says what to do."""


@dataclass(frozen=True)
class Refusal:
    """A file that was turned away, and why. The name is the file's, below the drop folder."""

    name: str
    reason: str

    def __str__(self) -> str:
        return refusal_said(self.name, self.reason)


@dataclass
class Night:
    """What one night did. Holds names and counts, never a row."""

    run_id: str
    home: Path
    started_at: datetime
    landed: list[Landed] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    held_back: list[HeldBack] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    published: Published | None = None
    stands_since: datetime | None = None  # published then, and nothing to publish since
    problems: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)  # ids of deliveries past their retention
    past_retention: list[str] = field(default_factory=list)  # names of files that still lie there
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def is_red(self) -> bool:
        return bool(self.problems)

    @property
    def sentence(self) -> str:
        """How the night ended, in one line."""
        if self.problems:
            return " ".join(self.problems)
        new = [landed for landed in self.landed if landed.outcome == "landed"]
        marts = f"{len(self.published.tables)} marts published." if self.published else ""
        if self.stands_since:
            marts = f"nothing new to publish: {_standing_since(self.stands_since)}."
        past = ""
        if self.withdrawn or self.past_retention:
            past = (
                f" Past their retention: {len(self.withdrawn)} withdrawn, "
                f"{len(self.past_retention)} still in the drop folder."
            )
        return f"{len(new)} of {len(self.landed)} files were new; {marts}{past}"


def run_night(
    settings: Settings,
    variables: Variables | None = None,
    report: Report = lambda line: None,
    step: Step | None = None,
    *,
    is_full: bool = False,
) -> Night:
    """Land, build, audit, publish, document: what is new and what depends on it, or, when the
    night is to be full, everything. Raises Busy when another night is running; whatever else
    goes wrong is told in the Night that is returned."""
    step = step or _plainly
    with alone(settings):
        night = begin(settings)
        log.add(settings, "began", run=night.run_id)
        try:
            with _told(settings, night):
                if settings.is_sample:
                    timed(night, "sample", lambda: write_sample(settings, report))
                timed(night, "land", lambda: land_all(settings, night, report, step))
                make_all(settings, night, variables, report, step, is_full=is_full)
            with _told(settings, night):  # after a failure too: they say what was examined
                timed(night, "docs", lambda: document_all(settings, report, step))
                retention.prove(settings, night.withdrawn)
        except BaseException:
            night.problems.append("Stopped before it was done." + _standing(settings, night))
            raise
        finally:
            keep(settings, night)
        return night


def make_all(
    settings: Settings,
    night: Night,
    variables: Variables | None,
    report: Report,
    step: Step | None = None,
    *,
    is_full: bool = False,
) -> None:
    """Everything that is made of what has been landed: what is new, or all of it; or, where that
    fails by what one of several authorities has delivered, all without that."""
    while True:
        problems = len(night.problems)
        failure: BuildFailed | LedgerBroken | Refused | set[str]
        try:
            if _make_once(settings, night, variables, report, step, is_full=is_full):
                return
            critical = [each for each in night.findings if each.is_critical and each.door == "out"]
            failure = {la_code for finding in critical for la_code in finding.la_codes}
            why = night.problems[-1].removesuffix(_standing(settings, night))
        except (BuildFailed, LedgerBroken, Refused) as error:
            failure, why = error, str(error)
        held = (step or _plainly)(
            "hold back what it is about", partial(pooled.hold_back, settings, why, failure)
        )
        if not held:
            if isinstance(failure, Exception):
                raise failure
            return
        night.held_back += held
        night.problems[problems:] = map(str, held)
        # What was found of what is held back is on record, and is not what would leave now.
        night.findings = [finding for finding in night.findings if finding.door != "out"]
        for one in held:
            report(f"held back {one}")
            log.add(settings, "held back", run=night.run_id, la=one.la_code, files=len(one.paths))


def _make_once(
    settings: Settings,
    night: Night,
    variables: Variables | None,
    report: Report,
    step: Step | None,
    *,
    is_full: bool,
) -> bool:
    """Whether what there is now stands or has been published."""
    timed(night, "build", lambda: build_all(settings, variables, report, step, is_full=is_full))
    with warehouse(settings):  # which takes longer to open than each of these to do
        tell_differences(settings, night, report)
        tell_rules(settings, night)
        stands = not is_full and _stands(settings, night, report)
        is_due = erase.is_due(settings)  # a run may have been killed after it had published
    if stands:
        copy_to_postgres(settings, report, step)
        if is_due:
            _settle(settings, report)
    elif timed(night, "audit", lambda: audit_all(settings, night, report, step)):
        timed(night, "publish", lambda: publish_all(settings, night, report, step))
    else:
        return False
    return True


def make_again(
    settings: Settings, night: Night, variables: Variables | None, report: Report
) -> None:
    """A night without a landing, for one who holds the home: what was landed has been changed."""
    try:
        with _told(settings, night):
            make_all(settings, night, variables, report)
        with _told(settings, night):
            timed(night, "docs", lambda: document_all(settings, report))
    finally:
        keep(settings, night)


@contextmanager
def _told(settings: Settings, night: Night) -> Iterator[None]:
    """Whatever goes wrong within is told in the night."""
    try:
        yield
    except Exception as error:
        problem = str(spoken(error)) + _standing(settings, night)
        if problem not in night.problems:  # a full disk is met again at every step
            night.problems.append(problem)


def begin(settings: Settings) -> Night:
    """Sweeps up after a night that was killed; what was to be forgotten and is not yet gone
    goes first. Raises SettingsError where the home is not for these settings, DiskFull where
    there is no room to begin."""
    sweep(settings)
    need_room(settings.home)
    with at_hand(settings):
        hold_to_key(settings)
        is_begun, is_due = erase.is_begun(settings), erase.is_due(settings)
    if is_begun:
        erase.resume(settings)
    if is_due and not erase.anything_stands(settings):
        erase.take_down(settings)
    now = datetime.now(UTC)
    return Night(run_id=f"{now:%Y%m%dT%H%M%S%f}Z", home=settings.home, started_at=now)


def timed(night: Night, stage: str, work: Callable[[], T]) -> T:
    started = time.perf_counter()
    try:
        return work()
    finally:
        took = time.perf_counter() - started
        night.seconds[stage] = night.seconds.get(stage, 0.0) + took


def write_sample(settings: Settings, report: Report) -> None:
    """Write the bundled sample where a drop folder would be; again only when the code that
    invents it has changed."""
    version = fingerprint(HOUSE / "flows" / "sample")
    kept = settings.home / "sample.version"
    if kept.exists() and kept.read_text() == version and settings.extracts.is_dir():
        return
    kept.unlink(missing_ok=True)
    shutil.rmtree(settings.extracts, ignore_errors=True)
    written = sample.write(settings.extracts)
    write_whole(kept, version)
    report(f"sample    {len(written)} files of invented children written to {settings.extracts}")


def land_all(
    settings: Settings, night: Night, report: Report = print, step: Step | None = None
) -> None:
    """Every file at the door. One that is turned away, or that cannot be read at all, is
    noted and the rest goes on."""
    step = step or _plainly
    step("prepare landing", lambda: prepare(settings), retries=2)
    if settings.retention:
        night.withdrawn = step(
            "withdraw what is past its retention",
            lambda: retention.enforce(settings, night.run_id, report),
        )
    delivered, night.past_retention = retention.part(find(settings), settings, report)
    with at_hand(settings):
        for path in step("let in what was held back", lambda: pooled.let_in_again(settings)):
            report(f"land      {path}: held back before, let in again")
        _record(settings, night, ())
        known = step("hash what was delivered", lambda: settled(delivered, settings), retries=2)
    for landed in known.values():
        _note(landed, night, report)
    new = deque(extract for extract in delivered if extract not in known)
    while new:
        # After one that is turned away the engine is opened anew.
        with door(settings), Ahead(new, settings, _examination, looked_at_together) as ahead:
            is_in: bool | None = True
            while new and is_in:
                extract = new.popleft()
                is_in = _land_one(extract, settings, night, report, step, ahead)
        if is_in is None:
            _land_one(extract, settings, night, report, step)
    unchanged = sum(landed.outcome == "unchanged" for landed in night.landed)
    if unchanged:
        as_it_was = "file as it was" if unchanged == 1 else "files as they were"
        report(f"land      {unchanged} {as_it_was}")
    log.add(
        settings,
        "landed",
        run=night.run_id,
        files={
            landed.file_id: sum(landed.tables.values())
            for landed in night.landed
            if landed.outcome == "landed"
        },
        refused=len(night.refused),
    )
    if not night.landed and not night.refused and not night.past_retention:
        night.problems.append(
            f"Nothing was found in {settings.extracts}: files belong in "
            "<source>/<collection year>/ below it (see cyp doctor)."
        )
    if night.refused:
        names = ", ".join(refusal.name for refusal in night.refused[:5])
        more = len(night.refused) - 5
        night.problems.append(
            f"{_files(len(night.refused))} refused: {names}"
            + (f" and {more} more" if more > 0 else "")
            + "; what was delivered before, if anything was, goes on standing."
        )


def _examination(extract: Extract) -> Examine:
    def examine(
        connection: duckdb.DuckDBPyConnection,
        table: str,
        relation: str,
        file_id: str,
        seen: Seen | None,
    ) -> list[Finding]:
        return [
            *at_the_door(connection, table, relation, file_id, seen),
            *name_at_the_door(connection, table, relation, file_id, extract.file_name, seen),
        ]

    return examine


def _land_one(
    extract: Extract,
    settings: Settings,
    night: Night,
    report: Report,
    step: Step,
    ahead: Ahead | None = None,
) -> bool | None:
    """Whether it was let in. None where it failed while others were read beside it, which may be
    what it failed of: it is to be landed by itself."""

    def put_on_record(connection: duckdb.DuckDBPyConnection, findings: list[Finding]) -> None:
        if findings:
            record(connection, findings, night.run_id)
        put_by(settings)

    try:
        landed = step(
            f"land {extract.said}",
            lambda: land(extract, settings, _examination(extract), put_on_record, ahead),
            retries=2,
        )
    except StepFailed as error:
        if ahead:
            return None
        night.refused.append(Refusal(extract.said, str(error)))
        report(f"land      REFUSED {night.refused[-1]}")
        return False
    _note(landed, night, report)
    return landed.outcome != "refused"


def _note(landed: Landed, night: Night, report: Report) -> None:
    night.landed.append(landed)
    night.findings += landed.findings
    if landed.outcome == "refused":
        reason = landed.reason or "no reason was given"
        night.refused.append(Refusal(landed.name, reason))
        report(f"land      REFUSED {night.refused[-1]}")
    elif landed.outcome == "forgotten":
        report(
            f"land      {landed.name}: withdrawn by cyp forget and not let in again. It still lies "
            "in the drop folder: whoever owns the folder should remove it."
        )
    elif landed.outcome == "landed":
        rows = sum(landed.tables.values())
        plural = "" if rows == 1 else "s"
        report(f"land      {landed.name}: {rows:,} row{plural} in {landed.seconds:.1f} s")


def need_deliveries(settings: Settings) -> None:
    """Raises NothingLanded where there is nothing to build from."""
    if settings.warehouse.exists():
        with warehouse(settings) as connection:
            try:
                if connection.execute("from landing.extract_files limit 1").fetchall():
                    return
            except duckdb.CatalogException:
                pass
    raise NothingLanded(f"Nothing has been landed in {settings.home} yet: cyp land.")


def build_all(
    settings: Settings,
    variables: Variables | None,
    report: Report = print,
    step: Step | None = None,
    *,
    is_full: bool = True,
) -> None:
    """Seeds, models and data tests: all, or what is new and what depends on it. Where nothing
    is, dbt is not started. dbt's own logic is not retried: it would fail again."""
    step = step or _plainly
    with at_hand(settings):
        plan = step("see what is new", lambda: _see(settings, variables), retries=2)
        if plan.is_nothing and not is_full:
            report(f"build     {plan.why}")
            step("hold the ledger against the rows", lambda: hold_ledger(settings))
            return
    select = None if is_full else plan.select
    report("build     dbt seeds, models and tests: " + ("everything" if is_full else plan.why))
    step("build with dbt", lambda: build(settings, variables, select, report))
    if not is_ledger_held(settings):  # or it would be counted twice
        step("hold the ledger against the rows", lambda: hold_ledger(settings))
    keep_build(settings, plan)


def _see(settings: Settings, variables: Variables | None) -> Plan:
    with warehouse(settings) as connection:
        ledger.prepare(connection)  # models read it whether or not anything was published
        return to_build(settings, variables)


def _stands(settings: Settings, night: Night, report: Report) -> bool:
    """Whether what is published is what would be published again."""
    night.stands_since = published_on(settings)
    if night.stands_since:
        report(f"publish   nothing, because {_standing_since(night.stands_since)}")
    return night.stands_since is not None


def tell_differences(settings: Settings, night: Night, report: Report) -> None:
    """What the deliveries that superseded another tonight have changed."""
    night.differences = differences.since(settings, night.started_at)
    for line in differences.lines(night.differences):
        report(f"land      {line}")


def tell_rules(settings: Settings, night: Night) -> None:
    """What the rules of the returns found is among the findings, but stops nothing."""
    with warehouse(settings) as connection, transaction(connection):
        record_rules(connection, night.run_id)


def audit_all(
    settings: Settings, night: Night, report: Report = print, step: Step | None = None
) -> bool:
    """Hold what is to leave against its suites. True when it may leave."""
    step = step or _plainly
    report("audit     Great Expectations at the way out")
    findings = step("audit the published marts", lambda: at_the_way_out(settings, report))
    _record(settings, night, findings)
    critical = [finding for finding in findings if finding.is_critical]
    if critical:
        night.problems.append(
            f"The audit stopped publication with {len(critical)} critical "
            f"{'finding' if len(critical) == 1 else 'findings'} in "
            f"{', '.join(sorted({finding.relation for finding in critical}))}."
            + _standing(settings, night)
        )
        for finding in critical:
            report(f"audit     STOPPED: {finding}")
    return not critical


def publish_all(
    settings: Settings, night: Night, report: Report = print, step: Step | None = None
) -> None:
    night.published = (step or _plainly)(
        "publish", lambda: publish(settings, night.findings, report), retries=2
    )
    keep_publication(settings)
    log.add(settings, "published", run=night.run_id, rows=night.published.tables)
    rows = sum(night.published.tables.values())
    report(f"publish   {len(night.published.tables)} marts, {rows:,} rows")
    copy_to_postgres(settings, report, step)
    _settle(settings, report)


def copy_to_postgres(settings: Settings, report: Report = print, step: Step | None = None) -> None:
    """Give the database of the settings, if any, what has been published and it has not got."""
    if not (url := settings.postgres):
        return
    from flows.publish import postgres

    def work() -> dict[str, int] | None:
        stands = postgres.stands(settings.published, url)
        return None if stands else postgres.load(settings.published, url)

    loaded = (step or _plainly)("copy to PostgreSQL", work, retries=2)
    if loaded is not None:
        report(f"publish   PostgreSQL: {len(loaded)} tables, {sum(loaded.values()):,} rows")


def _settle(settings: Settings, report: Report) -> None:
    if erase.settle(settings):
        report("forget    every version from before is gone")


def document_all(settings: Settings, report: Report = print, step: Step | None = None) -> None:
    (step or _plainly)("write data docs", lambda: write_data_docs(settings))
    report(f"docs      {settings.docs}")


def _plainly(name: str, work: Callable[[], T], *, retries: int = 0) -> T:
    return unspoken(work)()


def _record(settings: Settings, night: Night, findings: Iterable[Finding]) -> None:
    """Findings go into the warehouse before the build that summarises them; where there are
    none, the build still needs the table."""
    found = list(findings)
    night.findings += found
    with warehouse(settings) as connection:
        record(connection, found, night.run_id)


def _standing(settings: Settings, night: Night) -> str:
    if night.published:
        return " This night's version was published all the same."
    if settings.published.is_dir() and any(settings.published.iterdir()):
        return " The last published version stands."
    return " Nothing has been published yet."


def _standing_since(published: datetime) -> str:
    return f"the marts published on {published.astimezone():%Y-%m-%d %H:%M} stand"


def _files(number: int) -> str:
    return "1 file was" if number == 1 else f"{number} files were"


def keep(settings: Settings, night: Night) -> None:
    """A small record of the night, for `cyp status`. On a full disk it is done without: who
    runs the night is told how it ended all the same."""
    record = {
        "run_id": night.run_id,
        "started_at": night.started_at.isoformat(),
        "is_red": night.is_red,
        "sentence": night.sentence,
        "files": len(night.landed),
        "landed": {
            landed.name: sum(landed.tables.values())
            for landed in night.landed
            if landed.outcome == "landed"
        },
        "refused": {refusal.name: refusal.reason for refusal in night.refused},
        "held_back": {one.la_code: list(one.paths) for one in night.held_back},
        "differences": differences.lines(night.differences),
        "past_retention": night.past_retention,
        "withdrawn": len(night.withdrawn),
        "published": night.published.tables if night.published else {},
        "stands_since": night.stands_since.isoformat() if night.stands_since else None,
        "findings": {
            "critical": sum(finding.is_critical for finding in night.findings),
            "warning": sum(not finding.is_critical for finding in night.findings),
        },
        "seconds": {stage: round(seconds, 2) for stage, seconds in night.seconds.items()},
    }
    try:
        settings.nights.mkdir(parents=True, exist_ok=True)
        write_whole(settings.nights / f"{night.run_id}.json", json.dumps(record, indent=1))
        log.add(settings, "ended", run=night.run_id, is_red=night.is_red)
    except (OSError, DiskFull) as error:
        if not isinstance(spoken(error), DiskFull):
            raise
