"""Children who are nobody, planted in a drop folder, and a search for them in every byte.

Every personal value of the drop folder is made for this: wherever one is found, it came from
there. The search shares nothing with the product: it reads bytes, unpacks what is packed, and
asks each kind of database, table file and workbook for every cell, name and comment it holds.
"""

import base64
import csv
import gzip
import io
import os
import re
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import quote

import duckdb

from tests.corpus.workbooks import book

LA = "332"
KEY = "ZZKEY-one-that-opens-nothing-90731"
NEW_KEY = "ZZKEY-another-that-opens-nothing-90732"

WORD = "ZZPLANT"  # in every identifier, name and note
CHILDREN = [f"{WORD}{number:04d}" for number in range(1, 61)]
PUPIL = "Z9073113"  # how every UPN and former UPN begins
PLACEMENT = "SC9073114"  # ... every URN
WORKER = "ZP9073115"  # ... every social worker's number
PROPERTY = "9073116000"  # ... every unique property reference
HOMES = ["ZZ9 9ZA", "ZZ9 9ZB"]
PLACEMENTS = ["ZZ9 9ZX", "ZZ9 9ZY"]
OLD = date(1907, 3, 11)
YOUNG = date(2002, 11, 29)
UNBORN = date(2011, 8, 19)
NAMED = "ZZNAMED0077"  # a child after whom a file is called
BEGAN = date(2009, 9, 17)
DATES = [OLD, YOUNG, UNBORN, BEGAN]

EPISODES = (
    "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,"
    "URN,Case note"
)
HEADERS = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB,Surname"


def pupil(number: int) -> str:
    return f"{PUPIL}{number:05d}"


def uk(day: date) -> str:
    return f"{day:%d/%m/%Y}"


# ---- what is delivered -------------------------------------------------------------------------


def episode(child: str, number: int = 0, **told: str) -> str:
    cells = {
        "CHILD": child,
        "DECOM": uk(BEGAN),
        "RNE": "S",
        "LS": "C2",
        "CIN": ("N1", "N4", "N5")[number % 3],
        "PLACE": "Q1",
        "HOME_POST": HOMES[number % 2],
        "PL_POST": PLACEMENTS[number % 2],
        "URN": f"{PLACEMENT}{number % 10}",
        "Case note": f"{WORD} mother rang",
    } | told
    return ",".join(cells.get(name, "") for name in EPISODES.split(","))


def header(child: str, number: int = 0, **told: str) -> str:
    cells = {
        "CHILD": child,
        "SEX": f"{1 + number // 2 % 2}",
        "DOB": uk(OLD if number % 10 == 9 else YOUNG),
        "ETHNIC": ("WBRI", "MWBC", "APKN")[number % 3],
        "UPN": pupil(number),
        "MOTHER": "0",
        "Surname": f"{WORD}SON",
    } | told
    return ",".join(cells.get(name, "") for name in HEADERS.split(","))


def table(headings: str, *rows: str) -> str:
    return "\n".join([headings, *rows, ""])


def census_child(child: str, number: int, inside: str = "", referred: str = "2010-06-01") -> str:
    return (
        f"<Child>\n<ChildIdentifiers><LAchildID>{child}</LAchildID><UPN>{pupil(number)}</UPN>"
        f"<FormerUPN>{pupil(900 + number)}</FormerUPN>"
        f"<PersonBirthDate>{YOUNG.isoformat()}</PersonBirthDate>"
        f"<GenderCurrent>{1 + number // 2 % 2}</GenderCurrent>"
        f"<Surname>{WORD}SON</Surname></ChildIdentifiers>\n"
        f"<ChildCharacteristics><Ethnicity>WBRI</Ethnicity><Disabilities><Disability>{WORD}"
        "</Disability></Disabilities></ChildCharacteristics>\n"
        f"<CINdetails><CINreferralDate>{referred}</CINreferralDate>"
        f"<ReferralSource>{WORD}</ReferralSource><PrimaryNeedCode>N1</PrimaryNeedCode>"
        f"<ReferralNFA>0</ReferralNFA>{inside}</CINdetails>\n</Child>\n"
    )


