"""Delimited text: found by headings, read cell for cell."""

import codecs
import csv
import gzip
import io
import json

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.land import csv_body, csv_file, files, text_scan
from flows.land.delivery import Note, Refusal, Rows
from flows.land.layouts import sources
from flows.land.look import look_at
from flows.land.tables import Tables, joined
from flows.settings import Limits

LIMITS = Limits()
EPISODES = sources()["ssda903"].tables["episodes"]
# Any text that a file in UTF-8 can hold: no NUL, no half of a surrogate pair.
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=8)


def read(path, source):
    """Batches and notes of a file, and rows by table as counted at the door."""
    look = look_at(path, LIMITS)
    tables = Tables(sources()[source], lambda child_id: f"key of {child_id}", LIMITS)
    _, found = tables.find(
        {
            one: csv_file.rows(path, look.encoding, one, is_gzip=look.is_gzip, limits=LIMITS)
            for one in csv_file.DELIMITERS
        }
    )
    delivered = list(tables.read_found(found))
    rows = [one for one in delivered if isinstance(one, Rows)]
    return rows, [one for one in delivered if isinstance(one, Note)], tables.counts.rows


# Opened once: to open one takes longer than to read such a text.
ENGINE = duckdb.connect()


def both_ways(path, source, limits=LIMITS):
    """Rows of a text as the engine reads them and as they are read record by record, the one or
    the other None where that way is not taken or refuses; and what the bytes say of it."""
    look = look_at(path, LIMITS)
    tables = Tables(sources()[source], lambda child_id: child_id.strip()[::-1], limits)
    with (
        csv_file.as_utf_8(path, look.encoding, path.parent, is_gzip=look.is_gzip) as text,
        ENGINE.cursor() as connection,
    ):
        delimiter, found = tables.find(
            {
                one: csv_file.rows(text, csv_file.UTF_8, one, is_gzip=False, limits=limits)
                for one in csv_file.DELIMITERS
            }
        )
        scan, body = csv_body.read(connection, text, delimiter, found, tables.key_of, limits)
        quick = None
        if body:
            values = connection.execute(f"from ({body.query}) order by _row").fetchall()
            quick = [dict(zip(body.columns, row, strict=True)) for row in values]
            assert (len(quick), scan.body) == (body.rows, body.rows + body.blank)
        try:
            batches = [one for one in tables.read_found(found) if isinstance(one, Rows)]
        except Refusal:
            return quick, None, scan
        assert tables.counts.records == scan.records
    plain = [
        {
            name: int(values[at]) if name in ("_row", "_line") else values[at] or None
            for name, values in batch.columns.items()
        }
        for batch in batches
        for at in range(batch.count)
    ]
    return quick, plain, scan


def cells_of(batches):
    """A cells table as {(row, heading): value}."""
    return {
        (row, batch.headings[number - 1]): value
        for batch in batches
        for row, number, value in zip(
            batch.columns["_row"], batch.columns["column_number"], batch.columns["value"],
            strict=True,
        )
    }  # fmt: skip


