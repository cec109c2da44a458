"""Reads the XML of a workbook in bounded memory, with expat.

Each limit bounds something that a file could pile up in memory; `MOST_TAGS` also bounds the time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol
from xml.parsers import expat

from riskengine.config.sources.grids import MOST_CELL

MOST_TAGS = 40_000_000  #: of one part; reading time grows with them
MOST_TAG = 1_000_000  #: bytes of one tag or comment, which is held in memory until it ends
MOST_NAMES = 10_000  #: distinct names of elements and attributes, all of which are kept
MOST_DEPTH = 100  #: of nested elements

_BLOCK = 1 << 16
_ENCODINGS = ("UTF-8", "UTF-16", "US-ASCII", "ISO-8859-1")  # built into expat

Begin = Callable[[Mapping[str, str]], None]
End = Callable[[str], None]


class ByteSource(Protocol):
    """What XML is read from."""

    def read(self, size: int = -1, /) -> bytes:
        """The next piece, of about that size; empty at the end."""


class XmlError(Exception):
    """A part of a workbook is not one that a spreadsheet would write; the message says why."""


class _ByLocalName(dict[str, Any]):
    """Callbacks by name of the element, with or without a namespace prefix."""

    def __missing__(self, name: str) -> Any:
        found = self[name] = self.get(name.rpartition(":")[2])
        return found


def walk(stream: ByteSource, begins: Mapping[str, Begin], ends: Mapping[str, End]) -> None:
    """Visit the elements of a part in bounded memory.

    Parameters
    ----------
    stream : binary stream
    begins : mapping
        Callbacks by element name, called where an element begins, with its attributes.
    ends : mapping
        Callbacks by element name, called where an element ends, with the text since the last tag.

    Raises
    ------
    XmlError
        When the part is not XML, declares a document type or exceeds a limit.
    """
    names: dict[str, str] = {}
    parser = expat.ParserCreate(intern=names)
    parser.buffer_text = True
    texts = _listen(parser, _ByLocalName(begins), _ByLocalName(ends))
    taken = tags = 0
    try:
        while block := stream.read(_BLOCK):
            parser.Parse(block, False)
            taken += len(block)
            tags += block.count(b"<")
            if tags > MOST_TAGS:
                raise XmlError(f"holds more than {MOST_TAGS:,} XML tags")
            if len(names) > MOST_NAMES:
                raise XmlError("holds XML of too many names")
            if taken - parser.CurrentByteIndex > MOST_TAG:
                raise XmlError("holds an XML tag without an end")
            if texts and sum(map(len, texts)) > MOST_CELL:
                raise XmlError(f"holds a text of more than {MOST_CELL:,} characters")
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        reason = expat.errors.messages.get(error.code, "")
        raise XmlError(f"holds broken XML ({reason}): it may be damaged") from None


def _listen(parser: expat.XMLParserType, begins: _ByLocalName, ends: _ByLocalName) -> list[str]:
    """Connect the callbacks to a parser; return the text since the last tag, in pieces."""
    texts: list[str] = []
    depth = 0

    def begin(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MOST_DEPTH:
            raise XmlError("holds XML elements too deep inside one another")
        if texts:
            texts.clear()
        act = begins[name]
        if act is not None:
            act(attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        act = ends[name]
        if act is not None:
            act("".join(texts) if texts else "")
        if texts:
            texts.clear()

    def refuse(*_: object) -> None:
        raise XmlError("declares XML entities or a document type, which no spreadsheet does")

    def declare(_: str, encoding: str | None, __: int) -> None:
        if encoding is not None and encoding.upper() not in _ENCODINGS:
            raise XmlError(f"holds XML in the encoding {encoding[:20]!r}, not in UTF-8")

    parser.XmlDeclHandler = declare
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = texts.append
    parser.StartDoctypeDeclHandler = refuse
    return texts
