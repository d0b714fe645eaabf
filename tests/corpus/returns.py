"""Text: SSDA903 returns as CSV, and what is called one."""

import gzip
import io
import json
import zipfile

import duckdb

from tests.corpus.case import (
    HEADINGS,
    PLANTED,
    Case,
    Landed,
    Refused,
    census,
    episode,
    episodes,
)

AT = "ssda903/2011/episodes.csv"
TABLE = "ssda903__episodes"
ONE, TWO = {TABLE: 1}, {TABLE: 2}
ROWS = f"select _line, child, home_post from landing.{TABLE} order by _row"
THERE = [(2, PLANTED, "DY1 1AA")]
GOOD = episodes().encode()
PAGE = f"<!DOCTYPE html>\n<html><body>503 {PLANTED}</body></html>"
BOM = b"\xef\xbb\xbf"


def case(name: str, wrong: str, content: str | bytes, expected, at: str = AT, **more) -> Case:
    content = content.encode() if isinstance(content, str) else content
    return Case(name, wrong, at, content, expected, **more)


def refused(name: str, wrong: str, content: str | bytes, words: str, *place, **more) -> Case:
    return case(name, wrong, content, Refused(words, *place), **more)


def landed(
    name: str, wrong: str, content: str | bytes, tables=ONE, query=ROWS, rows=THERE, **more
) -> Case:
    return case(name, wrong, content, Landed(tables, query, rows), **more)


