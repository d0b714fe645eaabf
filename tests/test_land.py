"""The door: what is let in, what is refused, what stands afterwards."""

import gzip
import hashlib
import io
import stat
import subprocess
import sys
from dataclasses import dataclass, replace

import duckdb
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import land
from flows.audit import at_the_door
from flows.errors import StepFailed
from flows.land import csv_file, landing
from flows.land.delivery import pseudonym
from flows.settings import SAMPLE_KEY, Limits, SettingsError
from tests.scratch import Scratch

HEADER = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n"
EPISODES = "CHILD,DECOM,RNE,LS,CIN,PLACE,DEC,REC,HOME_POST\n"
EPISODE = "C1,01/05/2009,S,C2,N1,U1,,,DY1 1AA\n"


def census(lea: str = "332", year: str = "2011", child: str = "C1") -> str:
    return f"""<Message>
<Header>
<CollectionDetails>{f"<Year>{year}</Year>" if year else ""}</CollectionDetails>
<Source>{f"<LEA>{lea}</LEA>" if lea else ""}</Source>
</Header>
<Children>
<Child>
<ChildIdentifiers><LAchildID>{child}</LAchildID><GenderCurrent>1</GenderCurrent></ChildIdentifiers>
<CINdetails><CINreferralDate>2010-06-01</CINreferralDate><ReferralNFA>0</ReferralNFA></CINdetails>
</Child>
</Children>
</Message>
"""


MANY = "".join(f"C{number},01/05/2009,S,C2,N1,U1,,,DY1 1AA\n" for number in range(200))


@pytest.fixture
def scratch(tmp_path) -> Scratch:
    return Scratch.at(tmp_path)


def outcomes(scratch: Scratch) -> list[tuple[str, str]]:
    return scratch.rows(
        "select file_name, outcome from landing.extract_files order by landed_at, file_name"
    )


def test_a_return_lands_as_delivered_with_its_file_row_and_line(scratch):
    landed = scratch.land_one("ssda903/2010/a.csv", EPISODES + EPISODE)
    assert landed.outcome == "landed"
    assert landed.tables == {"ssda903__episodes": 1}
    assert scratch.rows(
        "select _row, _line, _la_code, _collection_year, child, decom, dec, home_post, urn, _other "
        "from landing.ssda903__episodes"
    ) == [(1, 2, "332", 2010, "C1", "01/05/2009", None, "DY1 1AA", None, None)]
    assert scratch.rows(
        "select source, table_name, la_code, rows_delivered, rows_landed, outcome "
        "from landing.extract_files"
    ) == [("ssda903", "ssda903__episodes", "332", 1, 1, "landed")]


def test_files_that_have_not_changed_land_nothing_again(scratch):
    scratch.deliver("ssda903/2010/a.csv", EPISODES + EPISODE)
    scratch.deliver("cin_census/2011/c.xml", census())
    scratch.land()
    before = scratch.rows("from landing.extract_files order by all")
    assert {one.outcome for one in scratch.land().values()} == {"unchanged"}
    assert scratch.rows("from landing.extract_files order by all") == before
    assert scratch.one("select count(*) from landing.ssda903__episodes") == 1


def test_a_newer_return_of_a_table_supersedes_the_older_which_stays_on_record(scratch):
    scratch.land_one("ssda903/2010/first.csv", EPISODES + EPISODE)
    second = scratch.land_one("ssda903/2010/second.csv", EPISODES + EPISODE.replace("C1", "C2"))
    assert outcomes(scratch) == [("first.csv", "superseded"), ("second.csv", "landed")]
    [(superseded_by, standing)] = scratch.rows(
        "select older.superseded_by, newer.file_id from landing.extract_files as older, "
        "landing.extract_files as newer where older.outcome = 'superseded' "
        "and newer.outcome = 'landed'"
    )
    assert superseded_by == standing
    assert scratch.one("select count(*) from landing.ssda903__episodes") == 2
    assert second.tables == {"ssda903__episodes": 1}


