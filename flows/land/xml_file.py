"""Read nested XML into the tables of a source, element by element, keeping all of it.

Expat is used because it is the parser that tells the true line past 65,535, reads in
blocks, fetches nothing, and lets a document type be refused before anything is expanded.
Which element makes a row and which leaf fills a column is said by the layouts; what they
do not know is kept: an unknown leaf of a known group in `_other`, all else (groups, repeated
leaves, attributes, stray text) as rows of the table of other elements, with its path.

A census is a million elements that the layouts know and a few that they do not. Children of whom
all is known are read from their text (`xml_plain`), which is quicker; here is read what
comes before the first of them, each child that is otherwise, and every file in which most are. An
element that is known costs as little as a call of Python can: what a tag means where it stands is
looked up once, in a dictionary. All else takes the long way round, through `other`.
"""

import gzip
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from flows.collector import nothing_collected
from flows.land.csv_file import opened
from flows.land.delivery import BATCH_CELLS, Counts, Delivered, Refusal, Rows
from flows.land.layouts import Source
from flows.land.xml_plain import WINDOW, Plain, Standing
from flows.land.xml_shapes import (
    FIRST,
    KEY,
    NOTHING,
    OTHER,
    ROW,
    Group,
    Row,
    Shape,
    columns_of,
    local,
    shapes_of,
)
from flows.land.xml_tags import Tags
from flows.settings import Limits

BLOCK = 1 << 18
BATCH_BYTES = 32 * 1024**2  # of a file, whose rows are held in memory together
FIRST_BYTES = 1 << 12  # parsed together until a child has been met
MOST_WAITING = 1 << 16  # bytes of a child that has not ended
HONEST_BYTES = 64 * 1024**2  # a packed file may grow to these by any factor

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
class Leaf:
    """An open element that the fast path leaves aside: unknown, repeated, with attributes, or
    with elements in it. `place` is where its text goes in the row: OTHER when no column is for
    it, 0 when it goes to the table of other elements."""

    name: str
    line: int
    row: Row
    place: int = 0
    has_children: bool = False


