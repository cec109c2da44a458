"""Text on its way into a workbook: names stay the same, and text stays text."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable

from riskengine.config.sources.names import LONGEST_TEXT
from riskengine.reports.screen import width_of
from riskengine.reports.tables.numbers import abridged

_LONGEST_UNIT = 40  #: characters of it in a heading
_LABEL = 32  #: characters of a name that a chart has room for
_LETTERS = 1.1  #: letters that fit into the room of one figure
_IDEOGRAPH = 1.05  #: the room of an ideograph, relative to two figures
_LONGEST_HEADING = 200  #: of a table; Excel allows 255
_LONGEST_NAME = 120  #: of a defined name; Excel allows 255

# XML cannot hold surrogates and these two characters, not even as references.
_IMPOSSIBLE = re.compile("[\ud800-\udfff\ufffe\uffff]")


def heading_unit(money: str) -> str:
    """A unit of money, short enough for a heading and on one line."""
    return abridged(one_line(money), _LONGEST_UNIT)


def storable(text: str) -> str:
    """The text as a cell holds it, with escapes for characters that no XML file can hold.

    >>> storable("=1+1"), storable("a" + chr(0xFFFF))
    ('=1+1', 'a\\\\uffff')
    """
    return _IMPOSSIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def fitting(text: str) -> str:
    """The text, or as much as a cell holds, and its length in UTF-16 units, as Excel counts.

    >>> fitting("short"), fitting("x" * 40_000)[-45:]
    ('short', 'xxx... (40,000 characters, cut to fit a cell)')
    """
    if 2 * len(text) <= LONGEST_TEXT:
        return text  # a shortcut for nearly all: a character has at most two units
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * LONGEST_TEXT:
        return text
    ending = f"... ({len(units) // 2:,} characters, cut to fit a cell)"
    return units[: 2 * (LONGEST_TEXT - len(ending))].decode("utf-16-le", "ignore") + ending


def one_line(text: str) -> str:
    """The text for places that allow one plain line only: headers, chart titles, properties.

    >>> one_line("USD" + chr(10) + " million" + chr(7))
    'USD million'
    """
    shown = "".join(" " if unicodedata.category(c) == "Cc" else c for c in storable(text))
    return " ".join(shown.split())


def distinct(headings: Iterable[str]) -> list[str]:
    """Any words as headings of one table, made distinct because Excel ignores their case.

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
    """A name as a chart shows it: on one line, and cut if it is too long.

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
    """The number of lines that a wrapped text takes in a cell that is `width` characters wide.

    The unit of width is a figure of the font. Letters are narrower on average; ideographs are at
    least twice as wide.
    """
    room = max(_LETTERS * width, 1.0)
    return sum(_lines(paragraph, room) for paragraph in text.split("\n"))


def _lines(paragraph: str, width: float) -> int:
    """The lines of a paragraph. As in Excel, a word is split only if it is longer than a line."""
    if paragraph.isascii() and len(paragraph) <= width:
        return 1  # a shortcut for most texts
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
    """Names that are valid in a workbook and unique regardless of case."""

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._taken = {_folded(name) for name in reserved}

    def new(self, wish: str) -> str:
        """The wish as a valid name, with a number if it is taken.

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
    """Whether a name may hold a character: Excel and others agree on letters, digits and `_`."""
    if character.isascii():
        return character.isalnum() or character == "_"
    return ord(character) < 0x10000 and unicodedata.category(character) in ("Lu", "Ll", "Lo")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
