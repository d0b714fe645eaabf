"""Where things are and how the night is run. The only module that touches the environment.

Settings come from the environment, or from a ``.env`` file beside the project or in the
folder one stands in; the environment wins. An authority never edits a file of the project.
"""

import os
import re
import secrets
import stat
import zoneinfo
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path

from dotenv import dotenv_values

PUBLIC, PARTNERS = "public", "partners"

HOUSE = Path(__file__).resolve().parent.parent

# The key of the bundled sample. It protects nobody: the children are invented.
SAMPLE_KEY = b"the bundled sample's key, which protects nobody"


class SettingsError(Exception):
    """A setting is missing or makes no sense; the message says which and what to do."""


@dataclass(frozen=True)
class Limits:
    """What no honest delivery reaches: a file beyond one of them is refused, with its place.
    Each is a setting, CYP_LIMIT_ and its name in capitals.

    file_bytes       of a file, unpacked
    expansion        times that a packed file may grow when it is unpacked
    line_bytes       of one line of a text
    cell_characters  in a cell or an element
    columns          cells in a row
    depth            elements within elements
    preamble_rows    rows searched for a heading
    workbook_memory  bytes that reading a workbook may take
    """

    file_bytes: int = 8 * 1024**3
    expansion: int = 200
    line_bytes: int = 16 * 1024**2
    cell_characters: int = 1_000_000
    columns: int = 4_000
    depth: int = 40
    preamble_rows: int = 60
    workbook_memory: int = 4 * 1024**3


@dataclass(frozen=True)
class Settings:
    """One run's settings. Paths are absolute.

    extracts    drop folder of the authority's files
    is_sample   whether that is the bundled sample (CYP_EXTRACTS unset)
    home        everything the pipeline writes: warehouse, archive, published, docs
    la_code     three-digit DfE code for extracts that name no authority, or None
    key         secret for child pseudonyms; never printed
    cron        when `cyp serve` runs the night, in time zone `timezone`
    prefect_api where a Prefect server listens, or None for a temporary one
    limits      what a delivered file may not exceed
    """

    extracts: Path
    is_sample: bool
    home: Path
    la_code: str | None
    key: bytes = field(repr=False)
    cron: str = "0 2 * * *"
    timezone: str = "Europe/London"
    memory_limit: str = "4GB"
    prefect_api: str | None = None
    limits: Limits = Limits()

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
    def outputs(self) -> dict[str, Path]:
        """Where each audience finds its marts: the public, and partners, whose folder is for
        their eyes. What analysts may see is the warehouse, and never leaves it."""
        return {PUBLIC: self.published, PARTNERS: self.home / "partners"}

    @property
    def docs(self) -> Path:
        """Data Docs of the last run and dbt docs; stays in the house."""
        return self.home / "docs"

    @property
    def target(self) -> Path:
        """dbt's artifacts (manifest, compiled SQL, run results)."""
        return self.home / "target"

    @property
    def state(self) -> Path:
        """What the next build holds the project against: dbt's manifest of the last one."""
        return self.home / "state"

    @property
    def unfinished(self) -> Path:
        """There while a build is at work, and after one that did not come to its end."""
        return self.home / "build.unfinished"

    @property
    def scratch(self) -> Path:
        """Where DuckDB puts what does not fit in memory."""
        return self.home / "scratch"

    @property
    def nights(self) -> Path:
        """One small record of each night: what it did and how it ended."""
        return self.home / "nights"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @classmethod
    def from_environment(cls) -> "Settings":
        """Raises SettingsError where a setting is present but unusable."""
        env = {**_dotenv(), **os.environ}
        home = Path(env.get("CYP_HOME") or HOUSE / ".cyp").expanduser().resolve()
        extracts = env.get("CYP_EXTRACTS")
        la_code = env.get("CYP_LA") or None
        if la_code and not (la_code.isascii() and la_code.isdigit() and len(la_code) == 3):
            raise SettingsError(
                f"CYP_LA is {la_code!r}; it must be an authority's three-digit DfE code."
            )
        if extracts and not Path(extracts).expanduser().is_dir():
            raise SettingsError(f"CYP_EXTRACTS names {extracts}, which is not a folder.")
        if extracts and home.is_relative_to(Path(extracts).expanduser().resolve()):
            raise SettingsError(
                f"CYP_HOME {home} lies within CYP_EXTRACTS {extracts}, so what is written would "
                "be taken for what is delivered. Set CYP_HOME to a folder outside it."
            )
        timezone = env.get("CYP_TIMEZONE") or cls.timezone
        try:
            zoneinfo.ZoneInfo(timezone)
        except (ValueError, zoneinfo.ZoneInfoNotFoundError):
            raise SettingsError(
                f"CYP_TIMEZONE is {timezone!r}, which is no known time zone."
            ) from None
        memory_limit = env.get("CYP_MEMORY_LIMIT") or cls.memory_limit
        if not re.fullmatch(r"\d+(\.\d+)? ?[KMGT]i?B", memory_limit, re.IGNORECASE):
            raise SettingsError(f"CYP_MEMORY_LIMIT is {memory_limit!r}; say it as 4GB or 500MB.")
        return cls(
            extracts=Path(extracts).expanduser().resolve() if extracts else home / "sample",
            is_sample=not extracts,
            home=home,
            la_code=la_code,
            key=_key(env, home, is_sample=not extracts),
            cron=env.get("CYP_CRON") or cls.cron,
            timezone=timezone,
            memory_limit=memory_limit,
            prefect_api=env.get("PREFECT_API_URL") or None,
            limits=_limits(env),
        )

    def make_home(self) -> Path:
        """The home. From here on, what this process and its children write is for their own
        user's eyes; publishing opens what it publishes, and nothing else."""
        _make(self.home)
        os.umask(0o077)
        return self.home

    def environment(self) -> dict[str, str]:
        """For the processes we start: where we are told to work, and that nobody is phoned."""
        return {
            **os.environ,
            "CYP_HOME": str(self.home),
            "CYP_WAREHOUSE": str(self.warehouse),
            "CYP_SCRATCH": str(self.scratch),
            "CYP_MEMORY_LIMIT": self.memory_limit,
            "DO_NOT_TRACK": "1",
        }

    def prepare_prefect(self) -> None:
        """Give Prefect its own place under our home and keep it quiet. Prefect reads the
        environment when it is imported, so this comes first; what is already set stands."""
        (self.make_home() / "prefect").mkdir(exist_ok=True, mode=0o700)
        told = {name: value for name, value in _dotenv().items() if name.startswith("PREFECT_")}
        for name, value in {
            **_prefect(self.home),
            **told,
            "DO_NOT_TRACK": "1",
            "CYP_HOME": str(self.home),
            **({"PREFECT_API_URL": self.prefect_api} if self.prefect_api else {}),
        }.items():
            os.environ.setdefault(name, value)