# An open element, the row it stands in (its own, if it makes one), the numbers of that row and
# of those round it, and what is known within it by tag.
Open = tuple[Group | Leaf, Row, tuple[int, ...], dict[str, int], dict[str, Group]]


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
        self._top, self._shapes = shapes_of(source)
        self._elements = {
            table.name: table.element.lower() for table in source.tables.values() if table.element
        }
        self._block = min(BLOCK, limits.cell_characters)
        self._pieces: list[str] = []  # of text, since the last tag
        self._held: list[Row] = []  # rows of the child that is open, or of the header
        self._misplaced: Counter[str] = Counter()  # elements of a row's name that make no row
        self._parser = expat.ParserCreate(intern=None)  # it would keep every name that it meets
        self._is_utf_8 = True  # as far as it declares
        self._given = 0  # bytes that the parser was given,
        self._last = b""  # those that it was given last,
        self._line = 1  # and the line that the next begin in; 0 where lines end in two ways
        self._waiting = b""  # bytes that it was not given yet: of a child that has not ended
        self._is_behind_child = False  # whether what it was given ends as a child does

    def read(self, path: Path, *, is_gzip: bool) -> Delivered:
        """Raises Refusal where the file is malformed or beyond a limit, where its root is
        another, and where its rows are not as many as their elements' start tags."""
        standing, plain = self._listen()
        parser = self._parser
        tags = Tags(self._elements.values())
        packed = path.stat().st_size if is_gzip else 0
        fed = flushed = begun = open_before = 0
        try:
            with opened(path, is_gzip=is_gzip) as file:
                while block := file.read(self._block):
                    fed += len(block)
                    self._hold_to_size(fed, packed)
                    tags.feed(block)
                    with nothing_collected():
                        self._feed(block, standing, plain)
                        cells = self._settle_rows()
                    open_now = self._held[0][ROW] if self._held else 0
                    if open_now == 0 or open_now != open_before:
                        open_before, begun = open_now, fed
                    self._hold_to_memory(self._unread, fed - begun)
                    if cells > BATCH_CELLS or fed - flushed > BATCH_BYTES:
                        flushed = fed
                        yield from self._flush()
                self._parse(self._waiting)
                parser.Parse(b"", True)
                self._settle_rows()
        except expat.ExpatError as error:
            at = parser.ErrorByteIndex - (self._given - len(self._last))
            raise _malformed(error, self._last[at : at + 1] if at >= 0 else b"") from None
        except (LookupError, ValueError):
            if parser.ErrorCode != UNKNOWN_ENCODING:
                raise
            raise Refusal("it declares an encoding that is not known", 1) from None
        except (gzip.BadGzipFile, EOFError, zlib.error):
            raise Refusal("the gzip is damaged") from None
        yield from self._flush()
        self._hold_to_tags(tags.counts())

    def _feed(self, block: bytes, standing: Callable[[], Standing | None], plain: Plain) -> None:
        """Read a block, with what waits from those before, as far as children end in it."""
        data, self._waiting = self._waiting + block, b""
        at = 0
        while at < len(data) and not plain.end and self._given < self._block:
            self._parse(data[at : at + FIRST_BYTES])
            at += FIRST_BYTES
        while ends := plain.after_a_child(data, at, at + WINDOW):
            is_worth_it = plain.is_worth_trying and self._is_utf_8 and bool(self._line)
            # Where all together is no longer than one text may be, none is too long.
            is_short = ends - at <= self.limits.cell_characters
            stands = standing() if is_worth_it and is_short and self._is_behind_child else None
            read = plain.read(data[at:ends], stands, self._line) if stands else 0
            if read:
                self._pass_over(data[at : at + read])
            else:
                # As far as the next may begin that is plain; but of a comment, which the parser
                # looks through again each time, as much as there is.
                is_within = self._is_behind_child and self._unread
                most = at if is_worth_it and not is_within else len(data)
                read = plain.after_a_child(data, at, most) - at
                self._parse(data[at : at + read])
            self._is_behind_child = True
            at += read
        if plain.end and len(data) - at < MOST_WAITING:
            self._waiting = data[at:]
        else:
            self._parse(data[at:])
            self._is_behind_child = False

    def _parse(self, data: bytes) -> None:
        if not data:
            return
        since = self._last[-1:] + data  # a line's end may be cut in two
        self._last, self._given = data, self._given + len(data)
        if self._line:
            returns = since.count(b"\r") - since.endswith(b"\r")
            is_one_way = returns == since.count(b"\r\n")
            self._line = self._line + data.count(b"\n") if is_one_way else 0
        for at in range(0, len(data), self._block):  # so that no piece of text is longer
            self._parser.Parse(data[at : at + self._block], False)

    def _pass_over(self, data: bytes) -> None:
        """Of what has been read the parser gets blanks, or it would not know the place of what
        comes after: as many lines, and as many characters in the last."""
        lines, last = data.count(b"\n"), data[data.rfind(b"\n") + 1 :]
        listening, self._parser.CharacterDataHandler = self._parser.CharacterDataHandler, None
        self._parse(b"\n" * lines + b" " * len(last.decode()))
        self._parser.CharacterDataHandler = listening

    @property
    def _unread(self) -> int:
        """Bytes of a tag, a comment or the like that has not ended, which the parser keeps."""
        return self._given - self._parser.CurrentByteIndex

    def _listen(self) -> tuple[Callable[[], Standing | None], Plain]:
        """Give the parser what it calls. They are functions within one because nothing that
        lasts from call to call is faster in Python, and every element means two calls. Returns
        what reads plain children, and what tells where they stand, if they do now."""
        parser, pieces, held, misplaced = self._parser, self._pieces, self._held, self._misplaced
        deepest, longest = self.limits.depth, self.limits.cell_characters
        top, shapes, tables = self._top, self._shapes, self.source.tables
        others = shapes[self.source.xml["others"]]
        path_place, value_place = map(others.names.index, ("element_path", "value"))
        parents = [
            (shapes[column.row_of], others.names.index(column.name))
            for column in tables[self.source.xml["others"]].columns
            if column.row_of
        ]
        child, child_id = next(
            (shapes[table.name], shapes[table.name].names.index(table.child_id.name))
            for table in tables.values()
            if table.child_id
        )
        row_names = frozenset(self._elements.values())
        names: set[str] = set()  # of elements and attributes that were not known by tag
        la_code: str | None = None

        # What is open, from the root down: the stack, `inside`, and perhaps a leaf in it that
        # is as the layouts have it, whose text goes to its place in `target`.
        stack: list[Open] = []
        inside: Group | Leaf = Group("", top, makes_row=False)
        row: Row = []
        within: tuple[int, ...] = ()
        leaves: dict[str, int] = NOTHING
        groups: dict[str, Group] = NOTHING
        leaf = 0
        leaf_tag = ""
        target = row

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal inside, row, within, leaves, groups, leaf, leaf_tag, target
            if leaf:
                loosen(has_children=True)
            if pieces:
                text = pieces.pop()
                if pieces or not text.isspace():
                    stray(text)
            if attributes:
                other(tag, attributes)
            elif place := leaves.get(tag):
                if row[place] is None:
                    leaf, leaf_tag, target = place, tag, row
                else:
                    other(tag, attributes)
            elif group := groups.get(tag):
                shape = group.shape
                if group.makes_row:
                    if la_code is None and shape is child:
                        settle(None, None)
                    number = shape.count = shape.count + 1
                    line = parser.CurrentLineNumber
                    fresh = [None, number, line, None, *within, *shape.empty]
                    shape.rows.append(fresh)
                    held.append(fresh)
                    if shape.text:
                        leaf, leaf_tag, target = shape.text, tag, fresh
                        return
                    stack.append((inside, row, within, leaves, groups))
                    row, within = fresh, (*within, number)
                else:
                    stack.append((inside, row, within, leaves, groups))
                inside, leaves, groups = group, shape.leaves, shape.groups
                if len(stack) == deepest:
                    leaves = groups = NOTHING
            else:
                other(tag, attributes)

        def end(_: str) -> None:
            nonlocal inside, row, within, leaves, groups, leaf
            if leaf:
                text = pieces.pop() if pieces else ""
                # One piece alone is not too long: none is longer than a block.
                target[leaf] = whole(text).strip() if pieces else text.strip()
                leaf = 0
                return
            if isinstance(inside, Leaf):
                leave(inside)
            else:
                if pieces:
                    text = pieces.pop()
                    if pieces or not text.isspace():
                        stray(text)
                if held and row is held[0] and inside.makes_row:
                    finish(inside.shape)
            inside, row, within, leaves, groups = stack.pop()

        def finish(shape: Shape) -> None:
            """A child has been read, or the header: all is known now of its rows."""
            key = ""
            if shape is child:
                key = self.key_of(la_code or "", row[child_id] or "")
            else:
                xml = self.source.xml
                lea, year = (
                    row[shape.columns[xml[what].lower()]]
                    for what in ("authority_element", "year_element")
                )
                settle(lea or None, year or None)
            for each in held:
                each[KEY] = key
            held.clear()

        def settle(lea: str | None, year: str | None) -> None:
            nonlocal la_code
            try:
                la_code = self.settle(lea, year)
            except Refusal as refusal:
                refusal.line = refusal.line or parser.CurrentLineNumber
                raise

        # From here on, what is rare.

        def other(tag: str, attributes: dict[str, str]) -> None:
            """Begin an element that is not as the layouts have it, or is not yet known to be."""
            line = parser.CurrentLineNumber
            if len(stack) >= deepest:
                refuse(f"elements are nested more than {deepest} deep")
            names.update((tag, *attributes))
            if len(names) > self.limits.columns:  # all of which the parser remembers
                most = self.limits.columns
                refuse(f"it has more than {most} different names of elements and attributes")
            if not stack:
                begin_root(local(tag))
            elif not begin_group(tag):
                begin_leaf(tag, line)
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
            stack.append((inside, row, within, leaves, groups))
            inside, leaves, groups = Group(name, top, makes_row=False), top.leaves, top.groups

        def begin_group(tag: str) -> bool:
            if isinstance(inside, Leaf):
                return False
            shape = inside.shape
            if tag not in shape.groups:
                name = local(tag)
                if name.lower() not in shape.makes:
                    return False
                made = shape.makes[name.lower()]
                shape.groups[tag] = Group(name, made or shape, makes_row=made is not None)
            start(tag, NOTHING)
            return True

        def begin_leaf(tag: str, line: int) -> None:
            nonlocal inside, leaves, groups
            begun = Leaf(local(tag), line, row)
            lowered = begun.name.lower()
            if lowered in row_names:
                misplaced[lowered] += 1
            if isinstance(inside, Leaf):
                inside.has_children = True
            elif row:
                place = inside.shape.columns.get(lowered, OTHER)
                if place == OTHER or row[place] is None:
                    begun.place = place
                if place != OTHER and lowered not in row_names:
                    inside.shape.leaves[tag] = place
            stack.append((inside, row, within, leaves, groups))
            inside, leaves, groups = begun, NOTHING, NOTHING

        def loosen(*, has_children: bool) -> None:
            """Turn the leaf that is open into one that can hold more than its text."""
            nonlocal inside, leaves, groups, leaf
            stack.append((inside, row, within, leaves, groups))
            inside = Leaf(local(leaf_tag), 0, target, leaf, has_children)
            leaves, groups, leaf = NOTHING, NOTHING, 0

        def leave(closed: Leaf) -> None:
            if closed.has_children:
                if pieces:
                    stray(pieces.pop())
                return
            text = whole(pieces.pop()).strip() if pieces else ""
            if closed.place > OTHER:
                closed.row[closed.place] = text
            elif closed.place < OTHER or closed.name in (closed.row[OTHER] or {}):
                keep(path(), text, closed.line)
            else:
                closed.row[OTHER] = {**(closed.row[OTHER] or {}), closed.name: text}

        def whole(text: str) -> str:
            """The text since the last tag, of which the last piece is told."""
            text = "".join((*pieces, text))
            pieces.clear()
            if len(text) > longest:
                too_long()
            return text

        def stray(text: str) -> None:
            """Text beside elements: kept, unless it is blank."""
            text = whole(text)
            if not text.isspace():
                begun = text.lstrip().count("\n")
                keep(f"{path()}/text()", text.strip(), parser.CurrentLineNumber - begun)

        def keep(element_path: str, value: str, line: int) -> None:
            """What no layout knows, beside the child and referral that it stands in."""
            others.count += 1
            fresh: Row = [None, others.count, line, None, *others.empty]
            others.rows.append(fresh)
            fresh[path_place], fresh[value_place] = element_path, value
            standing = [*((each[0], each[1]) for each in stack), (inside, row)]
            open_rows = [
                (each.shape, its_row)
                for each, its_row in standing
                if isinstance(each, Group) and each.makes_row
            ]
            for parent, place in parents:
                fresh[place] = next((its[ROW] for each, its in open_rows if each is parent), 0)
            if open_rows and open_rows[0][0] is child:
                held.append(fresh)
            else:
                fresh[KEY] = ""

        def path() -> str:
            """Names down to the open element, from the child that it stands in or the root."""
            names_down: list[str] = []
            for each in [*(each[0] for each in stack[1:]), inside]:
                if isinstance(each, Group) and each.makes_row and each.shape is child:
                    names_down.clear()
                names_down.append(each.name)
            return "/".join(names_down)

        def too_long() -> NoReturn:
            refuse(f"an element is longer than {longest} characters")

        def refuse(what: str) -> NoReturn:
            raise Refusal(what, parser.CurrentLineNumber)

        def declared(_: str, encoding: str | None, __: int) -> None:
            self._is_utf_8 = (encoding or "utf-8").lower() == "utf-8"

        def standing() -> Standing | None:
            """Asked behind what looks like the end of a child: if that is what it was, the parser
            has used it up (in a comment it has not) and has called nothing for it as text (in
            CDATA it has)."""
            if leaf or held or pieces or self._unread or la_code is None:
                return None
            if not isinstance(inside, Group):
                return None
            return Standing(groups, deepest - len(stack), la_code)

        def document_type(*_: object) -> None:
            raise Refusal(
                "it declares a document type, which no return has",
                parser.CurrentLineNumber,
                parser.CurrentColumnNumber + 1,
            )

        parser.buffer_text = True
        parser.buffer_size = self._block
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = pieces.append
        parser.StartDoctypeDeclHandler = document_type
        parser.XmlDeclHandler = declared
        return standing, Plain(child, child_id, [*shapes.values()], self.key_of, top.groups)

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

    def _settle_rows(self) -> int:
        """Put the rows whose child has been read into columns; returns the cells there. Often,
        for rows that were made just now are still at hand for the processor."""
        cells = 0
        for shape in self._shapes.values():
            ready = len(shape.rows)
            while ready and shape.rows[ready - 1][KEY] is None:
                ready -= 1
            for column, values in zip(
                shape.filled, zip(*shape.rows[:ready], strict=True), strict=False
            ):
                column.extend(values)
            del shape.rows[:ready]
            cells += len(shape.filled) * len(shape.filled[ROW])
        return cells

    def _flush(self) -> Iterator[Rows]:
        for name, shape in self._shapes.items():
            if rows := len(shape.filled[ROW]):
                with nothing_collected():
                    columns = columns_of(self.source.tables[name], shape)
                self.counts.rows[name] += rows
                yield Rows(name, columns)


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
