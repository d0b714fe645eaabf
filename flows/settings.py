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
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from dotenv import dotenv_values

PUBLIC, PARTNERS = "public", "partners"

HOUSE = Path(__file__).resolve().parent.parent

# The key of the bundled sample. It protects nobody: the children are invented.
SAMPLE_KEY = b"the bundled sample's key, which protects nobody"

# Whoever can guess a key can try every identifier with it, so a short or dull one is refused.
KEY_BYTES, KEY_CHARACTERS = 16, 6
ANOTHER_KEY = (
    "cyp rotate-key gives a warehouse another; before there is one, unset it and a good one is made"
)

# What is handed down to none of the processes that we start.
SECRETS = ("CYP_KEY", "CYP_KEY_FILE", "CYP_NEW_KEY_FILE", "CYP_POSTGRES")


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
    key_file    where it was read, or None: from CYP_KEY, or the sample's
    cron        when `cyp serve` runs the night, in time zone `timezone`
    prefect_api where a Prefect server listens, or None for a temporary one
    postgres    address of a database that is given the published tables too, or None; it holds
                a password and is never printed
    docs_url    where dbt's documentation of the models is served, for the page's links, or None
    limits      what a delivered file may not exceed
    retention   years that deliveries are kept, by source; those of no source here for ever
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
    postgres: str | None = field(default=None, repr=False)
    docs_url: str | None = None
    limits: Limits = Limits()
    key_file: Path | None = None
    retention: tuple[tuple[str, int], ...] = ()

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
        """What leaves: cyp.duckdb, Parquet, CSV, workbook, page, data package."""
        return self.home / "published"

    @property
    def page(self) -> Path:
        """The page of what is published, for people."""
        return self.published / "page" / "index.html"

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

    @property
    def log(self) -> Path:
        """Who did what; see flows/log.py."""
        return self.home / "log" / "actions.jsonl"

    @property
    def new_key(self) -> Path:
        """The key that takes the place of `key` in the home; see flows/rotate.py."""
        return self.home / "key.new"

    @classmethod
    def from_environment(
        cls, *, is_key_to_go: bool = False, is_keyless: bool = False
    ) -> "Settings":
        """Raises SettingsError where a setting is present but unusable. A key that is about to
        be given up may be one that is refused otherwise; who is keyless reads none and makes
        none, and no home either."""
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
        postgres = env.get("CYP_POSTGRES") or None
        if postgres and not postgres.startswith(("postgresql://", "postgres://")):
            raise SettingsError(
                "CYP_POSTGRES is no address of a database; say it as "
                "postgresql://user:password@server/database."
            )
        docs_url = env.get("CYP_DOCS_URL") or None
        if docs_url and not re.fullmatch(r"https?://[^\s\"'<>#]+", docs_url):
            raise SettingsError(f"CYP_DOCS_URL is {docs_url!r}, which is no address of a page.")
        key: bytes = b""
        key_file: Path | None = None
        if not is_keyless:
            key, key_file = _key(env, home, is_sample=not extracts, is_to_go=is_key_to_go)
        settings = cls(
            extracts=Path(extracts).expanduser().resolve() if extracts else home / "sample",
            is_sample=not extracts,
            home=home,
            la_code=la_code,
            key=key,
            key_file=key_file,
            cron=env.get("CYP_CRON") or cls.cron,
            timezone=timezone,
            memory_limit=memory_limit,
            prefect_api=env.get("PREFECT_API_URL") or None,
            postgres=postgres,
            docs_url=docs_url,
            limits=_limits(env),
            retention=_retention(env),
        )
        if key_file == home / "key" and settings.new_key.exists():
            from flows.rotate import completed

            return completed(settings)
        return settings

    def make_home(self) -> Path:
        """The home. From here on, what this process and its children write is for their own
        user's eyes; publishing opens what it publishes, and nothing else."""
        _make(self.home)
        os.umask(0o077)
        return self.home

    def shared_by(self, processes: int) -> "Settings":
        """For each of so many processes at once: the engines in them take no more together than
        one may."""
        share = re.sub(
            r"[\d.]+", lambda all_: f"{float(all_[0]) / processes:.3f}", self.memory_limit
        )
        return replace(self, memory_limit=share)

    def environment(self) -> dict[str, str]:
        """For the processes we start: where we are told to work, and that nobody is phoned."""
        return {
            **{name: value for name, value in os.environ.items() if name not in SECRETS},
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
        home.mkdir(parents=True, exist_ok=True, mode=0o755)
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


def _retention(env: dict[str, str]) -> tuple[tuple[str, int], ...]:
    """CYP_RETENTION: ssda903=75, cin_census=25."""
    described = (HOUSE / "models" / "staging").glob("*/_*__sources.yml")
    known = sorted({path.parent.name for path in described} - {"landing"})
    kept: dict[str, int] = {}
    for part in filter(None, map(str.strip, (env.get("CYP_RETENTION") or "").split(","))):
        source, _, years = (word.strip() for word in part.partition("="))
        if source not in known or source in kept:
            raise SettingsError(
                f"CYP_RETENTION says {part!r}; say each source once, of: {', '.join(known)}."
            )
        if not (years.isascii() and years.isdigit() and 0 < int(years) <= 200):
            raise SettingsError(
                f"CYP_RETENTION says {part!r}; say whole years, such as {source}=75."
            )
        kept[source] = int(years)
    return tuple(kept.items())


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
            if told.get("CYP_KEY") and _is_open(place):
                raise SettingsError(f"{place} holds CYP_KEY and others can read it: chmod 600 it.")
            values |= {name: value for name, value in told.items() if value}
    return values


def _key(
    env: dict[str, str], home: Path, *, is_sample: bool, is_to_go: bool
) -> tuple[bytes, Path | None]:
    """The sample's own key for the sample, and for nothing else; CYP_KEY, else the file
    CYP_KEY_FILE, else a key made once and kept beside the warehouse, readable by its owner only.
    With it, the file that it was read from."""
    if is_sample:
        return SAMPLE_KEY, None
    if text := env.get("CYP_KEY"):
        if not is_to_go:
            hold_key(text.encode(), "CYP_KEY")
        return text.encode(), None
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
        make_key(kept)
    return read_key(kept, is_to_go=is_to_go), kept


def read_key(kept: Path, *, is_to_go: bool = False) -> bytes:
    """The key in a file. Raises SettingsError where somebody else can read it, or guess it."""
    try:
        if _is_open(kept):
            raise SettingsError(f"The key file {kept} can be read by others: chmod 600 it.")
        if os.name == "posix" and kept.stat().st_uid not in {os.geteuid(), 0}:
            raise SettingsError(f"The key file {kept} is another user's: chown it to your own.")
        key = kept.read_bytes().strip()
    except OSError as error:
        raise SettingsError(f"The key file {kept} cannot be read ({error.strerror}).") from None
    if not key:
        raise SettingsError(f"The key file {kept} is empty. Put the key back.")
    if not is_to_go:
        hold_key(key, f"The key file {kept}")
    return key


def hold_key(key: bytes, said: str) -> None:
    """Raises SettingsError for a key that is known to all, or that can be guessed."""
    if key.strip() == SAMPLE_KEY:
        raise SettingsError(
            f"{said} holds the bundled sample's key, which everybody has, so it protects no real "
            f"child: {ANOTHER_KEY}."
        )
    if len(key.strip()) < KEY_BYTES or len(set(key)) < KEY_CHARACTERS:
        raise SettingsError(
            f"{said} holds a weak key, which can be guessed: it needs {KEY_BYTES} characters or "
            f"more, {KEY_CHARACTERS} of them different: {ANOTHER_KEY}."
        )


def _is_open(place: Path) -> bool:
    """Whether a file can be read or written by others than its owner."""
    return os.name == "posix" and bool(stat.S_IMODE(place.stat().st_mode) & 0o077)


def make_key(kept: Path, key: bytes | None = None) -> None:
    """A key of its own making, or the one given. There whole or not at all: a key that was cut
    short would go unnoticed for ever. Of two who make one at once the first one's stands."""
    part = kept.with_name(f".{kept.name}-{os.getpid()}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key or secrets.token_hex(32).encode())
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
