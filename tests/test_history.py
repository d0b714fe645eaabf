"""The order in which files arrive changes nothing: the same deliveries, landed file by file or
all at once, in one night or over several, make the same histories.

Of two deliveries of one return (one authority, year and table) the one that arrived last
stands; of those that arrive in one night, the one with the latest clock. That is order that is
meant to matter, so the deliveries of one return keep theirs here, and everything else is
dealt out at random.
"""

import shutil
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows import audit
from flows import land as landing
from flows.build import dbt
from flows.settings import Settings
from tests.scratch import Scratch
from tests.test_stitching import MODELS, _relation

EPISODES = "CHILD,DECOM,RNE,LS,CIN,PLACE,DEC,REC"
HEADER = "CHILD,SEX,DOB,ETHNIC"


@dataclass(frozen=True)
class File:
    """A delivery. Those of one slot replace one another, in the order of their clocks."""

    name: str
    text: str
    clock: int

    @property
    def slot(self) -> str:
        la_code, source, year, name = self.name.split("/")
        return f"{la_code} {source} {year} {name.removesuffix('.csv').split('_')[0]}"


def episodes(name: str, clock: int, *rows: str) -> File:
    return File(name, "\n".join([EPISODES, *rows, ""]), clock)


def headers(name: str, clock: int, *rows: str) -> File:
    return File(name, "\n".join([HEADER, *rows, ""]), clock)


# Two authorities that use the same identifiers; a child whose identifier changes its case; an
# episode corrected by the next return, one that vanishes, one that is told twice; a return
# delivered three times; days and codes that cannot be read; a year that is missing in one.
FILES = [
    episodes(
        "332/ssda903/2009/episodes.csv", 10,
        "c1,01/05/2008,S,C2,N1,U6,,",
        "C2,01/06/2008,S,C2,N1,U6,31/01/2009,E4A",
        "C3,01/07/2008,S,V2,N1,K2,,",
        "C4,31/02/2009,S,C2,N1,U6,,",
        ",01/07/2008,S,C2,N1,U6,,",
    ),
    headers("332/ssda903/2009/header.csv", 11, "c1,1,02/03/2001,WBRI", "C2,2,05/06/2002,WBRI"),
    episodes(
        "332/ssda903/2010/episodes.csv", 20,
        "C1,01/05/2008,S,C2,N1,U6,01/11/2009,X1",
        "C1,01/11/2009,P,C2,N1,K2,,",
        "C5,01/08/2009,S,C2,N1,U6,01/08/2009,X1",
        "C5,01/08/2009,L,V2,N1,U6,,",
    ),
    episodes(
        "332/ssda903/2010/episodes_corrected.csv", 40,
        "C1,03/05/2008,S,C2,N1,U6,01/11/2009,X1",
        "C1,01/11/2009,P,C2,N1,Z9,,",
        "C5,01/08/2009,S,C2,N1,U6,01/08/2009,X1",
        "C5,01/08/2009,L,V2,N1,U6,,",
        "C5,01/08/2009,L,V2,N1,U6,,",
    ),
    episodes(
        "332/ssda903/2010/episodes_third.csv", 60,
        "C1,01/05/2008,S,C2,N1,U6,15/11/2009,X1",
        "C1,01/11/2009,P,C2,N1,K2,,",
        "C3,05/07/2008,S,V2,N1,K2,,",
        "C5,01/08/2009,S,C2,N1,U6,01/08/2009,X1",
        "C5,01/08/2009,L,V2,N1,U6,,",
        "C6,01/02/2010,S,C2,N1,U6,01/01/2010,E4A",
    ),
    headers("332/ssda903/2010/header.csv", 21, "C1,1,02/03/2001,WIRI", "C5,2,07/08/2003,"),
    episodes(
        "332/ssda903/2011/episodes.csv", 30,
        "C1,01/11/2009,P,C2,N1,K2,20/12/2010,E4A",
        "C1,01/02/2011,S,C2,N1,U6,,",
        "C5,01/08/2009,L,V2,N1,U6,10/10/2010,X1",
        "C5,20/10/2010,P,C2,N1,U6,,",
    ),
    headers("332/ssda903/2011/header.csv", 31, "C1,1,03/03/2001,WIRI", "C5,2,07/08/2003,MWBC"),
    episodes("333/ssda903/2009/episodes.csv", 12, "C1,01/05/2008,S,V2,N3,K2,,"),
    episodes(
        "333/ssda903/2011/episodes.csv", 32,
        "C1,01/05/2008,S,V2,N3,K2,01/05/2010,E4A",
        "C2,30/2/10,S,C2,N1,U6,,",
        "C2,01/03/2011,S,C2,N1,U6,,",
    ),
    headers("333/ssda903/2011/header.csv", 33, "C1,2,01/01/1999,WBRI"),
]  # fmt: skip


