"""A delivery that is withdrawn and a child who is erased are gone, and it is proved."""

import gzip
import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows import cli, erase, proof
from flows.land.delivery import pseudonym
from flows.land.forgotten import fingerprint, unwrap, wrap
from flows.night import begin, land_all
from flows.settings import Settings
from tests.scratch import Scratch
from tests.test_land import EPISODES, HEADER, census

CHILD = "PLANTED7731"
OTHER = "C2"
CENSUS = "332/cin_census/2010/cin_census_2010.xml"
EPISODE = "{},01/05/2009,S,C2,N1,U1,,,DY1 1AA\n"
BOTH = EPISODES + EPISODE.format(CHILD) + EPISODE.format(OTHER)


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    return Scratch.at(tmp_path)


def file_id(scratch: Scratch, name: str) -> Any:
    return scratch.one("select any_value(file_id) from landing.extract_files where path = ?", name)


def withdraw(scratch: Scratch, name: str) -> erase.Erased:
    erased = erase.delivery(scratch.settings, file_id(scratch, name))
    erase.resume(scratch.settings)
    return erased


def erase_child(scratch: Scratch, child: str = CHILD, **how: bool) -> erase.Erased:
    erased = erase.child(scratch.settings, "332", child, may_return=how.get("may_return", False))
    erase.resume(scratch.settings)
    return erased


def ledger(scratch: Scratch) -> list[tuple[Any, ...]]:
    return scratch.rows(
        "select file_name, outcome, rows_delivered, rows_landed, rows_forgotten "
        "from landing.extract_files order by landed_at, file_name, table_name"
    )


def copies(scratch: Scratch) -> int:
    return sum(path.is_file() for path in scratch.settings.archive.rglob("*"))


def holding(settings: Settings, marker: str) -> list[str]:
    """Files of the home in whose bytes a marker is, packed or not."""
    return [
        path.relative_to(settings.home).as_posix()
        for path in settings.home.rglob("*")
        if path.is_file()
        and not path.is_relative_to(settings.extracts)
        and (
            marker.encode() in path.read_bytes()
            or marker.encode("utf-16-le") in path.read_bytes()
            or (path.suffix == ".gz" and marker.encode() in gzip.decompress(path.read_bytes()))
        )
    ]


def found(looked: list[proof.Looked]) -> dict[str, int]:
    return {f"{one.place}: {one.looked_for}": one.found for one in looked if one.found}


# A delivery


def test_a_withdrawn_delivery_is_gone_and_what_it_superseded_stands_again(scratch):
    scratch.land_one("ssda903/2010/first.csv", EPISODES + EPISODE.format("C1"))
    scratch.land_one("ssda903/2010/second.csv", BOTH)
    assert holding(scratch.settings, CHILD)
    erased = withdraw(scratch, "ssda903/2010/second.csv")
    assert erased.rows == {"landing.ssda903__episodes": 2}
    assert erased.stands_again == [("first.csv", "ssda903__episodes")]
    assert ledger(scratch) == [
        ("first.csv", "landed", 1, 1, 0),
        ("second.csv", "forgotten", 2, 0, 2),
    ]
    assert scratch.rows("select child from landing.ssda903__episodes") == [("C1",)]
    assert holding(scratch.settings, CHILD) == []
    gone = file_id(scratch, "ssda903/2010/second.csv")
    assert found(proof.of_delivery(scratch.settings, gone)) == {}


def test_what_a_withdrawn_delivery_in_the_middle_superseded_is_now_superseded_by_the_newest(
    scratch,
):
    for number in (1, 2, 3):
        scratch.land_one(f"ssda903/2010/{number}.csv", EPISODES + EPISODE.format(f"C{number}"))
    assert withdraw(scratch, "ssda903/2010/2.csv").stands_again == []
    newest = file_id(scratch, "ssda903/2010/3.csv")
    assert scratch.rows(
        "select file_name, outcome, superseded_by from landing.extract_files order by file_name"
    ) == [("1.csv", "superseded", newest), ("2.csv", "forgotten", None), ("3.csv", "landed", None)]


