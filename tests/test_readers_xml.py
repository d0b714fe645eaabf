"""The children in need census: every element lands, where it was, once."""

import json
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.land.delivery import Refusal
from flows.land.layouts import sources
from flows.land.xml_file import Elements
from flows.settings import Limits

CENSUS = sources()["cin_census"]
TABLES = CENSUS.tables
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


def read(path, la_code="332", limits=Limits()):
    """Rows by table as dicts of what is not blank, and the counts at the door."""
    settled = []
    elements = Elements(
        CENSUS,
        lambda lea, year: settled.append((lea, year)) or lea or la_code,
        lambda la, child_id: f"{la}:{child_id}",
        limits,
    )
    rows = {name: [] for name in TABLES}
    for batch in elements.read(path, is_gzip=False):
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
