"""Children that are read from their text land as they would be read element by element."""

import random
from contextlib import ExitStack
from unittest import mock

import pytest

from flows.land import xml_file, xml_plain
from flows.land.delivery import Refusal
from flows.land.xml_plain import Plain
from flows.settings import Limits
from tests.test_readers_xml import census, read

HEADER = "<Header><CollectionDetails><Year>2011</Year></CollectionDetails></Header>"
# What may come up anywhere in a file, some of it harmful there and some not.
ODD = [
    b"<!-- -->", b"<!-- </Child> -->", b"<!-- </Child><Child></Child> -->", b"<!--", b"-->",
    b"<![CDATA[", b"]]>", b"<![CDATA[</Child><Child></Child>]]>", b"<?go </Child> ?>",
    b"&amp;", b"&lt;Child>", b"&#13;", b"&undefined;", b"&",
    b"\r", b"\n", b"\r\n", b"\t", b"\x00", b"\x01", b"\x7f", b"\xff", b"\xc3\xa9", b"\xc2\xa0",
    b"\xef\xbf\xbe", b"\xef\xbf\xbd", b"\xed\xa0\x80", b"<", b">", b"/", b"x", b" ", b'"',
    b"<UPN/>", b"<UPN>", b"<UPN</UPN>", b"<Child", b"</Child", b"</UPN>", b"<UPN></UPN>",
    b"<UPN>7</UPN >", b"<UPN>7</UPN", b"<UPN />", b'<UPN a="1"/>',
    b"<Child>", b"</Child>", b"<Child/>", b"<Child></Child>", b"</Child ><Child >",
    b"<Child><ChildIdentifiers><LAchildID>Z</LAchildID></ChildIdentifiers></Child>",
    b"<child><ChildIdentifiers><LAchildID>z</LAchildID></ChildIdentifiers></child>",
    b"<x:UPN>7</x:UPN>", b"<Disabilities>", b"<Disability>B</Disability>", b"<Disability/>",
    b"<CINdetails/>", b"<CINdetails><ReferralSource>1</ReferralSource></CINdetails>",
    b"<Children>", b"</Children>", b"<Header/>", HEADER.encode(), b"<Unheard>of</Unheard>",
    b"<Disabilities>" * 9 + b"</Disabilities>" * 9,
]  # fmt: skip
HEADS = [
    b"\xef\xbb\xbf", b'<?xml version="1.0"?>\r\n', b"<?xml version='1.0' encoding='UTF-8'?>\n",
    b"<?xml version='1.0' encoding='iso-8859-1'?>",
]  # fmt: skip
VALUES = ["", "A1", "2010-04-01", " é ", "a>b", "two\nlines"]
ODD_VALUES = ["]]>", "\ufffe", "\uffff", "\x01", "a\rb", "&amp;", "&", "\udcff", "<!-- -->"]
FILES = 2000


def a_file(chance):
    """A census of children of whom the layouts know everything, in lines or not, in which one odd
    thing or two come up."""

    def leaf(name):
        value = chance.choice(VALUES if chance.random() < 0.98 else ODD_VALUES)
        return chance.choice([[], [f"<{name}/>"], [f"<{name}>{value}</{name}>"]])

    def element(name, *within):
        return [f"<{name}>", *(tag for part in within for tag in part), f"</{name}>"]

    def several(part, name):
        return [tag for _ in range(chance.choice([0, 1, 2])) for tag in part(name)]

    def child():
        names = ("LAchildID", "UPN", "PersonBirthDate")
        disabilities = element("Disabilities", several(leaf, "Disability"))
        traits = [*leaf("Ethnicity"), *disabilities]
        started = leaf("AssessmentActualStartDate")
        referral = [*leaf("CINreferralDate"), *element("Assessments", started)]
        return element(
            "Child",
            element("ChildIdentifiers", *map(leaf, names)),
            several(lambda name: element(name, traits), "ChildCharacteristics"),
            several(lambda name: element(name, referral), "CINdetails"),
        )  # fmt: skip

    blanks = chance.choice(["", "\n", "\r\n", "\n  ", "\t"]).encode()
    children = [tag for _ in range(chance.randint(3, 9)) for tag in child()]
    header = chance.choice([[], [HEADER]])
    tags = ["<Message>", *header, "<Children>", *children, "</Children>", "</Message>"]
    pieces = [piece for tag in tags for piece in (tag.encode(errors="surrogateescape"), blanks)]
    for _ in range(chance.choice([0, 1, 1, 1, 2])):
        between = [at for at, piece in enumerate(pieces, 1) if piece == b"</Child>"]
        at = chance.choice([chance.choice(between), chance.randint(2, len(pieces))])
        pieces.insert(at, chance.choice(ODD))
    data = b"".join(pieces)
    if chance.random() < 0.3:
        at = chance.randint(0, len(data))
        data = data[:at] + chance.choice(ODD) + data[at + chance.choice([0, 0, 1, 7]) :]
    return (chance.choice(HEADS) if chance.random() < 0.3 else b"") + data


