"""Read nested XML into the tables of a source, element by element, keeping all of it.

Expat is used because it is the parser that tells the true line past 65,535, reads in
blocks, fetches nothing, and lets a document type be refused before anything is expanded.
Which element makes a row and which leaf fills a column is said by the layouts; what they
do not know is kept: an unknown leaf of a known group in `_other`, all else (groups, repeated
leaves, attributes, stray text) as rows of the table of other elements, with its path.

A census is a million elements that the layouts know and a few that they do not. The first
cost as little as a call of Python can: what a tag means where it stands is looked up once, in
a dictionary. The second take the long way round, through `other`.
"""

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from xml.parsers import expat

import numpy

from flows.land.csv_file import opened
from flows.land.delivery import BATCH_CELLS, Array, Counts, Delivered, Refusal, Rows, texts
from flows.land.layouts import Source, Table
from flows.land.xml_tags import Tags
from flows.settings import Limits

BLOCK = 1 << 18
BATCH_BYTES = 32 * 1024**2  # of a file, whose rows are held in memory together
HONEST_BYTES = 64 * 1024**2  # a packed file may grow to these by any factor

# A row in the making: these, and then a place for each column that the layout knows. Its key
# is None until the child that it belongs to has been read, and a text until it is met.
Row = list[Any]
KEY, ROW, LINE, OTHER = range(4)
FIRST = ("_child_key", "_row", "_line", "_other")
GIVEN = ("_file_id", "_la_code", "_collection_year")  # to all rows alike, by the landing

CODES = expat.errors.codes
# The parser's own words are not used: they might hold a piece of the file.
WRONG = {
    CODES[expat.errors.XML_ERROR_NO_ELEMENTS]: "it ends before its root element does",
    CODES[expat.errors.XML_ERROR_UNCLOSED_TOKEN]: "it ends within a tag or a comment",
    CODES[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION]: "it ends within a CDATA section",
    CODES[expat.errors.XML_ERROR_PARTIAL_CHAR]: "it ends within a character",
    CODES[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]: "something follows its root element",
    CODES[expat.errors.XML_ERROR_UNDEFINED_ENTITY]: "an entity is used that XML does not define",
    CODES[expat.errors.XML_ERROR_INCORRECT_ENCODING]: "it is not in the encoding it declares",
}
INVALID_TOKEN = CODES[expat.errors.XML_ERROR_INVALID_TOKEN]
UNKNOWN_ENCODING = CODES[expat.errors.XML_ERROR_UNKNOWN_ENCODING]


@dataclass(slots=True)
class Shape:
    """A table being filled: what may stand in its rows, and the rows so far.

    table    None for what stands above the first row, which is no table
    columns  place of a leaf's text in a row, by the leaf's name in lower case
    leaves   the same by tag, as delivered
    makes    shape of the row that an element makes, or None where it only groups; by its name
             in lower case
    groups   the same by tag, as delivered
    parents  places of the numbers of the rows it stands in
    text     place of the element's own text, in a row that is nothing else; or 0
    count    of rows, in the whole file
    open     number of the row whose element is open, or 0
    """

    table: Table | None = None
    names: tuple[str, ...] = FIRST
    blank: Row = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)
    leaves: dict[str, int] = field(default_factory=dict)
    makes: dict[str, "Shape | None"] = field(default_factory=dict)
    groups: dict[str, "Group"] = field(default_factory=dict)
    parents: list[tuple[int, "Shape"]] = field(default_factory=list)
    text: int = 0
    count: int = 0
    open: int = 0
    rows: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class Group:
    """An element that makes a row or only groups within one, by the name it is delivered with."""

    name: str
    shape: Shape
    makes_row: bool


@dataclass(slots=True)
class Leaf:
    """An open element that the fast path leaves aside: unknown, repeated, with attributes, or
    with elements in it. `place` is where its text goes in the row: OTHER when no column is for
    it, 0 when it goes to the table of other elements."""

    name: str
    line: int
    row: Row
    place: int = 0
    has_children: bool = False


NOTHING: dict[str, Any] = {}  # is known within what is not known itself


