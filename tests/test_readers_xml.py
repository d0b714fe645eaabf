"""The children in need census: every element lands, where it was, once."""

import gzip
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.land.delivery import Refusal
from flows.land.layouts import sources
from flows.land.xml_file import Elements
from flows.land.xml_tags import Tags
from flows.settings import HOUSE, Limits

CENSUS = sources()["cin_census"]
TABLES = CENSUS.tables
LIMITS = Limits()
TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=6
).map(str.strip)
# What a row of each table may hold within it: (wrapper or None, table).
WITHIN = {
    "children": [("Disabilities", "disabilities"), (None, "referrals")],
    "referrals": [
        (None, "assessments"), (None, "cin_plans"), (None, "section_47s"),
        (None, "child_protection_plans"), (None, "pre_proceedings"),
    ],
    "assessments": [("FactorsIdentifiedAtAssessment", "assessment_factors")],
    "child_protection_plans": [("Reviews", "reviews")],
}  # fmt: skip


def read(path, la_code="332", limits=LIMITS, is_gzip=False):
    """Rows by table as dicts of what is not blank, and the counts at the door."""
    settled = []
    elements = Elements(
        CENSUS,
        lambda lea, year: settled.append((lea, year)) or lea or la_code,
        lambda la, child_id: f"{la}:{child_id}",
        limits,
    )
    rows = {name: [] for name in TABLES}
    for batch in elements.read(path, is_gzip=is_gzip):
        for at in range(batch.count):
            rows[batch.table].append(
                {name: values[at] for name, values in batch.columns.items() if values[at]}
            )
    assert {name: len(there) for name, there in rows.items()} == elements.counts.rows
    return rows, settled


@st.composite
def trees(draw, table="children"):
    """An element of a table with leaves, an unknown leaf, and the elements within it."""
    columns = {
        column.element: draw(TEXTS)
        for column in TABLES[table].columns
        if column.element and draw(st.booleans())
    }
    leaf = next((column for column in TABLES[table].columns if column.is_text), None)
    return {
        "table": table,
        "leaves": columns,
        "text": draw(TEXTS) if leaf else None,
        "unknown": draw(st.none() | TEXTS) if not leaf else None,
        "group": draw(st.none() | TEXTS) if not leaf else None,
        "within": [
            (wrapper, draw(trees(inner)))
            for wrapper, inner in WITHIN.get(table, [])
            for _ in range(draw(st.integers(0, 2)))
        ],
    }


def written(tree):
    element = ElementTree.Element(TABLES[tree["table"]].element)
    element.text = tree["text"]
    for name, text in tree["leaves"].items():
        ElementTree.SubElement(element, name).text = text
    if tree["unknown"] is not None:
        ElementTree.SubElement(element, "Unheard").text = tree["unknown"]
    if tree["group"] is not None:
        group = ElementTree.SubElement(ElementTree.SubElement(element, "Group"), "Of")
        ElementTree.SubElement(group, "Things").text = tree["group"]
    for wrapper, inner in tree["within"]:
        parent = ElementTree.SubElement(element, wrapper) if wrapper else element
        parent.append(written(inner))
    return element


def expected(trees_, rows, parents, child_key):
    """The rows that trees should land, told from the trees and not from the XML."""
    for tree in trees_:
        table = TABLES[tree["table"]]
        there = rows[table.name]
        key = f"332:{tree['leaves'].get('LAchildID', '')}" if table.child_id else child_key
        row = {"_row": len(there) + 1, "_child_key": key}
        row |= {column.name: parents[column.row_of] for column in table.columns if column.row_of}
        for column in table.columns:
            if column.element:
                row[column.name] = tree["leaves"].get(column.element, "")
            elif column.is_text:
                row[column.name] = tree["text"]
        if tree["unknown"] is not None:
            row["_other"] = {"Unheard": tree["unknown"]}
        there.append(row)
        inner = {**parents, table.name: row["_row"]}
        if tree["group"] is not None:
            rows["other_elements"].append(tree["group"])
        expected([one for _, one in tree["within"]], rows, inner, key)