def test_a_withdrawn_census_takes_every_table_and_its_notes_with_it(scratch):
    scratch.land_one("cin_census/2011/good.xml", census(child="C1"))
    scratch.land_one("cin_census/2011/bad.xml", census(child=CHILD))
    erased = withdraw(scratch, "cin_census/2011/bad.xml")
    assert {"landing.cin_census__children", "landing.cin_census__referrals"} <= set(erased.rows)
    assert {name for name, _ in erased.stands_again} == {"good.xml"}
    assert scratch.rows("select distinct la_child_id from landing.cin_census__children") == [
        ("C1",)
    ]
    assert holding(scratch.settings, CHILD) == []


def test_a_file_of_open_data_that_is_withdrawn_gives_way_to_the_one_of_its_name(scratch):
    table = "LSOA CODE,IMD SCORE\nE01009719,{}\n"
    scratch.land_one("deprivation/2010/a.csv", table.format(1))
    scratch.land_one("deprivation/2010/b.csv", table.format(2))
    scratch.land_one("deprivation/2010/a.csv", table.format(3))
    newest = scratch.one(
        "select file_id from landing.extract_files where file_name = 'a.csv' and outcome = 'landed'"
    )
    erase.delivery(scratch.settings, newest)
    assert [(row[0], row[1]) for row in ledger(scratch)] == [
        ("a.csv", "landed"), ("b.csv", "landed"), ("a.csv", "forgotten"),
    ]  # fmt: skip


def test_a_refused_file_can_be_withdrawn_too(scratch):
    scratch.land_one("ssda903/2010/a.csv", f"CHILD,COLOUR\n{CHILD},red\n")
    assert holding(scratch.settings, CHILD)
    withdraw(scratch, "ssda903/2010/a.csv")
    assert ledger(scratch) == [("a.csv", "forgotten", None, 0, 0)]
    assert holding(scratch.settings, CHILD) == []


def test_a_copy_is_kept_while_another_delivery_says_the_same(scratch):
    scratch.land_one("ssda903/2010/a.csv", BOTH)
    scratch.land_one("ssda903/2010/b.csv", BOTH)
    withdraw(scratch, "ssda903/2010/b.csv")
    assert copies(scratch) == 1
    looked = proof.of_delivery(scratch.settings, file_id(scratch, "ssda903/2010/b.csv"))
    assert found(looked) == {}
    assert any("1 other" in one.looked_for for one in looked)
    withdraw(scratch, "ssda903/2010/a.csv")
    assert copies(scratch) == 0


def test_a_withdrawn_file_that_still_lies_there_is_not_let_in_again(scratch):
    scratch.land_one("ssda903/2010/a.csv", BOTH)
    withdraw(scratch, "ssda903/2010/a.csv")
    assert scratch.land()["ssda903/2010/a.csv"].outcome == "forgotten"
    assert scratch.one("select count(*) from landing.ssda903__episodes") == 0
    assert copies(scratch) == 0
    corrected = scratch.land_one("ssda903/2010/a.csv", EPISODES + EPISODE.format(OTHER))
    assert corrected.outcome == "landed"


def test_findings_of_a_withdrawn_delivery_go_with_it(scratch):
    scratch.land_one("ssda903/2010/a.csv", BOTH)
    begin(scratch.settings)
    with duckdb.connect(str(scratch.settings.warehouse)) as connection:
        erase.prepare_findings(connection)
        connection.execute(
            "insert into quality.findings (run_id, file_id) values ('r', ?), ('r', 'other')",
            [connection.execute("select file_id from landing.extract_files").fetchall()[0][0]],
        )
    withdraw(scratch, "ssda903/2010/a.csv")
    assert scratch.rows("select file_id from quality.findings") == [("other",)]


# A child


