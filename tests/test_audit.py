"""What is found at the doors is reported, recorded and shown, and never quotes a value."""

import dataclasses
import os
import socket
import subprocess
import sys

import duckdb
import great_expectations.expectations as gxe
import pandas
import pytest

from expectations.contracts import HOUSE, published_columns
from expectations.phrases import suite
from expectations.published import MARTS
from flows import audit, data_docs
from flows.audit import Finding, at_the_door, at_the_way_out, hold, record, write_data_docs
from flows.settings import Settings
from tests.landing import column_of, fill, ledger, make_landing
from tests.marts import built_house, good_rows

PLANTED = ["Q7-SECRET-CHILD", "DY1 9ZZ", "zz/zz/2099", "PLANTED-LEGAL-STATUS"]
SPOIL = (
    "update landing.ssda903__episodes set child = 'Q7-SECRET-CHILD', home_post = 'DY1 9ZZ', "
    "decom = 'zz/zz/2099', ls = 'PLANTED-LEGAL-STATUS' where _row > 30"
)


@pytest.fixture(autouse=True)
def forget():
    """Examinations of other tests are not this test's."""
    data_docs._examined.clear()


@pytest.fixture
def settings(tmp_path):
    return Settings(
        extracts=tmp_path / "extracts", is_sample=True, home=tmp_path, la_code=None, key=b"key"
    )


@pytest.fixture
def warehouse(settings):
    with duckdb.connect(str(settings.warehouse)) as connection:
        make_landing(connection)
        yield connection


def examine_spoilt_episodes(warehouse):
    fill(warehouse, "ssda903__episodes")
    warehouse.execute(SPOIL)
    return at_the_door(warehouse, "ssda903__episodes", "landing.ssda903__episodes", "f1")


def test_a_finding_says_what_where_how_often_and_what_to_do(warehouse):
    findings = examine_spoilt_episodes(warehouse)
    (date,) = [found for found in findings if found.column == "start_date" and found.is_critical]
    assert date == Finding(
        door="in",
        suite="ssda903 episodes, as returned",
        relation="ssda903__episodes",
        file_id="f1",
        expectation="expect_column_values_to_not_be_null",
        column="start_date",
        severity="critical",
        rows_checked=40,
        rows_unexpected=10,
        note=date.note,
    )
    assert "DECOM" in date.note
    assert str(date).startswith("ssda903__episodes.start_date: ")
    assert "(10 of 40 rows)" in str(date)


def test_rows_may_be_given_as_a_query(warehouse):
    fill(warehouse, "ssda903__episodes")
    query = "select * from landing.ssda903__episodes where false"
    found = at_the_door(warehouse, "ssda903__episodes", query, "f1")
    assert [each.expectation for each in found if each.is_critical] == [
        "expect_table_row_count_to_be_between"
    ]


def test_planted_values_are_nowhere_in_findings_log_or_pages(settings, warehouse, capfd, caplog):
    findings = examine_spoilt_episodes(warehouse)
    record(warehouse, findings, "run 1")
    recorded = warehouse.execute("select * from quality.findings").fetchall()
    warehouse.close()
    index = write_data_docs(settings)
    told = [
        repr(findings), *map(str, findings), repr(recorded), caplog.text, *capfd.readouterr(),
        *(path.read_text() for path in settings.docs.rglob("*") if path.is_file()),
    ]  # fmt: skip
    assert len(list(index.parent.glob("*.html"))) == 2
    assert [value for value in PLANTED for text in told if value in text] == []


def test_findings_are_recorded_for_the_quality_models(warehouse):
    findings = examine_spoilt_episodes(warehouse)
    record(warehouse, findings, "run 1")
    record(warehouse, [], "run 2")
    rows = warehouse.execute(
        "select run_id, door, relation, file_id, column_name, severity, rows_checked, "
        "rows_unexpected from quality.findings where column_name = 'start_date' order by severity"
    ).fetchall()
    assert rows == [
        ("run 1", "in", "ssda903__episodes", "f1", "start_date", "critical", 40, 10),
        ("run 1", "in", "ssda903__episodes", "f1", "start_date", "warning", 40, 10),
    ]


def test_the_table_of_findings_is_there_though_nothing_was_found():
    with duckdb.connect() as connection:
        record(connection, [], "run 1")
        assert connection.execute("select count(*) from quality.findings").fetchall() == [(0,)]