class Elements:
    """Reads one file into batches; `counts` tells afterwards what was handed over.

    settle   told the authority and year of each header (null when it has none), and with
             nothing before the first child; returns the authority the rows belong to
    key_of   the child's key, of the authority and the child's identifier
    """

    def __init__(
        self,
        source: Source,
        settle: Callable[[str | None, str | None], str],
        key_of: Callable[[str, str], str],
        limits: Limits,
    ) -> None:
        self.source = source
        self.settle = settle
        self.key_of = key_of
        self.limits = limits
        self.counts = Counts({table: 0 for table in source.tables})
        self._top, self._shapes = _shapes(source)
        self._elements = {
            table.name: table.element.lower() for table in source.tables.values() if table.element
        }
        self._pieces: list[str] = []  # of text, since the last tag
        self._held: list[Row] = []  # rows of the child that is open, or of the header
        self._misplaced: Counter[str] = Counter()  # elements of a row's name that make no row
        self._parser = expat.ParserCreate(intern=None)  # it would keep every name that it meets

    def read(self, path: Path, *, is_gzip: bool) -> Delivered:
        """Raises Refusal where the file is malformed or beyond a limit, where its root is
        another, and where its rows are not as many as their elements' start tags."""
        self._listen()
        tags = Tags(self._elements.values())
        packed = path.stat().st_size if is_gzip else 0
        fed = flushed = begun = 0
        block, open_before = b"", 0
        try:
            with opened(path, is_gzip=is_gzip) as file:
                while block := file.read(BLOCK):
                    fed += len(block)
                    self._hold_to_size(fed, packed)
                    tags.feed(block)
                    self._parser.Parse(block, False)
                    open_now = self._held[0][ROW] if self._held else 0
                    if open_now == 0 or open_now != open_before:
                        open_before, begun = open_now, fed
                    self._hold_to_memory(fed - self._parser.CurrentByteIndex, fed - begun)
                    if self._cells() > BATCH_CELLS or fed - flushed > BATCH_BYTES:
                        flushed = fed
                        yield from self._flush()
                self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            at = self._parser.ErrorByteIndex - (fed - len(block))
            raise _malformed(error, block[at : at + 1] if at >= 0 else b"") from None
        except (LookupError, ValueError):
            if self._parser.ErrorCode != UNKNOWN_ENCODING:
                raise
            raise Refusal("it declares an encoding that is not known", 1) from None
        except (gzip.BadGzipFile, EOFError, zlib.error):
            raise Refusal("the gzip is damaged") from None
        yield from self._flush()
        self._hold_to_tags(tags.counts())

    def _listen(self) -> None:
        """Give the parser what it calls. Functions within one, for a closure's variables are
        the fastest that Python has between calls, and three calls are made of each element.

        Open are, from the root down, what `stack` holds and then `inside`, which stands in
        `row`; and below these perhaps one leaf, whose text goes to its place in `target`.
        """
        parser, pieces, held, misplaced = self._parser, self._pieces, self._held, self._misplaced
        deepest, longest = self.limits.depth, self.limits.cell_characters
        top, others = self._top, self._shapes[self.source.xml["others"]]
        child = next(shape for shape in self._shapes.values() if shape.table.child_id)
        child_id = child.names.index(child.table.child_id.name)
        path_place, value_place = map(others.names.index, ("element_path", "value"))
        row_names = frozenset(self._elements.values())
        names: set[str] = set()  # of elements and attributes, as far as they are not expected
        la_code: str | None = None

        stack: list[tuple[Group | Leaf, Row, dict[str, int], dict[str, Group]]] = []
        inside: Group | Leaf = Group("", top, makes_row=False)
        row: Row = []
        leaves: dict[str, int] = NOTHING
        groups: dict[str, Group] = NOTHING
        target: Row = row
        leaf = 0
        leaf_tag = ""

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal target, leaf, leaf_tag
            if leaf:
                loosen(has_children=True)
            if pieces:
                if len(pieces) == 1 and pieces[0].isspace():
                    pieces.clear()
                else:
                    stray()
            if not attributes and len(stack) < deepest:
                place = leaves.get(tag)
                if place:
                    if row[place] is None:
                        target, leaf, leaf_tag = row, place, tag
                        return
                elif group := groups.get(tag):
                    enter(group)
                    return
            other(tag, attributes)

        def end(_: str) -> None:
            nonlocal leaf
            if not leaf:
                leave()
                return
            text = pieces.pop().strip() if len(pieces) == 1 else taken()
            if len(text) > longest:
                too_long()
            target[leaf] = text
            leaf = 0

        def enter(group: Group) -> None:
            nonlocal inside, row, leaves, groups, target, leaf, leaf_tag, la_code
            shape = group.shape
            if group.makes_row:
                if la_code is None and shape is child:
                    la_code = settled(None, None)
                fresh = begun(shape, parser.CurrentLineNumber)
                held.append(fresh)
                if shape.text:
                    target, leaf, leaf_tag = fresh, shape.text, group.name
                    return
                shape.open = shape.count
                stack.append((inside, row, leaves, groups))
                row = fresh
            else:
                stack.append((inside, row, leaves, groups))
            inside, leaves, groups = group, shape.leaves, shape.groups

        def begun(shape: Shape, line: int) -> Row:
            shape.count += 1
            fresh = shape.blank.copy()
            fresh[ROW] = shape.count
            fresh[LINE] = line
            for place, parent in shape.parents:
                fresh[place] = parent.open
            shape.rows.append(fresh)
            return fresh

        def leave() -> None:
            nonlocal inside, row, leaves, groups
            if isinstance(inside, Leaf):
                leave_leaf(inside)
            else:
                if pieces:
                    stray()
                if inside.makes_row:
                    inside.shape.open = 0
                    if not inside.shape.parents:
                        finish(inside.shape)
            inside, row, leaves, groups = stack.pop()

        def finish(shape: Shape) -> None:
            """A child has been read, or the header: of its rows, all is known now."""
            nonlocal la_code
            key = ""
            if shape is child:
                key = self.key_of(la_code or "", row[child_id] or "")
            else:
                xml = self.source.xml
                lea, year = (
                    row[shape.columns[xml[what].lower()]] or None
                    for what in ("authority_element", "year_element")
                )
                la_code = settled(lea, year)
            for each in held:
                each[KEY] = key
            held.clear()

        def settled(lea: str | None, year: str | None) -> str:
            try:
                return self.settle(lea, year)
            except Refusal as refusal:
                refusal.line = refusal.line or parser.CurrentLineNumber
                raise

        # From here on, what is rare.

        def other(tag: str, attributes: dict[str, str]) -> None:
            """Begin an element that is not as the layouts have it, or not yet known to be."""
            line = parser.CurrentLineNumber
            if len(stack) >= deepest:
                refuse(f"elements are nested more than {deepest} deep")
            expect(tag, *attributes)
            name = tag.rpartition(":")[2]
            if not stack:
                begin_root(name)
            elif not begin_group(tag, name):
                begin_leaf(tag, name, line)
            for attribute, value in attributes.items():
                if not attribute.startswith(("xmlns", "xsi:")):
                    if leaf:
                        loosen(has_children=False)
                    if len(value) > longest:
                        too_long()
                    keep(f"{path()}/@{attribute}", value, line)

        def begin_root(name: str) -> None:
            nonlocal inside, leaves, groups
            root = self.source.xml["root"]
            if name != root:
                refuse(f"its root element is not {root}, which is looked for")
            stack.append((inside, row, leaves, groups))
            inside, leaves, groups = Group(name, top, makes_row=False), top.leaves, top.groups

        def begin_group(tag: str, name: str) -> bool:
            if isinstance(inside, Leaf):
                return False
            shape = inside.shape
            if tag not in shape.groups:
                lowered = name.lower()
                if lowered not in shape.makes:
                    return False
                made = shape.makes[lowered]
                shape.groups[tag] = Group(name, made or shape, makes_row=made is not None)
            enter(shape.groups[tag])
            return True

        def begin_leaf(tag: str, name: str, line: int) -> None:
            nonlocal inside, leaves, groups
            lowered = name.lower()
            if lowered in row_names:
                misplaced[lowered] += 1
            opened_leaf = Leaf(name, line, row)
            if isinstance(inside, Leaf):
                inside.has_children = True
            elif row:
                place = inside.shape.columns.get(lowered, OTHER)
                if place == OTHER or row[place] is None:
                    opened_leaf.place = place
                if place != OTHER and lowered not in row_names:
                    inside.shape.leaves[tag] = place
            stack.append((inside, row, leaves, groups))
            inside, leaves, groups = opened_leaf, NOTHING, NOTHING

        def loosen(*, has_children: bool) -> None:
            """Turn the leaf that is open into one that can hold more than its text."""
            nonlocal inside, leaves, groups, leaf
            name = leaf_tag.rpartition(":")[2]
            stack.append((inside, row, leaves, groups))
            inside = Leaf(name, 0, target, leaf, has_children)
            leaves, groups, leaf = NOTHING, NOTHING, 0

        def leave_leaf(closed: Leaf) -> None:
            if closed.has_children:
                if pieces:
                    stray()
                return
            text = taken()
            if closed.place != OTHER and closed.place:
                closed.row[closed.place] = text
                return
            if closed.place == OTHER:
                known = closed.row[OTHER] = closed.row[OTHER] or {}
                if closed.name not in known:
                    known[closed.name] = text
                    return
            keep(path(), text, closed.line)

        def taken() -> str:
            text = "".join(pieces).strip()
            pieces.clear()
            if len(text) > longest:
                too_long()
            return text

        def stray() -> None:
            """Text between elements: kept, unless it is blank, with the line it begins on."""
            lines = "".join(pieces).lstrip().count("\n")
            if text := taken():
                keep(f"{path()}/text()", text, parser.CurrentLineNumber - lines)

        def keep(element_path: str, value: str, line: int) -> None:
            """What no layout knows, beside the child and referral that it stands in."""
            fresh = begun(others, line)
            fresh[path_place], fresh[value_place] = element_path, value
            if child.open:
                held.append(fresh)
            else:
                fresh[KEY] = ""

        def path() -> str:
            """Names down to the open element, from the child that it stands in or from the root."""
            open_now = [*(each[0] for each in stack[1:]), inside]
            for at, each in enumerate(open_now):
                if isinstance(each, Group) and each.makes_row and each.shape is child:
                    open_now = open_now[at:]
                    break
            return "/".join(each.name for each in open_now)

        def expect(*met: str) -> None:
            """The parser remembers every name that it has met, and so do we."""
            names.update(met)
            if len(names) > self.limits.columns:
                refuse(
                    f"it has more than {self.limits.columns} names of elements and attributes "
                    "that are not looked for"
                )

        def too_long() -> NoReturn:
            refuse(f"an element is longer than {longest} characters")

        def refuse(what: str) -> NoReturn:
            raise Refusal(what, parser.CurrentLineNumber)

        def document_type(*_: object) -> None:
            raise Refusal(
                "it declares a document type, which no return has",
                parser.CurrentLineNumber,
                parser.CurrentColumnNumber + 1,
            )

        parser.buffer_text = True
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = pieces.append
        parser.StartDoctypeDeclHandler = document_type

    def _hold_to_size(self, fed: int, packed: int) -> None:
        limits = self.limits
        if fed > limits.file_bytes:
            raise Refusal(f"it is larger than {limits.file_bytes:,} bytes")
        if packed and fed > HONEST_BYTES and fed > packed * limits.expansion:
            raise Refusal(f"it unpacks to more than {limits.expansion} times its size")

    def _hold_to_memory(self, unread: int, open_for: int) -> None:
        """Between two blocks: the parser holds a tag or a comment that does not end, and we
        hold a text that does not end and the rows of a child that does not end.

        unread    bytes that the parser waits to see the end of
        open_for  bytes since the child (or header) that is open began, or a block less
        """
        limits = self.limits
        if unread > limits.line_bytes:
            what = f"a tag, comment or instruction is longer than {limits.line_bytes:,} bytes"
        elif sum(map(len, self._pieces)) > limits.cell_characters:
            what = f"an element is longer than {limits.cell_characters} characters"
        elif open_for > limits.line_bytes:
            what = f"one child is longer than {limits.line_bytes:,} bytes"
        elif len(self._held) * len(FIRST) > BATCH_CELLS:
            what = f"one child has more than {BATCH_CELLS // len(FIRST):,} rows"
        else:
            return
        raise Refusal(what, self._parser.CurrentLineNumber)

    def _hold_to_tags(self, tags: Counter[str]) -> None:
        """Every start tag of a row's element has made a row, or stood where none can be."""
        made = self._misplaced.copy()
        for name, element in self._elements.items():
            made[element] += self.counts.rows[name]
        for table in self.source.tables.values():
            if table.element and made[table.element.lower()] != tags[table.element.lower()]:
                raise Refusal(
                    f"there are {tags[table.element.lower()]} tags of {table.element} in it, but "
                    f"{made[table.element.lower()]} were read"
                )
            if table.child_id and not self.counts.rows[table.name]:
                raise Refusal(f"there is no {table.element} element in it")

    def _cells(self) -> int:
        return sum(len(shape.rows) * len(shape.names) for shape in self._shapes.values())

    def _flush(self) -> Iterator[Rows]:
        """The rows whose child has been read; those of the child that is open stay."""
        for name, shape in self._shapes.items():
            ready = len(shape.rows)
            while ready and shape.rows[ready - 1][KEY] is None:
                ready -= 1
            if ready:
                rows = shape.rows[:ready]
                del shape.rows[:ready]
                self.counts.rows[name] += ready
                yield Rows(name, _columns(shape, rows))