@given(st.lists(trees(), min_size=1, max_size=4))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
    max_examples=60,
)
def test_any_tree_of_the_grammar_lands_row_for_row_with_nothing_lost(tmp_path, children):
    message = ElementTree.Element("Message")
    ElementTree.SubElement(message, "Children").extend(map(written, children))
    path = tmp_path / "a.xml"
    ElementTree.ElementTree(message).write(path, encoding="utf-8")
    landed, _ = read(path)

    wanted = {name: [] for name in TABLES}
    expected(children, wanted, {}, "")
    others = [row.get("value", "") for row in landed.pop("other_elements")]
    assert sorted(others) == sorted(wanted.pop("other_elements"))
    for name, rows in wanted.items():
        there = sorted(landed[name], key=lambda row: row["_row"])
        for row in there:
            row.pop("_line")
            if "_other" in row:
                row["_other"] = json.loads(row["_other"])
        assert there == [{k: v for k, v in row.items() if v} for row in rows]


def census(tmp_path, children, header=""):
    path = tmp_path / "a.xml"
    path.write_text(f"<Message>{header}<Children>{children}</Children></Message>")
    return path


def test_lines_are_true_beyond_what_sixteen_bits_hold(tmp_path):
    child = "<Child>\n<ChildIdentifiers>\n<LAchildID>A</LAchildID></ChildIdentifiers>\n</Child>\n"
    rows, _ = read(census(tmp_path, child * 30_000))
    assert rows["children"][-1]["_line"] == 29_999 * 4 + 1


def test_what_no_layout_knows_is_kept_with_its_path(tmp_path):
    rows, _ = read(
        census(
            tmp_path,
            '<Child id="7"><ChildIdentifiers>stray<LAchildID>A</LAchildID>'
            "<LAchildID>B</LAchildID><Nickname>N</Nickname></ChildIdentifiers>"
            "<CINdetails><Services><Service><Type>T</Type></Service></Services></CINdetails>"
            "</Child>",
        )
    )
    assert rows["children"][0]["la_child_id"] == "A"
    assert rows["children"][0]["_other"] == '{"Nickname": "N"}'
    assert [
        (row["element_path"], row["value"], row["_child_key"], row.get("referral_row"))
        for row in rows["other_elements"]
    ] == [
        ("Child/@id", "7", "332:A", None),
        ("Child/ChildIdentifiers/text()", "stray", "332:A", None),
        ("Child/ChildIdentifiers/LAchildID", "B", "332:A", None),
        ("Child/CINdetails/Services/Service/Type", "T", "332:A", 1),
    ]


def test_both_sex_and_gender_and_every_spelling_are_read(tmp_path):
    rows, _ = read(
        census(
            tmp_path,
            "<Child><ChildIdentifiers><LAchildID>A</LAchildID><GenderCurrent>1</GenderCurrent>"
            "<Sex>M</Sex></ChildIdentifiers><CINDetails><CINplanDates>"
            "<CINPlanStartDate>2022-01-01</CINPlanStartDate></CINplanDates></CINDetails></Child>",
        )
    )
    assert (rows["children"][0]["gender_current"], rows["children"][0]["sex"]) == ("1", "M")
    assert rows["cin_plans"][0]["cin_plan_start_date"] == "2022-01-01"


def test_every_review_of_a_plan_is_kept_and_an_empty_block_is_nothing(tmp_path):
    rows, _ = read(
        census(
            tmp_path,
            "<Child><CINdetails><Assessments><FactorsIdentifiedAtAssessment/></Assessments>"
            "<ChildProtectionPlans><CPPstartDate>2010-01-01</CPPstartDate><Reviews>"
            "<CPPreviewDate>2010-03-01</CPPreviewDate><CPPreviewDate>2010-09-01</CPPreviewDate>"
            "</Reviews></ChildProtectionPlans></CINdetails></Child>",
        )
    )
    assert [row["cpp_review_date"] for row in rows["reviews"]] == ["2010-03-01", "2010-09-01"]
    assert {row["plan_row"] for row in rows["reviews"]} == {1}
    assert len(rows["assessments"]) == 1
    assert rows["assessment_factors"] == rows["other_elements"] == []