def test_an_expectation_that_breaks_is_critical_though_it_was_a_warning():
    rows = pandas.DataFrame({"text": ["a", "b"]})
    breaks = suite(
        "breaks",
        "",
        gxe.ExpectColumnValuesToBeBetween(column="text", min_value=0, severity="warning"),
        gxe.ExpectColumnValuesToNotBeNull(column="absent", severity="warning"),
    )
    checks = hold(rows, breaks)
    assert [(check.severity, check.is_met) for check in checks] == [("critical", False)] * 2
    assert all("could not be evaluated" in check.note for check in checks)


def test_examining_calls_nobody(warehouse, monkeypatch):
    called = []
    monkeypatch.setattr(socket.socket, "connect", lambda *address: called.append(address))
    examine_spoilt_episodes(warehouse)
    assert called == []
    assert "posthog" not in sys.modules or not sys.modules["posthog"].default_client


def test_great_expectations_reports_nothing_and_is_imported_only_when_needed():
    program = "import flows.audit, sys; print('great_expectations' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=HOUSE, capture_output=True, text=True, check=True
    ).stdout
    assert told.strip() == "False"
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"


# Data Docs


def test_the_pages_call_nobody(settings, warehouse):
    examine_spoilt_episodes(warehouse)
    warehouse.close()
    pages = write_data_docs(settings).parent.glob("*")
    for page in pages:
        text = page.read_text()
        for trace in ("http", "src=", "//", "<script", "@import", "url("):
            assert trace not in text


def test_a_page_tells_suite_expectation_severity_counts_and_outcome(settings, warehouse):
    examine_spoilt_episodes(warehouse)
    warehouse.close()
    index = write_data_docs(settings)
    page = next(path for path in index.parent.glob("in-*.html")).read_text()
    assert "start_date is filled, in at least 95% of rows." in page
    assert "critical" in page
    assert '<td class="number">40</td><td class="number">10</td>' in page
    assert "✗ not met" in page
    assert "✓ met" in page
    assert "✗ refused" in index.read_text()


def test_the_pages_keep_what_was_not_delivered_anew_and_drop_what_was_superseded(
    settings, warehouse
):
    for file_id in ("f1", "f2"):
        fill(warehouse, "ssda903__headers", file_id)
        ledger(warehouse, "ssda903__headers", file_id, 40)
        at_the_door(warehouse, "ssda903__headers", "landing.ssda903__headers", file_id)
    warehouse.execute("checkpoint")
    warehouse.close()
    assert len(list(write_data_docs(settings).parent.glob("in-*"))) == 2
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(
            "update landing.extract_files set outcome = 'superseded' where file_id = 'f1'"
        )
    index = write_data_docs(settings)
    assert len(list(index.parent.glob("in-*"))) == 1
    assert "f2.csv" in index.read_text()


