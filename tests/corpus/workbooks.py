"""Workbooks, made by the libraries that write them and then bent."""

import datetime
import gzip
import io
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import xlwt
from openpyxl.chart import BarChart

from tests.corpus.case import PLANTED, Case, Landed, Refused
from tests.corpus.returns import zip_of

AT = "deprivation/2010/imd.xlsx"
TABLE = "deprivation__cells"
ONE = {TABLE: 1}
ADDRESSES = "addresses/2011/addresses.xlsx"
CELLS = f"select _line, heading, value from landing.{TABLE} order by _row, column_number"
SPELLS = "select _line, la_child_id, postcode, from_date from landing.addresses__addresses"
HEADINGS = ["la_child_id", "postcode", "from_date"]
SHEET = "xl/worksheets/sheet1.xml"
DAMAGED = "no workbook that can be read"
MEMORY = "CYP_LIMIT_WORKBOOK_MEMORY"
UNPACKED = {"workbook_memory": 600 << 20}


def book(*rows: list, bend: Callable[[openpyxl.Workbook], object] | None = None) -> bytes:
    """An .xlsx of an index of deprivation, or of the rows given."""
    made = openpyxl.Workbook()
    sheet = made.active
    for row in rows or (["LSOA CODE", "IMD SCORE", "NAME"], ["E01009719", 12.5, PLANTED]):
        sheet.append(row)
    if bend:
        bend(made)
    held = io.BytesIO()
    made.save(held)
    return held.getvalue()