def test_an_erased_child_is_in_no_row_and_no_byte_and_others_are_whole(scratch):
    scratch.land_one("ssda903/2010/old.csv", BOTH)
    scratch.land_one("ssda903/2010/new.csv", BOTH.replace("U1", "U4"))
    scratch.land_one("ssda903/2010/h.csv.gz", gzip.compress(
        f"{HEADER}{CHILD},1,01/01/2000,WBRI,,,\n{OTHER},1,01/01/2000,WBRI,,,\n".encode()
    ))  # fmt: skip
    scratch.land_one("ssda903/2011/wide.csv", BOTH.encode("utf-16"))
    scratch.land_one("cin_census/2011/a.xml", census(child=f" {CHILD.lower()} "))
    scratch.land_one("cin_census/2012/b.xml", census(year="2012", child=OTHER))
    scratch.land_one("ssda903/2010/refused.csv", f"CHILD,COLOUR\n{CHILD},red\n")
    others = scratch.rows(
        "select * from landing.ssda903__episodes where child = ? order by all", OTHER
    )
    assert len(holding(scratch.settings, CHILD)) > 4
    erased = erase_child(scratch)
    assert erased.rows == {
        "landing.ssda903__episodes": 3, "landing.ssda903__headers": 1,
        "landing.cin_census__children": 1, "landing.cin_census__referrals": 1,
    }  # fmt: skip
    assert scratch.rows("select * from landing.ssda903__episodes order by all") == others
    assert holding(scratch.settings, CHILD) == holding(scratch.settings, CHILD.lower()) == []
    assert copies(scratch) == 1  # of the census that does not mention the child
    assert scratch.rows(
        "select count(*) from landing.extract_files "
        "where outcome <> 'refused' and rows_delivered <> rows_landed + rows_forgotten"
    ) == [(0,)]
    assert found(proof.of_child(scratch.settings, "332", CHILD)) == {}


def test_a_child_named_in_others_rows_and_notes_is_blanked_there_and_the_rest_stays(scratch):
    scratch.land_one(
        "ssda903/2010/a.csv",
        f"A title about,{CHILD}\n"
        + EPISODES.replace("\n", ",URN,SIBLING\n")
        + EPISODE.format(OTHER).replace("\n", f",{CHILD},{CHILD.lower()} \n"),
    )
    assert erase_child(scratch).mentions == 2
    [(child, urn, other)] = scratch.rows("select child, urn, _other from landing.ssda903__episodes")
    assert (child, urn, other) == (OTHER, None, '{"SIBLING": null}')
    assert scratch.one("select count(*) from landing.notes") == 0
    assert holding(scratch.settings, CHILD) == []
    assert copies(scratch) == 0
    assert found(proof.of_child(scratch.settings, "332", CHILD)) == {}


def test_another_authoritys_child_of_the_same_identifier_is_another_child(scratch):
    scratch.land_one("ssda903/2010/a.csv", BOTH)
    scratch.land_one("333/ssda903/2010/a.csv", BOTH.replace("U1", "U4"))
    erase_child(scratch)
    assert scratch.rows(
        "select _la_code from landing.ssda903__episodes where child = ?", CHILD
    ) == [("333",)]
    assert scratch.land_one("333/ssda903/2011/a.csv", BOTH).tables == {"ssda903__episodes": 2}


def test_later_deliveries_are_let_in_without_an_erased_child(scratch):
    scratch.land_one("ssda903/2010/a.csv", BOTH)
    erase_child(scratch)
    later = scratch.land_one("ssda903/2011/later.csv", BOTH)
    assert (later.outcome, later.tables) == ("landed", {"ssda903__episodes": 1})
    assert ledger(scratch)[-1] == ("later.csv", "landed", 2, 1, 1)
    assert scratch.land_one("cin_census/2011/a.xml", census(child=CHILD)).outcome == "landed"
    assert scratch.one("select count(*) from landing.cin_census__children") == 0
    refused = scratch.land_one("ssda903/2011/worse.csv", f"CHILD,COLOUR\n{CHILD},red\n")
    assert refused.outcome == "refused"
    assert holding(scratch.settings, CHILD) == []
    assert copies(scratch) == 0
    assert {one.outcome for one in scratch.land().values()} == {"unchanged", "refused"}