def test_tables_years_and_authorities_do_not_supersede_each_other(scratch):
    scratch.deliver("ssda903/2010/episodes.csv", EPISODES + EPISODE)
    scratch.deliver("ssda903/2010/header.csv", HEADER + "C1,1,01/01/2000,WBRI,,,\n")
    scratch.deliver("ssda903/2011/episodes.csv", EPISODES + EPISODE)
    scratch.deliver("333/ssda903/2010/episodes.csv", EPISODES + EPISODE)
    assert {one.outcome for one in scratch.land().values()} == {"landed"}
    assert scratch.one("select count(*) from landing.extract_files where outcome = 'landed'") == 4


@pytest.mark.parametrize("newest", ["a.csv", "b.csv"])
def test_of_two_returns_in_one_night_the_one_written_last_stands(scratch, newest):
    for name in ("a.csv", "b.csv"):
        scratch.deliver(
            f"ssda903/2010/{name}", EPISODES + EPISODE, at=2_000 if name == newest else 1_000
        )
    scratch.land()
    standing = "select file_name from landing.extract_files where outcome = 'landed'"
    assert scratch.rows(standing) == [(newest,)]
    assert {one.outcome for one in scratch.land().values()} == {"unchanged"}
    assert scratch.rows(standing) == [(newest,)]


def test_an_older_delivery_that_is_put_back_stands_again(scratch):
    first, second = EPISODES + EPISODE, EPISODES + EPISODE.replace("C1", "C2")
    scratch.land_one("ssda903/2010/a.csv", first)
    scratch.land_one("ssda903/2010/a.csv", second)
    again = scratch.land_one("ssda903/2010/a.csv", first)
    assert (again.outcome, again.tables) == ("landed", {"ssda903__episodes": 1})
    assert scratch.rows(
        "select distinct child from landing.ssda903__episodes where _file_id in "
        "(select file_id from landing.extract_files where outcome = 'landed')"
    ) == [("C1",)]
    assert scratch.one("select count(*) from landing.ssda903__episodes") == 2


def test_a_refused_file_leaves_the_earlier_delivery_standing(scratch):
    scratch.land_one("cin_census/2011/good.xml", census())
    refused = scratch.land_one("cin_census/2011/worse.xml", census().replace("</Child>", "", 1))
    assert refused.outcome == "refused"
    standing = scratch.rows(
        "select distinct file_name from landing.extract_files where outcome = 'landed'"
    )
    assert standing == [("good.xml",)]
    assert scratch.one("select count(*) from landing.cin_census__children") == 1


def test_a_refused_file_is_reported_every_night_and_recorded_once(scratch):
    first = scratch.land_one("ssda903/2010/a.csv", "CHILD,COLOUR\nC1,red\n")
    again = scratch.land()["ssda903/2010/a.csv"]
    assert first.outcome == again.outcome == "refused"
    assert first.reason == again.reason
    assert scratch.rows("select table_name, outcome from landing.extract_files") == [
        ("", "refused")
    ]


def test_a_reason_names_file_line_and_column_and_no_value(scratch):
    bad = EPISODES + EPISODE + 'C-SECRET,01/05/2009,S,"C2"x,N1,U1,,,DY1 1ZZ\n'
    refused = scratch.land_one("ssda903/2010/a.csv", bad)
    assert refused.reason == (
        "file ssda903/2010/a.csv, line 3: a quoted cell is not closed properly"
    )
    broken = census(child="C-SECRET").replace("</LAchildID>", "</Secret>")
    refused = scratch.land_one("cin_census/2011/a.xml", broken)
    assert refused.reason == (
        "file cin_census/2011/a.xml, line 8, column 40: it is not well-formed XML"
    )
    assert "SECRET" not in str(scratch.rows("from landing.extract_files")).replace("Secret", "")


