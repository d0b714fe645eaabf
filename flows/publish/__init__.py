"""Put the public marts where readers find them: whole, at a stroke, and only when nothing
critical speaks against it.

What a reader sees at ``published/`` (and partners at ``partners/``) is a folder: ``cyp.duckdb``
(in a storage version that older DuckDB clients read), ``parquet/``, ``csv/``, ``cyp.xlsx``,
``page/``, ``data_dictionary.csv`` and ``datapackage.json``. Where several authorities share the
warehouse, a folder of the same kind lies in it for each, by its code, with its rows alone, and one
for each region of which enough do, of what they count together. All of it is built aside, for
every audience, examined, synced to disk and then put in the place of the last one
(`flows.publish.place`).
"""

import os
import re
import shutil
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from flows.audit import Finding, at_the_way_out
from flows.build import PROGRESS_EVERY, Report
from flows.disclosure import ledger
from flows.land import ledger as standing
from flows.manifest import PublicModel, public_models
from flows.publish import place
from flows.publish.parts import Made, all_made
from flows.publish.searched import CannotBeSearched, search
from flows.settings import PUBLIC, Settings
from flows.warehouse import warehouse

__all__ = ["Published", "Refused", "publish", "remove_older", "take_away"]


class Refused(Exception):
    """Nothing was published; the message says why, and the last publication stands. `la_codes`
    are the authorities in whose own folder it is, where there is such a thing."""

    def __init__(
        self,
        message: str,
        findings: list[Finding] | None = None,
        la_codes: Collection[str] = (),
    ) -> None:
        super().__init__(message)
        self.findings = findings or []
        self.la_codes = la_codes


@dataclass(frozen=True)
class Published:
    """What a publication put in place for the public: rows by table, and the bytes of its files."""

    folder: Path
    tables: dict[str, int]
    bytes: int


def publish(
    settings: Settings, findings: list[Finding] | None = None, report: Report | None = None
) -> Published:
    """Publish every public model to every audience, or none to any. `findings` are those of
    `at_the_way_out` on this warehouse, when the caller has just held the marts against their
    suites; otherwise it is done here. Of many folders, how many are made is reported from time to
    time. Raises Refused."""
    for folder in settings.outputs.values():
        place.sweep(folder)
    found = at_the_way_out(settings) if findings is None else findings
    if critical := [each for each in found if each.is_critical and each.door == "out"]:
        raise Refused(_why(critical), critical)
    models = public_models(settings)
    if not models:
        raise Refused("No model has public access, so there is nothing to publish.")

    with warehouse(settings) as connection:
        authorities = standing.authorities(connection)
        regions = _regions(connection, models)
    pooled = authorities if len(authorities) > 1 else []
    version = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    tables: dict[str, int] = {}
    asides = {
        audience: settings.home / f".publishing-{os.getpid()}-{audience}"
        for audience in settings.outputs
    }
    try:
        for aside in asides.values():
            aside.mkdir(parents=True)
        personal: list[str] = []
        of_regions = {PUBLIC: regions}  # they are alike for all
        with (
            search(settings) as found_among,
            closing(all_made(asides, models, settings, version, pooled, of_regions)) as every,
        ):
            for made in _in_sight(every, report):
                personal += found_among(made.words)
                if made.part.folder == asides[PUBLIC]:
                    tables = made.rows
        _hold_back(personal, pooled)
        for audience, aside in asides.items():
            place.sync(aside, is_for_all=audience == PUBLIC)
        with warehouse(settings) as connection:
            ledger.enter(connection, version)
        for audience, aside in asides.items():
            try:
                place.put(aside, settings.outputs[audience], version, is_for_all=audience == PUBLIC)
            except place.HeldOpen as error:
                raise Refused(str(error)) from error
        with warehouse(settings) as connection:
            ledger.settle(connection, version)
    except CannotBeSearched as error:
        raise Refused(str(error)) from error
    finally:
        for aside in asides.values():
            shutil.rmtree(aside, ignore_errors=True)
    return Published(settings.published, tables, _size(settings.published))


def _regions(
    connection: duckdb.DuckDBPyConnection, models: Sequence[PublicModel]
) -> dict[str, str]:
    """The regions of which there is anything to publish: code by the name of the folder."""
    found: dict[str, str] = {}
    for model in models:
        if model.is_of_regions:
            for code, name in connection.execute(
                f"select distinct region_code, region_name from {model.relation} order by all"
            ).fetchall():
                found["region_" + re.sub(r"[^a-z0-9]+", "_", name.lower())] = code
    return found


def _in_sight(every: Iterator[Made], report: Report | None) -> Iterator[Made]:
    """The same, and every half minute how far it is."""
    began = last = time.monotonic()
    for number, made in enumerate(every, start=1):
        yield made
        if report and (now := time.monotonic()) - last >= PROGRESS_EVERY:
            last = now
            report(f"publish   {number:,} folders made after {(now - began) / 60:.1f} minutes")


def _hold_back(found: list[str], pooled: Sequence[str]) -> None:
    """Whatever the marts are thought to hold: nothing that was delivered of one child leaves."""
    if found:
        told = "\n".join(f"  {each}" for each in found)
        raise Refused(
            "Not published: what was about to leave holds what was delivered of a child. The last "
            f"publication stands.\n{told}",
            la_codes=[code for code in pooled if any(one.startswith(f"{code}/") for one in found)],
        )


def remove_older(settings: Settings) -> None:
    """Remove every version but the ones in place, for whoever may have no older one about."""
    for folder in settings.outputs.values():
        place.remove_older(folder)


def take_away(settings: Settings) -> None:
    """Leave nothing published."""
    for folder in settings.outputs.values():
        place.take_away(folder)


def _why(critical: list[Finding]) -> str:
    first = "\n".join(f"  {found}" for found in critical[:10])
    more = f"\n  and {len(critical) - 10} more" if len(critical) > 10 else ""
    return (
        f"Not published: {len(critical)} critical "
        f"{'finding' if len(critical) == 1 else 'findings'}. The last publication stands.\n"
        f"{first}{more}"
    )


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
