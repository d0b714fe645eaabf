"""Whole children read from their text, where it holds nothing but what the layouts know.

Nearly all of a census is such children: tags without attributes, known where they stand, with
text between them. To read one needs no parser: its text is cut at each `<`, and what a piece means
is looked up in the same dictionaries that `xml_file` reads by, and learns into. The first thing
that is otherwise (an unknown or repeated element, an attribute, a comment, an entity, a text
beside elements) leaves that child, whole, to `xml_file`.

What is read here is well-formed: its tags are names that the parser has let pass before, each is
closed in its turn, and between them stand characters that XML allows, in UTF-8.
"""

from collections.abc import Callable
from itertools import islice
from typing import NamedTuple

import numpy

from flows.land.xml_shapes import KEY, LINE, NOTHING, Group, Row, Shape

WINDOW = 1 << 15  # bytes read together; of these, what follows a child that is otherwise, again
# What no text may hold, beside control characters: two that are none, and the end of a CDATA.
NEVER = (b"\xef\xbf\xbe", b"\xef\xbf\xbf", b"]]>")
MOST_CLOSES, LONGEST_CLOSE = 10_000, 200  # kept, each with the blanks behind it


class Standing(NamedTuple):
    """Where children stand: what is known there by tag, how many elements deeper may be, and
    whose the children are."""

    groups: dict[str, Group]
    room: int
    la_code: str


class Closes(dict[str, str]):
    """The tag that a piece of text closes, by the piece; empty where it closes none, or where
    anything but blanks follows."""

    def __missing__(self, piece: str) -> str:
        tag, bracket, after = piece.partition(">")
        closed = tag[1:] if tag.startswith("/") and bracket and not after.strip() else ""
        if closed and len(self) < MOST_CLOSES and len(piece) <= LONGEST_CLOSE:
            self[piece] = closed
        return closed


class Plain:
    """Reads children of one file. It gives up where too little of what it tries is plain."""

    def __init__(
        self,
        child: Shape,
        child_id: int,
        shapes: list[Shape],
        key_of: Callable[[str, str], str],
        known: dict[str, Group],
    ) -> None:
        self.child = child
        self.child_id = child_id  # its place in a child's row
        self.shapes = shapes
        self.key_of = key_of
        self.known = known  # where children stand, by tag, once they have been met
        self._end = b""
        self._closes = Closes()
        self._tried = self._read = 0  # bytes

    @property
    def is_worth_trying(self) -> bool:
        return self._tried <= 4 * self._read + 8 * WINDOW

    @property
    def end(self) -> bytes:
        """The end tag of a child as it is delivered; empty until one has been met."""
        if not self._end:
            tags = (tag for tag, group in self.known.items() if group.shape is self.child)
            self._end = "".join(f"</{tag}>" for tag in islice(tags, 1)).encode()
        return self._end

    def after_a_child(self, data: bytes, at: int, most: int) -> int:
        """The last place behind a child's end tag from there to that far or, where there is none,
        the first beyond; 0 where there is none at all."""
        if not self.end:
            return 0
        found = data.rfind(self.end, at, most)
        if found < 0:
            found = data.find(self.end, at)
        return 0 if found < 0 else found + len(self.end)

    def read(self, data: bytes, standing: Standing, line: int) -> int:
        """Read children from the start of whole ones, which begin in that line: the bytes of
        those that were read, up to the first that is otherwise. Their rows go to the shapes."""
        self._tried += len(data)
        held = numpy.frombuffer(data, dtype=numpy.uint8)
        controls = numpy.flatnonzero(held < ord(" "))
        found = held[controls]
        line_ends = controls[found == ord("\n")]
        returns = numpy.count_nonzero(found == ord("\r"))
        tabs = numpy.count_nonzero(found == ord("\t"))
        if len(line_ends) + returns + tabs < len(found) or returns != data.count(b"\r\n"):
            return 0
        if any(never in data for never in NEVER):
            return 0
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return 0
        rows, tags = self._children(text.replace("\r\n", "\n") if returns else text, standing)
        for shape in self.shapes:  # what was begun of the next
            while shape.rows and shape.rows[-1][KEY] is None:
                shape.rows.pop()
                shape.count -= 1
        if not rows:
            return 0
        places = numpy.flatnonzero(held == ord("<"))
        lines = line + numpy.searchsorted(line_ends, places[[row[LINE] for row in rows]])
        for row, its in zip(rows, lines.tolist(), strict=True):
            row[LINE] = its
        read = data.rfind(b">", 0, places[tags] if tags < len(places) else None) + 1
        self._read += read
        return read

    def _children(self, text: str, standing: Standing) -> tuple[list[Row], int]:
        """The rows of whole children, and how many tags are theirs. For its line each row has the
        number of its tag, of all tags, which is the number of its `<`."""
        groups, room, la_code = standing
        child, closes, has_entities = self.child, self._closes, "&" in text
        rows: list[Row] = []
        held: list[Row] = []  # of the child that is open
        stack: list[tuple[str, Row, tuple[int, ...], dict[str, int], dict[str, Group]]] = []
        open_tag = ""
        row: Row = []
        within: tuple[int, ...] = ()
        leaves: dict[str, int] = NOTHING
        tags = read = 0
        before, *pieces = text.split("<")
        if before.strip():
            return rows, read
        coming = iter(pieces)
        for piece in coming:
            tag, bracket, value = piece.partition(">")
            if not bracket:
                break
            if place := leaves.get(tag):
                if row[place] is not None or closes[next(coming, "")] != tag:
                    break
                if has_entities and "&" in value:
                    break
                row[place] = value.strip()
                tags += 2
            elif group := groups.get(tag):
                shape = group.shape
                if group.makes_row:
                    if not stack and shape is not child:
                        break
                    shape.count = number = shape.count + 1
                    fresh: Row = [None, number, tags, None, *within, *shape.empty]
                    shape.rows.append(fresh)
                    held.append(fresh)
                    if shape.text:
                        if closes[next(coming, "")] != tag or (has_entities and "&" in value):
                            break
                        fresh[shape.text] = value.strip()
                        tags += 2
                        continue
                    if value and not value.isspace():
                        break
                    stack.append((open_tag, row, within, leaves, groups))
                    row, within = fresh, (*within, number)
                elif not stack or (value and not value.isspace()):
                    break
                else:
                    stack.append((open_tag, row, within, leaves, groups))
                if len(stack) >= room:
                    break
                open_tag, leaves, groups = tag, shape.leaves, shape.groups
                tags += 1
            elif stack and closes[piece] == open_tag:
                open_tag, row, within, leaves, groups = stack.pop()
                tags += 1
                if not stack:
                    key = self.key_of(la_code, held[0][self.child_id] or "")
                    for each in held:
                        each[KEY] = key
                    rows += held
                    held.clear()
                    read = tags
            elif tag.endswith("/") and (place := leaves.get(tag[:-1])) and not value.strip():
                if row[place] is not None:
                    break
                row[place] = ""
                tags += 1
            else:
                break
        return rows, read