@pytest.mark.parametrize(
    ("last", "limits", "words"),
    [
        ('C,"01/05/2009"x,S\n', Limits(), "line 202: a quoted cell is not closed properly"),
        ('C,"01/05/2009,S\n', Limits(), "line 202: a quoted cell is not closed properly"),
        ("C,1,2,3,4,5,6,7,8,9\n", Limits(), "line 202, column 10: the row has 10 cells under 9"),
        ("C" * 99 + "\n", Limits(line_bytes=80), "line 202: the line is longer than 80 bytes"),
        ("C" * 99, Limits(line_bytes=80), "line 202: the line is longer than 80 bytes"),
        ("C" * 99, Limits(cell_characters=80), "line 202: a cell is longer than 80 characters"),
        (",,,,,,,,,,,\n", Limits(columns=10), "line 202: the row has more than 10 cells"),
    ],
)
def test_what_is_wrong_far_below_the_heading_is_told_by_its_line(scratch, last, limits, words):
    limited = Scratch(replace(scratch.settings, limits=limits))
    refused = limited.land_one("ssda903/2010/a.csv", EPISODES + MANY + last)
    assert refused.reason is not None
    assert refused.reason.startswith(f"file ssda903/2010/a.csv, {words}")
    assert scratch.one("select count(*) from landing.ssda903__episodes") == 0


def test_a_line_without_an_end_is_refused_without_being_held(scratch):
    limited = Scratch(replace(scratch.settings, limits=Limits(line_bytes=1_000, expansion=9_999)))
    endless = gzip.compress(b"CHILD," * 1_000_000)
    refused = limited.land_one("ssda903/2010/a.csv.gz", endless)
    assert "line 1: the line is longer than 1,000 bytes" in refused.reason


@pytest.mark.parametrize(
    ("name", "encode"),
    [
        ("a.csv", lambda text: text.encode("utf-8")),
        ("b.csv", lambda text: text.encode("utf-8-sig")),
        ("c.csv", lambda text: text.encode("cp1252")),
        ("d.csv", lambda text: text.encode("utf-16")),
        ("e.csv.gz", lambda text: gzip.compress(text.encode())),
        ("f.csv", lambda text: text.replace("\n", "\r\n").encode()),
        ("g.csv", lambda text: text.replace(",", ";").encode()),
        # Line ends of two kinds are read record by record.
        ("h.csv", lambda text: text.replace("\n", "\r\n", 1).encode()),
    ],
)
def test_a_return_in_any_coat_lands_the_same(scratch, name, encode):
    text = EPISODES.replace("\n", ",EXTRA\n") + ",,,,,,,,,\n" + 'é1,01/05/2009,S,,,,,,,"a""\tb"\n'
    landed = scratch.land_one(f"ssda903/2010/{name}", encode(text + MANY))
    assert (landed.outcome, landed.tables) == ("landed", {"ssda903__episodes": 201})
    assert scratch.rows(
        "select _row, _line, child, decom, home_post, _other, _child_key "
        "from landing.ssda903__episodes order by _row limit 1"
    ) == [(1, 3, "é1", "01/05/2009", None, '{"EXTRA": "a\\"\\tb"}',
           pseudonym(scratch.settings.key, "332", "É1"))]  # fmt: skip
    assert scratch.one("select max(_line) - max(_row) from landing.ssda903__episodes") == 2
    assert list(scratch.settings.scratch.iterdir()) == []


def test_a_reader_that_loses_a_record_lets_nothing_in(scratch, monkeypatch):
    def forgetful(*arguments, rows=csv_file.rows, **more):
        return (row for row in rows(*arguments, **more) if row[0] != 100)

    monkeypatch.setattr(csv_file, "rows", forgetful)
    refused = scratch.land_one("ssda903/2010/a.csv", EPISODES.replace("\n", "\r\n") + MANY)
    assert "it holds 201 records, but 200 were read" in refused.reason
    assert scratch.one("select count(*) from landing.ssda903__episodes") == 0


