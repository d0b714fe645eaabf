"""XML: children in need censuses, and what is called one."""

import gzip
from pathlib import Path

from tests.corpus.case import PLANTED, Case, Landed, Refused, census, child, episodes

AT = "cin_census/2011/census.xml"
CHILDREN = "select _line, la_child_id from landing.cin_census__children order by _row"
OTHERS = "select element_path, value from landing.cin_census__other_elements order by _row"
THERE = [(6, PLANTED)]
TYPED = "declares a document type"
MALFORMED = "not well-formed"


def case(name: str, wrong: str, content: str | bytes, expected, at: str = AT, **more) -> Case:
    content = content.encode() if isinstance(content, str) else content
    return Case(name, wrong, at, content, expected, **more)


def refused(name: str, wrong: str, content: str | bytes, words: str, *place, **more) -> Case:
    return case(name, wrong, content, Refused(words, *place), **more)


def landed(
    name: str, wrong: str, content, query=CHILDREN, rows=THERE, children: int = 1, **more
) -> Case:
    tables = {"cin_census__children": children}
    return case(name, wrong, content, Landed(tables, query, rows), **more)


def secret_beside(path: Path) -> None:
    """A file that a parser could be led to, and a census that leads to it."""
    secret = path.with_name(".secret")
    secret.write_text(f"<LAchildID>{PLANTED}</LAchildID>")
    text = f'<!DOCTYPE Message [<!ENTITY who SYSTEM "{secret.as_uri()}">]>\n'
    path.write_text(text + census(child("&who;")))


def laughs(levels: int = 9) -> str:
    named = ['<!ENTITY a0 "ha">']
    named += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, levels + 1)]
    return f"<!DOCTYPE Message [{''.join(named)}]>\n" + census(child(f"&a{levels};"))


DECLARED = '<?xml version="1.0" encoding="{}"?>'
SECOND = "<Header><Source><LEA>201</LEA></Source></Header>"
LONG = child("A" * 10_000)

ENTITIES = (
    Case("an-entity-that-reads-a-file", "XXE", AT, secret_beside, Refused(TYPED, 1)),
    refused(
        "an-entity-that-asks-the-network", "XXE over http",
        census(child("&who;"),
               start='<!DOCTYPE Message [<!ENTITY who SYSTEM "http://127.0.0.1:9/x">]>\n'),
        TYPED, 1,
    ),
    refused("a-billion-laughs", "entities of entities of entities", laughs(), TYPED, 1),
    refused(
        "quadratic-blow-up", "one long entity, asked for often",
        f'<!DOCTYPE Message [<!ENTITY a "{"a" * 50_000}">]>\n' + census(child("&a;" * 50_000)),
        TYPED, 1,
    ),
    refused(
        "an-external-document-type", "it names a DTD elsewhere",
        census(start='<!DOCTYPE Message SYSTEM "http://127.0.0.1:9/census.dtd">\n'), TYPED, 1,
    ),
    refused(
        "a-parameter-entity", "a DTD that would read another",
        census(start='<!DOCTYPE Message [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]>\n'),
        TYPED, 1,
    ),
    refused("a-bare-document-type", "", census(start="<!DOCTYPE Message>\n"), TYPED, 1),
    refused("an-entity-of-no-meaning", "", census(child("&who;")), MALFORMED, 7),
    landed(
        "an-inclusion", "XInclude, which nobody follows",
        census(child(within='<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" '
                            'href="file:///etc/passwd" parse="text"/>')),
        OTHERS, [("Child/include/@href", "file:///etc/passwd"), ("Child/include/@parse", "text")],
    ),
    landed(
        "a-stylesheet", "a processing instruction that names one",
        census(start='<?xml-stylesheet href="http://127.0.0.1:9/a.xsl" type="text/xsl"?>\n'),
        rows=[(7, PLANTED)],
    ),
)  # fmt: skip

