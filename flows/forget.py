"""`cyp forget`: withdraw a delivery or erase a child, make everything again, and prove it."""

from collections.abc import Callable
from pathlib import Path

from flows import erase, log, proof
from flows.build import Variables
from flows.erase import Erased
from flows.land import prepare
from flows.lock import alone
from flows.night import Night, begin, make_again
from flows.proof import Looked
from flows.settings import Settings, SettingsError
from flows.warehouse import warehouse

Report = Callable[[str], None]


class NotForgotten(Exception):
    """Something is left; the message says where."""


def forget_delivery(
    settings: Settings, name: str, variables: Variables | None, report: Report
) -> None:
    """Withdraw the delivery of this path or id. Raises NotForgotten."""
    with alone(settings):
        night = begin(settings)
        file_id, path, was = _delivery(settings, name)
        if was == "forgotten":
            report(f"forget    {path}: withdrawn before")
        else:
            erased = erase.delivery(settings, file_id)
            rows = sum(erased.rows.values())
            log.add(settings, "withdrew", run=night.run_id, file=file_id, rows=rows)
            report(f"forget    {path}: {_number(rows, 'row')} withdrawn")
            for older, table in erased.stands_again:
                report(f"forget    {older} stands again ({table.partition('__')[2]})")
        _finish(settings, night, variables, report)
        if (settings.extracts / path).exists():
            report(
                f"forget    {path} still lies in the drop folder: it is not let in again, but "
                "whoever owns the folder should remove it"
            )
        looked = proof.of_delivery(settings, file_id)
    _prove(looked, report, night.problems)


def forget_child(
    settings: Settings,
    child_id: str,
    la_code: str | None,
    variables: Variables | None,
    report: Report,
    *,
    may_return: bool = False,
) -> None:
    """Erase a child of an authority. Raises NotForgotten."""
    with alone(settings):
        night = begin(settings)
        code = _authority(settings, la_code)
        erased = erase.child(settings, code, child_id, may_return=may_return)
        log.add(
            settings,
            "erased",
            run=night.run_id,
            la=code,
            rows=sum(erased.rows.values()),
            files=len(erased.files),
            may_return=may_return,
        )
        _tell(erased, code, report, may_return=may_return)
        _finish(settings, night, variables, report)
        for path in erased.files:
            if (settings.extracts / path).exists():
                report(
                    f"forget    {path} mentions the child and still lies in the drop folder: "
                    "whoever owns the folder should remove it"
                )
        looked = proof.of_child(settings, code, child_id)
    _prove(looked, report, night.problems)


def _number(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _tell(erased: Erased, la_code: str, report: Report, *, may_return: bool) -> None:
    if not erased.rows:
        report(f"forget    no delivery that was let in for {la_code} has rows of that child")
    else:
        rows, tables = sum(erased.rows.values()), len(erased.rows)
        report(
            f"forget    {_number(rows, 'row')} of {_number(tables, 'table')} "
            f"in {_number(len(erased.files), 'file')} erased"
        )
        report(
            "forget    later deliveries are let in with the child"
            if may_return
            else "forget    later deliveries are let in without the child"
        )
    if erased.mentions:
        report(f"forget    the identifier was blanked in {erased.mentions:,} other rows and notes")
    if erased.copies:
        report(f"forget    {len(erased.copies)} archived copies are removed: {_few(erased.copies)}")


def _finish(settings: Settings, night: Night, variables: Variables | None, report: Report) -> None:
    """What the mark asks for; nothing where none is due."""
    erase.resume(settings)
    if not erase.is_due(settings):
        return
    report("forget    gone from landing, archive and everything built; making it again")
    if erase.anything_stands(settings):
        make_again(settings, night, variables, report)
    else:
        erase.take_down(settings)
        report("forget    no delivery stands any more, so nothing is published")


def _delivery(settings: Settings, name: str) -> tuple[str, str, str]:
    """File id, path and outcome of the delivery that a path or an id names."""
    prepare(settings)
    with warehouse(settings) as connection:
        found = connection.execute(
            "select file_id, any_value(path), min(outcome), max(landed_at) "
            "from landing.extract_files where path = ? or file_id = ? "
            "group by file_id order by max(landed_at), file_id",
            [_below(settings, name), name],
        ).fetchall()
    if not found:
        # Whoever meant a child must not find its identifier in a log.
        named = f"delivery {name}" if "/" in name else "such delivery"
        raise SettingsError(
            f"No {named} is on record. Say its path below {settings.extracts}, or its id "
            "(file_id in quality.extract_ledger)."
        )
    left = [row for row in found if row[2] != "forgotten"] or found[-1:]
    if len(left) > 1:
        told = "; ".join(f"{row[0]} of {row[3]:%Y-%m-%d %H:%M} ({row[2]})" for row in left)
        raise SettingsError(
            f"{found[0][1]} was delivered {len(left)} times. Say which by its id: {told}."
        )
    return left[0][:3]


def _below(settings: Settings, name: str) -> str:
    """A path as the ledger has it: below the drop folder, with forward slashes."""
    path = Path(name)
    if path.is_absolute() and path.is_relative_to(settings.extracts):
        return path.relative_to(settings.extracts).as_posix()
    return path.as_posix()


def _authority(settings: Settings, la_code: str | None) -> str:
    """Whose child it is: as said, else of the settings, else the only one that delivered."""
    prepare(settings)
    if la_code and not (la_code.isascii() and la_code.isdigit() and len(la_code) == 3):
        raise SettingsError("--la is an authority's three-digit code.")
    if code := la_code or settings.la_code:
        return code
    with warehouse(settings) as connection:
        rows = connection.execute(
            "select distinct la_code from landing.extract_files where la_code is not null"
        ).fetchall()
    if len(rows) != 1:
        raise SettingsError("Say whose child it is: --la and the authority's three-digit code.")
    return str(rows[0][0])


def _few(names: list[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


def _prove(looked: list[Looked], report: Report, problems: list[str]) -> None:
    report("")
    for line in proof.table(looked):
        report(line)
    if found := [one for one in looked if one.found]:
        where = "; ".join(f"{one.place}: {one.found:,} {one.looked_for}" for one in found)
        raise NotForgotten(" ".join([*problems, f"Not everything is gone. {where}."]))
    if problems:
        raise NotForgotten(" ".join(problems))