def test_authority_and_year_are_told_before_the_first_child(tmp_path):
    header = (
        "<Header><CollectionDetails><Year>2011</Year></CollectionDetails>"
        "<Source><LEA>201</LEA></Source></Header>"
    )
    child = "<Child><ChildIdentifiers><LAchildID>A</LAchildID></ChildIdentifiers></Child>"
    rows, settled = read(census(tmp_path, child, header))
    assert settled == [("201", "2011")]
    assert rows["children"][0]["_child_key"] == "201:A"


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("<Message><Children>\n<Child></Children></Message>", "not well-formed", 2),
        ("<Message><Children><Child/>", "not well-formed", 1),
        ("<Message>" + "<a>" * 60, "nested more than", 1),
        ("<Message><Children><Child>&who;</Child></Children></Message>", "not well-formed", 1),
        ("<html></html>", "root element is not Message", 1),
    ],
)
def test_what_is_malformed_is_refused_with_its_place(tmp_path, text, words, line):
    path = tmp_path / "a.xml"
    path.write_text(text)
    with pytest.raises(Refusal, match=words) as refused:
        read(path)
    assert refused.value.line == line


def test_a_text_beside_elements_is_kept_with_the_line_it_begins_on(tmp_path):
    rows, _ = read(
        census(
            tmp_path,
            "<Child>\n<ChildIdentifiers><LAchildID>A</LAchildID>\nfirst\nand last\n"
            "</ChildIdentifiers>\n<UPN>B<!-- no -->C</UPN></Child>",
        )
    )
    assert [(row["_line"], row["value"]) for row in rows["other_elements"]] == [
        (3, "first\nand last")
    ]
    assert rows["children"][0]["upn"] == "BC"


def test_a_leaf_that_is_more_than_its_text_is_kept_in_all_its_parts(tmp_path):
    rows, _ = read(
        census(
            tmp_path,
            '<Child><ChildIdentifiers><LAchildID lang="en">A</LAchildID><UPN>1<b>2</b>3</UPN>'
            '<UPN>4</UPN></ChildIdentifiers><Disabilities><Disability at="5">HEAR</Disability>'
            "<Disability>6<i/></Disability></Disabilities></Child>",
        )
    )
    assert (rows["children"][0]["la_child_id"], rows["children"][0]["upn"]) == ("A", "4")
    assert [row.get("disability") for row in rows["disabilities"]] == ["HEAR", None]
    assert [(row["element_path"], row.get("value", "")) for row in rows["other_elements"]] == [
        ("Child/ChildIdentifiers/LAchildID/@lang", "en"),
        ("Child/ChildIdentifiers/UPN/text()", "1"),
        ("Child/ChildIdentifiers/UPN/b", "2"),
        ("Child/ChildIdentifiers/UPN/text()", "3"),
        ("Child/Disabilities/Disability/@at", "5"),
        ("Child/Disabilities/Disability/text()", "6"),
        ("Child/Disabilities/Disability/i", ""),
    ]


def test_an_empty_element_that_is_repeated_is_kept(tmp_path):
    rows, _ = read(census(tmp_path, "<Child><UPN/><UPN>A</UPN></Child>"))
    assert "upn" not in rows["children"][0]
    assert [row["value"] for row in rows["other_elements"]] == ["A"]


def test_a_file_of_many_batches_lands_whole_and_in_order(tmp_path):
    child = (
        "<Child><ChildIdentifiers><LAchildID>{0}</LAchildID></ChildIdentifiers><CINdetails>"
        "<PrimaryNeedCode>N{0}</PrimaryNeedCode></CINdetails><Odd><One>{0}</One></Odd></Child>\n"
    )
    rows, _ = read(census(tmp_path, "".join(map(child.format, range(30_000)))))
    numbers = [str(number) for number in range(30_000)]
    keys = [f"332:{number}" for number in numbers]
    assert [row["la_child_id"] for row in rows["children"]] == numbers
    assert [row["primary_need_code"] for row in rows["referrals"]] == [f"N{n}" for n in numbers]
    assert [row["value"] for row in rows["other_elements"]] == numbers
    for table in ("children", "referrals", "other_elements"):
        assert [row["_child_key"] for row in rows[table]] == keys
        assert [row["_line"] for row in rows[table]] == list(range(1, 30_001))
    assert [row["child_row"] for row in rows["referrals"]] == list(range(1, 30_001))


# The second witness: tags counted in the bytes.

