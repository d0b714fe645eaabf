"""Several authorities in one warehouse: what one of them delivers is nobody else's trouble."""

import datetime
import json

import duckdb
import pytest

from flows import night as night_module
from flows import pooled
from flows.build import BuildFailed, FailedNode, LedgerBroken
from flows.land import ledger
from flows.manifest import PublicColumn, PublicModel
from flows.night import begin, land_all, make_all
from flows.settings import PUBLIC
from flows.warehouse import warehouse
from tests.scratch import Scratch
from tests.test_land import EPISODE, EPISODES

FIRST = EPISODES + EPISODE
SECOND = FIRST + EPISODE.replace("C1", "C2")
BAD = FIRST + EPISODE.replace("C1", "C666")
# A check as dbt compiles it, which says nothing of whose rows it finds.
FAILING = FailedNode(
    is_test=True,
    sql="""
        select count(*) as rows_found from "warehouse"."landing"."ssda903__episodes"
        where child = 'C666' and _file_id in (
            select file_id from "warehouse"."landing"."extract_files" where outcome = 'landed'
        )
        having count(*) > 0
    """,
)


@pytest.fixture
def scratch(tmp_path) -> Scratch:
    """Two authorities' returns have been landed."""
    scratch = Scratch.at(tmp_path, la_code=None)
    for la_code in ("332", "333"):
        scratch.deliver(f"{la_code}/ssda903/2010/first.csv", FIRST)
    scratch.land()
    return scratch


def outcomes(scratch: Scratch) -> dict[str, str]:
    found = scratch.rows("select path, outcome from landing.extract_files")
    return {path.replace("/ssda903/2010", ""): outcome for path, outcome in found}


def let_out(scratch: Scratch) -> None:
    """What stands now has been published."""
    scratch.settings.published.mkdir()
    version = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%S%fZ")
    (scratch.settings.published / "datapackage.json").write_text(json.dumps({"version": version}))


def make(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch, *nodes: FailedNode
) -> night_module.Night:
    """A night that cannot be completed while what the nodes find stands."""

    def build(settings, *_, **__) -> bool:
        with warehouse(settings) as connection:
            for node in nodes:
                if connection.execute(node.sql).fetchall():
                    raise BuildFailed("dbt build failed at a_test (1 rows).", nodes)
        return True

    monkeypatch.setattr(night_module, "_make_once", build)
    night = begin(scratch.settings)
    land_all(scratch.settings, night, report=lambda line: None)
    make_all(scratch.settings, night, None, lambda line: None)
    return night


def test_the_deliveries_that_a_night_fails_by_are_held_back_and_those_before_stand(
    scratch, monkeypatch
):
    let_out(scratch)
    scratch.deliver("332/ssda903/2010/second.csv", SECOND)
    scratch.deliver("333/ssda903/2010/second.csv", BAD)
    night = make(scratch, monkeypatch, FAILING)
    assert outcomes(scratch) == {
        "332/first.csv": "superseded", "332/second.csv": "landed",
        "333/first.csv": "landed", "333/second.csv": "held back",
    }  # fmt: skip
    assert night.is_red
    assert [(one.la_code, one.is_proven) for one in night.held_back] == [("333", True)]
    assert night.sentence == (
        "Authority (333) is held back: 333/ssda903/2010/second.csv. dbt build failed at a_test "
        "(1 rows). What it delivered before goes on standing, and the next night tries again."
    )
    assert scratch.one("select count(*) from landing.ssda903__episodes where child = 'C666'") == 1


def test_what_is_held_back_gets_another_try_each_night_until_it_is_corrected(scratch, monkeypatch):
    let_out(scratch)
    bad = scratch.deliver("333/ssda903/2010/second.csv", BAD)
    assert make(scratch, monkeypatch, FAILING).held_back
    assert make(scratch, monkeypatch, FAILING).held_back
    assert outcomes(scratch)["333/second.csv"] == "held back"
    bad.write_text(SECOND)
    mended = make(scratch, monkeypatch, FAILING)
    assert not mended.is_red, mended.sentence
    assert scratch.rows(
        "select file_name, outcome, rows_landed from landing.extract_files "
        "where la_code = '333' order by landed_at"
    ) == [
        ("first.csv", "superseded", 1), ("second.csv", "superseded", 2), ("second.csv", "landed", 2)
    ]  # fmt: skip


