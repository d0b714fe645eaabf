"""The night as a Prefect flow: visible tasks, retries, a run name, artifacts, a schedule.

This is the only module that imports Prefect. It knows no step of the night itself; those are
in `flows.night`. Nothing is handed to Prefect but names and counts: tasks take no parameters
and keep no results, and errors are scrubbed before Prefect sees them.
"""

import atexit
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from types import SimpleNamespace
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.schedules import Cron
from prefect.server.api import server
from prefect.states import Completed, Failed
from prefect.types.entrypoint import EntrypointType

from flows import tether
from flows.errors import StepFailed, spoken, unspoken
from flows.land import Landed
from flows.night import Night, run_night
from flows.settings import Settings, SettingsError

T = TypeVar("T")


def _hush() -> None:
    """Close stderr as the very last thing. Prefect holds on to what it has run until the
    interpreter is gone, and DuckDB's binding then prints that as dozens of "leaks"."""
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


# Here, so that the processes that Prefect starts to run the flow are as quiet.
atexit.register(_hush)


# How the nights of this process ended, whatever Prefect says of it on a disk that has run full.
_ended: list[str] = []


def _run_name() -> str:
    zone = ZoneInfo(Settings.from_environment().timezone)
    return f"night {datetime.now(zone):%Y-%m-%d %H:%M}"


@flow(
    name="nightly",
    flow_run_name=_run_name,
    description="Land, build, audit and publish what an authority has delivered.",
    persist_result=False,
)
def nightly(variables: dict[str, Any] | None = None, is_full: bool = False) -> State[Any]:
    """One night with the environment's settings. `variables` override dbt's vars; a full night
    builds, audits and publishes everything, new or not."""
    logger = get_run_logger()

    def report(line: str) -> None:
        logger.info(line)
        print(line, flush=True)

    try:
        night = run_night(Settings.from_environment(), variables, report, _as_task, is_full=is_full)
    except Exception as error:  # before a night could begin
        return Failed(message=str(spoken(error)))
    except BaseException:
        _ended.append("Stopped.")
        raise
    _ended.append(night.sentence)
    _leave_artifacts(night)
    if night.is_red:
        logger.error(night.sentence)
        return Failed(message=night.sentence)
    return Completed(message=night.sentence)


def refresh(variables: dict[str, Any], *, is_full: bool = False) -> str:
    """Run the flow here and now, on the configured server or a temporary one, and say how it
    ended. What it did is in the night's own record, as always."""
    # Prefect's temporary server goes when we do, however we go.
    server.subprocess = SimpleNamespace(**{**vars(subprocess), "Popen": tether.start})
    state: State[Any]
    try:
        state = nightly(variables, is_full, return_state=True)
    except Exception:  # Prefect's, of a server that is gone or has no room
        if not _ended:
            raise
    if _ended == ["Stopped."]:
        raise KeyboardInterrupt
    if _ended:
        return _ended[-1]
    return state.message or f"Prefect ended the flow as {state.name}."


def serve(settings: Settings, variables: Mapping[str, object]) -> None:
    """Keep the nightly schedule until stopped: one run at a time, in the settings' time zone."""
    try:
        schedule = Cron(settings.cron, timezone=settings.timezone)
    except ValueError:
        raise SettingsError(
            f"CYP_CRON is {settings.cron!r}; say it as five fields, such as 0 2 * * *."
        ) from None
    nightly.serve(
        name="cyp-warehouse",
        schedules=[schedule],
        parameters={"variables": dict(variables)},
        limit=1,
        print_starting_message=False,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


def _as_task(name: str, work: Callable[[], T], *, retries: int = 0) -> T:
    """One visible task. Only what may pass (a share that is away) is tried again. What the
    work returns goes past Prefect, not through it."""
    scrubbed = unspoken(work)
    outcomes: list[T] = []

    def step() -> State[Any]:
        outcome = scrubbed()
        outcomes.append(outcome)
        if isinstance(outcome, Landed) and outcome.outcome == "refused":
            return Failed(message=outcome.reason)
        return Completed()

    state: State[Any] = task(
        step,
        name="land" if name.startswith("land ") else name,
        task_run_name=name,
        retries=retries,
        retry_delay_seconds=[5, 30][:retries] or None,
        retry_condition_fn=_may_pass,
        cache_policy=NO_CACHE,
        persist_result=False,
    )(return_state=True)
    if outcomes:
        return outcomes[-1]
    error = state.result(raise_on_failure=False)
    raise error if isinstance(error, Exception) else StepFailed(f"{name} was {state.name}.")


def _may_pass(_task: Any, _run: Any, state: State[Any]) -> bool:
    error = state.result(raise_on_failure=False)
    return isinstance(error, StepFailed) and error.may_pass


def _leave_artifacts(night: Night) -> None:
    """What the night did, as tables on the flow run's page."""
    create_markdown_artifact(
        key="night",
        description="How the night ended",
        markdown=f"# {'Red' if night.is_red else 'Green'}\n\n{night.sentence}\n\nEverything "
        f"written is below `{night.home}`.",
    )
    tables: dict[str, tuple[str, list[dict[str, Any]]]] = {
        "landed": (
            "Files at the door",
            [
                {
                    "file": landed.name,
                    "outcome": landed.outcome,
                    "rows": sum(landed.tables.values()),
                    "seconds": round(landed.seconds, 2),
                }
                for landed in night.landed
            ],
        ),
        "refused": (
            "Files turned away, and why",
            [{"file": refusal.name, "reason": refusal.reason} for refusal in night.refused],
        ),
        "differences": (
            "What tonight's deliveries changed against those they superseded",
            [asdict(difference) for difference in night.differences],
        ),
        "published": (
            "Marts that left the house",
            [
                {"mart": mart, "rows": rows}
                for mart, rows in (night.published.tables if night.published else {}).items()
            ],
        ),
        "findings": ("Findings at the doors", _findings(night)),
        "durations": (
            "Seconds by stage",
            [
                {"stage": stage, "seconds": round(seconds, 2)}
                for stage, seconds in night.seconds.items()
            ],
        ),
    }
    for key, (description, rows) in tables.items():
        create_table_artifact(key=key, table=rows, description=description)


def _findings(night: Night) -> list[dict[str, Any]]:
    counts = Counter(
        (finding.door, finding.relation, finding.expectation, finding.column, finding.severity)
        for finding in night.findings
    )
    return [
        {
            "door": door,
            "relation": relation,
            "expectation": expectation,
            "column": column,
            "severity": severity,
            "times": times,
        }
        for (door, relation, expectation, column, severity), times in counts.items()
    ]
