"""Values that cannot be what they say: landed as delivered, and what cannot be read is told."""

from pathlib import Path

import duckdb
import pytest

from flows.build import dbt
from flows.land import find, land, prepare
from flows.settings import Settings
from tests.corpus.case import PLANTED
from tests.corpus.values import VALUES, Values

# Each case is an authority's own delivery, so that one build tells of all.
AUTHORITIES = {case.name: str(900 - at) for at, case in enumerate(VALUES)}


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> duckdb.DuckDBPyConnection:
    """Landed without the examination at the door, which would refuse a file half of whose rows
    are bad; built as far as what is told of rows and values."""
    home = tmp_path_factory.mktemp("values")
    settings = Settings(home / "extracts", False, home, None, b"a key for tests")
    for case in VALUES:
        suffix = "xml" if case.source == "cin_census" else "csv"
        folder = settings.extracts / AUTHORITIES[case.name] / case.source / "2011"
        folder.mkdir(parents=True)
        text = case.text.replace("<LEA>332", f"<LEA>{AUTHORITIES[case.name]}")
        (folder / f"{case.name}.{suffix}").write_text(text)
    prepare(settings)
    for extract in find(settings):
        landed = land(extract, settings)
        assert landed.outcome == "landed", landed.reason
    dbt(
        settings, "build", "--exclude-resource-type", "unit_test", "--exclude-resource-type",
        "test", "--select", "+quarantine", "+conversions", "+episode_repairs",
    )  # fmt: skip
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        yield connection


def told(built, table: str, case: Values, columns: str) -> set[tuple]:
    """What a table of quality says of the file of a case."""
    files = "select file_id from landing.extract_files where la_code = ?"
    rows = built.execute(
        f"select {columns} from quality.{table} where file_id in ({files})",
        [AUTHORITIES[case.name]],
    ).fetchall()
    assert len(rows) == len(set(rows))
    return set(rows)


@pytest.mark.parametrize("case", VALUES, ids=lambda case: case.name)
def test_values(case: Values, built):
    where = "line_number, column_name, reason_code"
    assert told(built, "quarantine", case, where) == set(case.set_aside)
    assert told(built, "conversions", case, where) == set(case.unread)
    assert told(built, "episode_repairs", case, "line_number, repair_code") == set(case.repaired)
    staged = {"ssda903": "stg_ssda903__episodes", "cin_census": "stg_cin_census__referrals"}
    (rows,) = built.execute(
        f"select count(*) from staging.{staged[case.source]} where la_code = ?",
        [AUTHORITIES[case.name]],
    ).fetchone()
    assert rows == case.loaded


def test_no_value_is_in_what_is_told_of_values(built):
    for row in built.execute("from quality.conversions").fetchall():
        assert PLANTED not in str(row)


def test_a_row_that_is_set_aside_is_kept_whole(built):
    rows = built.execute(
        "select json_extract_string(delivered_row, 'child'), json_extract_string(delivered_row, "
        "'decom') from quality.quarantine where table_name = 'ssda903__episodes' "
        "and reason_code = 'start_date_unreadable'"
    ).fetchall()
    assert {child for child, _ in rows} == {PLANTED}
    assert {"05/13/2010", "01/05/10", "01/05/0011", "29/02/2011", "40299"} <= {d for _, d in rows}


def test_spaces_and_small_letters_make_no_other_child(built):
    la_code = AUTHORITIES["a-child-with-spaces-in-small-letters"]
    keys = built.execute(
        "select child, _child_key from landing.ssda903__episodes where _la_code = ?", [la_code]
    ).fetchall()
    from flows.land.delivery import pseudonym

    assert dict(keys)[f"  {PLANTED.lower()} "] == pseudonym(b"a key for tests", la_code, PLANTED)


def test_the_delivered_text_stays_in_landing(built):
    for text in ("40299", "01/05/0011", "#N/A", "29/02/2011"):
        assert built.execute(
            "select count(*) from landing.ssda903__episodes where ? in (decom, dec)", [text]
        ).fetchone() != (0,), text


def test_every_file_of_values_is_there(tmp_path: Path):
    assert len({case.name for case in VALUES}) == len(VALUES) >= 30
