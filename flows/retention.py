"""Retention: a delivery is kept for the years that CYP_RETENTION gives its source, counted from
the 31 March on which its collection year ends, and then withdrawn as by `cyp forget`.

A file that still lies in the drop folder is not let in again; the night names it, because the
folder is its owner's to clear.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime

from flows import erase, log, proof
from flows.land import Extract
from flows.settings import Settings
from flows.warehouse import warehouse

Report = Callable[[str], None]

NAMED = 5  # files that one line can name


class NotWithdrawn(Exception):
    """Something of a delivery that is past its retention is left; the message says where."""


def ends(settings: Settings, source: str, collection_year: int | None) -> date | None:
    """The last day that a delivery is kept; None: for ever."""
    years = dict(settings.retention).get(source)
    return date(collection_year + years, 3, 31) if years and collection_year else None


def is_past(settings: Settings, source: str, collection_year: int | None) -> bool:
    last = ends(settings, source, collection_year)
    return last is not None and today() > last


def today() -> date:
    return datetime.now(UTC).date()


def enforce(settings: Settings, run_id: str, report: Report) -> list[str]:
    """Withdraw every delivery that is past; what is built and published follows in the night.
    Returns their ids."""
    with warehouse(settings) as connection:
        delivered = connection.execute(
            "select file_id, any_value(path), any_value(source), any_value(collection_year) "
            "from landing.extract_files group by file_id having min(outcome) <> 'forgotten' "
            "order by 2, 1"
        ).fetchall()
    withdrawn = []
    for file_id, path, source, year in delivered:
        if not is_past(settings, source, year):
            continue
        rows = sum(erase.delivery(settings, file_id).rows.values())
        log.add(settings, "withdrew", run=run_id, file=file_id, rows=rows, why="retention")
        report(f"retain    {path}: past its retention, {rows:,} rows withdrawn")
        withdrawn.append(file_id)
    erase.resume(settings)
    return withdrawn


def part(
    extracts: Iterable[Extract], settings: Settings, report: Report
) -> tuple[list[Extract], list[str]]:
    """The files that may be let in, and the names of those that are past."""
    let_in, past = [], []
    for extract in extracts:
        if is_past(settings, extract.source, extract.collection_year):
            past.append(extract.said)
        else:
            let_in.append(extract)
    if past:
        more = f" and {len(past) - NAMED} more" if len(past) > NAMED else ""
        report(
            f"retain    past retention, not let in, and still in the drop folder, whose owner "
            f"should remove them: {', '.join(past[:NAMED])}{more}"
        )
    return let_in, past


def prove(settings: Settings, file_ids: Iterable[str]) -> None:
    """Look for what was withdrawn, once a version without it is published. Raises NotWithdrawn."""
    file_ids = list(file_ids)
    if not file_ids or erase.is_due(settings):
        return  # the night ends red for what kept the new version back
    left = [
        f"{one.place}: {one.found:,} {one.looked_for}"
        for file_id in file_ids
        for one in proof.of_delivery(settings, file_id)
        if one.found
    ]
    if left:
        raise NotWithdrawn(
            "Not everything is gone of deliveries past their retention. " + "; ".join(left) + "."
        )