def test_the_headings_that_were_looked_for_are_named(scratch):
    near = scratch.land_one("ssda903/2010/a.csv", EPISODES.replace("DECOM", "START") + EPISODE)
    assert "nearest to those of the table episodes, but decom could not be found" in near.reason
    nothing = scratch.land_one("deprivation/2010/a.csv", "a,b\n1,2\n")
    assert "Looked for headings: LSOA code" in nothing.reason


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("cin_census/2010/a.xml", census(), "the year in its Header"),
        ("333/cin_census/2011/a.xml", census(), "the LEA in its Header"),
        ("cin_census/2011/b.xml", census(lea="Dudley"), "not a three-digit code"),
        ("cin_census/2011/c.xml", "<Message><Children/></Message>", "no Child element"),
        ("cin_census/2011/d.xml", "<EXPSSDA903/>", "root element is not Message"),
        ("cin_census/2011/e.csv", EPISODES, "it is CSV; cin_census comes as XML"),
        ("ssda903/2011/f.xml", census(), "it is XML; ssda903 comes as CSV"),
        ("ssda903/2011/g.csv", b"", "it is empty"),
        ("ssda903/2011/h.csv", b"%PDF-1.7 ...", "it is a PDF"),
        ("ssda903/2011/i.csv", b"PAR1....", "it is a Parquet file"),
        ("ssda903/2011/j.csv", b'{"a": 1}', "it is JSON"),
        ("ssda903/2011/k.csv", b"CHILD\0\0", "neither text, XML nor a workbook"),
        ("postcodes/2011/l.zip", b"PK\x03\x04 and so on", "no workbook that can be read"),
        ("ssda903/2011/m.csv", EPISODES + "C1,1,2,3,4,5,6,7,8,surplus\n", "10 cells under 9"),
        ("ssda903/2011/n.csv", "CHILD," + EPISODES + "C0," + EPISODE, "stands twice"),
        ("horses/2011/a.csv", EPISODES, "<source>/<year> of a source that is known"),
        ("ssda903/a.csv", EPISODES, "<source>/<year> of a source that is known"),
        ("a.csv", EPISODES, "<source>/<year> of a source that is known"),
    ],
)
def test_what_cannot_be_let_in_is_refused_with_a_sentence(scratch, name, content, words):
    refused = scratch.land_one(name, content)
    assert refused.outcome == "refused"
    assert words in refused.reason
    assert refused.reason.startswith(f"file {name}")


def test_a_document_type_is_refused_before_anything_is_expanded(scratch):
    bomb = '<!DOCTYPE Message [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>\n' + census()
    refused = scratch.land_one("cin_census/2011/a.xml", bomb)
    assert refused.reason.endswith("it declares a document type, which no return has")


def test_a_census_without_a_year_takes_that_of_its_folder(scratch):
    landed = scratch.land_one("cin_census/2011/a.xml", census(year=""))
    assert landed.outcome == "landed"
    assert scratch.one("select _collection_year from landing.cin_census__children") == 2011


def test_a_census_is_its_headers_authoritys_when_no_folder_names_one(scratch):
    landed = scratch.land_one("cin_census/2011/a.xml", census(lea="201"))
    assert landed.la_code == "201"
    assert scratch.one("select _la_code from landing.cin_census__referrals") == "201"
    assert scratch.one("select distinct la_code from landing.extract_files") == "201"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ssda903/2010/a.csv", EPISODES + EPISODE),
        ("cin_census/2011/a.xml", census(lea="")),
        ("addresses/2011/a.csv", "la_child_id,postcode,from_date\nC1,DY1 1AA,2010-01-01\n"),
        ("townships/2011/a.csv", "ward_code,township_name\nE05001236,Stourbridge\n"),
    ],
)
def test_rows_of_nobodys_authority_are_refused(tmp_path, name, content):
    refused = Scratch.at(tmp_path, la_code=None).land_one(name, content)
    assert "set CYP_LA to its three-digit code" in refused.reason


def test_open_data_needs_no_authority(tmp_path):
    scratch = Scratch.at(tmp_path, la_code=None)
    scratch.land_one("deprivation/2010/a.csv", "LSOA CODE,IMD SCORE\nE01009719,12.5\n")
    assert scratch.rows("select distinct _la_code from landing.deprivation__cells") == [(None,)]


def test_open_data_replaces_the_file_of_its_name_and_no_other(scratch):
    table = "LSOA CODE,IMD SCORE\nE01009719,{}\n"
    scratch.land_one("deprivation/2010/a.csv", table.format(1))
    scratch.land_one("deprivation/2010/b.csv", table.format(2))
    scratch.land_one("deprivation/2010/a.csv", table.format(3))
    assert outcomes(scratch) == [
        ("a.csv", "superseded"), ("b.csv", "landed"), ("a.csv", "landed"),
    ]  # fmt: skip


