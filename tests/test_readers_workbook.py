"""Workbooks: sheets, rows and cells as a person reads them."""

import datetime

import openpyxl
import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st

from flows.land import sheets, workbook
from flows.land.delivery import Note, Refusal, Rows
from flows.land.layouts import sources
from flows.land.tables import Tables
from flows.settings import Limits

GROUP = "Children in families in receipt of CTC (<60% median income) or IS/JSA "
HMRC_2015 = [
    [],
    ["", "", "", GROUP, "", "", "% of Children", ""],
    ["", "Local Authority Code", "Local Authority Name", "", "", "", "", ""],
    [],
    ["", "", "", "Under 16", "All Children", "", "Under 16", "All Children"],
    [],
    ["", "E92000001", "England", 1678030, 1929285.0, "", 0.168, 0.166],
    [],
    ["", "E08000027", "Dudley", 12000, 13500, "", 0.2, 0.198],
    ["Source: HMRC"],
]


def xlsx(path, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def xls(path, sheets):
    book = xlwt.Workbook()
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if value != "":
                    sheet.write(at, column, value)
    book.save(str(path))
    return path


@pytest.mark.parametrize(("write", "name"), [(xlsx, "a.xlsx"), (xls, "a.xls")])
def test_a_workbook_with_groups_of_headings_lands_every_cell_under_its_own(tmp_path, write, name):
    path = write(tmp_path / name, {"Notes": [["Notes:"], ["All of it"]], "Summary ": HMRC_2015})
    tables = Tables(sources()["child_poverty"], str, Limits())
    delivered = list(tables.read(workbook.sheets(path, Limits())))
    [batch] = [one for one in delivered if isinstance(one, Rows)]
    assert tables.counts.rows == {"cells": 2}
    assert batch.sheet == "Summary "
    assert [
        (line, batch.headings[number - 1], value)
        for line, number, value in zip(
            batch.columns["_line"], batch.columns["column_number"], batch.columns["value"],
            strict=True,
        )
    ][6:] == [
        (9, "Local Authority Code", "E08000027"),
        (9, "Local Authority Name", "Dudley"),
        (9, f"{GROUP}| Under 16", "12000"),
        (9, f"{GROUP}| All Children", "13500"),
        (9, "% of Children | Under 16", "0.2"),
        (9, "% of Children | All Children", "0.198"),
    ]  # fmt: skip
    assert [one for one in delivered if isinstance(one, Note)] == [
        Note("Notes", 1, "Notes:"),
        Note("Notes", 2, "All of it"),
        Note("Summary ", 10, "Source: HMRC"),
    ]


def test_rows_run_on_from_sheet_to_sheet_of_one_table(tmp_path):
    sheet = [["Local Authority District code (2019)", "IMD - Average score"], ["E08000027", 23.5]]
    path = xlsx(tmp_path / "a.xlsx", {"IMD": sheet, "Income": sheet})
    batches = list(
        Tables(sources()["deprivation"], str, Limits()).read(workbook.sheets(path, Limits()))
    )
    assert [(one.sheet, set(one.columns["_row"])) for one in batches] == [
        ("IMD", {1}), ("Income", {2}),
    ]  # fmt: skip


def test_a_workbook_without_a_table_is_refused(tmp_path):
    path = xlsx(tmp_path / "a.xlsx", {"Notes": [["Nothing", "here"]], "Empty": []})
    with pytest.raises(Refusal, match="no table of deprivation was found"):
        list(Tables(sources()["deprivation"], str, Limits()).read(workbook.sheets(path, Limits())))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_the_shortest_text_that_reads_back_as_it(number):
    text = sheets.as_text(number)
    assert float(text) == number
    assert not text.endswith(".0")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1248.0, "1248"),
        (1248, "1248"),
        (0.228, "0.228"),
        (True, "TRUE"),
        ("0044", "0044"),
        (datetime.date(2011, 3, 31), "2011-03-31"),
        (datetime.datetime(2011, 3, 31), "2011-03-31"),
        (datetime.datetime(2011, 3, 31, 9, 30), "2011-03-31T09:30:00"),
    ],
)
def test_values_are_written_as_a_person_reads_them(value, text):
    assert sheets.as_text(value) == text