@given(
    order=st.permutations([column.name for column in EPISODES.delivered_columns] + ["EXTRA"]),
    rows=st.lists(st.lists(CELLS, min_size=14, max_size=14), max_size=12),
    ends=st.sampled_from(["\r\n", "\n", "\r"]),
    is_upper=st.booleans(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_table_comes_back_cell_for_cell(tmp_path, order, rows, ends, is_upper):
    headings = [name.upper() if is_upper else name for name in order]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=ends, quoting=csv.QUOTE_ALL)
    writer.writerows([headings, *rows])
    path = tmp_path / "a.csv"
    path.write_bytes(text.getvalue().encode())
    batches, notes, counts = read(path, "ssda903")

    expected = [row for row in rows if any(cell and not cell.isspace() for cell in row)]
    assert notes == []
    assert counts == {"episodes": len(expected)}
    landed = [
        {name: str(values[at]) for name, values in batch.columns.items()}
        for batch in batches
        for at in range(batch.count)
    ]
    for row, there in zip(expected, landed, strict=True):
        delivered = dict(zip(order, row, strict=True))
        extra = delivered.pop("EXTRA")
        assert {name: there[name] for name in delivered} == delivered
        kept = json.loads(there["_other"]) if there["_other"] else {}
        assert kept == ({"EXTRA": extra} if extra and not extra.isspace() else {})
        assert there["_child_key"] == f"key of {delivered['child']}"


@pytest.mark.parametrize("is_ragged", [False, True])
def test_many_records_keep_their_order_and_their_lines(tmp_path, is_ragged):
    """So many that the engine begins in several places at once."""
    number = csv_body.MANY + 1
    path = tmp_path / "a.csv"
    with path.open("w") as file:
        file.write(",".join(column.name for column in EPISODES.delivered_columns) + "\n")
        blank = "," * (len(EPISODES.delivered_columns) - 2)
        file.writelines(
            f"{at % 1000},{'' if is_ragged and at % 7 == 0 else f'{at}{blank}'}\n"
            for at in range(number)
        )
    look = look_at(path, LIMITS)
    tables = Tables(sources()["ssda903"], lambda child_id: f"key of {child_id}", LIMITS)
    with ENGINE.cursor() as connection:
        lines = csv_file.rows(path, look.encoding, ",", is_gzip=False, limits=LIMITS)
        delimiter, found = tables.find({",": lines})
        _, body = csv_body.read(connection, path, delimiter, found, tables.key_of, LIMITS)
        assert body is not None
        assert body.rows == number
        told = connection.execute(
            "select count(*), count(distinct _row), bool_and(_line = _row + 1), "
            "bool_and(decom is not distinct from case when ? and (_row - 1) % 7 = 0 then null "
            "else cast(_row - 1 as varchar) end), "
            "bool_and(_child_key = concat('key of ', (_row - 1) % 1000)) "
            f"from ({body.query})",
            [is_ragged],
        ).fetchall()
    assert told == [(number, number, True, True, True)]


@given(
    rows=st.lists(st.lists(CELLS, max_size=16), max_size=12),
    above=st.lists(
        st.sampled_from([[], ["A title"], ["", "x"], ["of two\nlines", "", *"abcdefghi"]])
    ),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
    ends=st.sampled_from(["\r\n", "\n", "\r"]),
    delimiter=st.sampled_from(csv_file.DELIMITERS),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    last=st.booleans(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_engine_reads_what_is_read_record_by_record(
    tmp_path, rows, above, quoting, ends, delimiter, encoding, last
):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=ends, quoting=quoting, delimiter=delimiter)
    headings = ["la_child_id", "postcode", 'It\'s "more"', "from_date", "", "to_date", "x", "x"]
    writer.writerows([*above, headings, *rows])
    path = tmp_path / "a.csv"
    path.write_bytes(text.getvalue().removesuffix("" if last else ends).encode(encoding))
    quick, plain, scan = both_ways(path, "addresses")
    assert quick is None or quick == plain
    if plain is None:
        assert any(cell and not cell.isspace() for row in rows for cell in row[8:])
    # Quoted no more than must be, a line feed in a cell ends the line where lines end otherwise.
    if scan.is_odd and quoting == csv.QUOTE_ALL:
        assert any(one < " " for row in [*above, *rows] for cell in row for one in cell)


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("lines", "rows"),
    [
        (["A,DY1,x", "B,DY2,y"], [(1, 2, "A", "DY1", None), (2, 3, "B", "DY2", None)]),
        (['"A","DY1","x"', '"B","","y"'], [(1, 2, "A", "DY1", None), (2, 3, "B", None, None)]),
        (["A", ",,,,", "B,DY2,y,,"], [(1, 2, "A", None, None), (2, 4, "B", "DY2", None)]),
        (["A,DY1,x,z", "", '"B","D\nY",y,z', "C"],
         [(1, 2, "A", "DY1", "z"), (2, 4, "B", "D\nY", "z"), (3, 6, "C", None, None)]),
        ([], []),
    ],
)  # fmt: skip
def test_the_engine_reads_what_returns_are_like(tmp_path, lines, rows, ends):
    path = tmp_path / "a [1]?.csv"
    path.write_bytes(ends.join(["la_child_id,postcode,from_date,to_date", *lines, ""]).encode())
    quick, plain, _ = both_ways(path, "addresses")
    assert quick == plain
    names = ("_row", "_line", "la_child_id", "postcode", "to_date")
    assert [tuple(row[name] for name in names) for row in quick] == rows


@given(
    st.lists(
        st.sampled_from(
            [*'aé,," \t;', '"",', ',"', '""', "\n", "\n", "\r\n", "\r", "\x0b", "\u2028"]
        ),
        max_size=40,
    ).map("".join)
)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=400
)
def test_what_is_no_proper_table_is_read_alike_or_refused_alike(tmp_path, text):
    path = tmp_path / "a.csv"
    path.write_bytes(f"la_child_id,postcode,from_date\n{text}".encode())
    # What lies below the heading is not looked at when the table is placed.
    quick, plain, _ = both_ways(path, "addresses", Limits(preamble_rows=1))
    assert quick is None or quick == plain