def bent(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """A zip with one of its parts changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        held = {name: parts.read(name) for name in parts.namelist()}
    return zip_of(held | {part: change(held.get(part, b""))})


def with_row(row: str) -> bytes:
    """The index, with XML of a further row."""
    return bent(
        book(), SHEET, lambda xml: xml.replace(b"</sheetData>", f"{row}</sheetData>".encode())
    )


def xls(*rows: list) -> bytes:
    made = xlwt.Workbook()
    sheet = made.add_sheet("one")
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(at, column, value)
    held = io.BytesIO()
    made.save(held)
    return held.getvalue()


def xls_with_a_password() -> bytes:
    """A record of no account, made that which says the rest is enciphered."""
    content = xls(["LSOA CODE", "IMD SCORE"], ["E01009719", 12.5])
    at = content.index(struct.pack("<HH", 0xE1, 2))
    return content[:at] + struct.pack("<H", 0x2F) + content[at + 2 :]


def xls_beyond_its_columns() -> bytes:
    content = xls(["LSOA CODE", "IMD SCORE"], ["E01009719", 123456.789], *[["x"]] * 60_000)
    at = content.index(struct.pack("<d", 123456.789))
    return content[: at - 6] + struct.pack("<HH", 65_535, 65_535) + content[at - 2 :]


def ole(*streams: str) -> bytes:
    """The container that a workbook with a password is: a table of sectors and a directory."""
    table = struct.pack("<128I", 0xFFFFFFFD, 0xFFFFFFFE, *[0xFFFFFFFF] * 126)
    entries = b""
    for at, name in enumerate(("Root Entry", *streams)):
        text = name.encode("utf-16-le") + b"\0\0"
        kind = 5 if at == 0 else 2
        child = 1 if at == 0 else 0xFFFFFFFF
        entries += text.ljust(64, b"\0") + struct.pack(
            "<HBB3I", len(text), kind, 1, *[0xFFFFFFFF] * 2, child
        )
        entries += b"\0" * 36 + struct.pack("<IQ", 0xFFFFFFFE, 0)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<9I", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    return header + table + entries.ljust(512, b"\0") + PLANTED.encode()


def ods(rows: str) -> bytes:
    """A spreadsheet in OpenDocument, of the XML of its rows."""
    names = ("office", "table", "text")
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in names
    )
    mark = "application/vnd.oasis.opendocument.spreadsheet"
    return zip_of({
        "mimetype": mark.encode(),
        "META-INF/manifest.xml": (
            '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<m:file-entry m:full-path="/" m:media-type="{mark}"/></m:manifest>'
        ).encode(),
        "content.xml": (
            f"<office:document-content{spaces}><office:body><office:spreadsheet>"
            f'<table:table table:name="one">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>"
        ).encode(),
    })  # fmt: skip


def ods_row(*cells: str, times: int = 1, each: int = 1) -> str:
    text = "".join(
        f'<table:table-cell office:value-type="string" table:number-columns-repeated="{each}">'
        f"<text:p>{cell}</text:p></table:table-cell>"
        for cell in cells
    )
    return f'<table:table-row table:number-rows-repeated="{times}">{text}</table:table-row>'


def hidden(state: str) -> Callable[[openpyxl.Workbook], None]:
    def hide(made: openpyxl.Workbook) -> None:
        made.active.sheet_state = state
        made.create_sheet("Notes").append(["A note"])

    return hide


def without_sheets(made: openpyxl.Workbook) -> None:
    chart = made.create_chartsheet("A chart")
    chart.add_chart(BarChart())
    made.remove(made.active)


def linked(made: openpyxl.Workbook) -> None:
    made.active["C2"].hyperlink = "http://127.0.0.1:9/x"


def part_of(name: str, content: bytes = b"") -> bytes:
    """The index with one part more."""
    return bent(book(), name, lambda _: content or PLANTED.encode())


def with_parts(path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(book())) as parts, zipfile.ZipFile(path, "w") as more:
        for name in parts.namelist():
            more.writestr(name, parts.read(name))
        for number in range(100_000):
            more.writestr(f"xl/media/{number}", b"")


def made(content: Callable[[], bytes]) -> Callable[[Path], object]:
    """What is large is made when it is needed."""
    return lambda path: path.write_bytes(content())


def bomb(size: int = 64 << 20) -> bytes:
    row = b'<row r="3"><c r="A3" t="inlineStr"><is><t>' + b" " * size + b"</t></is></c></row>"
    return bent(book(), SHEET, lambda xml: xml.replace(b"</sheetData>", row + b"</sheetData>"))


def lying_bomb() -> bytes:
    """A bomb whose table of contents says that it is small."""
    content = bomb(300 << 20)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        size = parts.getinfo(SHEET).file_size
    return content.replace(struct.pack("<I", size), struct.pack("<I", 5_000))


def enciphered() -> bytes:
    """The flag of every part in the table of contents says that it is enciphered."""
    return re.sub(rb"(PK\x01\x02.{4})..", lambda found: found[1] + b"\1\0", book(), flags=re.DOTALL)


def typed(xml: bytes) -> bytes:
    return b'<!DOCTYPE x [<!ENTITY who SYSTEM "file:///etc/passwd">]>' + xml.replace(
        b"</sheetData>",
        b'<row r="3"><c r="A3" t="inlineStr"><is><t>&who;</t></is></c></row></sheetData>',
    )


def case(name: str, wrong: str, content, expected, at: str = AT, **more) -> Case:
    return Case(f"workbook-{name}", wrong, at, content, expected, **more)


def refused(name: str, wrong: str, content, words: str, *place, **more) -> Case:
    return case(name, wrong, content, Refused(words, *place), **more)


INDEX = [(2, "LSOA CODE", "E01009719"), (2, "IMD SCORE", "12.5"), (2, "NAME", PLANTED)]


def landed(name: str, wrong: str, content, rows=INDEX, query=CELLS, tables=ONE, **more) -> Case:
    return case(name, wrong, content, Landed(tables, query, rows), **more)


def spells(*rows: list) -> bytes:
    return book(HEADINGS, *rows)


WORKBOOKS = (
    landed(
        "merged-cells", "a name over two rows: it stands in the first alone",
        book(
            ["LSOA CODE", "IMD SCORE", "NAME"], ["E01009719", 1, "A"], ["E01009720", 2, None],
            bend=lambda made: made.active.merge_cells("C2:C3"),
        ),
        [(2, "LSOA CODE", "E01009719"), (2, "IMD SCORE", "1"), (2, "NAME", "A"),
         (3, "LSOA CODE", "E01009720"), (3, "IMD SCORE", "2")], tables={TABLE: 2},
    ),
    landed("hidden-sheet", "the data are on it", book(bend=hidden("hidden"))),
    landed("very-hidden-sheet", "the data are on it", book(bend=hidden("veryHidden"))),
    landed(
        "formula-that-was-worked-out", "its result is what is read",
        with_row('<row r="3"><c r="A3" t="str"><f>"E0100"&amp;9720</f><v>E01009720</v></c>'
                 '<c r="B3"><f>1+1</f><v>2</v></c><c r="C3" t="str"><f>""</f><v></v></c></row>'),
        [*INDEX, (3, "LSOA CODE", "E01009720"), (3, "IMD SCORE", "2")], tables={TABLE: 2},
    ),
    refused(
        "formula-never-worked-out", "a program wrote it; no spreadsheet has seen it",
        book(["LSOA CODE", "IMD SCORE"], ["E01009719", "=1+1"]), "never worked out", 2,
    ),
    landed(
        "error-in-a-cell", "#N/A and #REF! are not blank",
        with_row('<row r="3"><c r="A3" t="inlineStr"><is><t>E01009720</t></is></c>'
                 '<c r="B3" t="e"><v>#N/A</v></c><c r="C3" t="e"><f>A9</f><v>#REF!</v></c></row>'),
        [*INDEX, (3, "LSOA CODE", "E01009720"), (3, "IMD SCORE", "#N/A"), (3, "NAME", "#REF!")],
        tables={TABLE: 2},
    ),
    landed(
        "dates-as-dates-serials-and-text", "",
        spells(["A", "DY1 1AA", datetime.date(2010, 4, 1)], ["B", "DY1 1AA", 40269],
               ["C", "DY1 1AA", "01/04/2010"]),
        [(2, "A", "DY1 1AA", "2010-04-01"), (3, "B", "DY1 1AA", "40269"),
         (4, "C", "DY1 1AA", "01/04/2010")],
        SPELLS, {"addresses__addresses": 3}, at=ADDRESSES,
    ),
    landed("macros", "they are not run", part_of("xl/vbaProject.bin"),
           at="deprivation/2010/a.xlsm"),
    landed("links", "they are not followed", book(bend=linked)),
    landed("workbook-within", "an embedded object", part_of("xl/embeddings/a.xlsx", book())),
    landed(
        "sql-in-a-sheets-name", "",
        book(bend=lambda made: setattr(made.active, "title", "'; drop table x --")),
        [("'; drop table x --",)], f"select distinct _sheet from landing.{TABLE}",
    ),
    landed("called-csv", "", book(), at="deprivation/2010/imd.csv"),
    landed("called-xls", "", book(), at="deprivation/2010/imd.xls"),
    landed("xls-called-xlsx", "", xls(["LSOA CODE", "IMD SCORE"], ["E01009719", 12.5]), INDEX[:2]),
    landed("csv-called-xlsx", "", f"LSOA CODE,IMD SCORE,NAME\nE01009719,12.5,{PLANTED}\n".encode()),
    landed("ods", "", ods(ods_row("LSOA CODE", "IMD SCORE") + ods_row("E01009719", "12.5")),
           INDEX[:2]),
    refused("locked", "a password opens it", ole("EncryptionInfo", "EncryptedPackage"), "password"),
    refused("locked-xls", "a password opens it", xls_with_a_password(), "password",
            at="deprivation/2010/imd.xls"),
    refused("locked-zip", "its parts are enciphered", enciphered(), "password"),
    refused("word-document-of-old", "", ole("WordDocument"), "a Word document"),
    refused("word-document", "", zip_of({"word/document.xml": PLANTED.encode()}),
            "a Word document"),
    refused("binary", "an .xlsb", zip_of({"xl/workbook.bin": PLANTED.encode()}),
            "save it as .xlsx"),
    refused("damaged", "it was cut short", book()[:-30], DAMAGED),
    refused("damaged-within", "one of its sheets was cut short",
            bent(book(), SHEET, lambda xml: xml[:200]), f"{DAMAGED}|no table of deprivation"),
    refused("damaged-xls", "", xls(["LSOA CODE", "IMD SCORE"])[:1200], DAMAGED,
            at="deprivation/2010/imd.xls"),
    refused("without-worksheet", "a chart alone", book(bend=without_sheets),
            "no table of deprivation"),
    refused("in-a-gzip", "", gzip.compress(book()), "a workbook within a gzip"),
    refused("for-a-return", "", book(), "it is a workbook; ssda903 comes as CSV",
            at="ssda903/2011/episodes.xlsx"),
    refused("bomb", "sixty kilobytes that unpack to sixty megabytes", made(bomb),
            "CYP_LIMIT_EXPANSION"),
    refused("bomb-by-size", "", made(lambda: bomb(4 << 20)), "CYP_LIMIT_FILE_BYTES",
            limits={"file_bytes": 1 << 20, "expansion": 2_000}),
    refused("bomb-that-lies", "its table of contents says that it is small", made(lying_bomb),
            f"{MEMORY}|{DAMAGED}|CYP_LIMIT_CELL", limits=UNPACKED),
    refused("part-that-leads-out", "../../evil", part_of("../../evil"), "leads out of it"),
    refused("part-of-another-drive", "", part_of("C:/evil"), "leads out of it"),
    case("parts-without-end", "a hundred thousand", with_parts, Refused("more parts")),
    refused(
        "two-cells-in-its-corners", "one in the last row and column of all",
        with_row('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        f"{MEMORY}|more than 4,000 columns",
    ),
    refused(
        "two-cells-far-apart", "within the columns allowed, a million rows apart",
        with_row('<row r="1048576"><c r="EWU1048576"><v>1</v></c></row>'), MEMORY, limits=UNPACKED,
    ),
    refused("xls-beyond-its-columns", "column 65,535, which .xls cannot have",
            made(xls_beyond_its_columns), f"{MEMORY}|columns", limits=UNPACKED,
            at="deprivation/2010/imd.xls"),
    refused("ods-row-repeated", "a row of a thousand cells, a million times",
            ods(ods_row("LSOA CODE", "IMD SCORE") + ods_row("x", times=1_048_574, each=1_000)),
            f"{MEMORY}|{DAMAGED}", limits=UNPACKED),
    refused("columns-without-end", "",
            book(["LSOA CODE", "IMD SCORE", *["x"] * 5_000], ["E01009719", 1]),
            "more than 4,000 columns"),
    refused("huge-cell", "", book(["LSOA CODE", "IMD SCORE"], ["E01009719", PLANTED * 1_000]),
            "longer than 1,000 characters", 2, limits={"cell_characters": 1_000}),
    refused("document-type-within", "XXE in a part of it",
            bent(book(), "xl/workbook.xml",
                 lambda xml: b'<!DOCTYPE x [<!ENTITY w SYSTEM "file:///etc/passwd">]>' + xml),
            "document type"),
    refused("entity-in-a-sheet", "XXE in a sheet", bent(book(), SHEET, typed), DAMAGED),
)  # fmt: skip
