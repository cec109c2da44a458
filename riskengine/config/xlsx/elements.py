"""Going through the XML of a workbook in bounded memory, by expat.

Each limit stands for something that a file could pile up; `MOST_ELEMENTS` bounds the time as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO, Any
from xml.parsers import expat

from riskengine.config.grids import MOST_CELL

MOST_ELEMENTS = 20_000_000  #: of one part: they are what takes time
MOST_TAG = 1_000_000  #: bytes of one tag or comment, which is kept whole until it ends
MOST_NAMES = 10_000  #: different names of elements and attributes, all of which are kept
MOST_DEPTH = 100  #: of elements inside one another

_BLOCK = 1 << 16

Begin = Callable[[Mapping[str, str]], None]
End = Callable[[str], None]


class XmlError(Exception):
    """A part of a workbook is no part that a spreadsheet would write; the text says why."""


class _ByLocalName(dict[str, Any]):
    """What is to be done at an element, by its name with or without a prefix."""

    def __missing__(self, name: str) -> Any:
        found = self[name] = self.get(name.rpartition(":")[2])
        return found


def walk(stream: IO[bytes], begins: Mapping[str, Begin], ends: Mapping[str, End]) -> None:
    """Go through the elements of a part in bounded memory.

    Parameters
    ----------
    stream : binary stream
    begins : mapping
        What to do where an element begins, by its name; it is given the attributes.
    ends : mapping
        What to do where an element ends; it is given the text since the last tag.

    Raises
    ------
    XmlError
        When the part is no XML, declares a document type or goes beyond a limit.
    """
    names: dict[str, str] = {}
    parser = expat.ParserCreate(intern=names)
    parser.buffer_text = True
    _Walk(_ByLocalName(begins), _ByLocalName(ends)).listen(parser)
    taken = 0
    try:
        while block := stream.read(_BLOCK):
            taken += len(block)
            parser.Parse(block, False)
            if len(names) > MOST_NAMES:
                raise XmlError("holds XML of too many names")
            if taken - parser.CurrentByteIndex > MOST_TAG:
                raise XmlError("holds an XML tag without an end")
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        reason = expat.errors.messages.get(error.code, "")
        raise XmlError(f"holds broken XML ({reason}): it may be damaged") from None


@dataclass(slots=True)
class _Walk:
    """Where a walk stands."""

    begins: _ByLocalName
    ends: _ByLocalName
    texts: list[str] = field(default_factory=list)
    length: int = 0
    depth: int = 0
    elements: int = 0

    def listen(self, parser: expat.XMLParserType) -> None:
        parser.StartElementHandler = self.begin
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        parser.StartDoctypeDeclHandler = self.refuse

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        self.depth += 1
        self.elements += 1
        if self.depth > MOST_DEPTH or self.elements > MOST_ELEMENTS:
            found = "deep inside one another" if self.depth > MOST_DEPTH else "many"
            raise XmlError(f"holds XML elements too {found}")
        self._clear()
        act = self.begins[name]
        if act is not None:
            act(attributes)

    def end(self, name: str) -> None:
        self.depth -= 1
        act = self.ends[name]
        if act is not None:
            act("".join(self.texts))
        self._clear()

    def text(self, text: str) -> None:
        self.length += len(text)
        if self.length > MOST_CELL:
            raise XmlError(f"holds a text of more than {MOST_CELL:,} characters")
        self.texts.append(text)

    def _clear(self) -> None:
        if self.texts:
            self.texts.clear()
            self.length = 0

    def refuse(self, *_: object) -> None:
        raise XmlError("declares XML entities or a document type, which no spreadsheet does")
