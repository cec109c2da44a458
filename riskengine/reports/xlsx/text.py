"""Text on its way into a workbook: any name stays the same text, and no text becomes more."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable

from riskengine.reports.screen import width_of

LONGEST_TEXT = 32_767  #: characters in a cell of Excel
_LABEL = 32  #: characters of a name that a chart has room for
_LETTERS = 1.1  #: that find room where one figure does
_IDEOGRAPH = 1.05  #: of the room of two figures
_LONGEST_HEADING = 200  #: of a table; Excel allows 255
_LONGEST_NAME = 120  #: of a defined name; Excel allows 255

# XML has no place for half characters and these two, in whatever spelling.
_IMPOSSIBLE = re.compile("[\ud800-\udfff\ufffe\uffff]")


def storable(text: str) -> str:
    """The text as a cell holds it: itself, but for characters that no XML file can hold.

    >>> storable("=1+1"), storable("a" + chr(0xFFFF))
    ('=1+1', 'a\\\\uffff')
    """
    return _IMPOSSIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def fitting(text: str) -> str:
    """The text, or as much of it as a cell holds, and how long it is: Excel counts as UTF-16 does.

    >>> fitting("short"), fitting("x" * 40_000)[-45:]
    ('short', 'xxx... (40,000 characters, cut to fit a cell)')
    """
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * LONGEST_TEXT:
        return text
    ending = f"... ({len(units) // 2:,} characters, cut to fit a cell)"
    return units[: 2 * (LONGEST_TEXT - len(ending))].decode("utf-16-le", "ignore") + ending


def one_line(text: str) -> str:
    """The text where only plain text may stand: headers, titles of charts, properties.

    >>> one_line("USD" + chr(10) + " million" + chr(7))
    'USD million'
    """
    shown = "".join(" " if unicodedata.category(c) == "Cc" else c for c in storable(text))
    return " ".join(shown.split())


def distinct(headings: Iterable[str]) -> list[str]:
    """Any words as headings of one table, which Excel tells apart without their case.

    >>> distinct(["is", "IS", ""])
    ['is', 'IS (2)', '(empty)']
    """
    seen: dict[str, int] = {}
    found = []
    for each in headings:
        heading = one_line(each)[:_LONGEST_HEADING] or "(empty)"
        count = seen[heading.casefold()] = seen.get(heading.casefold(), 0) + 1
        found.append(heading if count == 1 else f"{heading} ({count})")
    return found


def label(name: str) -> str:
    """A name as a chart shows it: in one line, cut where there is no more room.

    >>> label("semiconductors"), label("x" * 99)
    ('semiconductors', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…')
    """
    line = one_line(name)
    return line if len(line) <= _LABEL else f"{line[: _LABEL - 1]}…"


def pieces(text: str) -> list[str]:
    """A text as parts that a cell can hold; one part unless it is very long."""
    starts = range(0, max(len(text), 1), LONGEST_TEXT)
    return [text[start : start + LONGEST_TEXT] for start in starts]


def lines_in(text: str, width: float) -> int:
    """How many lines a wrapped text takes in a cell so many characters wide.

    The unit of width is a figure of the font; letters are narrower on average, ideographs twice as
    wide and more.
    """
    room = max(_LETTERS * width, 1.0)
    return sum(_lines(paragraph, room) for paragraph in text.split("\n"))


def _lines(paragraph: str, width: float) -> int:
    """Words are kept whole, as Excel does, unless one is longer than a line."""
    count, used = 1, 0.0
    for word in paragraph.split(" "):
        taken = _room_of(word)
        if used and used + 1 + taken > width:
            count, used = count + 1, 0.0
        used += taken + (1 if used else 0)
        if used > width:
            count += math.ceil(used / width) - 1
            used = used % width or width
    return count


def _room_of(word: str) -> float:
    columns = width_of(word)
    return columns if columns == len(word) else _LETTERS * _IDEOGRAPH * columns


class UniqueNames:
    """Names that are valid in a workbook, each given once whatever its case."""

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._taken = {_folded(name) for name in reserved}

    def new(self, wish: str) -> str:
        """The wish as a valid name, numbered when it is taken.

        >>> names = UniqueNames()
        >>> [names.new(wish) for wish in ("VaR99_rare earths", "VaR99_Rare-Earths")]
        ['VaR99_rare_earths', 'VaR99_Rare_Earths_2']
        """
        plain = "".join(c if _is_allowed(c) else "_" for c in unicodedata.normalize("NFC", wish))
        plain = found = plain[:_LONGEST_NAME]
        number = 1
        while _folded(found) in self._taken:
            number += 1
            found = f"{plain}_{number}"
        self._taken.add(_folded(found))
        return found


def _is_allowed(character: str) -> bool:
    """Letters of any script, digits and `_`: what Excel and others take alike in a name."""
    if character.isascii():
        return character.isalnum() or character == "_"
    return ord(character) < 0x10000 and unicodedata.category(character) in ("Lu", "Ll", "Lo")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
