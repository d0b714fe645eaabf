"""Count the start tags of the elements that make rows, in the raw bytes of a census.

It is the second witness at the door: what the parser hands over is held against it, so that
no row can be lost between the file and the warehouse unseen. It shares nothing with the
reader but the names that it looks for.
"""

import codecs
import re
from collections import Counter
from collections.abc import Iterable
from itertools import groupby

# What is not markup though it looks so, and what ends it.
ASIDE = re.compile(rb"<!--|<!\[CDATA\[|<\?")
ENDS = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
LONGEST_END = 3
LONGEST_NAME = 1 << 16  # with its prefix; a longer one is not counted
NAME_ENDS = re.compile(rb"[\s/>]")


class Tags:
    """Counts start tags by name (in lower case) over the blocks of a file, in order; the first
    is at least two bytes long, unless the file is shorter."""

    def __init__(self, names: Iterable[str]) -> None:
        wanted = sorted(name.lower() for name in names)
        firsts = "".join(sorted({name[0] + name[0].upper() for name in wanted}))
        spelled = _spelled(wanted)
        self._plain = re.compile(f"<(?=[{firsts}])({spelled})".encode())
        self._prefixed = re.compile(f"<(?:[^\\s<>/]*:)?({spelled})".encode())
        self._found: Counter[bytes] = Counter()
        self._rest = b""  # of the blocks before: a tag whose name has not ended
        self._until = b""  # what ends the comment, section or instruction that is open
        self._wide: codecs.IncrementalDecoder | None = None
        self._is_begun = False

    def feed(self, block: bytes) -> None:
        if not self._is_begun:
            self._is_begun = True
            if wide := _wide(block[:2]):
                self._wide = codecs.getincrementaldecoder(wide)(errors="replace")
        if self._wide is not None:
            block = self._wide.decode(block).encode()
        data = self._rest + block
        self._rest = b""
        if self._until or b"!" in data or b"?" in data:
            data = self._without_asides(data)
        end = len(data)
        cut = data.rfind(b"<")
        if cut >= 0 and not self._until and not NAME_ENDS.search(data, cut):
            if end - cut < LONGEST_NAME:
                self._rest = data[cut:]
            end = cut
        # A name has a prefix only where there is a colon, which is dear to look for in each.
        tags = self._prefixed if b":" in data else self._plain
        self._found.update(tags.findall(data, 0, end))

    def counts(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for name, count in self._found.items():
            found[name.decode().lower()] += count
        return found

    def _without_asides(self, data: bytes) -> bytes:
        """Markup alone; what of the last comment, section or instruction may hold its end
        stays for the next block."""
        kept: list[bytes] = []
        at = 0
        while True:
            if self._until:
                end = data.find(self._until, at)
                if end < 0:
                    self._rest = data[max(at, len(data) - LONGEST_END + 1) :]
                    return b"".join(kept)
                at = end + len(self._until)
                self._until = b""
            aside = ASIDE.search(data, at)
            if aside is None:
                kept.append(data[at:])
                return b"".join(kept)
            kept.append(data[at : aside.start()])
            self._until = ENDS[aside.group()]
            at = aside.end()


def _spelled(names: list[str]) -> str:
    """An expression for any of the names in any case, ending where a name ends. Spelt letter
    by letter as a tree: for a flag that ignores case, the engine would try each in turn."""
    choices = []
    for first, rest in groupby(names, lambda name: name[:1]):
        if first:
            letter = f"[{first.upper()}{first}]" if first.isalpha() else re.escape(first)
            choices.append(letter + _spelled([name[1:] for name in rest]))
        else:
            choices.append(r"(?=[\s/>])")
    return choices[0] if len(choices) == 1 else f"(?:{'|'.join(choices)})"


def _wide(start: bytes) -> str:
    """The encoding, if one character is two bytes; in all others that a parser reads, markup
    is the same bytes."""
    if start == codecs.BOM_UTF16_LE or start[1:] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if start == codecs.BOM_UTF16_BE or start[:1] == b"\0" else ""