# The way out, and the quality models, on what dbt really builds


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A small landing, and the quality models built over it by dbt."""
    return built_house(tmp_path_factory.getbasetemp())


def test_every_delivered_row_is_loaded_superseded_held_back_or_set_aside(built):
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select file_id, rows_delivered, rows_loaded, rows_superseded, rows_held_back, "
            "rows_quarantined from quality.extract_ledger order by file_id"
        ).fetchall()
    assert rows == [
        ("bad", 0, 0, 0, 0, 0),
        ("f1", 40, 38, 0, 0, 2),
        ("held", 40, 0, 0, 40, 0),
        ("imd", 21, 21, 0, 0, 0),
        ("old", 40, 0, 40, 0, 0),
    ]


def test_what_is_published_says_nothing_of_a_delivery_that_is_held_back(built):
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select files, rows_delivered, rows_superseded "
            "from quality.data_quality_summary_counted where la_code = '332' order by all"
        ).fetchall()
    assert rows == [(1, 0, 0), (2, 80, 40)]  # the first was refused, and has no year


def test_a_row_set_aside_is_named_by_file_line_and_column_and_quoted_in_one_column_only(built):
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select * exclude (delivered_row) from quality.quarantine order by row_number"
        ).fetchall()
        whole = connection.execute("select delivered_row from quality.quarantine").fetchall()
        places = connection.execute(
            "select file_name, line_number, column_name, reason_code from quality.quarantine "
            "order by line_number"
        ).fetchall()
    assert places == [
        ("f1.csv", 8, "decom", "start_date_unreadable"),
        ("f1.csv", 9, "decom", "start_date_unreadable"),
    ]
    assert "SECRET" not in repr(rows)
    assert "May" not in repr(rows)
    assert all("SECRET" in row and "May 2010" in row for (row,) in whole)


def test_the_ledger_counts_the_rows_of_every_landed_table():
    from expectations import INBOUND

    compiled = (HOUSE / "macros" / "landed.sql").read_text()
    for table in INBOUND:
        source, name = table.split("__")
        assert f"'{source}'" in compiled
        assert f"'{name}'" in compiled


def test_marts_that_keep_their_promises_leave_no_critical_finding(built):
    findings = at_the_way_out(built)
    assert [str(found) for found in findings if found.is_critical] == []


def test_a_small_count_at_the_way_out_is_critical(built):
    with duckdb.connect(str(built.warehouse)) as connection:
        connection.execute("begin")
        connection.execute("update published.data_quality_summary set rows_delivered = 3")
        connection.execute("commit")
    try:
        critical = [found for found in at_the_way_out(built) if found.is_critical]
        assert {(found.relation.split()[0], found.column) for found in critical} == {
            ("data_quality_summary", "rows_delivered")
        }
        assert {"what public may see, attacked", "data_quality_summary, as published"} <= {
            found.suite for found in critical
        }
    finally:
        with duckdb.connect(str(built.warehouse)) as connection:
            connection.execute(
                "update published.data_quality_summary set rows_delivered = "
                "counted.rows_delivered from quality.data_quality_summary_counted as counted "
                "where counted.source = data_quality_summary.source"
            )


def test_an_authority_that_delivered_must_be_in_every_mart_it_feeds(built):
    with duckdb.connect(str(built.warehouse)) as connection:
        ledger(connection, "ssda903__episodes", "other", 0, la_code="333")
    try:
        critical = [found for found in at_the_way_out(built) if found.is_critical]
        assert {
            (found.relation, found.la_codes)
            for found in critical
            if found.expectation == "expect_column_distinct_values_to_contain_set"
        } >= {("data_quality_summary", ("333",))}
    finally:
        with duckdb.connect(str(built.warehouse)) as connection:
            connection.execute("delete from landing.extract_files where file_id = 'other'")


def test_a_mart_is_not_missed_before_all_it_is_made_of_has_been_delivered(warehouse):
    """Wards alone make no township's profile, and townships no priority LSOAs."""
    ledger(warehouse, "townships__townships", "f1", 24)
    for mart, *rest in (
        ("township_profile", "cin_census__children"),
        ("lsoa_profile", "deprivation__cells"),
        ("priority_lsoas", "deprivation__cells", "postcodes__postcodes"),
    ):
        for number, table in enumerate(rest):
            assert audit._delivered(warehouse, MARTS[mart]) == ((), False), mart
            ledger(warehouse, table, f"{mart}{number}", 1, la_code=None)
        assert audit._delivered(warehouse, MARTS[mart]) == (("332",), True), mart
        warehouse.execute("delete from landing.extract_files where file_id <> 'f1'")


def test_a_total_that_lurches_against_the_last_publication_is_a_warning(built):
    built.published.mkdir()
    last = built.published / "cyp.duckdb"
    rows = good_rows("data_quality_summary")
    rows["rows_delivered"] = 1_000
    with duckdb.connect(str(last)) as connection:
        connection.register("rows_", rows)
        connection.execute("create schema published")
        connection.execute("create table published.data_quality_summary as select * from rows_")
    try:
        lurches = [found for found in at_the_way_out(built) if "last published" in found.suite]
        assert ("rows_delivered_change", "warning") in {
            (found.column, found.severity) for found in lurches
        }
        assert not any(found.is_critical for found in lurches)
        last.write_bytes(b"not a database")
        told = {found.expectation: found.severity for found in at_the_way_out(built)}
        assert told["the_last_version_can_be_read"] == "warning"
    finally:
        last.unlink()
        built.published.rmdir()


def test_a_public_model_without_a_suite_may_not_leave(built, monkeypatch):
    public = audit.public_models(built)
    stray = dataclasses.replace(public[0], name="stray")
    monkeypatch.setattr(audit, "public_models", lambda _: [stray])
    monkeypatch.setattr(audit, "attacks", lambda *_: [])
    found, *_ = at_the_way_out(built)
    assert found.is_critical
    assert "without a suite" in found.note


def test_a_mart_that_was_never_built_is_critical(built):
    with duckdb.connect(str(built.warehouse)) as connection:
        connection.execute("alter table published.data_quality_summary rename to away")
    try:
        critical = [found for found in at_the_way_out(built) if found.is_critical]
        assert {found.relation for found in critical} == {"data_quality_summary", "all marts"}
    finally:
        with duckdb.connect(str(built.warehouse)) as connection:
            connection.execute("alter table published.away rename to data_quality_summary")


def test_the_contract_of_the_summary_is_what_dbt_built(built):
    names = column_of(
        built.warehouse,
        "select column_name from duckdb_columns() where schema_name = 'published' "
        "and table_name = 'data_quality_summary' order by column_index",
    )
    assert names == list(published_columns("data_quality_summary"))