def test_of_deliveries_of_one_night_that_replace_each_other_all_are_held_back(scratch):
    let_out(scratch)
    scratch.deliver("333/ssda903/2010/second.csv", SECOND, at=2_000_000_000)
    scratch.deliver("333/ssda903/2010/third.csv", BAD, at=2_000_000_001)
    scratch.land()
    before = outcomes(scratch)
    assert before["333/second.csv"] == "superseded"
    pooled.hold_back(scratch.settings, "", {"333"})
    assert outcomes(scratch) == before | {
        "333/first.csv": "landed", "333/second.csv": "held back", "333/third.csv": "held back",
    }  # fmt: skip
    pooled.let_in_again(scratch.settings)
    assert outcomes(scratch) == before


def test_an_authority_alone_is_not_held_back(tmp_path, monkeypatch):
    """Its last published version stands as a whole, as ever."""
    scratch = Scratch.at(tmp_path)
    scratch.deliver("ssda903/2010/first.csv", BAD)
    with pytest.raises(BuildFailed):
        make(scratch, monkeypatch, FAILING)
    assert set(outcomes(scratch).values()) == {"landed"}


def test_a_failure_that_no_new_delivery_can_be_at_fault_for_ends_the_night(scratch, monkeypatch):
    scratch.deliver("333/ssda903/2010/second.csv", BAD)
    scratch.land()
    let_out(scratch)
    scratch.deliver("332/ssda903/2010/second.csv", SECOND)
    with pytest.raises(BuildFailed):  # of 333, who has delivered nothing since
        make(scratch, monkeypatch, FAILING)
    assert "held back" not in outcomes(scratch).values()


def test_where_it_cannot_be_told_whose_it_is_everybodys_news_are_held_back(scratch, monkeypatch):
    let_out(scratch)
    scratch.deliver("332/ssda903/2010/second.csv", SECOND)
    scratch.deliver("333/ssda903/2010/second.csv", BAD)
    unnamed = FailedNode(
        is_test=True,
        sql='select 1 from "warehouse"."landing"."extract_files" where outcome = \'landed\' '
        "and file_name = 'second.csv' having count(distinct la_code) > 1",
    )
    night = make(scratch, monkeypatch, unnamed)
    assert [(one.la_code, one.is_proven) for one in night.held_back] == [
        ("332", False), ("333", False)
    ]  # fmt: skip
    assert "whose fault it is could not be told" in night.sentence


def test_a_lost_row_is_its_authoritys(scratch):
    let_out(scratch)
    for la_code in ("332", "333"):
        scratch.deliver(f"{la_code}/ssda903/2010/second.csv", SECOND)
    scratch.land()
    broken = LedgerBroken("Rows are missing.", ("333",))
    assert [one.la_code for one in pooled.hold_back(scratch.settings, "", broken)] == ["333"]


# Whose it is


@pytest.mark.parametrize(
    ("is_test", "sql", "expected"),
    [
        # a model that cannot be made of what one delivered
        (False, "select cast(substr(child, 2) as tinyint) as number from {}", {"333"}),
        # and one that can be made of nobody's
        (False, "select no_such_column from {}", set()),
        # a check that fails of both together is of neither
        (True, "select child from {} group by child having count(*) > 2", set()),
        # and so is one that fails of nothing
        (True, "select 1 having (select count(*) from {} where child = 'C2') = 0", set()),
    ],
)
def test_whose_it_is_is_tried(scratch, is_test, sql, expected):
    scratch.land_one("333/ssda903/2010/second.csv", BAD)
    node = FailedNode(is_test, sql.format('"warehouse"."landing"."ssda903__episodes"'))
    with warehouse(scratch.settings) as connection:
        assert pooled.whose(connection, [node]) == expected


def test_figures_of_the_star_are_an_authoritys_by_their_area():
    with duckdb.connect() as connection:
        connection.execute("create schema published")
        connection.execute(
            "create table published.star_areas as "
            "select * from (values (1, '332'), (2, '333')) as areas (area_key, la_code)"
        )
        connection.execute(
            "create table published.star_figures as select range as area_key from range(3)"
        )
        columns = (PublicColumn("area_key", "bigint", "", None),)
        model = PublicModel("star_figures", "published", "", columns)
        assert connection.execute(f"from {model.rows_for(PUBLIC, la_code='333')}").fetchall() == [
            (2,)
        ]


def test_authorities_are_those_of_which_something_stands(scratch):
    with warehouse(scratch.settings) as connection:
        assert ledger.authorities(connection) == ["332", "333"]
        connection.execute(
            "update landing.extract_files set outcome = 'held back' where la_code = '333'"
        )
        assert ledger.authorities(connection) == ["332"]
