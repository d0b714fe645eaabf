"""What the rules found is told in counts, and listed for those who mend it: of a warehouse, and
of files that have none."""

import csv
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path

import openpyxl
import pytest

from flows import single_return, validate
from flows.log import read
from flows.settings import Settings, SettingsError
from flows.validate import HEADING, Asked, summary
from tests.rules.judged import build_models
from tests.rules.returns import census_files, ssda903_files
from tests.scratch import Scratch
from tests.test_cli import run

Point = Callable[[Settings], None]

# Children whose names are found nowhere else; each has something to mend, but for the first.
LOOKED_AFTER = [
    ("SOUNDCHILD", {}),
    ("WRONGSEX", {"Header": {"SEX": "QX"}}),
    ("=WRONGDATE", {"Header": {"DOB": "31/31/2012", "ETHNIC": "QQQQ"}}),
]
IN_NEED = [
    ("SOUNDCHILD", {}, 2016),
    ("NEEDLESS", {"CINdetails": {"PrimaryNeedCode": "QN9"}}, 2016),
]
VALUES = ("SOUNDCHILD", "WRONGSEX", "WRONGDATE", "NEEDLESS", "QX", "31/31", "QQQQ", "QN9")


def deliver(folder: Path, year: int, la_code: str = "") -> list[Path]:
    """One return of each kind, in no folders that tell anything."""
    told = ssda903_files(year, LOOKED_AFTER, False)
    told |= census_files(year, la_code or "332", IN_NEED)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in told.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in told]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Two years of both returns, in which the rules have run."""
    place = Scratch.at(tmp_path_factory.mktemp("validate"))
    for year in (2024, 2025):
        for file in deliver(tmp_path_factory.mktemp("files"), year):
            source = "cin_census" if file.suffix == ".xml" else "ssda903"
            place.deliver(f"332/{source}/{year}/{file.name}", file)
    assert {landed.outcome for landed in place.land().values()} == {"landed"}
    build_models(place)
    return place.settings


def listed(settings: Settings, asked: Asked, file: Path) -> list[dict[str, str]]:
    validate.export(settings, asked, file, StringIO())
    with file.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


# What is told


def test_the_terminal_gets_counts_and_what_rules_say_and_no_value(
    built: Settings, environment: Point, capsys: pytest.CaptureFixture[str]
) -> None:
    environment(built)
    assert run("validate") == 0
    said = capsys.readouterr().out
    assert "The sex is none of M, F and U." in said
    assert "last year's ssda903__episodes" in said  # for want of which rules of 2024 were skipped
    assert not [value for value in VALUES if value in said]


def test_every_rule_that_was_skipped_is_counted_with_what_was_missing(built: Settings) -> None:
    found = summary(built, Asked())
    for source, la_code, year, in_force, ran, skipped, *_ in found.returns:
        assert in_force == ran + skipped
        told = [row for row in found.skipped if row[:3] == (source, la_code, year)]
        assert sum(row[3] for row in told) == skipped
    without = {row[4] for row in found.skipped if row[:3] == ("ssda903", "332", 2024)}
    assert {"last year's ssda903__episodes", "ssda903__oc2", "providers"} <= without
    of_next = {row[4] for row in found.skipped if row[:3] == ("ssda903", "332", 2025)}
    assert not any("last year's ssda903__episodes" in missing for missing in of_next)


def test_one_source_year_authority_severity_or_rule_can_be_asked_for(built: Settings) -> None:
    def codes(asked: Asked) -> set[str]:
        return {row[1] for row in summary(built, asked).rules}

    everything = codes(Asked())
    assert {"101", "102", "103", "8650"} <= everything
    assert codes(Asked(rule_codes=("101", "102"))) == {"101", "102"}
    assert codes(Asked(source="cin_census")).isdisjoint({"101", "102"})
    assert {row[2] for row in summary(built, Asked(severities=("error",))).rules} == {"error"}
    assert {row[2] for row in summary(built, Asked(year=2024)).returns} == {2024}
    assert summary(built, Asked(la_code="333")).returns == []
    [(*_, rows, children, _text)] = summary(built, Asked(year=2025, rule_codes=("102",))).rules
    assert (rows, children) == (1, 1)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--rule", "notarule"], "No rule is called notarule"),
        (["--year", "2019"], "No return of that source, year and authority has been judged"),
        (["--la", "333"], "has been judged"),
        (["--la", "33"], "three-digit"),
        (["--year", "25"], "collection year"),
        (["--source", "cin_census", "--rule", "102"], "No rule of that kind is in force"),
        (["--out", "list.txt"], "ends in .xlsx or .csv"),
        (["--out", "nowhere/list.csv"], "no folder"),
    ],
)
def test_a_slip_of_the_pen_is_told_from_good_news(
    built: Settings,
    environment: Point,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    why: str,
) -> None:
    environment(built)
    assert run("validate", *words) == 2
    assert why in capsys.readouterr().err


def test_strict_ends_with_1_when_an_error_was_found_and_only_then(
    built: Settings, environment: Point
) -> None:
    environment(built)
    assert run("validate", "--strict", "--rule", "101") == 1
    assert run("validate", "--strict", "--severity", "warning") == 0
    assert run("validate", "--strict", "--rule", "144") == 0


def test_a_house_in_which_nothing_was_built_says_so(
    environment: Point, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment(Scratch.at(tmp_path / "new").settings)
    assert run("validate") == 2
    assert "nothing has been built: cyp refresh" in capsys.readouterr().err


# What is written


def test_the_list_is_in_the_order_of_the_files_and_names_the_children(
    built: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "mend.csv"
    rows = listed(built, Asked("ssda903", 2025, rule_codes=("101", "102", "103")), file)
    assert tuple(rows[0]) == HEADING
    assert [(row["file_name"], row["line_number"], row["rule_code"]) for row in rows] == [
        ("headers.csv", "3", "101"), ("headers.csv", "4", "102"), ("headers.csv", "4", "103"),
    ]  # fmt: skip
    # the last is no formula to a spreadsheet
    assert [row["child"] for row in rows] == ["WRONGSEX", "'=WRONGDATE", "'=WRONGDATE"]
    assert rows[0]["fields"] == "SEX"
    assert rows[0]["what_is_wrong"] == "The sex is none of M, F and U."
    text = file.read_text(encoding="utf-8-sig")
    assert not [value for value in ("QX", "31/31", "QQQQ") if value in text]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_row_of_a_census_is_told_by_its_line_and_its_child(
    built: Settings, tmp_path: Path
) -> None:
    rows = listed(built, Asked("cin_census", 2025), tmp_path / "mend.csv")
    needless = [row for row in rows if row["child"] == "NEEDLESS"]
    assert needless
    assert all(int(row["line_number"]) > 20 for row in needless)
    assert [int(row["line_number"]) for row in rows] == sorted(
        int(row["line_number"]) for row in rows
    )


def test_a_workbook_opens_and_holds_what_the_list_and_the_summary_hold(
    built: Settings, tmp_path: Path
) -> None:
    file, asked = tmp_path / "mend.xlsx", Asked(year=2025)
    written = validate.export(built, asked, file, StringIO())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["Contents", "Mend", "Rules", "Returns", "Skipped"]
    found = summary(built, asked)
    for sheet, rows in (
        ("Mend", written),
        ("Rules", len(found.rules)),
        ("Returns", len(found.returns)),
        ("Skipped", len(found.skipped)),
    ):
        [table] = book[sheet].tables.values()
        first, last = (int("".join(filter(str.isdigit, end))) for end in table.ref.split(":"))
        assert last - first == rows, sheet
    cells = [cell.value for row in book["Mend"] for cell in row]
    assert "=WRONGDATE" in cells
    assert all(cell.data_type != "f" for row in book["Mend"] for cell in row)
    nothing = tmp_path / "nothing.xlsx"
    assert validate.export(built, Asked(year=2025, rule_codes=("144",)), nothing, StringIO()) == 0
    assert "No rule found anything." in [
        cell.value for row in openpyxl.load_workbook(nothing)["Mend"] for cell in row
    ]


def test_a_workbook_that_nobody_would_read_is_not_made(
    built: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validate, "MOST_ROWS", 1)
    with pytest.raises(SettingsError, match="too many for a workbook"):
        validate.export(built, Asked(), tmp_path / "mend.xlsx", StringIO())
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_where_it_may_and_says_that_it_is_personal_data(
    built: Settings, environment: Point, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment(built)
    assert run("validate", "--out", str(tmp_path / "mend.csv")) == 0
    said = capsys.readouterr().out
    assert "It names children" in said
    assert not [value for value in VALUES if value in said]
    assert read(built).entries[-1]["relation"] == "rule_failures"
    for place, why in ((built.published, "is published"), (built.extracts, "dropped")):
        assert run("validate", "--out", str(place / "mend.csv")) == 2
        assert why in capsys.readouterr().err


def test_the_list_on_standard_output_names_no_child(
    built: Settings, environment: Point, capsys: pytest.CaptureFixture[str]
) -> None:
    environment(built)
    assert run("validate", "--rule", "101", "--out", "-") == 0
    said, beside = capsys.readouterr()
    rows = list(csv.DictReader(StringIO(said)))
    assert [row["line_number"] for row in rows] == ["3", "3"]
    assert "child" not in rows[0]
    assert "1 found something, at 2 places." in beside
    assert not [value for value in VALUES if value in said + beside]


# Of files, without a warehouse


@pytest.fixture
def outside(
    built: Settings, environment: Point, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A folder beside which there is no warehouse, and where what vanishes would be left."""
    home, passing = tmp_path / "nohome", tmp_path / "passing"
    environment(replace(built, home=home, la_code=None))
    passing.mkdir()
    monkeypatch.setattr(single_return.tempfile, "tempdir", str(passing))
    return tmp_path