def _shapes(source: Source) -> tuple[Shape, dict[str, Shape]]:
    """What stands above the first row, and the tables that elements fill, by name."""
    shapes: dict[str, Shape] = {}
    for table in source.tables.values():
        columns = [column for column in table.columns if column.name not in FIRST + GIVEN]
        names = FIRST + tuple(column.name for column in columns)
        places = {name: place for place, name in enumerate(names)}
        shapes[table.name] = Shape(
            table,
            names,
            [None, 0, 0, None, *(0 if column.row_of else None for column in columns)],
            {each.element.lower(): places[each.name] for each in columns if each.element},
            text=next((places[each.name] for each in columns if each.is_text), 0),
        )
        shapes[table.name].parents = [
            (places[each.name], shapes[each.row_of]) for each in columns if each.row_of
        ]
    top = Shape()
    top.makes = {name.lower(): None for name in source.xml["wrappers"]}
    for table in source.tables.values():
        shapes[table.name].makes |= {name.lower(): None for name in table.wrappers}
        if table.element:
            within = shapes[table.within] if table.within else top
            within.makes[table.element.lower()] = shapes[table.name]
    return top, shapes


def _columns(shape: Shape, rows: list[Row]) -> dict[str, Array]:
    """Columns of rows; 0 stands for no row of a parent, as empty text does for null."""
    columns: dict[str, Array] = {}
    parents = {place for place, _ in shape.parents}
    for place, values in enumerate(zip(*rows, strict=True)):
        name = shape.names[place]
        if place in (ROW, LINE) or place in parents:
            columns[name] = numpy.array(values, dtype=numpy.int64)
        elif place != OTHER:
            columns[name] = texts([value or "" for value in values])
        elif any(values):
            columns[name] = texts(
                [json.dumps(value, ensure_ascii=False) if value else "" for value in values]
            )
    return columns


def _malformed(error: expat.ExpatError, byte: bytes) -> Refusal:
    """What is wrong with the file and where; `byte` is what the parser stopped at."""
    what = WRONG.get(error.code, "")
    if error.code == INVALID_TOKEN and byte:
        if byte >= b"\x80":
            what = "a character is not in the encoding it declares, or in UTF-8 if it declares none"
        elif byte < b" " and byte not in b"\t\n\r":
            what = "it holds a control character"
    words = f"it is not well-formed XML: {what}" if what else "it is not well-formed XML"
    return Refusal(words, error.lineno, error.offset + 1)