PLAN = (
    f"<ChildProtectionPlans><CPPstartDate>{BEGAN.isoformat()}</CPPstartDate>"
    f"<InitialCategoryOfAbuse>{WORD}</InitialCategoryOfAbuse>"
    "<LatestCategoryOfAbuse>NEG</LatestCategoryOfAbuse>"
    f"<NumberOfPreviousCPP>{WORD}</NumberOfPreviousCPP></ChildProtectionPlans>"
)


def census(*children: str, year: str = "2011", lea: str = LA, start: str = "") -> str:
    return (
        f"{start}<Message>\n<Header>\n<CollectionDetails><Collection>CIN</Collection>"
        f"<Year>{year}</Year><ReferenceDate>2011-03-31</ReferenceDate></CollectionDetails>"
        f"<Source><LEA>{lea}</LEA></Source>\n</Header>\n<Children>\n"
        f"{''.join(children)}</Children>\n</Message>\n"
    )


def good() -> dict[str, str]:
    """What is let in: some of every kind of value, and what is wrong with a few."""
    episodes = [episode(child, number) for number, child in enumerate(CHILDREN)]
    episodes += [
        episodes[4],  # a child delivered twice
        episode(" "),
        episode(CHILDREN[5], DECOM=f"13 {WORD} 2010"),
        episode(CHILDREN[6], DECOM="05/13/2010"),
        episode(CHILDREN[7], DECOM=uk(date(2010, 5, 3)), CIN=f"{WORD}N", LS=WORD, PLACE=WORD),
        episode(CHILDREN[8], DECOM=uk(date(2010, 5, 3)), DEC=f"{WORD}", REC=f"={WORD}"),
        episode(CHILDREN[9], DECOM=uk(date(2010, 5, 3)), HOME_POST=f"{WORD} street", PL_POST="?"),
        episode(CHILDREN[10], DECOM=uk(date(2010, 5, 3)), DEC=uk(OLD), REC="X1"),
    ]
    headers = [header(child, number) for number, child in enumerate(CHILDREN)]
    headers += [
        headers[3],
        header(CHILDREN[11], 11, DOB=f"{OLD:%d.%m.%Y}", ETHNIC=f"{WORD}E", SEX=WORD, MOTHER=WORD),
        header(CHILDREN[12], 12, DOB=f"{(OLD - date(1899, 12, 30)).days}", MC_DOB=uk(UNBORN)),
        header(CHILDREN[13], 13, DOB=f"{OLD:%Y%m%d}", MC_DOB=f"{OLD:%d %B %Y}"),
    ]
    children = [
        census_child(child, number, PLAN if number % 3 == 0 else "")
        for number, child in enumerate(CHILDREN[:40])
    ]
    children += [
        census_child(CHILDREN[2], 2, PLAN),
        census_child("", 30),
        census_child(CHILDREN[50], 50, referred=f"{WORD}-06-01"),
    ]
    addresses = [
        f"{child},{HOMES[number % 2]},{uk(BEGAN)},,{PROPERTY}{number:02d}"
        for number, child in enumerate(CHILDREN)
    ]
    directory = [
        f"{postcode},E08000027,E0500123{6 + at % 2},E0100972{at % 2},E0100972{at % 2}"
        for at, postcode in enumerate([*HOMES, *PLACEMENTS])
    ]
    return {
        f"{LA}/ssda903/2011/episodes.csv": table(f"A return about,{WORD}\n{EPISODES}", *episodes),
        f"{LA}/ssda903/2011/header.csv": table(HEADERS, *headers),
        f"{LA}/ssda903/2011/workers.csv": table(
            "CHILD,DOB,SW_ID,SW_DECOM,SW_DEC,SW_REASON",
            *(f"{child},{uk(YOUNG)},{WORKER}{at:02d},{uk(BEGAN)},,{WORD}"
              for at, child in enumerate(CHILDREN)),
        ),
        f"{LA}/ssda903/2011/uasc.csv": table(
            "CHILD,SEX,DOB,DUC", f"{CHILDREN[1]},1,{uk(YOUNG)},{WORD}"
        ),
        f"{LA}/ssda903/2011/{NAMED.lower()}.csv": table(
            "CHILD,DOB,MISSING,MIS_START,MIS_END", f"{NAMED},01/02/2000,M,01/06/2010,02/06/2010"
        ),
        f"{LA}/cin_census/2011/census.xml": census(*children),
        f"{LA}/addresses/2011/addresses.csv": table(
            "la_child_id,postcode,from_date,to_date,UPRN", *addresses,
            f"{CHILDREN[14]},{WORD} cottage,{uk(BEGAN)},31/06/{WORD}",
        ),
        f"{LA}/townships/2011/townships.csv": table(
            "la_code,ward_code,ward_name,township_name",
            "E08000027,E05001236,Upper Ward,North", "E08000027,E05001237,Lower Ward,South",
        ),
        f"{LA}/postcodes/2011/directory.csv": table("pcds,oslaua,osward,lsoa01,lsoa11", *directory),
        f"{LA}/deprivation/2010/ranks.csv": table(
            "LSOA CODE,LA CODE,LA NAME,IMD SCORE,RANK OF IMD (where 1 is most deprived)",
            "E01009720,00CR,Somewhere,12.5,100", "E01009721,00CR,Somewhere,22.5,50",
        ),
        f"{LA}/lookups/2011/wards.csv": table(
            "LSOA01CD,LSOA11CD,WD11CD,WD11NM,LAD11CD,LAD11NM",
            "E01009720,E01009720,E05001236,Upper Ward,E08000027,Somewhere",
            "E01009721,E01009721,E05001237,Lower Ward,E08000027,Somewhere",
        ),
        f"{LA}/indicators/2011/scorecard.csv": table(
            "indicator,indicator_name,at_date,value,unit,direction_of_good,target,baseline_date",
            "visits,Visits on time,31/03/2011,91.5,%,up,95,",
        ),
    }  # fmt: skip