def said(path, is_plain):
    """What becomes of a file: the rows of each table and what was settled, or the refusal."""
    with ExitStack() as stack:
        if not is_plain:
            stack.enter_context(mock.patch.object(Plain, "is_worth_trying", new=False))
        try:
            return read(path, limits=Limits(depth=9))
        except Refusal as refusal:
            return refusal.of("a file")


def test_whatever_is_in_a_file_it_is_read_alike_or_refused_alike(tmp_path):
    path = tmp_path / "a.xml"
    for seed in range(FILES):
        chance = random.Random(seed)
        path.write_bytes(a_file(chance))
        with (
            mock.patch.object(xml_file, "BLOCK", chance.choice([40, 200, 1 << 18])),
            mock.patch.object(xml_file, "FIRST_BYTES", chance.randint(1, 60)),
            mock.patch.object(xml_file, "WINDOW", chance.choice([1, 300, 4000])),
        ):
            assert said(path, is_plain=True) == said(path, is_plain=False), f"seed {seed}"


def counted(path):
    """The rows of a file, and how many bytes were read plainly each time that it was tried."""
    plainly = []
    whole = Plain.read

    def noted(*asked):
        plainly.append(whole(*asked))
        return plainly[-1]

    with mock.patch.object(Plain, "read", noted):
        rows, _ = read(path)
    return rows, plainly


CHILD = (
    "<Child><ChildIdentifiers><LAchildID>A{0}</LAchildID><UPN/></ChildIdentifiers>\n"
    "<CINdetails><CINreferralDate>2010-04-01</CINreferralDate></CINdetails></Child>\n"
)


@pytest.mark.parametrize(
    "aside", ["<!-- </Child>{} -->", "<![CDATA[</Child>{}]]>", "<?go </Child>{} ?>"]
)
def test_what_looks_like_children_and_is_no_markup_makes_no_rows(tmp_path, aside):
    children = [CHILD.format(one) for one in range(200)]
    children.insert(100, aside.format(CHILD.format("") * 3))
    rows, _ = read(census(tmp_path, "".join(children)))
    assert [row["la_child_id"] for row in rows["children"]] == [f"A{one}" for one in range(200)]


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        ("<Child><UPN>7</UPN</Child>", 201), ("<Child><UPN</UPN></Child>", 201),
        ("<Child<UPN>7</UPN></Child>", 201), ("<Child></UPN></Child>", 201),
        ("<Child><UPN>]]></UPN></Child>", 201), ("<Child><UPN>\x01</UPN></Child>", 201),
        ("<Child><UPN>\ufffe</UPN></Child>", 201), ("<Child><UPN>7</UPN></Child", 202),
        ("<Child><UPN>7</UPN>", 402),
    ],
)  # fmt: skip
def test_what_is_not_well_formed_is_refused_with_its_line(tmp_path, broken, line):
    children = [CHILD.format(one) for one in range(200)]
    children.insert(100, broken + "\n")
    with pytest.raises(Refusal) as refused:
        read(census(tmp_path, "".join(children)))
    assert refused.value.what.startswith("it is not well-formed XML")
    assert refused.value.line == line