def test_what_is_kept_to_leave_a_child_out_tells_neither_who_it_is_nor_its_key(scratch):
    scratch.land_one("ssda903/2010/a.csv", BOTH)
    key = scratch.one("select _child_key from landing.ssda903__episodes where child = ?", CHILD)
    erase_child(scratch)
    [(kept,)] = scratch.rows("select wrapped from landing.forgotten_children")
    told = fingerprint("332", CHILD)
    assert unwrap(scratch.settings.key, kept) == told
    assert unwrap(b"another key", kept) != told
    assert wrap(scratch.settings.key, told) != kept  # the same child twice is not to be seen
    assert holding(scratch.settings, key) == holding(scratch.settings, told.hex()) == []


def test_a_child_who_may_return_does(scratch):
    scratch.land_one("ssda903/2010/a.csv", BOTH)
    erase_child(scratch, may_return=True)
    assert scratch.land_one("ssda903/2011/a.csv", BOTH).tables == {"ssda903__episodes": 2}
    erase_child(scratch)
    erase_child(scratch)  # a second time changes nothing
    assert scratch.land_one("ssda903/2012/a.csv", BOTH).tables == {"ssda903__episodes": 1}
    erase_child(scratch, may_return=True)
    assert scratch.land_one("ssda903/2013/a.csv", BOTH).tables == {"ssda903__episodes": 2}


def test_an_identifier_that_was_never_delivered_leaves_no_trace(scratch):
    scratch.land_one("ssda903/2010/a.csv", BOTH)
    before = ledger(scratch)
    assert erase_child(scratch, "C999999") == erase.Erased()
    assert ledger(scratch) == before
    assert scratch.one("select count(*) from landing.forgotten_children") == 0
    assert not erase.is_due(scratch.settings)
    assert copies(scratch) == 1


def test_a_short_identifier_is_looked_for_in_rows_and_said_to_be_too_short_for_bytes(scratch):
    scratch.land_one("ssda903/2010/a.csv", EPISODES + EPISODE.format("1"))
    erase_child(scratch, "1")
    looked = proof.of_child(scratch.settings, "332", "1")
    assert found(looked) == {}
    lines = proof.table(looked)
    assert any("too short" in line and line.endswith("-") for line in lines)


# Killed on the way


@pytest.mark.parametrize("at", ["_sweep_archive", "shutil.rmtree", "_rewrite", "Path.replace"])
def test_a_removal_that_is_killed_is_completed_by_whoever_works_next(scratch, monkeypatch, at):
    scratch.land_one("ssda903/2010/a.csv", BOTH)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(f"flows.erase.{at}", killed)
        with pytest.raises(KeyboardInterrupt):
            erase_child(scratch)
    begin(scratch.settings)  # as every command that writes does first
    assert holding(scratch.settings, CHILD) == []
    assert found(proof.of_child(scratch.settings, "332", CHILD)) == {}
    assert erase.is_due(scratch.settings)  # until a version is published
    assert scratch.rows("select child from landing.ssda903__episodes") == [(OTHER,)]


def test_a_removal_that_is_killed_before_its_mark_has_done_nothing(scratch, monkeypatch):
    scratch.land_one("ssda903/2010/a.csv", BOTH)
    before = ledger(scratch)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(erase, "_mark", killed)
    with pytest.raises(KeyboardInterrupt):
        erase_child(scratch)
    assert ledger(scratch) == before
    assert scratch.one("select count(*) from landing.ssda903__episodes") == 2
    assert copies(scratch) == 1


def test_of_a_home_in_which_nothing_stands_any_more_nothing_stays_published(scratch):
    """The one who withdrew the last delivery was killed before it took the old version down."""
    scratch.land_one("ssda903/2010/a.csv", BOTH)
    settings = scratch.settings
    version = settings.home / ".published" / "20260101T000000000000Z"
    version.mkdir(parents=True)
    settings.published.symlink_to(version, target_is_directory=True)
    withdraw(scratch, "ssda903/2010/a.csv")
    begin(settings)
    assert not settings.published.exists()
    assert not version.exists()
    assert not erase.is_due(settings)


