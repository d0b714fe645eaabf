"""What stands: the last night, the deliveries, the published version."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from flows.lock import Busy, alone
from flows.settings import PARTNERS, Settings

DELIVERIES = """
    select
        source,
        coalesce(la_code, '') as la_code,
        collection_year,
        count(distinct file_id) filter (where outcome = 'landed') as standing,
        count(distinct file_id) filter (where outcome = 'superseded') as superseded,
        count(distinct file_id) filter (where outcome = 'held back') as held_back,
        count(distinct file_id) filter (where outcome = 'refused') as refused,
        count(distinct file_id) filter (where outcome = 'forgotten') as forgotten,
        coalesce(sum(rows_landed) filter (where outcome = 'landed'), 0) as rows_standing
    from landing.extract_files
    group by all
    order by source, la_code, collection_year
"""

BESIDES = ("superseded", "held back", "refused", "forgotten")

SET_ASIDE = """
    select
        (select count(*) from quality.quarantine),
        (select count(*) from quality.conversions)
"""


def lines(settings: Settings) -> Iterator[str]:
    """What `cyp status` prints."""
    yield from _last_night(settings)
    yield ""
    try:
        with alone(settings):
            yield from _deliveries(settings)
            if aside := set_aside(settings):
                yield f"{'set aside':14} {aside}"
    except Busy as busy:
        yield f"deliveries     {busy} Ask again when it is done."
    yield ""
    yield from _published(settings)


def last_night(settings: Settings) -> dict[str, Any] | None:
    """The record of the newest night, or None."""
    kept = sorted(settings.nights.glob("*.json"))
    if not kept:
        return None
    record: dict[str, Any] = json.loads(kept[-1].read_text(encoding="utf-8"))
    return record


def refusal_said(name: str, reason: str) -> str:
    """A refused file and why on one line, its name once: most reasons begin with it."""
    if reason.startswith(f"file {name}"):
        return reason.removeprefix("file ")
    return f"{name}: {reason}"


def set_aside(settings: Settings) -> str:
    """What there is for `cyp quarantine` to list; empty where there is nothing."""
    if not settings.warehouse.exists():
        return ""
    import duckdb

    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        try:
            found = connection.execute(SET_ASIDE).fetchone()
        except duckdb.CatalogException:  # nothing has been built
            found = None
    rows, values = found or (0, 0)
    told = []
    if rows:
        told.append(f"{rows:,} row{'' if rows == 1 else 's'} (cyp quarantine)")
    if values:
        plural = "" if values == 1 else "s"
        told.append(f"{values:,} value{plural} not converted (cyp quarantine --conversions)")
    return ", ".join(told)


def _last_night(settings: Settings) -> Iterator[str]:
    night = last_night(settings)
    if night is None:
        yield "last night     none yet: cyp refresh"
        return
    began = datetime.fromisoformat(night["started_at"]).astimezone()
    took = sum(night["seconds"].values())
    colour = "RED" if night["is_red"] else "green"
    yield f"last night     {began:%Y-%m-%d %H:%M}, {took:.0f} s, {colour}"
    yield f"               {night['sentence']}"
    for name, reason in night["refused"].items():
        yield f"  refused      {refusal_said(name, reason)}"
    for difference in night.get("differences", ()):
        yield f"  superseded   {difference}"


def _deliveries(settings: Settings) -> Iterator[str]:
    if not settings.warehouse.exists():
        yield "deliveries     none yet"
        return
    import duckdb

    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        try:
            rows = connection.execute(DELIVERIES).fetchall()
        except duckdb.CatalogException:
            rows = []
    yield f"{'deliveries':14} {'la':>4} {'year':>5} {'files':>6} {'rows':>12}  on record besides"
    for source, la_code, year, standing, *others, delivered in rows:
        besides = ", ".join(
            f"{number} {word}" for number, word in zip(others, BESIDES, strict=True) if number
        )
        yield f"{source:14} {la_code:>4} {year or '':>5} {standing:>6} {delivered:>12,}  {besides}"


def _published(settings: Settings) -> Iterator[str]:
    package = settings.published / "datapackage.json"
    if not package.exists():
        yield "published      nothing yet"
        return
    when = datetime.fromtimestamp(package.stat().st_mtime).astimezone()
    described = json.loads(package.read_text(encoding="utf-8"))
    paths = [Path(resource["path"]) for resource in described["resources"]]
    marts = sorted(path.stem for path in paths if path.parent.name == "csv")
    yield f"published      {when:%Y-%m-%d %H:%M}, {settings.published}"
    yield f"               {', '.join(marts)}"
    yield f"               for partners {settings.outputs[PARTNERS]}"
