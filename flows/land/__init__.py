"""Landing: delivered files, kept, recognised by their content and let in as text.

What stands in a folder of extracts goes through one door: a reader per format (text, XML,
workbook), recognition by headings or elements, never by name, and one writer.
"""

from flows.land.ahead import Ahead
from flows.land.find import Extract, find
from flows.land.landing import Examine, Landed, door, land, settled
from flows.land.schema import hold_to_key, prepare

__all__ = [
    "Ahead", "Examine", "Extract", "Landed", "door", "find", "hold_to_key", "land", "prepare",
    "settled",
]  # fmt: skip
