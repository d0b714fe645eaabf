"""A scratch warehouse and folder of extracts for tests: deliver files, land them, look."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from flows import land as landing
from flows.land import Examine, Landed
from flows.settings import Settings
from flows.warehouse import warehouse


@dataclass(frozen=True)
class Scratch:
    settings: Settings

    @classmethod
    def at(cls, folder: Path, la_code: str | None = "332") -> "Scratch":
        """An empty warehouse with its landing tables, and an empty folder of extracts."""
        settings = Settings(
            extracts=folder / "extracts",
            is_sample=False,
            home=folder / "home",
            la_code=la_code,
            key=b"a key for the tests",
        )
        settings.extracts.mkdir(parents=True)
        # the tables of landing, a hundred of them, are made once for all
        (settings.make_home() / settings.warehouse.name).write_bytes(_prepared(settings.key))
        return cls(settings)

    def of(self, la_code: str | None) -> "Scratch":
        """The same place, landed for another authority."""
        return Scratch(replace(self.settings, la_code=la_code))

    def deliver(self, name: str, content: str | bytes | Path, at: int | None = None) -> Path:
        """Lay a file into the folder of extracts; of a path, another name for the same file where
        that can be (a symbolic link would lead out of the folder), else a copy."""
        path = self.settings.extracts / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        match content:
            case Path():
                _lay(content, path, is_touched=at is not None)
            case str():
                path.write_bytes(content.encode())
            case bytes():
                path.write_bytes(content)
        if at is not None:
            os.utime(path, (at, at))
        return path

    def land(self, examine: Examine | None = None, only: str | None = None) -> dict[str, Landed]:
        """Land what lies in the folder, as the night does; outcomes by name."""
        with landing.door(self.settings):  # once for all, as the night opens it
            return {
                extract.name: landing.land(extract, self.settings, examine)
                for extract in landing.find(self.settings)
                if only in (None, extract.name)
            }

    def land_one(
        self, name: str, content: str | bytes | Path, examine: Examine | None = None
    ) -> Landed:
        """Deliver one file and land it, and nothing else that lies there."""
        self.deliver(name, content)
        return self.land(examine, only=name)[name]

    @contextmanager
    def at_hand(self) -> Iterator[None]:
        """Within this the warehouse stays open: to open it takes longer than a small file."""
        with landing.door(self.settings):
            yield

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        with warehouse(self.settings) as connection:
            return connection.execute(query, list(parameters)).fetchall()

    def one(self, query: str, *parameters: object) -> Any:
        """The single value of a query."""
        [(value,)] = self.rows(query, *parameters)
        return value


@cache
def _prepared(key: bytes) -> bytes:
    """A warehouse in which nothing has landed yet."""
    with tempfile.TemporaryDirectory(prefix="cyp-prepared-") as folder:
        home = Path(folder)
        settings = Settings(home, is_sample=False, home=home, la_code=None, key=key)
        landing.prepare(settings)
        return settings.warehouse.read_bytes()


def _lay(file: Path, path: Path, *, is_touched: bool) -> None:
    try:
        if is_touched:  # a second name would take its time to the first
            raise OSError
        path.hardlink_to(file.resolve())
    except OSError:
        shutil.copyfile(file, path)
