"""Nothing is lost: what is set aside is kept whole and can be handed to those who mend it, what
does not convert is told of, and a row that nobody can account for stops publication."""

import csv
import json
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.build import LedgerBroken, dbt, hold_ledger
from flows.night import run_night
from flows.quarantine import Chosen, counts, export, lines
from flows.settings import Settings, SettingsError
from tests.scratch import Scratch
from tests.test_cli import run
from tests.test_night import stamp

HEADINGS = "CHILD,DECOM,RNE,LS,CIN,PLACE,DEC,REC,HOME_POST,Case note"
EPISODES = "332/ssda903/2011/episodes.csv"
# The child of a row tells what is wrong with it.
ROWS = [
    "GOOD1,01/04/2010,S,C2,N1,Q1,,,ZZ1 1AA,",
    ' ,02/04/2010,S,C2,N1,Q1,,,ZZ1 1AA,"two lines\nof ""note"""',
    "USDATE,04/25/2010,S,C2,N1,Q1,,,ZZ1 1AA,",
    "TWODIGITS,01/04/10,S,C2,N1,Q1,,,,",
    "YEAR11,01/04/0011,S,C2,N1,Q1,,,,",
    "NOLEAP,29/02/2011,S,C2,N1,Q1,,,,",
    "SERIAL,40000,S,C2,N1,Q1,,,,",
    "NODATE, ,S,C2,N1,Q1,,,,",
    "CODES,01/04/2010,s,c2 ,N9,U1,25/04/10,=2+2,nowhere,",
    "GOOD2,2010-04-25,S,C2,N1,q2,,,ZZ11AA,",
]
HEADERS = "CHILD,SEX,DOB,ETHNIC,MOTHER\nGOOD1,1,01/02/2005,WBRI,0\nCODES,M,01/02/05,XXXX,yes\n"

ADDRESSES = (
    "la_child_id,postcode,from_date,to_date\n"
    "GOOD1,ZZ1 1AA,01/04/2010,31/06/2010\nGOOD1,elsewhere,01/04/2009,\n"
)
NEIGHBOURS = "LA number,SN1,SNP\n332,999,Close\n333,,\n"
RANKS = (
    "LSOA code (2011),Index of Multiple Deprivation (IMD) Rank,"
    "Income Deprivation Affecting Children Index (IDACI) Rank (where 1 is most deprived)\n"
    "E01000001,12,7\nE01000002,twelve,8\n"
)