ASIDES = [
    "<!-- <Child> <Disability>x</Disability> -->", "<!--><Child>-->", "<?a <Child> ?>",
    "<![CDATA[<Child></Child>]]>", "<![CDATA[ ]] ]>< <Header> ]]>", "<?Child?>", "<!---->",
]  # fmt: skip
ROW_NAMES = {table.element.lower() for table in TABLES.values() if table.element}


@given(
    st.lists(trees(), min_size=1, max_size=3),
    st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-16-be"]),
    st.sampled_from(["", "x:", "a.b:c:"]),
    st.randoms(use_true_random=False),
)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
    max_examples=80,
)
def test_tags_are_counted_in_any_encoding_and_block_and_none_in_a_comment(
    tmp_path, children, encoding, prefix, dice
):
    message = ElementTree.Element("Message")
    ElementTree.SubElement(message, "Children").extend(map(written, children))
    wanted = Counter(
        element.tag.lower() for element in message.iter() if element.tag.lower() in ROW_NAMES
    )

    def alike(text):
        """The same in start and end tag, so that the document stays well-formed."""
        spelled = {}
        for tag in re.finditer(r"<(/?)([A-Za-z0-9]+)(\s*/?>)", text):
            spelled.setdefault(tag[2], dice.choice([str.lower, str.upper, str])(tag[2]))
        spelled["Message"] = "Message"
        return re.sub(
            r"<(/?)([A-Za-z0-9]+)(\s*/?>)",
            lambda tag: (
                f"<{tag[1]}{prefix}{spelled[tag[2]]}{tag[3]}"
                + (dice.choice(ASIDES) if dice.random() < 0.3 and tag[2] != "Message" else "")
            ),
            text,
        )

    data = alike(ElementTree.tostring(message, encoding="unicode")).encode(encoding)
    tags = Tags(ROW_NAMES)
    at = 0
    while at < len(data):
        size = dice.randint(1 if at else 2, 40)
        tags.feed(data[at : at + size])
        at += size
    assert {name: count for name, count in tags.counts().items() if count} == wanted

    path = tmp_path / "a.xml"
    path.write_bytes(data)
    rows, _ = read(path)  # which holds its rows against the tags itself
    assert len(rows["children"]) == wanted["child"]


def test_a_rows_element_where_no_row_can_be_is_kept_and_counted_apart(tmp_path):
    rows, _ = read(
        census(
            tmp_path,
            "<Child><CINdetails><Child>A</Child></CINdetails><Odd><Disability/></Odd></Child>",
        )
    )
    assert [len(rows[table]) for table in ("children", "disabilities")] == [1, 0]
    assert rows["referrals"][0]["_other"] == '{"Child": "A"}'
    assert rows["other_elements"][0]["element_path"] == "Child/Odd/Disability"


def test_a_file_of_which_a_row_were_lost_is_refused(tmp_path, monkeypatch):
    counts = Tags.counts
    monkeypatch.setattr(Tags, "counts", lambda tags: counts(tags) + Counter({"cindetails": 1}))
    with pytest.raises(Refusal, match="there are 3 tags of CINdetails in it, but 2 were read"):
        read(census(tmp_path, "<Child><CINdetails/><CINdetails/></Child>"))


# What is broken, lies or means harm. Every refusal names the line.

CHILD = "<Child><ChildIdentifiers><LAchildID>{}</LAchildID></ChildIdentifiers></Child>"
WHOLE = "<Message>\n<Children>" + CHILD.format("é") + "</Children></Message>"


@pytest.mark.parametrize(
    "data",
    [
        WHOLE.encode(),
        b"\xef\xbb\xbf" + WHOLE.encode(),
        b"\xef\xbb\xbf" + b'<?xml version="1.0" encoding="UTF-8"?>' + WHOLE.encode(),
        WHOLE.encode("utf-16"),
        WHOLE.encode("utf-16-le"),
        WHOLE.encode("utf-16-be"),
        ("\n" + WHOLE).encode("utf-16-le"),
        b"\xfe\xff" + ('<?xml version="1.0" encoding="UTF-16"?>' + WHOLE).encode("utf-16-be"),
        b'<?xml version="1.0" encoding="windows-1252"?>' + WHOLE.encode("cp1252"),
        b'<?xml version="1.0" encoding="ISO-8859-1"?>' + WHOLE.encode("latin-1"),
        b'<?xml-stylesheet href="http://127.0.0.1:9/a.xsl"?>' + WHOLE.encode(),
        WHOLE.replace("é", "&#233;").encode("ascii"),
        WHOLE.replace("é", "<![CDATA[é]]>").encode(),
    ],
)
def test_every_encoding_that_is_what_it_says_lands(tmp_path, data):
    path = tmp_path / "a.xml"
    path.write_bytes(data)
    rows, _ = read(path)
    assert [row["la_child_id"] for row in rows["children"]] == ["é"]