def _make(home: Path) -> None:
    """The home, through which readers walk to what is published."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"CYP_HOME {home} cannot be made ({error.strerror}).") from None


def _limits(env: dict[str, str]) -> Limits:
    names = {f"CYP_LIMIT_{limit.name.upper()}": limit for limit in fields(Limits)}
    for name in sorted(env):
        if name.startswith("CYP_LIMIT_") and name not in names:
            raise SettingsError(f"{name} is no limit. There are: {', '.join(names)}.")
    given = {}
    for name, limit in names.items():
        if text := env.get(name):
            if not (text.isascii() and text.isdigit() and int(text)):
                raise SettingsError(f"{name} is {text!r}; it must be a whole number above 0.")
            given[limit.name] = int(text)
    return Limits(**given)


def _prefect(home: Path) -> dict[str, str]:
    return {
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        # The stock 20 seconds are too short for a busy machine's first start.
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        # Our own lines go to the terminal; Prefect's go to its server.
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
        "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
    }


def _dotenv() -> dict[str, str]:
    values: dict[str, str] = {}
    for place in (HOUSE / ".env", Path.cwd() / ".env"):
        if place.is_file():
            try:  # with a mark or without, as Windows writes it
                told = dotenv_values(place, encoding="utf-8-sig")
            except UnicodeDecodeError:
                raise SettingsError(f"{place} cannot be read: save it as UTF-8.") from None
            values |= {name: value for name, value in told.items() if value}
    return values


def _key(env: dict[str, str], home: Path, *, is_sample: bool) -> bytes:
    """The sample's own key for the sample, and for nothing else; CYP_KEY, else the file
    CYP_KEY_FILE, else a key made once and kept beside the warehouse, readable by its owner only."""
    if is_sample:
        return SAMPLE_KEY
    if text := env.get("CYP_KEY"):
        return text.encode()
    kept = Path(env.get("CYP_KEY_FILE") or home / "key").expanduser()
    if not kept.exists():
        if env.get("CYP_KEY_FILE"):
            raise SettingsError(f"CYP_KEY_FILE names {kept}, which is not there.")
        if (home / "warehouse.duckdb").exists():
            # With a new key every child would begin a second history beside the first.
            raise SettingsError(
                f"{home} holds a warehouse, but {kept}, the key it was built with, is not there. "
                "Put the key back; or, if what is there is the bundled sample or is to be "
                "begun anew, set CYP_HOME to another folder."
            )
        _make(home)
        _make_key(kept)
    if os.name == "posix" and stat.S_IMODE(kept.stat().st_mode) & 0o077:
        raise SettingsError(f"The key file {kept} can be read by others: chmod 600 it.")
    key = kept.read_bytes().strip()
    if not key:
        raise SettingsError(f"The key file {kept} is empty. Put the key back.")
    return key


def _make_key(kept: Path) -> None:
    """There whole or not at all: a key that was cut short would go unnoticed for ever. Of two
    who make one at once the first one's stands."""
    part = kept.with_name(f".{kept.name}-{os.getpid()}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    try:
        if os.name == "posix":
            with suppress(FileExistsError):
                os.link(part, kept)
        elif not kept.exists():
            part.rename(kept)
    finally:
        part.unlink(missing_ok=True)
