"""Count a delimited text from its bytes alone: records, lines and cells, and what is odd in it.

Nobody's reader has a part in it, so it is what the readers' rows are held against at the
door. It also tells whether a text is plain enough for the engine's own reader, which would
guess where this does not. Blocks of whole lines are looked at by the array, so that no more
of a file is held in memory than one of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy

from flows.land.delivery import Array, Refusal
from flows.settings import Limits

BLOCK = 1 << 20  # the quickest: the arrays made of it stay in the processor's cache
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
TAB, LINE_FEED, CARRIAGE_RETURN, SPACE, QUOTE = b'\t\n\r "'
EXPECTED = (TAB, LINE_FEED, CARRIAGE_RETURN)  # of all control characters


@dataclass(frozen=True)
class Scan:
    """What the bytes of a text say of it. A blank line is no record.

    records     records in the file
    skipped     records and blank lines that begin no further down than the heading
    body        records that begin below the heading
    narrowest   fewest cells in a record of the body
    widest      most cells in a record of the body
    longest     bytes of the longest record
    is_odd      whether readers may differ over it: a quote within a cell, line ends of two
                kinds, control characters
    is_quoted   whether there is a quote anywhere
    first_line  line on which the first record of the body begins
    lines       line on which each record of the body begins; None when each has one line
                and none is blank
    """

    records: int
    skipped: int
    body: int
    narrowest: int
    widest: int
    longest: int
    is_odd: bool
    is_quoted: bool
    first_line: int
    lines: Array | None


def scan(path: Path, delimiter: str, heading_line: int, limits: Limits) -> Scan:
    """Scan a text in UTF-8 whose last row of headings begins on the line `heading_line`.
    Raises Refusal for a line that is too long."""
    scanner = _Scanner(ord(delimiter), heading_line, limits.line_bytes)
    for block in _blocks(path, scanner):
        scanner.look_at(block)
    return scanner.found()


def _blocks(path: Path, scanner: "_Scanner") -> Iterator[bytes]:
    """The text in blocks that end with a line."""
    with path.open("rb") as file:
        if file.read(len(BYTE_ORDER_MARK)) != BYTE_ORDER_MARK:
            file.seek(0)
        rest = b""
        while block := file.read(BLOCK):
            block = rest + block
            # A carriage return in the last place may be the first half of a line end.
            cut = 1 + max(block.rfind(b"\n"), block.rfind(b"\r", 0, len(block) - 1))
            rest = block[cut:]
            if cut:
                yield block[:cut]
            scanner.hold_to_length(len(rest))
        if rest:
            yield rest


class _Scanner:
    """Takes block upon block. A record that runs on from one block to the next, because a
    quoted cell holds the line end, is carried: `_line` where it began, `_length` so far,
    `_separators` so far."""

    def __init__(self, delimiter: int, heading_line: int, line_bytes: int) -> None:
        self._delimiter = delimiter
        self._heading_line = heading_line
        self._line_bytes = line_bytes
        self._may_touch_a_quote = numpy.zeros(256, dtype=bool)
        self._may_touch_a_quote[[delimiter, LINE_FEED, CARRIAGE_RETURN, QUOTE]] = True

        self._lines_seen = 0
        self._is_quoted = False
        self._line = 1
        self._length = 0
        self._separators = 0

        self._records = self._skipped = self._body = 0
        self._narrowest, self._widest, self._longest = 0, 0, 0
        self._is_odd = False
        self._has_quotes = False
        self._line_ends: set[str] = set()
        # Records of the body from which on the line is so much more than the record's number.
        self._ahead_from: list[Array] = []
        self._ahead_by: list[Array] = []
        self._ahead = -1

    def hold_to_length(self, length: int, lines_before: int = 0) -> None:
        if length > self._line_bytes:
            raise too_long(self._line_bytes, self._lines_seen + lines_before + 1)

    def look_at(self, block: bytes) -> None:
        is_ended = block.endswith((b"\n", b"\r"))
        data = numpy.frombuffer(block if is_ended else block + b"\n", dtype=numpy.uint8)
        ends = _line_ends(block, data)
        lengths = numpy.diff(ends, prepend=-1)
        longest = int(lengths.argmax())
        self.hold_to_length(int(lengths[longest]), longest)
        separators = data == self._delimiter
        if b'"' in block or self._is_quoted:
            self._has_quotes = True
            quoted = self._quoted(block, data)
            ends_a_record = ~quoted[ends]
            separators &= ~quoted
        else:
            ends_a_record = numpy.ones(len(ends), dtype=bool)
        self._take(data, ends, numpy.flatnonzero(ends_a_record), separators)
        self._look_for_oddities(block, data, ends[ends_a_record], is_ended=is_ended)
        self._lines_seen += len(ends)

    def _take(self, data: Array, ends: Array, last_lines: Array, separators: Array) -> None:
        """Count the records that end in a block; `last_lines` says with which of its lines, and
        `separators` of each byte whether it is one."""
        rest = int(ends[last_lines[-1]]) + 1 if len(last_lines) else 0
        if len(last_lines):
            record_ends = ends[last_lines]
            starts = numpy.concatenate([[0], record_ends[:-1] + 1])
            lengths = record_ends + 1 - starts
            cells = numpy.add.reduceat(separators[:rest], starts, dtype=numpy.uint32) + 1
            lines = numpy.concatenate([[0], last_lines[:-1] + 1]) + self._lines_seen + 1
            is_blank = (data[starts] == LINE_FEED) | (data[starts] == CARRIAGE_RETURN)
            if self._length:
                lines[0], is_blank[0] = self._line, False
                lengths[0] += self._length
                cells[0] += self._separators
            self._longest = max(self._longest, int(lengths.max()))
            self._records += int(numpy.count_nonzero(~is_blank))
            is_body = lines > self._heading_line
            self._skipped += int(numpy.count_nonzero(~is_body))
            is_body &= ~is_blank
            if is_body.any():
                self._take_body(cells[is_body], lines[is_body])
            self._length = self._separators = 0
        if rest < len(data):
            if not self._length:
                behind = int(last_lines[-1]) + 1 if len(last_lines) else 0
                self._line = self._lines_seen + behind + 1
            self._length += len(data) - rest
            self._separators += int(numpy.count_nonzero(separators[rest:]))

    def _take_body(self, cells: Array, lines: Array) -> None:
        narrowest, widest = int(cells.min()), int(cells.max())
        self._narrowest = min(self._narrowest, narrowest) if self._body else narrowest
        self._widest = max(self._widest, widest)
        numbers = numpy.arange(self._body, self._body + len(lines))
        ahead = lines - numbers
        changes = numpy.flatnonzero(numpy.diff(ahead, prepend=self._ahead))
        self._ahead_from.append(numbers[changes])
        self._ahead_by.append(ahead[changes])
        self._ahead = int(ahead[-1])
        self._body += len(lines)

    def _quoted(self, block: bytes, data: Array) -> Array:
        """Which bytes stand within quotes. Where every quote opens or closes a cell or is one
        of a pair, that is whether an odd number of quotes has come; else it is told quote by
        quote."""
        is_quote = data == QUOTE
        quotes = numpy.flatnonzero(is_quote)
        opening = quotes[int(self._is_quoted) :: 2]
        closing = quotes[int(not self._is_quoted) :: 2]
        before = data[opening - 1]
        if len(opening) and opening[0] == 0:
            before[0] = LINE_FEED
        # A block ends with a line, so that there is always a byte after a quote.
        if not (
            self._may_touch_a_quote[before].all()
            and self._may_touch_a_quote[data[closing + 1]].all()
        ):
            self._is_odd = True
            return self._quoted_one_by_one(block, data, quotes.tolist())
        quoted = numpy.cumsum(is_quote, dtype=numpy.uint8)  # overflows, and stays odd or even
        quoted += self._is_quoted
        quoted &= 1
        self._is_quoted = bool(quoted[-1])
        return quoted.view(bool)

    def _quoted_one_by_one(self, block: bytes, data: Array, quotes: list[int]) -> Array:
        quoted = numpy.zeros(len(data), dtype=bool)
        opens_after = (self._delimiter, LINE_FEED, CARRIAGE_RETURN)
        opened = 0
        is_escaped = False
        for at, after in zip(quotes, [*quotes[1:], -1], strict=True):
            if is_escaped:
                is_escaped = False
            elif not self._is_quoted:
                if at == 0 or block[at - 1] in opens_after:
                    self._is_quoted, opened = True, at
            elif after == at + 1:
                is_escaped = True
            else:
                self._is_quoted = False
                quoted[opened:at] = True
        if self._is_quoted:
            quoted[opened:] = True
        return quoted

    def _look_for_oddities(
        self, block: bytes, data: Array, record_ends: Array, *, is_ended: bool
    ) -> None:
        delivered = data[: len(block)]
        expected = sum(numpy.count_nonzero(delivered == each) for each in EXPECTED)
        if numpy.count_nonzero(delivered < SPACE) != expected:
            self._is_odd = True
        if not is_ended:
            record_ends = record_ends[:-1]
        is_line_feed = data[record_ends] == LINE_FEED
        if b"\r" not in block:
            self._line_ends |= {"\n"} if len(record_ends) else set()
            return
        follows = is_line_feed & (record_ends > 0) & (data[record_ends - 1] == CARRIAGE_RETURN)
        for kind, is_there in (
            ("\r", ~is_line_feed), ("\n", is_line_feed & ~follows), ("\r\n", follows),
        ):  # fmt: skip
            if is_there.any():
                self._line_ends.add(kind)

    def found(self) -> Scan:
        starts = numpy.concatenate([*self._ahead_from, [self._body]]).astype(numpy.int64)
        ahead = numpy.concatenate([*self._ahead_by, []]).astype(numpy.int32)
        lines = None
        if len(ahead) > 1:
            lines = numpy.repeat(ahead, numpy.diff(starts))
            lines += numpy.arange(self._body, dtype=numpy.int32)
        return Scan(
            records=self._records + self._is_quoted,
            skipped=self._skipped,
            body=self._body,
            narrowest=self._narrowest,
            widest=self._widest,
            longest=max(self._longest, self._length),
            is_quoted=self._has_quotes,
            is_odd=self._is_odd or self._is_quoted or len(self._line_ends) > 1,
            first_line=int(ahead[0]) if len(ahead) else 0,
            lines=lines,
        )


def too_long(line_bytes: int, line: int) -> Refusal:
    return Refusal(f"the line is longer than {line_bytes:,} bytes (CYP_LIMIT_LINE_BYTES)", line)


def _line_ends(block: bytes, data: Array) -> Array:
    """The last byte of each line: a line feed, or a carriage return that has none behind it."""
    is_end = data == LINE_FEED
    if b"\r" in block:
        is_return = data == CARRIAGE_RETURN
        is_end[-1] |= is_return[-1]
        is_end[:-1] |= is_return[:-1] & (data[1:] != LINE_FEED)
    return numpy.flatnonzero(is_end)