def test_a_childs_key_is_one_across_sources_and_another_in_another_authority(scratch):
    scratch.deliver("ssda903/2010/a.csv", EPISODES + EPISODE)
    scratch.deliver("cin_census/2011/a.xml", census(child=" c1 "))
    scratch.deliver(
        "addresses/2011/a.csv", "la_child_id,postcode,from_date\nC1,DY1 1AA,2010-01-01\n"
    )
    scratch.deliver("333/ssda903/2010/a.csv", EPISODES + EPISODE)
    scratch.land()
    keys = {
        (table, la_code): key
        for table in ("ssda903__episodes", "cin_census__referrals", "addresses__addresses")
        for la_code, key in scratch.rows(f"select _la_code, _child_key from landing.{table}")
    }
    own = keys["ssda903__episodes", "332"]
    assert len(own) == 20
    assert keys["cin_census__referrals", "332"] == keys["addresses__addresses", "332"] == own
    assert keys["ssda903__episodes", "333"] != own


@given(key=st.binary(min_size=1, max_size=99), child=st.text(st.characters(codec="utf-8")))
def test_a_childs_key_is_a_keyed_hash_of_the_authority_and_the_tidied_identifier(key, child):
    tidied = child.strip().upper()
    secret = key if len(key) <= 64 else hashlib.blake2b(key).digest()
    told = f"332:{tidied}".encode()
    expected = hashlib.blake2b(told, key=secret, person=b"child key", digest_size=10).hexdigest()
    assert pseudonym(key, "332", child) == (expected if tidied else "")


def test_a_blank_child_has_no_key(scratch):
    scratch.land_one("ssda903/2010/a.csv", EPISODES + EPISODE.replace("C1", "  "))
    assert scratch.rows("select child, _child_key from landing.ssda903__episodes") == [("  ", None)]


def test_every_delivery_is_kept_by_its_content_and_cannot_be_written(scratch):
    path = scratch.deliver("ssda903/2010/A return.CSV", EPISODES + EPISODE)
    scratch.land()
    sha256 = scratch.one("select sha256 from landing.extract_files")
    kept = scratch.settings.archive / sha256[:2] / f"{sha256}.csv"
    assert kept.read_bytes() == path.read_bytes()
    assert not stat.S_IMODE(kept.stat().st_mode) & 0o222
    assert [one.name for one in scratch.settings.archive.iterdir()] == [sha256[:2]]


def test_what_desktops_leave_in_a_folder_is_passed_over(scratch):
    for name in (".DS_Store", "ssda903/2010/Thumbs.db", "ssda903/2010/~$a.xlsx", ".git/x"):
        scratch.deliver(name, "litter")
    assert land.find(scratch.settings) == []


@dataclass(frozen=True)
class Found:
    """A finding as the audit makes them, as far as the door looks at it."""

    is_critical: bool
    relation: str = "cin_census__referrals"
    expectation: str = "expect_column_values_to_not_be_null"
    column: str | None = "cin_referral_date"
    rows_checked: int = 1
    rows_unexpected: int = 1

    def __str__(self) -> str:
        return f"{self.column} is blank (1 of 1 rows). Fill it."


def test_a_critical_finding_refuses_every_table_of_the_file(scratch):
    seen = []

    def examine(connection, table, staged, file_id, seen_together):
        columns = [row[0] for row in connection.execute(f"describe {staged}").fetchall()]
        there = [row[0] for row in connection.execute(f"describe landing.{table}").fetchall()]
        assert columns == there
        seen.append((table, connection.execute(f"select count(*) from {staged}").fetchone()[0]))
        return [Found(is_critical=table == "cin_census__referrals")]

    refused = scratch.land_one("cin_census/2011/a.xml", census(), examine)
    assert ("cin_census__children", 1) in seen
    assert ("cin_census__reviews", 0) in seen
    assert refused.outcome == "refused"
    assert "cin_referral_date is blank (1 of 1 rows). Fill it." in refused.reason
    assert len(refused.findings) == len(seen)
    assert scratch.one("select count(*) from landing.cin_census__children") == 0
    assert scratch.rows("select outcome from landing.extract_files") == [("refused",)]


def test_a_warning_is_handed_on_and_the_file_let_in(scratch):
    landed = scratch.land_one(
        "ssda903/2010/a.csv", EPISODES + EPISODE, lambda *_: [Found(is_critical=False)]
    )
    assert (landed.outcome, len(landed.findings)) == ("landed", 1)


