"""`cyp rotate-key`: give the warehouse another key, and make everything again with it.

The order makes a run that is killed harmless. The new key is put beside the old one first, whole.
One transaction then makes anew whatever landing holds that was made with the key, and says in
`landing.made_with` which key that is: before it the warehouse is held to the old key, after it
to the new. Then the new key takes the old one's place by a rename; where the run was killed in
between, the next command does it (`completed`). What was built with the old key is marked for
removal as after `cyp forget`, so that the next night makes it again if this run does not.

A key that is kept elsewhere (CYP_KEY, CYP_KEY_FILE) is its owner's to put in place: the file with
the new one must be named, and the settings changed to it afterwards.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from flows import erase, log
from flows.build import Variables
from flows.errors import StepFailed
from flows.land import prepare
from flows.land.rekey import Rekeyed, derive_anew
from flows.land.schema import key_check, made_with_key
from flows.lock import Busy, alone
from flows.night import begin, make_again
from flows.settings import Settings, SettingsError, make_key, read_key
from flows.warehouse import transaction, warehouse

Report = Callable[[str], None]


class NotMadeAgain(Exception):
    """The warehouse has its new key, but could not be made again; the message says why."""


def rotate(
    settings: Settings, new_file: Path | None, variables: Variables | None, report: Report
) -> None:
    """Change the key. Raises SettingsError where the new one cannot be had, NotDerived where the
    old one cannot be given up, NotMadeAgain."""
    if settings.is_sample:
        raise SettingsError("The bundled sample has its own key, which protects nobody.")
    with alone(settings):
        key = _new_key(settings, new_file)
        if made_with_key(settings)[0] == key_check(key):
            settings = _in_place(settings, key)
            report("rotate    the warehouse has that key already")
            night = begin(settings)
        else:
            night = begin(settings)
            made = _derive_anew(settings, key)
            settings = _in_place(settings, key)
            log.add(
                settings,
                "rotated",
                run=night.run_id,
                children=made.children,
                rows=made.rows,
                forgotten=made.forgotten,
            )
            report(
                f"rotate    {made.children:,} children in {made.rows:,} rows have another key, "
                f"and {made.forgotten:,} who are forgotten stay so"
            )
        erase.resume(settings)
        if erase.anything_stands(settings):
            make_again(settings, night, variables, report)
    report(f"rotate    {_what_to_do(settings, new_file)}")
    if night.problems:
        raise NotMadeAgain(" ".join(night.problems))


def completed(settings: Settings) -> Settings:
    """The settings with the new key, where a change of key was killed after the warehouse had
    taken it and before it was in place. Another process may be changing it now: then as they
    are, and whatever is the matter with the home, the command that was called says."""
    try:
        with alone(settings):
            if not settings.new_key.exists():
                return replace(settings, key=read_key(settings.home / "key"))
            key = read_key(settings.new_key)
            if made_with_key(settings)[0] == key_check(key):
                return _in_place(settings, key)
            settings.new_key.unlink()  # it was killed before the warehouse had taken it
    except (Busy, SettingsError, StepFailed):
        pass
    return settings


def _new_key(settings: Settings, new_file: Path | None) -> bytes:
    """The key that the old one gives way to, kept where it is safe before anything is done."""
    if new_file is None:
        if not _is_kept_here(settings):
            raise SettingsError(
                f"The key comes from {_whence(settings)}: say where the new one is, or is to be "
                "made, with cyp rotate-key --to FILE (or CYP_NEW_KEY_FILE)."
            )
        settings.new_key.unlink(missing_ok=True)  # of a run that was killed before it did anything
        make_key(settings.new_key)
        return read_key(settings.new_key)
    if not new_file.exists():
        if not new_file.parent.is_dir():
            raise SettingsError(f"{new_file.parent} is no folder, so no key can be made in it.")
        make_key(new_file)
    key = read_key(new_file)
    if key == settings.key:
        raise SettingsError(f"{new_file} holds the key that is in use: name a file with another.")
    if _is_kept_here(settings):
        settings.new_key.unlink(missing_ok=True)
        make_key(settings.new_key, key)
    return key


def _derive_anew(settings: Settings, key: bytes) -> Rekeyed:
    prepare(settings)
    with warehouse(settings) as connection, transaction(connection):
        made = derive_anew(connection, settings.key, key)
        erase.everything_built(connection)
    return made


def _in_place(settings: Settings, key: bytes) -> Settings:
    """The settings with the new key, which is put in the old one's place where we keep it."""
    if _is_kept_here(settings):
        os.replace(settings.new_key, settings.home / "key")
    return replace(settings, key=key)


def _is_kept_here(settings: Settings) -> bool:
    return settings.key_file == settings.home / "key"


def _whence(settings: Settings) -> str:
    return f"CYP_KEY_FILE {settings.key_file}" if settings.key_file else "CYP_KEY"


def _what_to_do(settings: Settings, new_file: Path | None) -> str:
    if _is_kept_here(settings):
        return (
            f"{settings.home / 'key'} holds the new key: keep a copy elsewhere. Backups from "
            "before open with the old one only"
        )
    unset = "" if settings.key_file else " and unset CYP_KEY"
    return f"set CYP_KEY_FILE={new_file}{unset} before the next run"