def settings_in(folder: Path) -> Settings:
    return Settings(
        extracts=folder / "extracts", is_sample=False, home=folder, la_code=None, key=b"for tests"
    )


@dataclass(frozen=True)
class House:
    """A warehouse with seeds and views and nothing landed, and the models' compiled SQL."""

    template: Path
    sql: dict[str, str]

    def history(self, nights: list[list[File]]) -> dict[str, list[tuple[Any, ...]]]:
        """What there is when the files have been landed, night by night."""
        with tempfile.TemporaryDirectory() as folder:
            scratch = Scratch(settings_in(Path(folder)))
            scratch.settings.extracts.mkdir()
            shutil.copyfile(self.template, scratch.settings.warehouse)
            for night in nights:
                for file in night:
                    scratch.deliver(file.name, file.text, 1_300_000_000 + file.clock)
                outcomes = {landed.outcome for landed in scratch.land().values()}
                assert outcomes <= {"landed", "unchanged"}
            with duckdb.connect(str(scratch.settings.warehouse)) as connection:
                for name, sql in self.sql.items():
                    connection.execute(f"create or replace table {_relation(name)} as {sql}")
                return {
                    relation: sorted(connection.execute(f"from {relation}").fetchall(), key=repr)
                    for relation in RELATIONS
                }


RELATIONS = (
    "intermediate.int_episodes_stitched",
    "intermediate.int_periods_of_care",
    "intermediate.int_children_settled",
    "quality.episode_repairs",
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    home = tmp_path_factory.mktemp("history")
    place = settings_in(home)
    landing.prepare(place)
    with duckdb.connect(str(place.warehouse)) as connection:
        audit.prepare(connection)
    dbt(
        place, "build", "--exclude-resource-type", "test", "unit_test",
        "--select", "+episode_repairs", "+int_periods_of_care",
    )  # fmt: skip
    compiled = {path.stem: path.read_text() for path in (place.target / "compiled").rglob("*.sql")}
    return House(place.warehouse, {name: compiled[name] for name in MODELS})


@pytest.fixture(scope="module")
def at_once(house: House) -> dict[str, list[tuple[Any, ...]]]:
    """What all files make that are landed in one night."""
    return house.history([FILES])


def in_turn(files: list[File]) -> list[File]:
    """The files as dealt, but for those of one slot: in the places that they have among all
    of them, they lie in the order of their clocks."""
    by_slot: dict[str, list[File]] = {}
    for file in sorted(files, key=lambda file: file.clock):
        by_slot.setdefault(file.slot, []).append(file)
    return [by_slot[file.slot].pop(0) for file in files]


@st.composite
def several_nights(draw: st.DrawFn) -> list[list[File]]:
    """Every file once, dealt out to one or several nights."""
    files = in_turn(draw(st.permutations(FILES)))
    ends = sorted(draw(st.sets(st.integers(1, len(files) - 1))))
    return [files[begin:end] for begin, end in pairwise([0, *ends, len(files)])]


def test_all_at_once_leaves_something_to_compare(
    at_once: dict[str, list[tuple[Any, ...]]],
) -> None:
    assert all(at_once.values()), {name: len(rows) for name, rows in at_once.items()}
    stitched = at_once["intermediate.int_episodes_stitched"]
    assert {row[0] for row in stitched} == {"332", "333"}


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(nights=several_nights())
def test_the_order_in_which_files_arrive_changes_nothing(
    house: House, at_once: dict[str, list[tuple[Any, ...]]], nights: list[list[File]]
) -> None:
    assert house.history(nights) == at_once


def test_a_file_a_night_backwards_changes_nothing(
    house: House, at_once: dict[str, list[tuple[Any, ...]]]
) -> None:
    """The latest return first, and the oldest as a late one."""
    assert house.history([[file] for file in in_turn(FILES[::-1])]) == at_once


def test_of_two_deliveries_of_one_return_the_last_to_arrive_stands_whatever_its_clock_says(
    house: House, at_once: dict[str, list[tuple[Any, ...]]]
) -> None:
    """Clocks are lost in copying, so they decide between files that arrive together only."""
    returned = [file for file in FILES if file.slot == "332 ssda903 2010 episodes"]
    first, _, third = sorted(returned, key=lambda file: file.clock)
    others = [file for file in FILES if file not in returned]
    together = house.history([[*others, third, first]])
    assert together == house.history([[*others, first], [third]]) == at_once
    late = house.history([[*others, third], [first]])
    assert late != at_once
    assert late == house.history([[*others, first]])