def wrong() -> dict[str, str | bytes]:
    """What is refused, each for what it holds, with a child where it is wrong."""
    rows = [episode(child, number) for number, child in enumerate(CHILDREN[:9])]
    whole = table(EPISODES, *rows)
    one = census_child(CHILDREN[0], 0)
    entity = f'<!DOCTYPE Message [<!ENTITY who "{WORD}">]>\n'
    folder = f"{LA}/ssda903/2010"
    return {
        f"{folder}/unclosed.csv": whole + f'{CHILDREN[0]},"{uk(BEGAN)},S,{HOMES[0]}\n',
        f"{folder}/ragged.csv": whole + rows[0] + f",{WORD},{HOMES[1]}\n",
        f"{folder}/unmarked.csv": whole.encode("utf-16-le"),
        f"{folder}/nul.csv": whole.encode() + f"{CHILDREN[1]}\0{HOMES[0]}\n".encode(),
        f"{folder}/headless.csv": "\n".join([*rows, ""]),
        f"{folder}/twice.csv": table(f"{EPISODES},CHILD,{WORD}", *rows),
        f"{folder}/nobody.csv": table(EPISODES, *(episode("", DECOM=WORD) for _ in range(40))),
        f"{folder}/packed.csv.gz": gzip.compress(whole.encode())[:-12],
        f"{folder}/workbook.csv": book(EPISODES.split(","), rows[0].split(",")),
        f"{LA}/cin_census/2010/broken.xml": census(one, year="2010").replace(
            "</LAchildID>", f"<{WORD}", 1
        ),
        f"{LA}/cin_census/2010/entity.xml": census(one, year="2010", start=entity),
        f"{LA}/cin_census/2010/root.xml": f"<{CHILDREN[0]}>{HOMES[0]}</{CHILDREN[0]}>",
        f"{LA}/cin_census/2010/year.xml": census(one, year=WORD),
        f"{LA}/cin_census/2010/lea.xml": census(one, year="2010", lea=WORD),
        f"{LA}/child_poverty/2010/book.xlsx": book([f"About {WORD}"], [CHILDREN[0], HOMES[0]]),
        f"{LA}/addresses/2010/addresses.csv": table(
            f"la_child_id,{WORD},from_date", f"{CHILDREN[0]},{HOMES[0]},{uk(BEGAN)}"
        ),
    }


def deliver(files: dict[str, str | bytes] | dict[str, str], extracts: Path) -> None:
    for name, content in files.items():
        path = extracts / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


# ---- the search --------------------------------------------------------------------------------

PSEUDONYM = re.compile(rb"[0-9a-f]{20,}")


