"""Where files lie and what they are called: names, links, folders, and what is no file."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

from tests.corpus.case import PLANTED, Case, Landed, PassedOver, Refused, episodes

CONTENT = episodes().encode()
ONE = {"ssda903__episodes": 1}
THERE = f"select child, _collection_year from landing.ssda903__episodes where child = '{PLANTED}'"
LINK_OUT = "a link that leads out of the folder"
ELSEWHERE = "<source>/<year> of a source that is known"


def named(name: str, what: str, at: str) -> Case:
    """A file of an odd name, which lands like any other."""
    rows = [(PLANTED, 2011)]
    return Case(f"name-{what}", name, f"{at}{name}", CONTENT, Landed(ONE, THERE, rows))


def refused(name: str, wrong: str, at: str, content, words: str, *, is_kept: bool = False) -> Case:
    return Case(name, wrong, at, content, Refused(words, is_kept=is_kept))


def link_to(file: str | Callable[[Path], Path]) -> Callable[[Path], None]:
    def link(path: Path) -> None:
        path.symlink_to(file if isinstance(file, str) else file(path))

    return link


def _beside_extracts(path: Path) -> Path:
    return next(folder for folder in path.parents if folder.name in ("extracts", "sample")).parent


def outside(path: Path) -> Path:
    """A file beside the folder of extracts."""
    secret = _beside_extracts(path) / "secret.csv"
    secret.write_bytes(CONTENT)
    return secret


def folder_outside(path: Path) -> Path:
    folder = _beside_extracts(path) / "private"
    folder.mkdir()
    (folder / "episodes.csv").write_bytes(CONTENT)
    return folder


def within(path: Path) -> Path:
    kept = path.parent / ".kept.csv"
    kept.write_bytes(CONTENT)
    return kept


def folder_within(path: Path) -> Path:
    folder = path.parent / ".kept"
    folder.mkdir()
    (folder / "episodes.csv").write_bytes(CONTENT)
    return folder


def round_and_round(path: Path) -> None:
    path.symlink_to(path.with_name("other.csv"))
    path.with_name("other.csv").symlink_to(path)


def folder_like_a_file(path: Path) -> None:
    path.mkdir()
    (path / "inner.csv").write_bytes(CONTENT)


def listening(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        here = Path.cwd()
        os.chdir(path.parent)  # a socket's name has room for a hundred letters
        try:
            one.bind(path.name)
        finally:
            os.chdir(here)


def vast(path: Path) -> None:
    with path.open("wb") as file:
        file.write(CONTENT)
        file.truncate(9 * 1024**3)  # of which nothing takes room on the disk


def not_utf_8(path: Path) -> None:
    Path(os.fsdecode(os.fsencode(path.parent) + b"/caf\xe9.csv")).write_bytes(CONTENT)


YEAR = "ssda903/2011/"
NAMES = (
    named("it's \"the\" return.csv", "with-quotes", YEAR),
    named("a;b,c|d.csv", "with-separators", YEAR),
    named("x'); drop table landing.extract_files; --.csv", "with-sql", YEAR),
    named("$(touch evil) `id` %s {0}.csv", "with-commands", YEAR),
    named("two\nlines\x1b[2J.csv", "with-a-new-line-and-an-escape", YEAR),
    named("a" * 251 + ".csv", "of-255-bytes", YEAR),
    named("a." + "b" * 253, "of-255-bytes-behind-its-dot", YEAR),
    named("\U0001f476\u200d\U0001f37c.csv", "of-emoji", YEAR),
    named("\u202ecsv.\u05d0\u05d1", "that-runs-backwards", YEAR),
    named("-rf.csv", "with-a-dash", YEAR),
    named("a\\..\\..\\evil.csv", "with-backslashes", YEAR),
    named(" a .csv ", "with-spaces-around", YEAR),
    refused("name-not-in-utf-8", "caf\\xe9.csv", YEAR + "cafe.csv", not_utf_8,
            "not written in UTF-8"),
)  # fmt: skip

LINKS = (
    refused("link-out-to-a-file", "", YEAR + "a.csv", link_to(outside), LINK_OUT),
    refused("link-out-to-a-folder", "", YEAR + "a", link_to(folder_outside), LINK_OUT),
    refused("link-out-to-the-machine", "", YEAR + "a.csv", link_to("/etc/passwd"), LINK_OUT),
    refused("link-to-a-device", "it never ends", YEAR + "a.csv", link_to("/dev/zero"), LINK_OUT),
    refused("link-to-nowhere", "", YEAR + "a.csv", link_to("gone.csv"), "leads nowhere"),
    refused("link-to-itself", "", YEAR + "a.csv", link_to("a.csv"), "leads nowhere"),
    refused("link-round-in-a-circle", "", YEAR + "a", link_to(".."), "round in a circle"),
    Case(
        "link-within-to-a-file", "it is read as what it leads to", YEAR + "a.csv",
        link_to(within), Landed(ONE, THERE, [(PLANTED, 2011)]),
    ),
    Case(
        "link-within-to-a-folder", "it is read as what it leads to", "ssda903/2011/a",
        link_to(folder_within), Landed(ONE, THERE, [(PLANTED, 2011)]),
    ),
)  # fmt: skip

KINDS = (
    refused("a-pipe", "who reads it waits for ever", YEAR + "a.csv", os.mkfifo, "not a file"),
    refused("a-socket", "", YEAR + "a.csv", listening, "not a file"),
    refused("a-file-beyond-measure", "nine gigabytes, mostly holes", YEAR + "a.csv", vast,
            "CYP_LIMIT_FILE_BYTES"),
    Case("a-folder-called-like-a-file", "what is in it lands", YEAR + "episodes.csv",
         folder_like_a_file, Landed(ONE, THERE, [(PLANTED, 2011)])),
    Case("an-empty-folder-called-like-a-file", "", YEAR + "empty.csv", Path.mkdir, PassedOver()),
    Case("a-desktops-litter", "", YEAR + "Thumbs.db", CONTENT, PassedOver()),
    Case("an-editors-litter", "", YEAR + "~$episodes.csv", CONTENT, PassedOver()),
    Case("a-hidden-file", "it begins with a full stop", YEAR + ".episodes.csv", CONTENT,
         PassedOver()),
)  # fmt: skip


ARABIC = "\u0662\u0660\u0661\u0661"


def misplaced(name: str, at: str, words: str) -> Case:
    return refused(f"folder-{name}", at, at, CONTENT, f"{ELSEWHERE}: {words}", is_kept=True)


FOLDERS = (
    misplaced("of-no-source", "horses/2011/a.csv", "no source is called 'horses'"),
    misplaced("none", "a.csv", "it lies in no folder of a source"),
    misplaced("without-a-year", "ssda903/a.csv", "it lies in ssda903, but in no folder of a year"),
    misplaced("of-a-short-year", "ssda903/11/a.csv", "'11' is no year"),
    misplaced("of-the-year-11", "ssda903/0011/a.csv", "'0011' is no year"),
    misplaced("of-a-year-to-come", "ssda903/9999/a.csv", "'9999' is no year"),
    misplaced("of-a-school-year", "ssda903/2010-11/a.csv", "'2010-11' is no year"),
    misplaced("of-a-year-in-other-digits", f"ssda903/{ARABIC}/a.csv", f"'{ARABIC}' is no year"),
    misplaced("of-no-authority", "\u0663\u0663\u0662/ssda903/2011/a.csv", "no source is called"),
    Case("folder-in-capitals", "Windows makes no difference", "SSDA903/2011/a.csv", CONTENT,
         Landed(ONE, THERE, [(PLANTED, 2011)])),
)  # fmt: skip

PLACES = (*NAMES, *LINKS, *KINDS, *FOLDERS)