Point = Callable[[Settings], None]


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Broken extracts, landed, with staging and the quality models built over them."""
    place = Scratch.at(tmp_path_factory.mktemp("broken"))
    place.land_one(EPISODES, "\n".join([HEADINGS, ROWS[0], ROWS[1], ""]))
    place.land_one(EPISODES, "\n".join([HEADINGS, *ROWS, ""]))  # supersedes the two rows
    place.land_one("332/ssda903/2011/header.csv", HEADERS)
    place.land_one("332/ssda903/2012/header.csv", HEADERS)
    place.land_one("332/addresses/2011/addresses.csv", ADDRESSES)
    place.land_one("comparators/2011/neighbours.csv", NEIGHBOURS)
    place.land_one("deprivation/2015/ranks.csv", RANKS)
    settings = place.settings
    dbt(
        settings, "build", "--select", "+extract_ledger", "+conversions",
        "--indirect-selection", "cautious", "--exclude-resource-type", "unit_test",
    )  # fmt: skip
    return settings


@pytest.fixture
def harmed(broken: Settings, tmp_path: Path) -> Settings:
    """A copy of it, to do harm to."""
    home = tmp_path / "home"
    shutil.copytree(broken.home, home)
    return replace(broken, home=home)


def _asked(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.warehouse)) as connection:
        return connection.execute(query).fetchall()


def _read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


# The balance


def test_every_delivered_row_is_loaded_superseded_or_set_aside(broken: Settings) -> None:
    assert _asked(
        broken,
        """
        select table_name, collection_year, outcome, rows_delivered, rows_loaded,
            rows_superseded, rows_quarantined
        from quality.extract_ledger
        order by all
        """,
    ) == [
        ("addresses__addresses", 2011, "landed", 2, 1, 0, 1),
        ("comparators__statistical_neighbours", 2011, "landed", 2, 2, 0, 0),
        ("deprivation__cells", 2015, "landed", 2, 2, 0, 0),
        ("ssda903__episodes", 2011, "landed", 10, 3, 0, 7),
        ("ssda903__episodes", 2011, "superseded", 2, 0, 2, 0),
        ("ssda903__headers", 2011, "landed", 2, 2, 0, 0),
        ("ssda903__headers", 2012, "landed", 2, 2, 0, 0),
    ]


@pytest.mark.parametrize(
    "harm",
    [
        # a staging model that leaves a row out
        "create or replace view staging.stg_ssda903__episodes as "
        "select * from staging.kept where row_number <> 1",
        # one that doubles a row
        "create or replace view staging.stg_ssda903__episodes as "
        "select * from staging.kept union all select * from staging.kept where row_number = 1",
        # a row gone from landing, of what stands and of what was superseded
        "delete from landing.ssda903__episodes where child = 'GOOD1' and _file_id in "
        "(select file_id from landing.extract_files where outcome = 'landed')",
        "delete from landing.ssda903__episodes where child = 'GOOD1' and _file_id in "
        "(select file_id from landing.extract_files where outcome = 'superseded')",
        # a reader that counted another number than it handed over
        "update landing.extract_files set rows_delivered = 9 where rows_delivered = 10",
    ],
)
def test_a_row_that_is_lost_or_doubled_on_the_way_is_missed(harmed: Settings, harm: str) -> None:
    hold_ledger(harmed)
    with duckdb.connect(str(harmed.warehouse)) as connection:
        connection.execute("create table staging.kept as from staging.stg_ssda903__episodes")
        connection.execute(harm)
    with pytest.raises(LedgerBroken, match=r"332/ssda903/2011/.* \(ssda903__episodes\)"):
        hold_ledger(harmed)


def test_a_row_that_is_lost_makes_the_night_red_and_leaves_what_is_published(
    copied: Settings,
) -> None:
    before = stamp(copied)
    with duckdb.connect(str(copied.warehouse)) as warehouse:
        warehouse.execute(
            "delete from landing.ssda903__reviews where (_file_id, _row) in "
            "(select (_file_id, _row) from landing.ssda903__reviews limit 1)"
        )
    red = run_night(copied)
    assert red.is_red
    assert "332/ssda903/" in red.sentence
    assert "(ssda903__reviews)" in red.sentence
    assert red.published is None
    assert stamp(copied) == before


# What is told of it


def test_the_terminal_gets_counts_reasons_and_advice_and_no_value(broken: Settings) -> None:
    told = "\n".join(lines(broken, "quarantine", Chosen("ssda903")))
    assert "episodes.csv  episodes  decom        5  Start date that is no date" in told
    assert "No child identifier: Fill the child's identifier" in told
    assert told.endswith("7 rows set aside, in 1 file.")
    told += "\n".join(lines(broken, "quarantine", Chosen()))
    told += "\n".join(lines(broken, "conversions", Chosen()))
    assert "8 rows set aside, in 2 files." in told
    assert "Code of another collection year" in told
    for value in (
        "USDATE",
        "04/25",
        "40000",
        "nowhere",
        "elsewhere",
        "U1",
        "2+2",
        "note",
        "999",
        "twelve",
    ):
        assert value not in told


def test_what_did_not_convert_is_named_by_file_line_column_and_reason(broken: Settings) -> None:
    found = _asked(
        broken,
        """
        select collection_year, file_name, line_number, column_name, reason_code
        from quality.conversions
        where source = 'ssda903'
        order by all
        """,
    )
    assert found == [
        (2011, "episodes.csv", 11, "cin", "code_unknown"),
        (2011, "episodes.csv", 11, "dec", "date_unreadable"),
        (2011, "episodes.csv", 11, "home_post", "postcode_unreadable"),
        (2011, "episodes.csv", 11, "place", "code_not_in_force"),
        (2011, "episodes.csv", 11, "rec", "code_unknown"),
        *[
            (year, "header.csv", 3, column, reason)
            for year in (2011, 2012)
            for column, reason in (
                ("dob", "date_unreadable"),
                ("ethnic", "code_unknown"),
                ("mother", "flag_unreadable"),
                ("sex", "code_not_in_force"),
            )
        ],
    ]


def test_one_source_year_authority_or_file_can_be_asked_for(broken: Settings) -> None:
    def number(**chosen: Any) -> int:
        return sum(count.rows for count in counts(broken, "conversions", Chosen(**chosen)))

    assert number() == 16
    assert number(source="ssda903") == 13
    assert number(year=2012) == 4
    assert number(file_name="episodes.csv") == 5
    assert number(la_code="332", source="ssda903", year=2011, file_name="header.csv") == 4
    assert number(source="cin_census") == 0
    assert list(lines(broken, "quarantine", Chosen(year=2012))) == ["No rows set aside."]


# What is handed on


def test_an_export_holds_the_rows_as_delivered_in_the_order_of_their_file(
    broken: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "mend.csv"
    assert export(broken, "quarantine", Chosen("ssda903"), file) == 7
    rows = _read(file)
    assert [int(row["line_number"]) for row in rows] == [3, 5, 6, 7, 8, 9, 10]
    assert json.loads(rows[0]["delivered_row"]) == {
        "decom": "02/04/2010",
        "rne": "S",
        "ls": "C2",
        "cin": "N1",
        "place": "Q1",
        "home_post": "ZZ1 1AA",
        "Case note": 'two lines\nof "note"',
    }
    assert rows[0]["reason_code"] == "child_id_missing"
    assert rows[0]["column_name"] == "child"
    assert [json.loads(row["delivered_row"]).get("decom") for row in rows[1:]] == [
        "04/25/2010", "01/04/10", "01/04/0011", "29/02/2011", "40000", None,
    ]  # fmt: skip


def test_an_export_of_conversions_brings_the_text_from_landing(
    broken: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "mend.csv"
    assert export(broken, "conversions", Chosen("ssda903", 2011), file) == 9
    assert {(row["column_name"], row["delivered_text"]) for row in _read(file)} == {
        ("cin", "N9"),
        ("dec", "25/04/10"),
        ("home_post", "nowhere"),
        ("place", "U1"),
        ("rec", "'=2+2"),  # no formula to a spreadsheet
        ("dob", "01/02/05"),
        ("ethnic", "XXXX"),
        ("mother", "yes"),
        ("sex", "M"),
    }
    # an address; then a cell of a table, told by its heading or by its number
    others = [
        [row["file_name"], row["line_number"], row["column_number"], row["delivered_text"]]
        for source in ("addresses", "comparators", "deprivation")
        if export(broken, "conversions", Chosen(source), file)
        for row in _read(file)
    ]
    assert others == [
        ["addresses.csv", "2", "", "31/06/2010"],
        ["neighbours.csv", "2", "", "999"],
        ["ranks.csv", "3", "2", "twelve"],
    ]


def test_an_export_is_its_owners_alone_even_over_a_file_that_was_open_to_all(
    broken: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "mend.csv"
    file.write_text("older")
    file.chmod(0o666)
    export(broken, "quarantine", Chosen(), file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob("*mend*")] == ["mend.csv"]


def test_an_export_that_fails_leaves_nothing_behind(
    broken: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("flows.handed_on.os.replace", full)
    with pytest.raises(OSError, match="No space"):
        export(broken, "quarantine", Chosen(), tmp_path / "mend.csv")
    assert list(tmp_path.iterdir()) == []


def test_personal_data_is_not_written_where_readers_walk_nor_where_deliveries_are_dropped(
    broken: Settings, tmp_path: Path
) -> None:
    settings = replace(broken, home=tmp_path / "home", extracts=tmp_path / "extracts")
    for place in (settings.published / "csv", settings.extracts):
        place.mkdir(parents=True)
    shutil.copy(broken.warehouse, settings.warehouse)
    (tmp_path / "door").symlink_to(settings.published)
    for file, why in (
        (settings.published / "mend.csv", "published"),
        (settings.published / "csv" / ".." / "mend.csv", "published"),
        (tmp_path / "door" / "mend.csv", "published"),
        (settings.extracts / "mend.csv", "dropped"),
        (tmp_path / "mend.xlsx", "ends in .csv"),
        (tmp_path / "nowhere" / "mend.csv", "no folder"),
    ):
        with pytest.raises(SettingsError, match=why):
            export(settings, "quarantine", Chosen(), file)
    assert not [path for path in tmp_path.rglob("*mend*")]


# The command


def test_the_command_lists_exports_and_says_that_it_is_personal_data(
    broken: Settings,
    environment: Point,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    environment(broken)
    file = tmp_path / "mend.csv"
    assert run("quarantine", "--source", "ssda903", "--la", "332", "--export", str(file)) == 0
    told = capsys.readouterr().out
    assert "7 rows set aside" in told
    assert f"7 written to {file}. It holds personal data" in told
    assert "USDATE" not in told
    assert len(_read(file)) == 7
    assert run("quarantine", "--conversions", "--file", "episodes.csv") == 0
    assert "5 values that did not convert, in 1 file." in capsys.readouterr().out
    assert run("quarantine", "--export", str(broken.published / "mend.csv")) == 2
    assert "is published" in capsys.readouterr().err
    assert run("quarantine", "--source", "ssda930") == 2
    assert "No delivery is of that source" in capsys.readouterr().err


def test_a_house_in_which_nothing_was_built_says_so(
    environment: Point, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Scratch.at(tmp_path / "new").settings
    environment(settings)
    assert run("quarantine") == 2
    assert "nothing has been built: cyp refresh" in capsys.readouterr().err
