"""A delivery after another: the same, or a corrected one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows import status
from flows.build import dbt
from flows.differences import Difference, lines
from flows.night import begin, keep, tell_differences
from tests.scratch import Scratch
from tests.test_land import EPISODE, EPISODES, HEADER, census

ONLY_MODELS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
FIRST = EPISODES + EPISODE + EPISODE.replace("C1", "C2") + EPISODE.replace("C1", "C3")


def test_the_same_file_again_lands_nothing(tmp_path: Path) -> None:
    scratch = Scratch.at(tmp_path)
    scratch.land_one("ssda903/2010/a.csv", FIRST)
    before = scratch.rows("from landing.extract_files")
    assert scratch.land_one("ssda903/2010/a.csv", FIRST).outcome == "unchanged"
    assert scratch.rows("from landing.extract_files") == before


def test_the_same_content_under_another_name_is_another_delivery(tmp_path: Path) -> None:
    """It takes the older one's place, as the newest return of a table always does; the night
    says that nothing is different (below)."""
    scratch = Scratch.at(tmp_path)
    scratch.land_one("ssda903/2010/a.csv", FIRST)
    assert scratch.land_one("ssda903/2010/b.csv", FIRST).outcome == "landed"
    assert scratch.rows(
        "select file_name, outcome from landing.extract_files order by file_name"
    ) == [("a.csv", "superseded"), ("b.csv", "landed")]
    again = scratch.land()
    assert {one.outcome for one in again.values()} == {"unchanged"}


# What is different


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """Pairs of deliveries of every kind, and the models that compare them."""
    scratch = Scratch.at(tmp_path_factory.mktemp("compared"))

    def pair(name: str, older: str, newer: str) -> None:
        scratch.land_one(name, older)
        scratch.land_one(name, newer)

    rows = FIRST.splitlines()[1:]
    corrected = [rows[0].replace("U1", "U4"), rows[1], EPISODE.replace("C1", "C4").strip()]
    scratch.land_one("ssda903/2009/v1.csv", FIRST)
    scratch.land_one("ssda903/2009/v2.csv", FIRST)
    pair("ssda903/2010/corrected.csv", FIRST, EPISODES + "\n".join([*corrected, ""]))
    swapped = "DECOM,CHILD,RNE,LS,CIN,PLACE,DEC,REC,HOME_POST\n"
    moved = [",".join([*reversed(row.split(",")[:2]), *row.split(",")[2:]]) for row in rows[::-1]]
    pair("ssda903/2011/moved.csv", FIRST, swapped + "\n".join(["", *moved, ""]))
    pair("ssda903/2012/twice.csv", FIRST + EPISODE + EPISODE, FIRST + EPISODE)
    unknown = EPISODES.replace("\n", ",COLOUR\n") + EPISODE.replace("\n", ",red\n")
    pair("ssda903/2013/unknown.csv", unknown, unknown.replace("red", "blue"))
    pair("ssda903/2014/header.csv", HEADER + "C1,1,01/01/2000,WBRI,,,\n", HEADER)
    first, second = census(year="2010"), census(year="2010", child="C0")
    both = first.replace("</Children>", second.split("<Children>")[1].split("</Message>")[0])
    pair("cin_census/2010/c.xml", first, both)
    pair("cin_census/2010/c.xml", both, both.replace("<ReferralNFA>0", "<ReferralNFA>1", 1))
    table = "LSOA CODE,IMD SCORE,RANK\nE01009719,{},1\nE01009720,5,2\n"
    pair("deprivation/2010/a.csv", table.format(1), table.format(2) + "E01009721,5,2\n")
    dbt(
        scratch.settings, "build", "--select", "+delivery_differences",
        *ONLY_MODELS,
    )  # fmt: skip
    return scratch


@pytest.mark.parametrize(
    ("table", "year", "expected"),
    [
        ("ssda903__episodes", 2009, [(0, 0, 0, 3)]),
        ("ssda903__episodes", 2010, [(1, 1, 1, 1)]),
        ("ssda903__episodes", 2011, [(0, 0, 0, 3)]),
        ("ssda903__episodes", 2012, [(0, 0, 1, 4)]),
        ("ssda903__episodes", 2013, [(0, 1, 0, 0)]),
        ("ssda903__headers", 2014, [(0, 0, 1, 0)]),
        ("cin_census__children", 2010, [(1, 0, 0, 1), (0, 0, 0, 2)]),
        ("cin_census__referrals", 2010, [(1, 0, 0, 1), (0, 1, 0, 1)]),
        ("deprivation__cells", 2010, [(1, 1, 0, 1)]),
    ],
)
def test_rows_added_changed_gone_and_same_are_counted(
    compared: Scratch, table: str, year: int, expected: list[tuple[int, ...]]
) -> None:
    assert (
        compared.rows(
            "select rows_added, rows_changed, rows_gone, rows_same "
            "from quality.delivery_differences where table_name = ? and collection_year = ? "
            "order by superseded_at",
            table,
            year,
        )
        == expected
    )


def test_no_difference_holds_anything_that_was_delivered(compared: Scratch) -> None:
    for (cell,) in compared.rows("select unnest([identity, content]) from quality.delivered_rows"):
        assert len(cell) == 32


def test_a_night_tells_what_its_deliveries_changed(compared: Scratch) -> None:
    settings = compared.settings
    night = begin(settings)
    night.started_at = datetime.now(UTC) - timedelta(hours=1)
    said: list[str] = []
    tell_differences(settings, night, said.append)
    assert (
        "land      ssda903/2010/corrected.csv: 1 row added, 1 changed, 1 gone against the delivery "
        "before (episodes)"
    ) in said
    assert "land      ssda903/2009/v2.csv: no difference against v1.csv (episodes)" in said
    keep(settings, night)
    told = "\n".join(status.lines(settings))
    assert "superseded   ssda903/2012/twice.csv: 1 row gone" in told
    later = begin(settings)
    tell_differences(settings, later, said.append)
    assert later.differences == []


def test_a_delivery_of_several_tables_has_a_line_for_each_that_differs() -> None:
    of: dict[str, Any] = {"name": "a/c.xml", "older": "b.xml", "changed": 0, "gone": 0, "same": 9}
    found = [
        Difference(table="cin_census__children", added=1_200, **of),
        Difference(table="cin_census__referrals", added=0, **of),
    ]
    assert lines(found) == ["a/c.xml: 1,200 rows added against b.xml (children)"]
    assert lines(found[1:]) == ["a/c.xml: no difference against b.xml (referrals)"]
