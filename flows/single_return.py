"""The rules of the returns over single files, without a warehouse: one is made in a folder of its
own, which is gone at the end, whether that comes by itself or by being stopped."""

import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from flows.build import dbt
from flows.disclosure import ledger
from flows.land import find, land, prepare
from flows.land.delivery import Refusal
from flows.land.find import FIRST_YEAR, LAST_YEAR
from flows.land.layouts import Source, sources
from flows.land.look import look_at
from flows.land.xml_file import Elements
from flows.lock import alone
from flows.settings import Settings, SettingsError
from flows.warehouse import warehouse

XML, OTHER = "cin_census", "ssda903"  # what a file is that lies in no folder that says so


class Refused(Exception):
    """A file that was not let in; the message says where and why."""


@dataclass(frozen=True)
class _File:
    """A file and what is told of it, by the folders that it lies in or by its own header."""

    path: Path
    source: Source
    la_code: str | None
    year: int | None


@contextmanager
def judged(
    around: Settings,
    paths: Sequence[Path],
    la_code: str | None,
    year: int | None,
    say: Callable[[str], None],
) -> Iterator[Settings]:
    """A warehouse of these files alone, in which the rules have run. `la_code` and `year` are of
    those that say none themselves. Raises SettingsError where neither does, Refused for what is
    not let in."""
    with tempfile.TemporaryDirectory(prefix="cyp-validate-") as folder:
        place = Path(folder).resolve()
        settings = replace(
            around,
            extracts=place / "extracts",
            is_sample=False,
            home=place / "home",
            la_code=la_code or around.la_code,
            key=secrets.token_hex(32).encode(),
            key_file=None,
            retention=(),
            postgres=None,
        )
        with alone(settings):
            files = [_told(path, settings) for path in paths]
            _lay_out(settings, files, la_code, year)
            if year and not any(
                file.source.is_return and file.year in (None, year) for file in files
            ):
                raise SettingsError(f"No file is a return of {year}.")
            for line in _of_other_years(files, year):
                say(line)
            rows = _land(settings)
            say(f"{_many(len(paths), 'file')} read, {_many(rows, 'row')}; the rules are run.")
            _build(around, settings)
            yield settings


def _told(path: Path, settings: Settings) -> _File:
    """What a file is: of `[<la code>/]<source>/<year>/` by these folders, else a census when it is
    XML, whose header tells the rest, and a table of SSDA903 when it is not."""
    if not path.is_file():
        raise SettingsError(f"{path} is no file.")
    above, source_name, year = ("", "", "", *path.absolute().parent.parts)[-3:]
    if (source := sources().get(source_name.lower())) and _is_year(year):
        of_folder = above if _is_la(above) else None
        return _File(path, source, of_folder, int(year))
    try:
        look = look_at(path, settings.limits)
        if look.kind != "xml":
            return _File(path, sources()[OTHER], None, None)
        lea, of_header = _header(path, sources()[XML], settings, is_gzip=look.is_gzip)
    except Refusal as refusal:
        raise Refused(refusal.of(path.name)) from None
    return _File(
        path,
        sources()[XML],
        lea if _is_la(lea or "") else None,
        int(of_header) if of_header and _is_year(of_header) else None,
    )


class _Header(Exception):
    """The authority and year of a census's header, which is all that is read of it."""

    def __init__(self, lea: str | None, year: str | None) -> None:
        super().__init__()
        self.told = lea, year


def _header(
    path: Path, source: Source, settings: Settings, *, is_gzip: bool
) -> tuple[str | None, str | None]:
    def settle(lea: str | None, year: str | None) -> str:
        raise _Header(lea, year)

    try:
        for _ in Elements(source, settle, lambda _la, _child: "", settings.limits).read(
            path, is_gzip=is_gzip
        ):
            pass
    except _Header as header:
        return header.told
    return None, None


def _lay_out(
    settings: Settings, files: Sequence[_File], la_code: str | None, year: int | None
) -> None:
    """The files as they would lie in a drop folder."""
    for number, file in enumerate(files):
        of = file.la_code or la_code if file.source.needs_authority else file.la_code
        in_year = file.year or year
        lacking = [
            option
            for option, is_told in (
                ("--la CODE", of or settings.la_code or not file.source.needs_authority),
                ("--year YEAR", in_year),
            )
            if not is_told
        ]
        if lacking:
            of_which = {"--la CODE": "authority", "--year YEAR": "collection year"}
            what = "of which " + " and ".join(of_which[option] for option in lacking)
            raise SettingsError(
                f"Nothing says {what} {file.path.name} is: say {' and '.join(lacking)}."
            )
        folder = settings.extracts.joinpath(*([of] if of else []), file.source.name, str(in_year))
        if (folder / file.path.name).exists():
            folder /= str(number)  # of two with the same name
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file.path, folder / file.path.name)


def _of_other_years(files: Sequence[_File], year: int | None) -> Iterator[str]:
    """Which returns say another year than the one that is asked for."""
    for file in files:
        if year and file.source.is_return and file.year not in (None, year):
            is_before = file.year == year - 1
            what = "read as last year's" if is_before else f"only {year} is asked for"
            yield f"{file.path.name} is of {file.year}: {what}."


def _land(settings: Settings) -> int:
    """Through the door, as every night; returns the rows."""
    prepare(settings)
    landed = [land(extract, settings) for extract in find(settings)]
    if refused := [one.reason or one.name for one in landed if one.outcome == "refused"]:
        raise Refused("\n".join(refused))
    with warehouse(settings) as connection:
        ledger.prepare(connection)  # models read it, though nothing is published
        twice = connection.execute(
            """
            select table_name, collection_year, string_agg(file_name, ', ' order by file_name)
            from landing.extract_files
            where (source, table_name, la_code, collection_year) in (
                select (source, table_name, la_code, collection_year)
                from landing.extract_files
                where outcome = 'superseded'
            )
            group by all
            order by all
            """
        ).fetchall()
    if twice:
        table, year, names = twice[0]
        raise SettingsError(f"{names} all hold {table} of {year}: name one of them.")
    return sum(sum(one.tables.values()) for one in landed)


def _build(around: Settings, settings: Settings) -> None:
    """The rules, what they read, and nothing else; tests of the models belong to the night. What
    dbt has parsed for the warehouse, if there is one, is not parsed again."""
    parsed = around.target / "partial_parse.msgpack"
    settings.target.mkdir(parents=True, exist_ok=True)
    if parsed.exists():
        shutil.copy(parsed, settings.target)
    dbt(
        settings, "build", "--select", "+path:models/validation",
        "--resource-type", "model", "--resource-type", "seed",
    )  # fmt: skip


def _is_year(text: str) -> bool:
    is_number = len(text) == 4 and text.isascii() and text.isdecimal()
    return is_number and FIRST_YEAR <= int(text) <= LAST_YEAR


def _is_la(text: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isdecimal()


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
