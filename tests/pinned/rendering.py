"""Workbooks and pages as text that a person can read and compare line by line."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

DIGITS = 9  #: of a number: the last ones may differ with the version of a library
MOST_LINES = 120  #: of a section in clear
_CHART = re.compile(r"xl/charts/chart(\d+)\.xml")
_DRAWN = ("path", "text", "use")
_PLACES = ("transform", "x", "y", "d")  #: attributes that say where a mark stands
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_LINES = frozenset(
    {"h1", "h2", "h3", "p", "li", "tr", "caption", "summary", "figcaption", "dt", "dd", "title"}
)


def folded(text: str) -> str:
    """The text with long sections cut: what follows their first lines is told by digests."""
    sections: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.startswith(("== ", "section ")):
            sections.append([])
        sections[-1].append(line.rstrip())
    return "\n".join(line for section in sections for line in _folded(section)) + "\n"


def _folded(lines: list[str]) -> Iterator[str]:
    yield from lines[:MOST_LINES]
    for first in range(MOST_LINES, len(lines), MOST_LINES):
        part = lines[first : first + MOST_LINES]
        digest = hashlib.sha256("\n".join(part).encode()).hexdigest()[:16]
        yield f"... {len(part)} lines from line {first + 1} of this section: {digest}"


def workbook_text(path: Path) -> str:
    """Every cell with its value, number format and look; tables, names, widths and charts."""
    book = openpyxl.load_workbook(path)
    lines = []
    for sheet in book.worksheets:
        lines += ["", f"== {sheet.title}, panes {sheet.freeze_panes}"]
        lines += _sheet(sheet)
    lines += ["", "== Names"]
    lines += [f"{name} = {named.attr_text}" for name, named in sorted(book.defined_names.items())]
    with zipfile.ZipFile(path) as file:
        found = {int(m[1]): m[0] for m in map(_CHART.fullmatch, file.namelist()) if m}
        for number in sorted(found):
            lines += ["", f"== Chart {number}", *_chart(file.read(found[number]))]
    return "\n".join(lines)


def _sheet(sheet: Worksheet) -> Iterator[str]:
    widths = [f"{key} {column.width:g}" for key, column in sheet.column_dimensions.items()]
    yield f"widths: {', '.join(widths)}"
    for name, place in sheet.tables.items():
        yield f"table {name}: {place}"
    for merged in sorted(map(str, sheet.merged_cells.ranges)):
        yield f"merged: {merged}"
    before: list[str] = []
    for row in sheet.iter_rows():
        cells = [cell for cell in row if cell.value is not None]
        looks = [f"{cell.column_letter} {_look(cell)}" for cell in cells]
        if cells and looks != before:
            yield f"looks: {'; '.join(looks)}"
            before = looks
        if cells:
            values = " | ".join(f"{cell.column_letter} {_value(cell)}" for cell in cells)
            yield f"{row[0].row}: {values}"


def _value(cell: Cell) -> str:
    if isinstance(cell.value, bool | str):
        return repr(cell.value)
    return f"{cell.value:.{DIGITS}g}" if isinstance(cell.value, float) else str(cell.value)


def _look(cell: Cell) -> str:
    font, fill = cell.font, cell.fill
    marks = [cell.number_format]
    marks += ["bold"] if font.b else []
    marks += ["italic"] if font.i else []
    marks += ["wrapped"] if cell.alignment.wrap_text else []
    marks += [f"size {font.sz:g}"] if font.sz != 11 else []
    marks += [f"on {fill.fgColor.rgb}"] if fill.fill_type else []
    return ", ".join(marks)


def _chart(xml: bytes) -> Iterator[str]:
    """Every element with text or a value, without the figures that are cached beside references."""
    root = ElementTree.fromstring(xml)  # noqa: S314 written a moment ago
    yield from _elements(root, 0)


def _elements(element: ElementTree.Element, depth: int) -> Iterator[str]:
    tag = element.tag.rpartition("}")[2]
    if tag in ("numCache", "strCache", "printSettings"):
        return
    given = " ".join(f"{key.rpartition('}')[2]}={value}" for key, value in element.attrib.items())
    words = (element.text or "").strip()
    yield " ".join(part for part in (" " * depth + tag, given, words) if part)
    for child in element:
        yield from _elements(child, depth + 1)


class _Page(HTMLParser):
    """Reads a page as lines: one a heading, paragraph, row or item, and one a chart."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.words: list[str] = []
        self.drawn: list[str] | None = None  #: the marks of a chart, inside of one
        self.is_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.is_style = tag == "style"
        if tag == "svg":
            self._end_line()
            self.lines.append(f"chart: {given.get('aria-label')}")
            self.drawn = []
        if self.drawn is not None and tag in _DRAWN:
            self.drawn.append(_mark(tag, given))
        elif tag == "section":
            self._end_line()
            self.lines += ["", f"section {given.get('id')}"]
        elif tag == "meta":
            self.lines.append(
                f"meta {given.get('http-equiv') or given.get('name')} {given.get('content')}"
            )
        elif tag in _LINES:
            self._end_line()
            self.words.append(f"{tag}:")
        elif tag in ("td", "th"):
            self.words.append("|")

    def handle_endtag(self, tag: str) -> None:
        self.is_style = False
        if tag == "svg" and self.drawn is not None:
            self._end_line()
            count = {tag: sum(mark.startswith(tag) for mark in self.drawn) for tag in _DRAWN}
            digest = hashlib.sha256("\n".join(self.drawn).encode()).hexdigest()[:16]
            self.lines.append(
                f"  drawn with {count['path']} paths, {count['text']} texts; marks {digest}"
            )
            self.drawn = None
        elif tag in _LINES and self.drawn is None:
            self._end_line()

    def handle_data(self, data: str) -> None:
        if not self.is_style and data.strip():
            self.words.append(data.strip())

    def _end_line(self) -> None:
        if self.words:
            self.lines.append(" ".join(self.words).replace("\xa0", " "))
        self.words = []


def _mark(tag: str, given: dict[str, str | None]) -> str:
    """An element of a chart: how it looks, and where it stands to a tenth of a pixel."""
    numbers = _NUMBER.findall(" ".join(given.get(key) or "" for key in _PLACES))
    places = " ".join(f"{round(float(number), 1) + 0.0:g}" for number in numbers)
    clip = " clipped" if "clip-path" in given else ""
    return f"{tag}{clip} {given.get('style')} {places}"


def page_text(path: Path) -> str:
    """Sections, headings, sentences, tables, and of charts their label, lettering and marks."""
    page = _Page()
    page.feed(path.read_text("utf-8"))
    page.close()
    return "\n".join(page.lines)