DECLARED = '<?xml version="1.0" encoding="{}"?>\n'
TEXT = WHOLE.replace("é", "e")


@pytest.mark.parametrize(
    ("data", "words", "line"),
    [
        (TEXT[: TEXT.index("<LAchildID")].encode(), "it ends before its root element does", 2),
        (TEXT[:-3].encode(), "it ends within a tag", 2),
        ((TEXT + TEXT).encode(), "something follows its root element", 2),
        (WHOLE.encode("cp1252"), "a character is not in the encoding", 2),
        ((DECLARED.format("UTF-8") + WHOLE).encode("cp1252"), "is not in the encoding", 3),
        ((DECLARED.format("UTF-16") + TEXT).encode(), "not in the encoding it declares", 1),
        ((DECLARED.format("UTF-16") + WHOLE).encode("utf-16-le")[:-1], "not well-formed", 3),
        ((DECLARED.format("x-secret") + TEXT).encode(), "an encoding that is not known", 1),
        ((DECLARED.format("UTF-7") + TEXT).encode(), "an encoding that is not known", 1),
        ((DECLARED.format("rot13") + TEXT).encode(), "an encoding that is not known", 1),
        ((DECLARED.format("Shift_JIS") + TEXT).encode(), "an encoding that is not known", 1),
        (TEXT.replace("e", "\0", 1).encode(), "a control character", 1),
        (TEXT.replace(">e<", ">\0<").encode(), "a control character", 2),
        (TEXT.replace(">e<", ">\x07<").encode(), "a control character", 2),
        (TEXT.replace(">e<", ">&#0;<").encode(), "not well-formed", 2),
        (b'\n<?xml version="1.0"?>' + TEXT.encode(), "not well-formed", 2),
        (TEXT.replace(">e<", ">&nbsp;<").encode(), "an entity is used that XML does not", 2),
        (b"\n" + b"<!DOCTYPE Message>" + TEXT.encode(), "declares a document type", 2),
        (
            b'<!DOCTYPE Message SYSTEM "http://127.0.0.1:9/a.dtd">' + TEXT.encode(),
            "declares a document type", 1,
        ),
        (
            b'<!DOCTYPE Message [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
            + TEXT.replace(">e<", ">&x;<").encode(),
            "declares a document type", 1,
        ),
        (
            b'<!DOCTYPE Message [<!ENTITY % x SYSTEM "http://127.0.0.1:9/a.dtd"> %x;]>'
            + TEXT.encode(),
            "declares a document type", 1,
        ),
        (
            b'<!DOCTYPE Message [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
            + TEXT.replace(">e<", ">&b;<").encode(),
            "declares a document type", 1,
        ),
    ],
)  # fmt: skip
def test_what_is_broken_or_lies_is_refused_with_its_line(tmp_path, data, words, line):
    path = tmp_path / "a.xml"
    path.write_bytes(data)
    with pytest.raises(Refusal, match=words) as refused:
        read(path)
    assert refused.value.line == line
    assert "secret" not in refused.value.what


def test_an_inclusion_is_an_element_like_any_other_and_fetches_nothing(tmp_path):
    rows, _ = read(
        census(
            tmp_path,
            '<Child><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" '
            'href="file:///etc/passwd" parse="text"/></Child>',
        )
    )
    assert rows["children"][0]["_other"] == '{"include": ""}'
    assert [(row["element_path"], row["value"]) for row in rows["other_elements"]] == [
        ("Child/include/@href", "file:///etc/passwd"),
        ("Child/include/@parse", "text"),
    ]