def zip_of(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, content in files.items():
            parts.writestr(name, content)
    return held.getvalue()


def parquet(path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"copy (select '{PLANTED}' as child) to '{path}' (format parquet)")


NEEDED = HEADINGS.lower()
SQL = "'); drop table landing.notes; --"
FORMULA = "=cmd|'/c calc'!A1"
OTHER = f"select _other from landing.{TABLE}"

SHAPE = (
    landed(
        "a-cell-with-a-new-line-in-quotes",
        "a postcode is broken over two lines",
        episodes(episode().replace("DY1 1AA", '"DY1\r\n1AA"'), episode("B")),
        TWO, ROWS, [(2, PLANTED, "DY1\r\n1AA"), (4, "B", "DY1 1AA")],
    ),
    landed("semicolons", "a continental Excel saved it", episodes().replace(",", ";")),
    landed("tabs", "it was copied out of a grid", episodes().replace(",", "\t")),
    landed("pipes", "an export's separator is a bar", episodes().replace(",", "|")),
    refused(
        "a-row-too-long", "a comma in an unquoted cell", episodes(episode(), episode() + ",more"),
        "the row has 10 cells under 9 headings", 3, 10,
    ),
    landed(
        "a-row-too-short", "Excel left out what is blank at the end",
        episodes(f"{PLANTED},01/05/2010,S", episode("B")),
        TWO, ROWS, [(2, PLANTED, None), (3, "B", "DY1 1AA")],
    ),
    refused(
        "a-heading-twice", "CHILD stands twice, with other children",
        episodes(f"C0,{episode()}", headings=f"CHILD,{HEADINGS}"), "stands twice", 1, "child",
    ),
    refused(
        "a-heading-missing", "DECOM was left out", episodes().replace("DECOM", "BEGUN"),
        "nearest to those of the table episodes, but decom could not be found",
    ),
    landed(
        "a-heading-more", "the export has a column of its own",
        episodes(f"{episode()},red", headings=f"{HEADINGS},COLOUR"),
        ONE, OTHER, [('{"COLOUR": "red"}',)],
    ),
    landed(
        "headings-in-another-order", "somebody sorted the columns",
        "HOME_POST,LS,PLACE,DECOM,CIN,REC,RNE,DEC,CHILD\n"
        f"DY1 1AA,C2,U1,01/05/2010,N1,,S,,{PLANTED}\n",
    ),
    landed(
        "headings-in-another-case", "and with spaces around them",
        episodes(headings=" , ".join(HEADINGS.title().split(","))),
    ),
    refused(
        "no-rows", "headings alone", HEADINGS + "\r\n", "Without rows there is nothing to load",
        examined=True,
    ),
    refused(
        "no-rows-but-a-byte-order-mark", "headings alone, as Excel writes UTF-8",
        BOM + HEADINGS.encode(), "Without rows there is nothing to load", examined=True,
    ),
    refused("no-headings", "rows alone", episode() + "\n" + episode("B"), "Looked for headings"),
    refused(
        "a-quote-never-closed", "a quote opens in line 2 and never closes",
        episodes(f'"{episode()}', episode("B")), "quote", 2,
    ),
    refused(
        "a-stray-quote", "letters behind a closing quote",
        episodes(episode("A"), f'"{PLANTED}"x,01/05/2010,S,C2,N1,U1,,,'), "quote", 3,
    ),
    landed(
        "blank-lines", "between, and a hundred at the end",
        episodes("", episode(), "", episode("B"), *[""] * 100, "," * 8),
        TWO, ROWS, [(3, PLANTED, "DY1 1AA"), (5, "B", "DY1 1AA")],
    ),
    landed(
        "new-lines-of-every-kind", "three programs wrote it",
        f"{HEADINGS}\r\n{episode()}\n{episode('B')}\r{episode('C')}",
        {TABLE: 3}, ROWS,
        [(2, PLANTED, "DY1 1AA"), (3, "B", "DY1 1AA"), (4, "C", "DY1 1AA")],
    ),
    landed("carriage-returns-alone", "an old Macintosh wrote it", episodes(ends="\r")),
    landed(
        "a-title-above-the-headings", "a report writer's preamble",
        f"Episodes 2010-11\r\n\r\n{episodes()}", ONE, ROWS, [(4, PLANTED, "DY1 1AA")],
    ),
    refused(
        "a-preamble-without-end", "the headings stand below what is searched",
        "title\r\n" * 30 + episodes(), "Looked for headings", limits={"preamble_rows": 20},
    ),
    landed(
        "headings-alone-of-another-table-of-the-return", "headers.csv is called episodes.csv",
        f"CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n{PLANTED},1,01/02/2005,WBRI,,0,\n",
        {"ssda903__headers": 1}, "select child, dob from landing.ssda903__headers",
        [(PLANTED, "01/02/2005")],
    ),
    refused(
        "another-source-under-this-name", "addresses lie in the return's folder",
        f"la_child_id,postcode,from_date\n{PLANTED},DY1 1AA,2010-01-01\n", "no table of ssda903",
    ),
)  # fmt: skip

SIZE = (
    refused(
        "one-line-without-end", "a gigabyte in one line (here: more than is allowed)",
        f"{HEADINGS}\r\n{PLANTED}" + "x" * 200_000, "longer than", 2,
        limits={"line_bytes": 100_000},
    ),
    refused(
        "headings-in-a-line-without-end", "the first line does not end",
        PLANTED + "x" * 200_000, "longer than", 1, limits={"line_bytes": 100_000},
    ),
    refused(
        "a-huge-cell", "a whole document in a cell",
        episodes(episode(), episode(f'"{PLANTED * 1000}"')), "longer than", 3,
        limits={"cell_characters": 1_000},
    ),
    refused(
        "columns-without-end", "a row of five thousand cells",
        f"{HEADINGS}\r\n{PLANTED}{',' * 5_000}\r\n", "more than", 2,
    ),
    refused(
        "headings-without-end", "five thousand headings", ",".join([HEADINGS] * 600) + "\r\n",
        "more than", 1,
    ),
)  # fmt: skip

LETTERS = (
    refused("a-nul", "a NUL in a cell", episodes(f"{PLANTED}\0"), "neither text", 2),
    landed("a-byte-order-mark", "as Excel writes UTF-8", BOM + GOOD),
    landed("utf-16-little-endian", "Excel's Unicode text", episodes().encode("utf-16")),
    landed("utf-16-big-endian", "", b"\xfe\xff" + episodes().encode("utf-16-be")),
    refused(
        "utf-16-without-a-mark", "a database's export", episodes().encode("utf-16-le"),
        "UTF-16 without a byte order mark",
    ),
    refused(
        "utf-16-cut-short", "half a character at its end", episodes().encode("utf-16")[:-1],
        "UTF-16",
    ),
    refused("utf-16-with-a-nul", "", episodes(f"{PLANTED}\0").encode("utf-16"), "neither text", 2),
    refused("utf-32", "", episodes().encode("utf-32"), "UTF-32"),
    landed(
        "windows-1252", "é, and a byte that means nothing in it",
        episodes(episode("Zo\xeb")).encode("cp1252").replace(b"DY1", b"\x81DY1"),
        ONE, ROWS, [(2, "Zo\xeb", "\x81DY1 1AA")],
    ),
    landed(
        "control-characters", "a terminal's escapes in a cell", episodes(episode("\x1b[31mA\x07")),
        ONE, ROWS, [(2, "\x1b[31mA\x07", "DY1 1AA")],
    ),
    landed(
        "a-formula", "a cell that a spreadsheet would run", episodes(episode(FORMULA)),
        ONE, ROWS, [(2, FORMULA, "DY1 1AA")],
    ),
    landed(
        "sql-in-a-cell", "", episodes(episode(SQL)), ONE, ROWS, [(2, SQL, "DY1 1AA")],
    ),
    landed(
        "sql-in-a-heading", "", episodes(f"{episode()},x", headings=f"{HEADINGS},{SQL}"),
        ONE, OTHER, [(json.dumps({SQL: "x"}),)],
    ),
)  # fmt: skip

WRAPPED = (
    landed("called-txt", "", GOOD, at="ssda903/2011/episodes.txt"),
    landed("called-xls", "it is CSV all the same", GOOD, at="ssda903/2011/episodes.xls"),
    landed("called-nothing", "", GOOD, at="ssda903/2011/episodes"),
    refused("a-table-in-html-called-xls", "as web reports export", PAGE.replace("503", "<table>"),
            "web page", at="ssda903/2011/episodes.xls"),
    refused("an-error-page", "the download failed and was saved", PAGE, "web page"),
    refused("json", "", f'[{{"child": "{PLANTED}"}}]', "JSON"),
    refused("pdf", "", f"%PDF-1.7 {PLANTED}", "a PDF"),
    refused("picture", "", b"\x89PNG\r\n\x1a\n" + PLANTED.encode(), "a picture"),
    refused("rich-text", "", r"{\rtf1 " + PLANTED, "a text document"),
    Case("parquet", "", AT, parquet, Refused("a Parquet file")),
    refused("a-zip-of-the-return", "", zip_of({"episodes.csv": GOOD}), "unpack it"),
    refused(
        "a-zip-in-a-zip", "", zip_of({"a.zip": zip_of({"episodes.csv": GOOD})}), "unpack it",
    ),
    refused("an-empty-zip", "", zip_of({}), "neither text"),
    landed("gzip", "", gzip.compress(GOOD), at="ssda903/2011/episodes.csv.gz"),
    refused("a-damaged-gzip", "it was cut short", gzip.compress(GOOD * 99)[:-12],
            "gzip is damaged"),
    refused("gzip-of-a-gzip", "", gzip.compress(gzip.compress(GOOD)), "a gzip within a gzip"),
    refused(
        "a-gzip-bomb", "thirty kilobytes that unpack to thirty megabytes",
        gzip.compress(GOOD + b"," * (30 << 20)), "CYP_LIMIT_EXPANSION",
    ),
    refused(
        "a-gzip-that-is-too-large", "", gzip.compress(GOOD + b"\r\n" * 100_000),
        "CYP_LIMIT_FILE_BYTES", limits={"file_bytes": 50_000},
    ),
    refused("zero-bytes", "", b"", "it is empty"),
    refused("only-spaces", "", b" \t\r\n" * 20, "it is empty"),
    refused("only-spaces-for-long", "", b" \r\n" * 20_000, "it is empty|Looked for headings"),
    refused("only-a-byte-order-mark", "", BOM, "it is empty"),
    refused("a-gzip-of-nothing", "", gzip.compress(b""), "it is empty"),
    refused("a-census-in-the-returns-folder", "", census(), "it is XML; ssda903 comes as CSV"),
    refused(
        "a-note-in-prose", "somebody left a note beside the data",
        f"Sent by {PLANTED}.\nThe CHILD, DECOM and LS are right now.\n", "Looked for headings",
        at="ssda903/2011/note.txt",
    ),
)  # fmt: skip

RETURNS = (*SHAPE, *SIZE, *LETTERS, *WRAPPED)
