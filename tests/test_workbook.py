"""The workbook says what the marts say, in cells that Excel and a screen reader can use."""

import datetime
import zipfile
from dataclasses import replace

import duckdb
import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from flows.manifest import PublicColumn, PublicModel
from flows.publish import workbook
from flows.publish.workbook import write_workbook

RATES = """
    create schema published;
    create table published.children_rates (
        la_code varchar, la_name varchar, at_date date, measure varchar, children integer,
        children_marker varchar, population_0_17 integer, population_0_17_marker varchar,
        population_year integer, rate_per_10000 double, comparator_rate_per_10000 double
    );
    insert into published.children_rates values
        ('001', '=HYPERLINK("x")', '2010-03-31', 'looked_after', 1234, null, 68000, null, 2009,
         91.5, 60.0),
        ('001', 'Nowhere & Co', '2011-03-31', 'looked_after', null, 'c', 68000, null, 2010,
         null, null),
        ('001', 'Nowhere & Co', '2012-03-31', 'looked_after', 0, null, null, 'z', null, null, 60.0);
    create table published.data_quality_summary (la_code varchar, files integer);
"""
SHEETS = ["Contents", "Notes", "Columns", "children_rates", "data_quality_summary"]


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "cyp.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(RATES)
    return path


@pytest.fixture
def models(database):
    with duckdb.connect(str(database), read_only=True) as connection:
        return [
            PublicModel(
                name,
                "published",
                f"One row per thing of {name}. " + "It is told at length. " * 8,
                tuple(
                    PublicColumn(column, kind.lower(), f"What {column} means.", None)
                    for column, kind in connection.execute(
                        "select column_name, data_type from duckdb_columns() "
                        "where table_name = ? order by column_index", [name],
                    ).fetchall()
                ),
            )
            for name in ("children_rates", "data_quality_summary")
        ]  # fmt: skip


@pytest.fixture
def written(tmp_path, database, models):
    path = tmp_path / "cyp.xlsx"
    write_workbook(path, database, models)
    return path


def table_of(sheet):
    """The rows of a sheet's only table, its header first."""
    (table,) = sheet.tables.values()
    return [[cell.value for cell in row] for row in sheet[table.ref]]


def test_numbers_dates_codes_and_markers_are_what_they_are(written, models):
    book = openpyxl.load_workbook(written)
    assert book.sheetnames == SHEETS
    header, shown, withheld, unknown = table_of(book["children_rates"])
    assert header == list(models[0].column_names)
    assert shown == [
        "001", '=HYPERLINK("x")', datetime.datetime(2010, 3, 31), "looked_after", 1234, None, 68000,
        None, 2009, 91.5, 60,
    ]  # fmt: skip
    # a withheld count takes its rate with it; the comparator is another's and just not there
    assert withheld[4:] == ["[c]", "c", 68000, None, 2010, "[c]", "[x]"]
    assert unknown[4:] == [0, None, "[z]", "z", "[x]", "[z]", 60]
    named = book["children_rates"]["B6"]
    assert (named.value, named.data_type) == ('=HYPERLINK("x")', "s")
    # an empty mart still has a table, and says so
    assert table_of(book["data_quality_summary"])[1:] == [["[x]", "[x]"]]
    assert "no rows" in book["data_quality_summary"]["A2"].value

    read = CalamineWorkbook.from_path(str(written))
    assert read.sheet_names == SHEETS
    rows = read.get_sheet_by_name("children_rates").to_python()
    assert rows[5][2:5] == [datetime.date(2010, 3, 31), "looked_after", 1234.0]
    assert rows[6][4:6] == ["[c]", "c"]


def test_rows_that_say_what_was_said_before_are_all_there(tmp_path, database, models):
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "insert into published.children_rates "
            "select * from published.children_rates order by at_date desc"
        )
    path = tmp_path / "cyp.xlsx"
    write_workbook(path, database, models)
    _, *rows = table_of(openpyxl.load_workbook(path)["children_rates"])
    assert len(rows) == 6
    assert rows[:3] == rows[:2:-1]
    read = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("children_rates").to_python()
    assert read[5:8] == read[:7:-1]


def test_it_can_be_found_ones_way_in(written, models):
    book = openpyxl.load_workbook(written)
    for sheet in book:
        assert sheet["A1"].value and sheet["A1"].font.bold
        assert not sheet.merged_cells.ranges
        (table,) = sheet.tables.values()
        first = sheet[table.ref][0][0]
        assert sheet.freeze_panes == f"A{first.row + 1}"
        assert first.column == 1 and sheet.max_column == len(sheet[table.ref][0])
        # nothing below the table, no blank line above it, no blank row or column within
        assert sheet.max_row == sheet[table.ref][-1][0].row
        assert all(sheet.cell(row, 1).value for row in range(1, sheet.max_row + 1))
        widths = {
            place: each.width
            for each in sheet.column_dimensions.values()
            for place in range(each.min, each.max + 1)
        }
        for place, (header, *_) in enumerate(zip(*table_of(sheet), strict=True), start=1):
            assert widths[place] >= min(len(header), workbook.WIDEST)
    contents = book["Contents"]
    links = {cell.hyperlink.location for row in contents for cell in row if cell.hyperlink}
    assert links == {f"'{name}'!A1" for name in SHEETS[1:]}
    assert ["children_rates", models[0].description, 3] in table_of(contents)
    told = dict(table_of(book["Notes"]))
    assert all(f"[{marker}]" in told for marker in "cxz") and "Marker columns" in told
    assert [row[1] for row in table_of(book["Columns"])][1:] == [
        column.name for model in models for column in model.columns
    ]
    said = book.properties
    assert (said.title, said.creator, said.language) == (
        workbook.TITLE, "CYP Warehouse", workbook.LANGUAGE,
    )  # fmt: skip


def test_the_same_marts_give_the_same_bytes(tmp_path, written, database, models):
    again = tmp_path / "again.xlsx"
    write_workbook(again, database, models)
    assert again.read_bytes() == written.read_bytes()
    with zipfile.ZipFile(written) as parts:
        assert parts.testzip() is None
        assert {part.date_time[0] for part in parts.infolist()} == {1980}
    other = [replace(models[0], description="Another one."), models[1]]
    write_workbook(again, database, other)
    assert again.read_bytes() != written.read_bytes()


def test_a_mart_that_no_sheet_can_hold_is_left_to_the_other_files(
    tmp_path, database, models, monkeypatch
):
    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    path = tmp_path / "cyp.xlsx"
    write_workbook(path, database, models)
    book = openpyxl.load_workbook(path)
    assert "children_rates" not in book.sheetnames
    assert any("csv/children_rates.csv" in row[1] for row in table_of(book["Contents"]))