def test_returns_are_judged_without_a_warehouse_and_nothing_is_left(
    outside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tables of SSDA903, whose authority and year are said; a census that says its own; and the
    returns of the year before, in the folders of a drop folder."""
    files = deliver(outside / "files", 2025)
    last = deliver(outside / "332" / "ssda903" / "2024", 2024)
    files += [file for file in last if file.suffix == ".csv"]
    out = outside / "mend.csv"
    assert run(
        "validate", *map(str, files), "--la", "332", "--year", "2025", "--out", str(out)
    ) == 0  # fmt: skip
    said = capsys.readouterr().out
    assert "The sex is none of M, F and U." in said
    assert not [value for value in VALUES if value in said]
    assert "last year's ssda903__episodes" not in said
    assert "headers.csv is of 2024: read as last year's." in said
    with out.open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    assert {row["return"] for row in rows} == {"ssda903", "cin_census"}
    assert {row["collection_year"] for row in rows} == {"2025"}
    assert {row["child"] for row in rows} >= {"WRONGSEX", "'=WRONGDATE", "NEEDLESS"}
    assert list((outside / "passing").iterdir()) == []
    assert not (outside / "nohome").exists()


def test_files_that_tell_no_authority_or_year_are_asked_about(
    outside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    headers = deliver(outside / "files", 2025)[1]
    for words, asked in (
        ([], "of which authority and collection year headers.csv is: say --la CODE and --year"),
        (["--la", "332"], "of which collection year headers.csv is: say --year YEAR."),
        (["--year", "2025"], "of which authority headers.csv is: say --la CODE."),
    ):
        assert run("validate", str(headers), *words) == 2
        assert asked in capsys.readouterr().err
    assert list((outside / "passing").iterdir()) == []


def test_a_year_of_which_there_is_no_file_is_told(
    outside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    census = next(file for file in deliver(outside / "files", 2025) if file.suffix == ".xml")
    assert run("validate", str(census), "--year", "2023") == 2
    assert "No file is a return of 2023." in capsys.readouterr().err


def test_what_is_refused_is_told_with_its_place(
    outside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd, torn = outside / "odd.csv", outside / "torn.xml"
    odd.write_text("A,B\nSOUNDCHILD,2\n")
    torn.write_text("<Message>\n<Header>\n<CollectionDetails><Year>2025</Year>\n</Wrong>\n")
    assert run("validate", str(odd), "--la", "332", "--year", "2025") == 1
    said = capsys.readouterr().err
    assert "odd.csv" in said
    assert run("validate", str(torn), "--la", "332") == 1
    assert "file torn.xml, line 4, column" in (told := capsys.readouterr().err)
    assert "SOUNDCHILD" not in said + told
    census = outside / "332" / "cin_census" / "2024" / "census.xml"
    census.parent.mkdir(parents=True)
    shutil.copy(next(file for file in deliver(outside / "files", 2025) if file.suffix == ".xml"),
                census)  # fmt: skip
    assert run("validate", str(census)) == 1
    assert "the year in its Header is not the year of the folder" in capsys.readouterr().err
    assert list((outside / "passing").iterdir()) == []


def test_two_files_of_one_table_are_not_judged_as_one(
    outside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [deliver(outside / folder, 2025)[1] for folder in ("files", "again")]
    files[1].write_text(files[1].read_text() + "\n")
    assert run("validate", *map(str, files), "--la", "332", "--year", "2025") == 2
    assert "all hold ssda903__headers of 2025: name one of them." in capsys.readouterr().err


def test_who_stops_it_leaves_nothing_behind(
    outside: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(single_return, "dbt", stopped)
    files = deliver(outside / "files", 2025)
    assert run("validate", *map(str, files), "--la", "332", "--year", "2025") == 1
    assert "Stopped." in capsys.readouterr().err
    assert list((outside / "passing").iterdir()) == []
