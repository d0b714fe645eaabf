"""A home is its owner's: whoever begins to work in it first closes what others could open.

What is published is left alone, and the home itself may be walked through to it; the rest is
for nobody else to read, and the home for nobody else to write in: who can put another file in a
key's or a warehouse's place need not read it.
"""

import os
import stat
from pathlib import Path

from flows.settings import Settings, SettingsError

OTHERS, OTHERS_WRITING = 0o077, 0o022


def places(settings: Settings) -> list[Path]:
    """What a home holds that is its owner's alone. A folder that is closed closes what is in it."""
    warehouse = settings.warehouse
    return [
        warehouse,
        *settings.home.glob(f"{warehouse.name}.*"),
        *settings.home.glob("key*"),
        settings.archive,
        settings.target,
        settings.state,
        settings.scratch,
        settings.nights,
        settings.logs,
        settings.log.parent,
        settings.docs,
        settings.home / "prefect",
        settings.home / "sample",
    ]


def opened(settings: Settings) -> list[Path]:
    """What others could read, and the home where they could write in it."""
    if os.name != "posix":  # on Windows the folder that holds the home says who may
        return []
    there = [(settings.home, OTHERS_WRITING), *((place, OTHERS) for place in places(settings))]
    return [place for place, shut in there if place.exists() and _mode(place) & shut]


def close(settings: Settings) -> list[Path]:
    """Close it, and say what was open. Raises SettingsError where that is not ours to do."""
    found = opened(settings)
    for place in found:
        mode = _mode(place)
        shut = OTHERS_WRITING if place == settings.home else OTHERS
        try:
            if mode & stat.S_ISVTX:
                raise PermissionError  # a folder that is shared on purpose, such as /tmp
            place.chmod(mode & ~shut)
        except OSError:
            raise SettingsError(
                f"Others can open {place}, and this user cannot close it: set CYP_HOME to a "
                "folder of your own, or have its owner take their rights away (chmod go-rwx)."
            ) from None
    return found


def _mode(place: Path) -> int:
    return stat.S_IMODE(place.stat().st_mode)