def test_findings_go_on_record_with_their_file_or_neither_does(scratch):
    scratch.deliver("ssda903/2010/a.csv", EPISODES + EPISODE)
    (extract,) = land.find(scratch.settings)
    given = []

    def stopped(connection, findings):
        given.append((connection.execute("from landing.extract_files").fetchall(), findings))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        landing.land(extract, scratch.settings, lambda *_: [Found(is_critical=False)], stopped)
    [(on_record, findings)] = given
    assert (len(on_record), len(findings)) == (1, 1)
    assert scratch.one("select count(*) from landing.extract_files") == 0
    assert scratch.one("select count(*) from landing.ssda903__episodes") == 0


def test_a_warehouse_is_held_to_the_key_it_was_begun_with(scratch):
    land.hold_to_key(scratch.settings)
    with pytest.raises(SettingsError, match="begun with another key"):
        land.hold_to_key(replace(scratch.settings, key=b"another key"))
    with pytest.raises(SettingsError, match="CYP_EXTRACTS is unset"):
        land.hold_to_key(replace(scratch.settings, key=SAMPLE_KEY, is_sample=True))
    kept = scratch.one("select key_check from landing.made_with")
    assert scratch.settings.key.decode() not in kept


def test_a_warehouse_that_another_program_has_open_is_a_plain_sentence(scratch):
    code = (
        "import duckdb, sys\n"
        "held = duckdb.connect(sys.argv[1])\nprint('open', flush=True)\nsys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(scratch.settings.warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(StepFailed, match="another program has it open") as failed:
            land.prepare(scratch.settings)
        other.stdin.close()
    assert failed.value.may_pass


def test_a_file_that_fails_half_way_leaves_nothing(scratch, monkeypatch):
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(landing.ledger, "stand", fail)
    with pytest.raises(RuntimeError):
        scratch.land_one("ssda903/2010/a.csv", EPISODES + EPISODE)
    assert scratch.one("select count(*) from landing.ssda903__episodes") == 0
    assert scratch.one("select count(*) from landing.extract_files") == 0


def test_a_file_that_cannot_be_opened_is_tried_again_the_next_night(scratch, monkeypatch):
    def fail(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(landing.files, "archived", fail)
        refused = scratch.land_one("ssda903/2010/a.csv", EPISODES + EPISODE)
    assert refused.reason == "file ssda903/2010/a.csv: it cannot be read (Permission denied)"
    assert scratch.land()["ssda903/2010/a.csv"].outcome == "landed"


def test_a_column_that_a_layout_gains_is_added_to_its_table(scratch):
    with duckdb.connect(str(scratch.settings.warehouse)) as connection:
        connection.execute("alter table landing.ssda903__episodes drop column urn")
    land.prepare(scratch.settings)
    assert scratch.land_one("ssda903/2010/a.csv", EPISODES + EPISODE).outcome == "landed"


def test_a_workbook_of_which_a_row_is_lost_on_the_way_is_refused(scratch, monkeypatch):
    rows = [["ward_code", "township_name"], ["E05001260", "North"], ["E05001261", "South"]]
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    read = landing.Tables.read

    def forgetful(tables, sheets):
        for batch in read(tables, sheets):
            tables.counts.rows["townships"] -= 1
            yield batch

    monkeypatch.setattr(landing.Tables, "read", forgetful)
    lost = scratch.land_one("townships/2011/a.xlsx", content.getvalue())
    assert "it holds 3 rows, but 2 were read" in lost.reason
    monkeypatch.undo()
    whole = scratch.land_one("townships/2012/a.xlsx", content.getvalue())
    assert (whole.outcome, whole.tables) == ("landed", {"townships__townships": 2})


def test_a_file_that_is_refused_for_its_blank_keys_says_in_which_lines_they_are(scratch):
    blank = EPISODE.replace("C1", " ")
    refused = scratch.land_one("ssda903/2010/a.csv", EPISODES + EPISODE + blank * 2, at_the_door)
    assert refused.outcome == "refused"
    assert "First in line 3, 4." in refused.reason