@pytest.mark.parametrize(
    ("limits", "children", "words"),
    [
        (Limits(depth=4), CHILD, "nested more than 4 deep"),
        (Limits(depth=4), "<Child><Odd><Er/></Odd></Child>", "nested more than 4 deep"),
        (Limits(cell_characters=9), CHILD.format("1234567890"), "longer than 9 characters"),
        (Limits(cell_characters=9), "<Child>1234567890<a/></Child>", "longer than 9 characters"),
        (Limits(cell_characters=9), '<Child a="1234567890"/>', "longer than 9 characters"),
        (Limits(columns=5), "<Child><a/><b/><c d=''/></Child>", "more than 5 different names"),
        (Limits(file_bytes=50), CHILD, "larger than 50 bytes"),
    ],
)
def test_a_limit_is_a_setting_and_what_is_beyond_it_is_refused(tmp_path, limits, children, words):
    with pytest.raises(Refusal, match=words):
        read(census(tmp_path, children), limits=limits)


def test_what_just_keeps_within_the_limits_lands(tmp_path):
    limits = Limits(depth=5, cell_characters=9, columns=5)
    rows, _ = read(census(tmp_path, CHILD.format("123456789")), limits=limits)
    assert rows["children"][0]["la_child_id"] == "123456789"


def test_a_packed_file_lands_unless_it_is_damaged_or_grows_beyond_reason(tmp_path):
    path = tmp_path / "a.xml.gz"
    packed = gzip.compress(TEXT.encode())
    path.write_bytes(packed)
    rows, _ = read(path, is_gzip=True)
    assert len(rows["children"]) == 1
    path.write_bytes(packed[:-12])
    with pytest.raises(Refusal, match="the gzip is damaged"):
        read(path, is_gzip=True)
    with gzip.open(path, "wb") as file:
        file.write(b"<Message>")
        for _ in range(80):
            file.write(b"<!--" + b" " * 1_000_000 + b"-->")
        file.write(b"</Message>")
    with pytest.raises(Refusal, match="unpacks to more than 200 times"):
        read(path, is_gzip=True)


HARM = {
    "text": ("<Message><Children><Child><UPN>", "a", "longer than 1000000 characters"),
    "blank text": ("<Message><Children><Child>", " ", "longer than 1000000 characters"),
    "attribute": ('<Message a="', "a", "a tag, comment or instruction is longer"),
    "tag": ("<Message><", "a", "a tag, comment or instruction is longer"),
    "comment": ("<Message><!--", "a", "a tag, comment or instruction is longer"),
    "instruction": ("<Message><?a ", "a", "a tag, comment or instruction is longer"),
    "CDATA": ("<Message><![CDATA[", "<Child>", "longer than 1000000 characters"),
    "depth": ("<Message>", "<a>", "nested more than 40 deep"),
    "rows": ("<Message><Children><Child>", "<CINdetails/>", "one child has more than"),
    "leaves": ("<Message><Children><Child>", "<UPN/>", "one child has more than"),
    "child": ("<Message><Children><Child>", "<!-- a child -->", "one child is longer than"),
}
HARMFUL = """
import sys
from pathlib import Path
from flows.land.delivery import Refusal
from flows.land.layouts import sources
from flows.land.xml_file import Elements
from flows.settings import Limits

elements = Elements(sources()["cin_census"], lambda *_: "332", lambda *_: "k", Limits())

def peak():
    # Not what getrusage tells, which a process inherits from the one that started it.
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])

before = peak()
try:
    for _ in elements.read(Path(sys.argv[1]), is_gzip=False):
        pass
except Refusal as refusal:
    print(refusal.of("a.xml"))
print(peak() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is told there")
@pytest.mark.parametrize("harm", HARM)
def test_one_line_without_end_is_refused_before_memory_fills(tmp_path, harm):
    begin, again, words = HARM[harm]
    path = tmp_path / "a.xml"
    with path.open("w") as file:
        file.write(begin)
        for _ in range(80):
            file.write(again * (1_000_000 // len(again)))
    done = subprocess.run(
        [sys.executable, "-c", HARMFUL, str(path)],
        cwd=HOUSE, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    reason, grown = done.stdout.splitlines()
    assert reason.startswith("file a.xml, line 1: ")
    assert words in reason
    # In kilobytes: the parser may hold what a line may be, twice, and not the 80 MB there are.
    assert int(grown) < 50_000