def _forms_of(day: date) -> list[str]:
    months = (f"{day:%B}", f"{day:%b}")
    written = [
        f"{day:%d/%m/%Y}", f"{day:%d-%m-%Y}", f"{day:%d.%m.%Y}", f"{day:%Y-%m-%d}",
        f"{day:%Y/%m/%d}", f"{day:%Y%m%d}", f"{day:%m/%d/%Y}",
        *(f"{day.day} {month} {day.year}" for month in months),
        *(f"{month} {day.day}, {day.year}" for month in months),
        *(quote(text, safe="") for text in (f"{day:%d/%m/%Y}",)),
        str((day - date(1970, 1, 1)).days * 86_400),  # with three or six noughts more, too
    ]  # fmt: skip
    return written


def _numbers_of(day: date) -> list[str]:
    """Days since 1970 and since Excel's nought: too short to be looked for but in a cell."""
    return [str((day - date(1970, 1, 1)).days), str((day - date(1899, 12, 30)).days)]


def _aligned(text: str) -> list[bytes]:
    """What base64 makes of a text, wherever in a longer one it stands."""
    return [
        base64.b64encode(b"\0" * at + text.encode())[(0, 2, 3)[at] :].rstrip(b"=")[:-1]
        for at in range(3)
    ]


@dataclass
class Search:
    """What is looked for, and what has been looked through.

    needles     by kind, in small letters
    exact       by kind, in letters as they are
    numbers     cells that are a date of birth
    pseudonyms  of the planted children
    """

    needles: dict[str, list[bytes]] = field(default_factory=dict)
    exact: dict[str, list[bytes]] = field(default_factory=dict)
    numbers: frozenset[str] = frozenset()
    pseudonyms: frozenset[bytes] = frozenset()
    known: dict[tuple[object, ...], list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, pseudonyms: list[str]) -> "Search":
        postcodes = [
            form.lower().encode()
            for one in [*HOMES, *PLACEMENTS]
            for form in (one, one.replace(" ", ""), one.replace(" ", "  "), quote(one),
                         one.replace(" ", "+"), one.replace(" ", "_"))
        ]  # fmt: skip
        dates = [form.lower().encode() for day in DATES for form in _forms_of(day)]
        return cls(
            needles={
                "an identifier, name or note": [WORD.lower().encode()],
                "a pupil number": [PUPIL.lower().encode()],
                "a placement's number": [PLACEMENT.lower().encode()],
                "a social worker": [WORKER.lower().encode()],
                "a property": [PROPERTY.encode()],
                "a postcode": postcodes,
                "a date": dates,
                "the key": [
                    form
                    for key in (KEY, NEW_KEY)
                    for form in (key.lower().encode(), key.encode().hex().encode())
                ],
            },
            exact={
                "an identifier, name or note": [*_aligned(WORD), *_aligned(WORD.lower())],
                "the key": [*_aligned(KEY), *_aligned(NEW_KEY)],
            },
            numbers=frozenset(number for day in DATES for number in _numbers_of(day)),
            pseudonyms=frozenset(one.encode() for one in pseudonyms),
        )

    def in_bytes(self, data: bytes) -> set[str]:
        """Kinds of what is found in bytes, in UTF-8 and UTF-16."""
        found = set()
        for text in (data, data.replace(b"\0", b"")) if b"\0" in data else (data,):
            lower = text.lower()
            for kind, needles in self.needles.items():
                if any(needle in lower for needle in needles):
                    found.add(kind)
            for kind, needles in self.exact.items():
                if any(needle in text for needle in needles):
                    found.add(kind)
            if any(one in run for run in set(PSEUDONYM.findall(lower)) for one in self.pseudonyms):
                found.add("a pseudonym")
        return found

    def in_text(self, text: str) -> set[str]:
        return self.in_bytes(text.encode("utf-8", "surrogatepass"))

    def in_folder(self, folder: Path, apart: tuple[Path, ...] = ()) -> list[str]:
        """`<file, and where in it>: <kind>` of all that is found below a folder: in names and,
        packed or not, in contents. What lies `apart` is left out."""
        found = []
        for path in sorted(folder.rglob("*")):
            if any(path.is_relative_to(place) for place in apart):
                continue
            name = path.relative_to(folder).as_posix()
            target = os.readlink(path) if path.is_symlink() else ""
            found += [f"name {name}: {kind}" for kind in self.in_text(f"{name}\n{target}")]
            if path.is_file() and not path.is_symlink():
                with suppress(FileNotFoundError):
                    status = path.stat()
                    seen = (path, status.st_ino, status.st_size, status.st_mtime_ns)
                    if seen not in self.known:
                        self.known[seen] = self.in_file(path, name)
                    found += self.known[seen]
        return found

    def in_file(self, path: Path, name: str) -> list[str]:
        found = set()
        for where, data, cells in unfolded(name, path.read_bytes(), path):
            found |= {f"{where}: {kind}" for kind in self.in_bytes(data)}
            if self.numbers.intersection(cells):
                found.add(f"{where}: a date")
        return sorted(found)


