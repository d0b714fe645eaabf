"""A case of the corpus, and the good files that stand before it comes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Stands in a cell of every case; no reason and no log may hold it.
PLANTED = "Zaphod"


@dataclass(frozen=True)
class Refused:
    """Turned away in these words (a regular expression), at this line and column if any.
    What is looked at anew each night is not `kept` in the archive."""

    words: str
    line: int | None = None
    column: int | str | None = None
    is_kept: bool = True


@dataclass(frozen=True)
class Landed:
    """Let in with so many rows of each table; what a query on its landing tables then says."""

    tables: dict[str, int]
    query: str = ""
    rows: list[tuple[Any, ...]] = field(default_factory=list)


@dataclass(frozen=True)
class PassedOver:
    """Nobody delivered it."""


@dataclass(frozen=True)
class Case:
    """One delivery.

    name        what it is called in the report of a test
    wrong       what is wrong with it
    at          where it is delivered, below the folder of extracts
    content     its bytes, or what makes it at a path
    examined    whether the examination at the door is what tells
    limits      settings that make it too large without its being so
    """

    name: str
    wrong: str
    at: str
    content: bytes | Callable[[Path], object]
    expected: Refused | Landed | PassedOver
    examined: bool = False
    limits: dict[str, int] = field(default_factory=dict)

    def deliver(self, extracts: Path) -> Path:
        path = extracts / self.at
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(self.content, bytes):
            path.write_bytes(self.content)
        else:
            self.content(path)
        return path


HEADINGS = "CHILD,DECOM,RNE,LS,CIN,PLACE,DEC,REC,HOME_POST"


def episode(child: str = PLANTED, decom: str = "01/05/2010", dec: str = "", rec: str = "") -> str:
    return f"{child},{decom},S,C2,N1,U1,{dec},{rec},DY1 1AA"


def episodes(*rows: str, headings: str = HEADINGS, ends: str = "\r\n") -> str:
    return ends.join([headings, *(rows or (episode(),))]) + ends


def child(identifier: str = PLANTED, within: str = "") -> str:
    return (
        f"<Child>\n<ChildIdentifiers><LAchildID>{identifier}</LAchildID>"
        "<PersonBirthDate>2005-02-01</PersonBirthDate></ChildIdentifiers>\n"
        "<CINdetails><CINreferralDate>2010-06-01</CINreferralDate>"
        f"<ReferralNFA>0</ReferralNFA></CINdetails>{within}\n</Child>\n"
    )


def census(
    *children: str, lea: str = "332", year: str = "2011", start: str = "", end: str = ""
) -> str:
    """A census; the first child begins in line 6 when nothing stands before the root."""
    return (
        f"{start}<Message>\n<Header>\n<CollectionDetails><Year>{year}</Year>"
        f"</CollectionDetails><Source><LEA>{lea}</LEA></Source>\n</Header>\n<Children>\n"
        f"{''.join(children or (child(),))}</Children>\n</Message>\n{end}"
    )


# What was delivered before: one good file of each source that a case may take the place of.
EARLIER = {
    "ssda903/2011/earlier.csv": episodes(episode("GOOD1")),
    "cin_census/2011/earlier.xml": census(child("GOOD1")),
    "deprivation/2010/earlier.csv": "LSOA CODE,IMD SCORE\nE01009719,12.5\n",
    "addresses/2011/earlier.csv": "la_child_id,postcode,from_date\nGOOD1,DY1 1AA,2010-01-01\n",
}