@pytest.mark.parametrize(
    ("odd", "least"),
    [
        ("", 0.95),
        ("<Child><UPN>1</UPN><UPN>2</UPN></Child>", 0.9),
        ("<!-- aside -->", 0.9),
        ("<Child><UPN>&amp;</UPN></Child>", 0.9),
    ],
)
def test_children_round_an_odd_one_are_read_from_their_text(tmp_path, odd, least):
    """Or else the test above would compare a reader with itself."""
    path = census(
        tmp_path,
        "".join(CHILD.format(one) + (odd if one % 100 == 50 else "") for one in range(2000)),
    )
    rows, plainly = counted(path)
    assert [row["la_child_id"] for row in rows["children"] if "la_child_id" in row] == [
        f"A{one}" for one in range(2000)
    ]
    assert sum(plainly) > least * path.stat().st_size


def test_a_line_that_ends_where_a_block_does_ends_once(tmp_path):
    path = tmp_path / "a.xml"
    children = "".join(CHILD.format(one) for one in range(200)).replace("\n", "\r\n").encode()
    lines = [2 * one + 1 for one in range(200)]
    for before in range(96):
        path.write_bytes(
            b"<Message>%s<Children>%s</Children></Message>" % (b" " * before, children)
        )
        rows, plainly = counted(path)
        assert [row["_line"] for row in rows["children"]] == lines
        assert sum(plainly) > 0.5 * path.stat().st_size


ONE = b"<Child><UPN>7</UPN></Child>"


def padded(head, begin, size):
    """A beginning of that many bytes, by a comment."""
    return head + b"<!--" + b"x" * (size - len(head) - 7 - len(begin)) + b"-->" + begin


@pytest.mark.parametrize(
    "data",
    [
        padded(b"", b"<Message><Children>" + ONE + b"<![CDATA[", xml_file.FIRST_BYTES)
        + ONE + b"]]></Children></Message>",
        padded(b"", b"<Message><Children>" + ONE, xml_file.FIRST_BYTES).decode().encode("utf-16")
        + ONE + b"x" + "</Children></Message>".encode("utf-16-le"),
        padded(b"<Message>", b"\r", xml_file.BLOCK)
        + b"<Children>" + ONE * 9000 + b"</Children></Message>",
    ],
    ids=["CDATA begins where a piece ends", "UTF-16 that is not declared", "a return ends a block"],
)  # fmt: skip
def test_what_a_reader_of_this_found(tmp_path, data):
    path = tmp_path / "a.xml"
    path.write_bytes(data)
    assert said(path, is_plain=True) == said(path, is_plain=False)


def test_a_comment_full_of_children_is_not_looked_through_for_each(tmp_path):
    path = census(tmp_path, f"{CHILD * 200}<!--{'</Child>' * 20_000}-->{CHILD}")
    pieces = []
    whole = xml_file.Elements._parse
    with mock.patch.object(
        xml_file.Elements, "_parse", lambda self, data: pieces.append(data) or whole(self, data)
    ):
        rows, _ = read(path)
    assert len(rows["children"]) == 201
    assert len(pieces) < 60


def test_blanks_without_end_are_not_kept(tmp_path):
    closes = xml_plain.Closes()
    for blanks in range(1000):
        assert closes["/UPN>" + " " * blanks] == "UPN"
    assert sum(map(len, closes)) < 50_000


def test_a_text_that_is_too_long_is_refused_there_too(tmp_path):
    children = [CHILD.format(one) for one in range(200)]
    children.insert(100, f"<Child><UPN>{'7' * 60_000}</UPN></Child>")
    path = census(tmp_path, "".join(children))
    rows, _ = read(path)
    assert len(rows["children"]) == 201
    with pytest.raises(Refusal, match="longer than 50000 characters"):
        read(path, limits=Limits(cell_characters=50_000))


def test_where_every_child_is_odd_it_is_soon_left_at_that(tmp_path):
    path = census(tmp_path, '<Child id="1"><UPN>1</UPN></Child>\n' * 20_000)
    rows, tried = counted(path)
    assert len(rows["children"]) == 20_000
    assert len(tried) < 20