Unfolded = Iterator[tuple[str, bytes, set[str]]]


def unfolded(name: str, data: bytes, path: Path | None = None) -> Unfolded:
    """Where, bytes and cells of a file: its own, those of whatever is packed in it, and what
    a reader of its format reads."""
    yield name, data, _cells_of_csv(name, data)
    if data.startswith(b"\x1f\x8b"):
        with suppress(OSError, EOFError, zlib.error):
            yield from unfolded(f"{name} (unpacked)", gzip.decompress(data))
    elif data.startswith(b"PK"):
        with suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(data)) as packed:
            for member in packed.namelist():
                yield from unfolded(f"{name} ({member})", packed.read(member))
    elif data.startswith(b"SQLite format 3\0"):
        yield from _asked(name, data, path, _of_sqlite)
    elif data[8:12] == b"DUCK":
        yield from _asked(name, data, path, _of_duckdb)
    elif data.startswith(b"PAR1"):
        yield from _asked(name, data, path, _of_parquet)


def _cells_of_csv(name: str, data: bytes) -> set[str]:
    if not name.removesuffix(" (unpacked)").endswith(".csv"):
        return set()
    with suppress(UnicodeDecodeError, csv.Error):
        return {cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))) for cell in row}
    return set()


def _asked(name: str, data: bytes, path: Path | None, ask) -> Unfolded:
    """A copy is asked, with what lies beside it, so that nothing is changed or locked."""
    with tempfile.TemporaryDirectory(prefix="search-") as place:
        copy = Path(place) / "copy"
        copy.write_bytes(data)
        for beside in ("-wal", "-shm", ".wal"):
            if path and (log := path.with_name(path.name + beside)).exists():
                shutil.copy(log, copy.with_name(copy.name + beside))
        for where, rows in ask(copy):
            cells = {str(cell) for row in rows for cell in row if cell is not None}
            yield f"{name} ({where})", "\n".join(cells).encode("utf-8", "surrogatepass"), cells


Rows = Iterator[tuple[str, list[tuple[object, ...]]]]


def _of_sqlite(copy: Path) -> Rows:
    with sqlite3.connect(copy) as database:
        database.text_factory = lambda text: text.decode("utf-8", "replace")
        yield "schema", database.execute("select name, sql from sqlite_master").fetchall()
        for (table,) in database.execute(
            "select name from sqlite_master where type = 'table'"
        ).fetchall():
            yield table, database.execute(f'select * from "{table}"').fetchall()
    database.close()


def _of_duckdb(copy: Path) -> Rows:
    with duckdb.connect(str(copy), read_only=True) as database:
        for told in ("schemas", "tables", "views", "columns", "constraints", "types"):
            columns = "columns(* exclude (database_name))"
            query = f"select {columns}::varchar from duckdb_{told}() where not internal"
            if told == "constraints":
                query = f"select {columns}::varchar from duckdb_{told}()"
            yield told, database.execute(query).fetchall()
        for schema, table in database.execute(
            "select schema_name, table_name from duckdb_tables() where not internal"
        ).fetchall():
            query = f'select columns(*)::varchar from "{schema}"."{table}"'
            yield f"{schema}.{table}", database.execute(query).fetchall()


def _of_parquet(copy: Path) -> Rows:
    with duckdb.connect() as reader:
        for told in ("read_parquet", "parquet_metadata", "parquet_schema"):
            query = f"select columns(* exclude (file_name))::varchar from {told}('{copy}')"
            if told == "read_parquet":
                query = f"select columns(*)::varchar from {told}('{copy}')"
            yield told, reader.execute(query).fetchall()
        query = f"select decode(key), decode(value) from parquet_kv_metadata('{copy}')"
        yield "parquet_kv_metadata", reader.execute(query).fetchall()