def test_what_was_built_with_an_erased_child_is_not_exported_after_a_removal_was_killed(
    scratch, environment, tmp_path, capsys
):
    scratch.land_one("ssda903/2010/a.csv", BOTH)
    settings = scratch.settings
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("create schema quality")
        connection.execute(f"create table quality.quarantine as select '{CHILD}' as delivered_row")
    erase.child(settings, "332", CHILD, may_return=False)  # and killed
    environment(settings)
    export = tmp_path / "rows.csv"
    assert run("quarantine", "--export", str(export)) == 2
    assert "nothing has been built" in capsys.readouterr().err
    assert not export.exists()
    assert holding(settings, CHILD) == []


# The proof can fail


def test_a_ledger_from_before_there_was_forgetting_makes_no_copy_a_stray(scratch):
    scratch.land_one("ssda903/2010/a.csv", EPISODES + EPISODE.format(OTHER))
    with duckdb.connect(str(scratch.settings.warehouse)) as connection:
        connection.execute(
            "update landing.extract_files set rows_forgotten = null, is_archived = null"
        )
    assert found(proof.of_child(scratch.settings, "332", CHILD)) == {}


def test_the_proof_finds_what_was_left_of_a_child(scratch):
    scratch.land_one("ssda903/2010/a.csv", BOTH)
    key = pseudonym(scratch.settings.key, "332", CHILD)
    erase_child(scratch)
    settings = scratch.settings
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("create schema core")
        connection.execute(f"create table core.dim_children as select '{key}' as child_key")
        connection.execute(
            "insert into landing.ssda903__reviews (_la_code, child) values ('332', ?)", [CHILD]
        )
    (settings.archive / "ab").mkdir()
    (settings.archive / "ab" / "abc.csv.gz").write_bytes(gzip.compress(CHILD.lower().encode()))
    (settings.home / "stray.log").write_text(f"a line about {CHILD}", encoding="utf-16")
    (settings.home / ".published" / "20200101T000000000000Z").mkdir(parents=True)
    assert found(proof.of_child(settings, "332", CHILD)) == {
        "warehouse, core: rows with the child's key (1 tables)": 1,
        "warehouse, landing: rows that name the child (any column)": 1,
        "archive: copies of files with a child forgotten": 1,
        "published: versions from before": 1,
        "archive: files with the identifier in their bytes": 1,
        "the rest of the home: files with the identifier in their bytes": 2,
    }


def test_the_proof_finds_what_was_left_of_a_delivery(scratch):
    scratch.land_one("ssda903/2010/a.csv", BOTH)
    (kept,) = [path for path in scratch.settings.archive.rglob("*.csv")]
    content = kept.read_bytes()
    gone = file_id(scratch, "ssda903/2010/a.csv")
    withdraw(scratch, "ssda903/2010/a.csv")
    kept.write_bytes(content)
    with duckdb.connect(str(scratch.settings.warehouse)) as connection:
        connection.execute("insert into landing.notes (_file_id) values (?)", [gone])
    assert list(found(proof.of_delivery(scratch.settings, gone)).values()) == [1, 1]


# The command


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
        sys.exit(0)
    return int(ended.value.code or 0)


Point = Callable[[Settings], None]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["forget"], "Say which delivery, or --child"),
        (["forget", "a.csv", "--child"], "Say which delivery, or --child"),
        (["forget", "a.csv", "--may-return"], "are of a child"),
        (["forget", "no/such.csv"], "No delivery no/such.csv is on record"),
        (["forget", CHILD], "No such delivery is on record"),
        (["forget", "ssda903/2010/a.csv"], "was delivered 2 times. Say which by its id"),
        (["forget", "--child"], "No identifier was given"),
    ],
)
def test_a_command_that_makes_no_sense_is_a_sentence_and_exit_2(
    scratch, environment: Point, monkeypatch, capsys, arguments, sentence
):
    scratch.land_one("ssda903/2010/a.csv", BOTH)
    scratch.land_one("ssda903/2010/a.csv", EPISODES + EPISODE.format("C3"))
    environment(scratch.settings)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert run(*arguments) == 2
    assert sentence in capsys.readouterr().err