SHAPE = (
    refused(
        "nested-without-end", "sixty thousand elements within each other",
        census(child(within="<a>" * 60_000 + PLANTED)), "nested more than 40 deep", 8,
    ),
    refused(
        "an-element-without-end", "a child's identifier is a whole document",
        census(child(), LONG), "longer than", 11, limits={"cell_characters": 1_000},
    ),
    refused(
        "an-attribute-without-end", "", census(child(within=f'<Note by="{"A" * 10_000}"/>')),
        "longer than", 8, limits={"cell_characters": 1_000},
    ),
    landed(
        "a-census-in-one-line", "no line ends in it at all, and it is long",
        census(*(child(f"{PLANTED}{n}") for n in range(2_000))).replace("\n", ""),
        "select count(*), min(_line), max(_line) from landing.cin_census__children",
        [(2_000, 1, 1)], 2_000, limits={"line_bytes": 10_000},
    ),
    refused("cut-short", "the transfer broke off", census()[:-40], MALFORMED, 8),
    refused("two-roots", "two censuses in one file", census(end=census()), MALFORMED, 12),
    refused("words-behind-the-root", "", census(end=PLANTED), MALFORMED, 12),
    refused("an-empty-root", "", "<Message/>", "no Child element"),
    refused("nobody-in-it", "", census("\n"), "no Child element"),
    refused("another-root", "an SSDA903 return as XML", f"<EXPSSDA903>{PLANTED}</EXPSSDA903>",
            "root element is not Message", 1),
    refused("an-element-not-closed", "", census(child().replace("</LAchildID>", "")), MALFORMED, 7),
    refused("an-attribute-twice", "", census(child(within='<a b="1" b="2"/>')), MALFORMED, 8),
    refused("a-forbidden-character", "&#0; in a cell", census(child("&#0;")), MALFORMED, 7),
    refused("a-declaration-in-the-second-line", "", "\n" + census(start=DECLARED.format("UTF-8")),
            MALFORMED, 2),
    landed("cdata", "", census(child(f"<![CDATA[{PLANTED}]]>"))),
    landed(
        "tags-in-cdata", "they are text, and no children",
        census(child(within=f"<Note><![CDATA[<Child><Child>{PLANTED}]]></Note>")),
        "select _other from landing.cin_census__children",
        [(f'{{"Note": "<Child><Child>{PLANTED}"}}',)],
    ),
    landed(
        "tags-in-a-comment", "they are nothing",
        census(child(), f"<!-- <Child><LAchildID>{PLANTED}</LAchildID></Child> -->\n"),
    ),
    landed(
        "tags-in-an-instruction", "they are nothing either",
        census(child(), "<?keep <Child><Child> ?>\n"),
    ),
    landed(
        "a-child-in-the-wrong-place", "it is kept, and is no child",
        census(child(within=f"<Note><Child><LAchildID>{PLANTED}</LAchildID></Child></Note>")),
        OTHERS, [("Child/Note/Child/LAchildID", PLANTED)],
    ),
    landed("prefixed", "every element in a namespace",
           census().replace("</", "</c:").replace("<", "<c:").replace("<c:/c:", "</c:")
           .replace("<c:Message>", '<c:Message xmlns:c="urn:cin">')),
)  # fmt: skip

LETTERS = (
    landed("a-byte-order-mark", "", b"\xef\xbb\xbf" + census().encode()),
    landed("utf-16-little-endian", "", census().encode("utf-16")),
    landed("utf-16-big-endian", "", b"\xfe\xff" + census().encode("utf-16-be")),
    landed("utf-16-told-by-its-declaration", "no mark",
           census(start=DECLARED.format("UTF-16")).encode("utf-16-le")),
    landed(
        "windows-1252", "and it says so",
        census(child("Zo\xeb"), start=DECLARED.format("windows-1252")).encode("cp1252"),
        rows=[(6, "Zo\xeb")],
    ),
    landed("latin-1", "and it says so",
           census(child("Zo\xeb"), start=DECLARED.format("ISO-8859-1")).encode("latin-1"),
           rows=[(6, "Zo\xeb")]),
    refused("windows-1252-called-utf-8", "a lying encoding",
            census(child(f"{PLANTED}\xeb"), start=DECLARED.format("UTF-8")).encode("cp1252"),
            MALFORMED, 7),
    refused("utf-8-called-utf-16", "a lying encoding", census(start=DECLARED.format("UTF-16")),
            MALFORMED, 1),
    refused("an-encoding-that-nobody-knows", "", census(start=DECLARED.format("klingon")),
            "well-formed|encoding", 1),
    refused("an-encoding-of-many-bytes", "Shift JIS", census(start=DECLARED.format("shift_jis")),
            "well-formed|encoding", 1),
    refused("a-nul", "", census(child(f"{PLANTED}\0")), "well-formed|neither text", 7),
    refused("utf-16-cut-short", "", census().encode("utf-16")[:-41], MALFORMED),
)  # fmt: skip

WHOSE = (
    refused("another-years", "the header says 2010", census(year="2010"),
            "the year in its Header is not the year of the folder"),
    refused("another-authoritys", "the header says 201", census(lea="201"),
            "the LEA in its Header is not the authority", at="332/cin_census/2011/census.xml"),
    refused("an-authority-that-is-no-code", "", census(lea=PLANTED), "not a three-digit code"),
    refused(
        "two-headers", "the second is another authority's",
        census().replace("<Children>", f"{SECOND}<Children>"),
        "Header",
    ),
    refused("a-return-in-the-censuss-folder", "", episodes(), "it is CSV; cin_census comes as XML"),
    landed("gzip", "", gzip.compress(census().encode()), at=AT + ".gz"),
    refused("a-gzip-bomb", "", gzip.compress((census() + " " * (30 << 20)).encode()),
            "CYP_LIMIT_EXPANSION", at=AT + ".gz"),
)  # fmt: skip

CENSUS = tuple(
    Case(f"xml-{one.name}", one.wrong, one.at, one.content, one.expected, one.examined, one.limits)
    for one in (*ENTITIES, *SHAPE, *LETTERS, *WHOSE)
)