@given(
    text=st.lists(
        st.sampled_from(["abc", ",", '"x\r\ny"', '"a""b"', "\n", "\r\n", "\n\n"]), min_size=1
    ).map("".join),
    block=st.integers(1, 9),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_text_is_counted_alike_in_blocks_of_any_size(tmp_path, monkeypatch, text, block):
    path = tmp_path / "a.csv"
    path.write_bytes(codecs.BOM_UTF8 + text.encode())
    whole = text_scan.scan(path, ",", 1, LIMITS)
    with monkeypatch.context() as patched:
        patched.setattr(text_scan, "BLOCK", block)
        parts = text_scan.scan(path, ",", 1, LIMITS)
    assert str(parts) == str(whole)


@given(
    values=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=20),
    preamble=st.lists(st.sampled_from(["", "A title", "Back to Contents"]), max_size=9),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_statistical_table_comes_back_cell_for_cell(tmp_path, values, preamble):
    headings = ["LSOA code (2011)", "IMD Score", "IMD Rank (where 1 is\nmost deprived)", "Name"]
    rows = [[f"E0100{number:04d}", *row] for number, row in enumerate(values)]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([*[[title, "", "", ""] for title in preamble], headings, *rows])
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbf" + text.getvalue().encode())
    batches, notes, counts = read(path, "deprivation")

    tidied = [*headings[:2], "IMD Rank (where 1 is most deprived)", "Name"]
    assert cells_of(batches) == {
        (number, heading): cell
        for number, row in enumerate(rows, start=1)
        for heading, cell in zip(tidied, row, strict=True)
        if cell and not cell.isspace()
    }
    assert counts == {"cells": len(rows)}
    assert [note.text for note in notes] == [title for title in preamble if title]


def test_a_line_is_that_where_the_row_begins(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('la_child_id,postcode,from_date\nA,"DY1\n1AA",x\n\nB,DY2,y\n')
    [batch], _, _ = read(path, "addresses")
    assert batch.columns["_line"].tolist() == [2, 5]
    assert batch.columns["postcode"].tolist() == ["DY1\n1AA", "DY2"]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_separators_are_told_by_the_table_they_make(tmp_path, delimiter):
    path = tmp_path / "a.txt"
    path.write_text(delimiter.join(["la_child_id", "postcode", "from_date"]) + "\n" + "A\n")
    [batch], _, _ = read(path, "addresses")
    assert batch.columns["la_child_id"].tolist() == ["A"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_encodings_are_told_from_the_bytes(tmp_path, encoding):
    path = tmp_path / "a.csv"
    path.write_bytes("la_child_id,postcode,from_date\ncaf\xe9 £,DY1,x\n".encode(encoding))
    [batch], _, _ = read(path, "addresses")
    assert batch.columns["la_child_id"].tolist() == ["caf\xe9 £"]


def test_a_byte_without_meaning_in_windows_1252_does_not_stop_the_file(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"la_child_id,postcode,from_date\n\xe9\x81,DY1,x\n")
    [batch], _, _ = read(path, "addresses")
    assert batch.columns["la_child_id"].tolist() == ["é\x81"]


def test_a_gzip_is_read_as_what_it_holds(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"LSOA CODE,IMD SCORE\r\nE01009719,12.5\r\n"))
    batches, _, _ = read(path, "deprivation")
    assert cells_of(batches) == {(1, "LSOA CODE"): "E01009719", (1, "IMD SCORE"): "12.5"}


def test_a_damaged_gzip_is_refused(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"LSOA CODE,IMD SCORE\n" * 999)[:-20])
    with pytest.raises(files.Refusal, match="gzip is damaged"):
        look_at(path, Limits())


def test_titles_and_footnotes_are_notes_and_blank_lines_are_nothing(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        '\n"Population estimates"\n"Age        :","Age 15"\n\n'
        '"local authority","mnemonic","2009","2010"\n\n'
        '"Dudley","E08000027",1,2\n"Notes: none",,,\n,,,\n'
    )
    batches, notes, counts = read(path, "population")
    assert counts == {"cells": 1}
    assert cells_of(batches)[1, "2010"] == "2"
    assert [(note.line, note.text) for note in notes] == [
        (2, "Population estimates"), (3, "Age : | Age 15"), (8, "Notes: none"),
    ]  # fmt: skip


def test_a_wide_table_of_stat_xplore_has_two_rows_of_headings(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        '"Year","2014/15","2014/15 - Annotations","2015/16 (p)","2015/16 - Annotations",\n'
        '"National - Regional - LA - OAs",\n"Dudley",7,,8,,\n"Unknown",..,,..,,\n'
        '"Symbol",Description\n"I","note",\n'
    )
    batches, notes, counts = read(path, "child_poverty")
    assert cells_of(batches) == {
        (1, "Year | National - Regional - LA - OAs"): "Dudley",
        (1, "2014/15"): "7",
        (1, "2015/16 (p)"): "8",
        (2, "Year | National - Regional - LA - OAs"): "Unknown",
        (2, "2014/15"): "..",
        (2, "2015/16 (p)"): "..",
    }
    assert counts == {"cells": 2}
    assert len(notes) == 2


def test_rows_that_end_early_end_in_blanks(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("la_child_id,postcode,from_date,to_date\nA,DY1\nB,DY2,x,y,,\n")
    [batch], _, _ = read(path, "addresses")
    assert batch.columns["from_date"].tolist() == ["", "x"]


def test_prose_that_names_headings_is_no_table(tmp_path):
    path = tmp_path / "README.md"
    path.write_text("# Postcodes\nThe columns are,pcds,laua,and,more\nSo it is,a,b,c,d\n")
    with pytest.raises(files.Refusal, match="no table of postcodes"):
        read(path, "postcodes")


@pytest.mark.parametrize(
    ("headings", "found"),
    [
        ("pcd,pcd2,pcds,dointr,doterm,oscty,oslaua,osward,soa1",
         {"pcds": 2, "la_code": 6, "ward_code": 7, "lsoa01_code": 8}),
        ("pcds,doterm,oslaua,osward,lsoa01,lsoa11,lsoa21",
         {"la_code": 2, "ward_code": 3, "lsoa01_code": 4, "lsoa11_code": 5, "lsoa21_code": 6}),
        ("pcd7,pcds,doterm,laua,ward,lsoa11", {"pcds": 1, "la_code": 3, "lsoa11_code": 5}),
        ("pcd7,pcd8,pcds,dointr,doterm,lad25cd,wd25cd,lsoa21cd",
         {"pcds": 2, "la_code": 5, "ward_code": 6, "lsoa21_code": 7}),
        ("pcd7,pcd8,doterm,ladcd,lsoa11cd", {"pcds": 1, "la_code": 3, "lsoa11_code": 4}),
    ],
)  # fmt: skip
def test_every_generation_of_postcode_directory_is_known(headings, found):
    tables = Tables(sources()["postcodes"], str, LIMITS)
    placed = tables.place([(1, headings.split(","))])
    assert placed is not None
    assert found.items() <= placed.columns.items()


@pytest.mark.parametrize(
    ("headings", "table"),
    [
        ("LSOA11CD,LSOA11NM,WD17CD,WD17NM,LAD17CD,FID", "lsoa_wards"),
        ("FID,LSOA21CD,WD24CD", "lsoa_wards"),
        ("F_LSOA11CD,LSOA11NM,LSOA21CD,CHGIND,LAD22CD", "lsoa_changes"),
        ("lsoa01_name,lsoa01_code,change_code,lsoa11_name,lsoa11_code", "lsoa_changes"),
    ],
)
def test_lookups_are_known_by_their_vintages(headings, table):
    placed = Tables(sources()["lookups"], str, LIMITS).place([(1, headings.split(","))])
    assert placed is not None
    assert placed.table.name == table


@pytest.mark.parametrize("table", sources()["ssda903"].tables.values(), ids=lambda one: one.name)
def test_every_table_of_the_return_is_known_by_its_headings_alone(table):
    headings = [column.name.upper() for column in table.delivered_columns]
    for order in (headings, headings[::-1], [*headings, "ANOTHER"]):
        placed = Tables(sources()["ssda903"], str, LIMITS).place([(1, order)])
        assert placed is not None
        assert placed.table == table


def test_group_headings_reach_as_far_as_the_group_above_them():
    assert joined(
        [
            ["", "", "Children in families", "", "", "%"],
            ["Code", "Name", "", "Age of child", "", ""],
            ["", "", "All", "0 - 4", "5 - 10", "All "],
        ]
    ) == (
        "Code", "Name", "Children in families | All",
        "Children in families | Age of child | 0 - 4",
        "Children in families | Age of child | 5 - 10", "% | All",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("source", "headings", "row"),
    [
        ("deprivation", "SOA,LA CODE,IMD SCORE", "E01009719,00CR,12.5"),
        ("deprivation", "LSOA,LA CODE,LA NAME,IMD SCORE,RANK OF IMD (where 1 is most deprived)",
         "E01009719,00CR,Dudley,12.5,17000"),
        ("deprivation", "LSOA CODE,PRE 2009 LA CODE,IDACI SCORE", "E01009719,00CR,0.2"),
        ("deprivation", "lsoa01_code,IMD_rank", "E01009719,1"),
        ("deprivation", "Local Authority District code (2019),Extent", "E08000027,0.2"),
        ("child_poverty", "LSOA code,LSOA name,% of Children in low-income families",
         "E01009719,Dudley 027A,0.2"),
        ("child_poverty", "Ward code,Children in IS/JSA families", "E05001236,15"),
        ("child_poverty", "Ward code,Children in IS/JSA families", "00CRGB,15"),
        ("child_poverty", "Local Authority [note 2],Area Code,Number of children FYE 2024",
         "Dudley,E08000027,\"1,248\""),
        ("population", "LSOA Code,LSOA Name,LA Code (2018 boundaries),All Ages,0,1,90+",
         "E01009719,Dudley 027A,E08000027,1395,15,20,3"),
        ("population", "LAD 2021 Code,LSOA 2021 Code,Total,F0,M0", "E08000027,E01009719,9,1,2"),
        ("population", "Area Codes,Area Names,All Ages,0", "E08000027,Dudley,9,1"),
        ("population", "LSOA11CD,all_ages,0", "E01009719,9,1"),
        ("comparators", "Geog_lev,Geog_code,Geog_name,Overall_1", "LA,332,Dudley,7"),
        ("comparators", "LA_order,New_geog_code,geog_l,geog_c,geog_n,CLA_Mar2017",
         "9,E06000053,,420,Isles of Scilly,0"),
    ],
)  # fmt: skip
def test_layouts_of_every_year_are_known_by_their_headings(tmp_path, source, headings, row):
    path = tmp_path / "a.csv"
    path.write_text(f"A title,,\n{headings}\n{row}\nSource: a publisher,,\n")
    batches, notes, counts = read(path, source)
    assert counts == {"cells": 1}
    assert len(notes) == 2
    assert batches[0].columns["_line"].tolist()[0] == 3
