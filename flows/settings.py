"""Where things are and how the night is run. The only module that reads the environment.

Settings come from the environment, or from a ``.env`` file beside the project or in the
folder one stands in; the environment wins. An authority never edits a file of the project.
"""

import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values

HOUSE = Path(__file__).resolve().parent.parent

# The key of the bundled sample. It protects nobody: the children are invented.
SAMPLE_KEY = b"the bundled sample's key, which protects nobody"


class SettingsError(Exception):
    """A setting is missing or makes no sense; the message says which and what to do."""


@dataclass(frozen=True)
class Settings:
    """One run's settings. Paths are absolute.

    extracts    drop folder of the authority's files
    is_sample   whether that is the bundled sample (CYP_EXTRACTS unset)
    home        everything the pipeline writes: warehouse, archive, published, docs
    la_code     three-digit DfE code for extracts that name no authority, or None
    key         secret for child pseudonyms; never printed
    cron        when `cyp serve` runs the night, in time zone `timezone`
    """

    extracts: Path
    is_sample: bool
    home: Path
    la_code: str | None
    key: bytes = field(repr=False)
    cron: str = "0 2 * * *"
    timezone: str = "Europe/London"
    memory_limit: str = "4GB"

    @property
    def warehouse(self) -> Path:
        """The working database; nobody but the night opens it."""
        return self.home / "warehouse.duckdb"

    @property
    def archive(self) -> Path:
        """Every delivered file, by the hash of its content, never altered."""
        return self.home / "archive"

    @property
    def published(self) -> Path:
        """What leaves: cyp.duckdb, Parquet, CSV, data package."""
        return self.home / "published"

    @property
    def docs(self) -> Path:
        """Data Docs of the last run and dbt docs; stays in the house."""
        return self.home / "docs"

    @property
    def target(self) -> Path:
        """dbt's artifacts (manifest, compiled SQL, run results)."""
        return self.home / "target"

    @property
    def scratch(self) -> Path:
        return self.home / "scratch"

    @classmethod
    def from_environment(cls) -> "Settings":
        """Raises SettingsError where a setting is present but unusable."""
        env = {**_dotenv(), **os.environ}
        home = Path(env.get("CYP_HOME") or HOUSE / ".cyp").expanduser().resolve()
        extracts = env.get("CYP_EXTRACTS")
        la_code = env.get("CYP_LA") or None
        if la_code and not (la_code.isdigit() and len(la_code) == 3):
            raise SettingsError(
                "CYP_LA must be the three-digit DfE code of an authority, such as 332."
            )
        return cls(
            extracts=Path(extracts).expanduser().resolve() if extracts else home / "sample",
            is_sample=not extracts,
            home=home,
            la_code=la_code,
            key=_key(env, home, is_sample=not extracts),
            cron=env.get("CYP_CRON") or cls.cron,
            timezone=env.get("CYP_TIMEZONE") or cls.timezone,
            memory_limit=env.get("CYP_MEMORY_LIMIT") or cls.memory_limit,
        )


def _dotenv() -> dict[str, str]:
    values: dict[str, str] = {}
    for place in (HOUSE / ".env", Path.cwd() / ".env"):
        if place.is_file():
            values |= {name: value for name, value in dotenv_values(place).items() if value}
    return values


def _key(env: dict[str, str], home: Path, *, is_sample: bool) -> bytes:
    """CYP_KEY, else the file CYP_KEY_FILE, else (for the sample) the sample's own key,
    else a key made once and kept beside the warehouse, readable by its owner only."""
    if text := env.get("CYP_KEY"):
        return text.encode()
    if is_sample:
        return SAMPLE_KEY
    kept = Path(env.get("CYP_KEY_FILE") or home / "key").expanduser()
    if not kept.exists():
        if env.get("CYP_KEY_FILE"):
            raise SettingsError(f"CYP_KEY_FILE names {kept}, which is not there.")
        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    if os.name == "posix" and stat.S_IMODE(kept.stat().st_mode) & 0o077:
        raise SettingsError(f"The key file {kept} can be read by others: chmod 600 it.")
    return kept.read_bytes().strip()