def test_the_last_delivery_that_is_withdrawn_takes_what_is_published_with_it(
    scratch, environment: Point, capsys
):
    scratch.land_one("ssda903/2010/a.csv", BOTH)
    settings = scratch.settings
    version = settings.home / ".published" / "20260101T000000000000Z"
    version.mkdir(parents=True)
    settings.published.symlink_to(version, target_is_directory=True)
    environment(settings)
    assert run("forget", "ssda903/2010/a.csv") == 0
    said = capsys.readouterr().out
    assert "nothing is published" in said
    assert "still lies in the drop folder" in said
    assert not settings.published.exists()
    assert not version.exists()
    assert not erase.is_due(settings)


def test_two_who_forget_at_once_do_not(scratch, environment: Point, capsys):
    from flows.lock import alone

    environment(scratch.settings)
    with alone(scratch.settings):
        assert run("forget", "a.csv") == 1
    assert "already running" in capsys.readouterr().err


# The whole path


def counted(settings: Settings, query: str) -> Any:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()[0][0]


@pytest.fixture
def published_twice(copied: Settings) -> Settings:
    """The copy as a home is: a link to the version in place, and the version before beside it."""
    (last,) = (copied.home / ".published").iterdir()
    shutil.copytree(last, last.with_name("20260101T000000000000Z"))
    shutil.rmtree(copied.published)
    copied.published.symlink_to(last, target_is_directory=True)
    return copied


def versions(settings: Settings) -> set[str]:
    return {path.name for path in (settings.home / ".published").iterdir()}


@pytest.mark.usefixtures("only_models")
def test_what_was_forgotten_is_in_nothing_that_was_built_and_nothing_that_was_published(
    published_twice: Settings, environment: Point, monkeypatch, capsys
) -> None:
    """A child, and a delivery: whoever withdrew that was killed before anything was built."""
    place = next(published_twice.extracts.rglob("ssda903/2011/*pisodes*.csv"))
    child = place.read_text(encoding="utf-8-sig").splitlines()[1].split(",")[0]
    key = pseudonym(published_twice.key, "332", child)
    gone = counted(
        published_twice,
        f"select any_value(file_id) from landing.extract_files where path = '{CENSUS}'",
    )
    children = counted(published_twice, "select count(*) from core.dim_children")
    referrals = "select count(*) from staging.stg_cin_census__referrals where collection_year = "
    before = versions(published_twice)
    assert len(before) == 2
    assert holding(published_twice, child)
    assert holding(published_twice, key)
    erase.delivery(published_twice, gone)
    environment(published_twice)
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{child}\n"))
    assert run("forget", "--child") == 0
    said = capsys.readouterr().out
    assert child not in said
    assert holding(published_twice, child) == []
    assert holding(published_twice, key) == []
    assert len(versions(published_twice)) == 1
    assert not versions(published_twice) & before
    table = said[said.index("place ") :].splitlines()[1:]
    assert len(table) > 8
    assert all(line.endswith(" 0") for line in table)
    assert found(proof.of_delivery(published_twice, gone)) == {}
    assert counted(published_twice, "select count(*) from core.dim_children") < children
    assert counted(published_twice, f"{referrals} 2010") == 0
    assert counted(published_twice, f"{referrals} 2011") > 0
    assert counted(
        published_twice,
        "select bool_and(rows_forgotten = rows_delivered) from quality.extract_ledger "
        f"where outcome = 'forgotten' and file_name = '{Path(CENSUS).name}'",
    )
    lines: list[str] = []
    night = begin(published_twice)
    land_all(published_twice, night, lines.append)
    assert not night.is_red
    assert any(CENSUS in line and "not let in again" in line for line in lines)
