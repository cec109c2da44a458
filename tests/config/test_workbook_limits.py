"""No workbook decides how much memory or time reading takes: hostile ones, small and large.

Memory is the peak of a process of its own, beside that of the same process before reading. Time is
bounded by counts (bytes, tags, cells), each of which is tested; no test looks at a clock.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from other_process import said
from raw_workbooks import Part, book, packed, read_book, refusal, sheet_xml

from riskengine.config.sources.xlsx import book as books
from riskengine.config.sources.xlsx import cells, elements, formats

pytestmark = pytest.mark.processes

MEGABYTES = 60  #: that any of the books below may take while it is read, its bytes left aside

_SCRIPT = """
import resource
from raw_workbooks import read_book
from riskengine.config.sources.files import UnreadableError
from riskengine.config.sources.grids import CellError
resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, 2_000_000_000))  # if a test fails, softly
data = open({path!r}, "rb").read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    grid = read_book(data)
    found = f"{{len(grid.rows)}} rows"
except (UnreadableError, CellError) as error:
    found = error.found
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print((after - before) // 1024, found)
"""


def repeated(piece: bytes, times: int, before: bytes = b"", after: bytes = b"") -> Iterator[bytes]:
    yield b"<worksheet><sheetData>" + before
    for _ in range(times):
        yield piece
    yield after + b"</sheetData></worksheet>"


def numbered(piece: Callable[[int], str], times: int) -> Iterator[bytes]:
    yield b"<worksheet><sheetData><row r='1'><c><v>1</v></c></row>"
    for start in range(2, times + 2, 1000):
        yield "".join(map(piece, range(start, min(start + 1000, times + 2)))).encode()
    yield b"</sheetData></worksheet>"


def shared_strings() -> Iterator[bytes]:
    yield b"<sst>"
    for number in range(2_000):
        yield b"".join(b"<si><t>%0400d</t></si>" % (100 * number + more) for more in range(100))
    yield b"</sst>"


MILLION = b"y" * 1_000_000
HOSTILE: dict[str, tuple[Callable[[], Mapping[str, Part]], str]] = {
    "1,048,576 formatted empty rows": (
        lambda: book(numbered(lambda n: f'<row r="{n}" s="1" customFormat="1"/>', 1_048_575)),
        "1 rows",
    ),
    "empty formatted cells to the last column": (
        lambda: book(numbered(lambda n: f'<row><c r="XFD{n}" s="1"/></row>', 300_000)),
        "1 rows",
    ),
    "a cell in the last column of every row": (
        lambda: book(numbered(lambda n: f'<row><c r="XFD{n}"><v>1</v></c></row>', 100_000)),
        "cells are spanned",
    ),
    "a cell far below": (
        lambda: book(sheet_xml("<row r='999999'><c><v>1</v></c></row>")),
        "999999 rows",
    ),
    "a cell beyond": (
        lambda: book(sheet_xml("<row><c r='ZZZ9999999'><v>1</v></c></row>")),
        "beyond XFD1048576",
    ),
    "80 MB of shared texts of which one is used": (
        lambda: book(sheet_xml("<row><c t='s'><v>7</v></c></row>"), strings=shared_strings()),
        "1 rows",
    ),
    "names that are all different": (
        lambda: book(numbered(lambda n: f"<a{n}/>", 1_000_000)),
        "too many names",
    ),
    "attributes that are all different": (
        lambda: book(numbered(lambda n: f"<a b{n}=''/>", 1_000_000)),
        "too many names",
    ),
    "a tag without an end": (lambda: book(repeated(MILLION, 100, b"<c x='")), "tag without an end"),
    "a comment without an end": (lambda: book(repeated(MILLION, 100, b"<!--")), "without an end"),
    "a text without an end": (
        lambda: book(repeated(MILLION, 100, b"<row><c t='str'><v>")),
        "text of more than",
    ),
    "a text in many pieces": (
        lambda: book(repeated(b"&amp;" * 200_000, 100, b"<row><c t='str'><v>")),
        "text of more than",
    ),
    "a million elements inside one another": (
        lambda: book(repeated(b"<a>" * 1000, 1000)),
        "deep inside one another",
    ),
    "a billion laughs": (
        lambda: book(
            b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>"
            + b"".join(
                b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
            )
            + b"]><worksheet><sheetData><row><c t='str'><v>&j;</v></c></row></sheetData>"
        ),
        "declares XML entities",
    ),
    "300 MB of blanks": (lambda: book(repeated(b" " * 1_000_000, 300)), "zip bomb"),
    "everything merged a thousand times": (
        lambda: book(
            repeated(b"", 0, b"<row><c><v>1</v></c></row><row r='90000'><c><v>1</v></c></row>",
            b"</sheetData>" + b"<mergeCell ref='A1:XFD1048576'/>" * 1000 + b"<sheetData>")
        ),
        "merges too many cells",
    ),
    "errors without end": (
        lambda: book(numbered(lambda n: "<row><c t='e'><v>#N/A</v></c></row>", 300_000)),
        "more than 10,000 cells without a value",
    ),
    "styles without end": (
        lambda: book(
            sheet_xml("<row><c><v>1</v></c></row>"),
            styles=b"<styleSheet><cellXfs>" + b"<xf/>" * 500_000 + b"</cellXfs></styleSheet>",
        ),
        "formats of cells",
    ),
    "sheets without end": (
        lambda: book({f"s{number}": sheet_xml("") for number in range(4_990)}),
        "no sheet that is shown has cells",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_memory_is_bounded_whatever_a_workbook_holds(name: str, tmp_path: Path) -> None:
    make, word = HOSTILE[name]
    path = tmp_path / "b.xlsx"
    path.write_bytes(packed(make().items()))

    taken, _, found = said(_SCRIPT.format(path=str(path))).partition(" ")

    assert word in found
    assert int(taken) < MEGABYTES


def test_five_million_cells_are_read_in_hundreds_of_bytes_each(tmp_path: Path) -> None:
    """The largest sheet that is read, made smaller by twenty: memory goes with its cells."""
    row = "<row>" + "<c><v>{0}.5</v></c>" * 5 + "</row>"
    path = tmp_path / "b.xlsx"
    path.write_bytes(packed(book(numbered(row.format, 50_000)).items()))

    taken, _, found = said(_SCRIPT.format(path=str(path))).partition(" ")

    assert found == "50001 rows"
    assert int(taken) * 2**20 < 200 * 250_000


def test_an_archive_of_too_many_parts_is_refused_before_it_is_listed() -> None:
    parts = [*book(sheet_xml("")).items(), *((f"p{number}", b"") for number in range(5_001))]
    assert "more than 5,000 parts" in refusal(packed(parts))


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_packing_that_may_ask_for_any_memory_is_refused(method: int) -> None:
    parts = book(sheet_xml("<row><c><v>1</v></c></row>"))
    assert "packed in a way that no spreadsheet uses" in refusal(packed(parts.items(), method))
    assert read_book(packed(parts.items(), zipfile.ZIP_STORED)).rows == [[1.0]]


def test_all_parts_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    blank = sheet_xml("<a/>" * 100)
    parts = book({"a": blank, "b": blank, "c": sheet_xml("<row><c><v>1</v></c></row>")})
    size = sum(len(bytes(part)) for part in parts.values() if isinstance(part, bytes))
    assert read_book(parts).rows == [[1.0]]

    monkeypatch.setattr(books, "MOST_BYTES", size)
    assert read_book(parts).rows == [[1.0]]
    monkeypatch.setattr(books, "MOST_BYTES", size - 1)
    assert "zip bomb" in refusal(parts)


def test_many_names_for_one_large_part_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "MOST_BYTES", 50_000)
    parts = book({f"s{number}": b"" for number in range(100)})
    links = bytes(parts["xl/_rels/workbook.xml.rels"])
    for number in range(2, 101):
        links = links.replace(b"sheet%d.xml" % number, b"sheet1.xml")
    shared = {**parts, "xl/_rels/workbook.xml.rels": links}

    assert "zip bomb" in refusal({**shared, "xl/worksheets/sheet1.xml": sheet_xml("<a/>" * 500)})


@pytest.mark.parametrize(
    ("limit", "value", "sheet", "word"),
    [
        ("MOST_TAGS", 1_000, sheet_xml("<a/>" * 999), "more than 1,000 XML tags"),
        ("MOST_DEPTH", 10, sheet_xml("<a>" * 9 + "</a>" * 9), "deep inside one another"),
    ],
)
def test_what_takes_time_is_counted(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: int, sheet: bytes, word: str
) -> None:
    monkeypatch.setattr(elements, limit, value)
    assert word in refusal(book(sheet))


ONE = "<row><c><v>1</v></c></row>"


@pytest.mark.parametrize(
    ("limit", "most", "fits", "more", "word"),
    [
        ("MOST_CELLS", 4, "<row><c r='D1'><v>1</v></c></row>",
         "<row><c r='C1'><v>1</v></c><c r='E1'><v>1</v></c></row>", "cells are spanned"),
        ("MOST_CHARACTERS", 4, "<row><c t='str'><v>xyzu</v></c></row>",
         "<row><c t='str'><v>xyz</v></c><c t='str'><v>uv</v></c></row>", "texts of more"),
        ("MOST_BAD", 2, "<row><c t='e'/><c t='e'/></row>",
         "<row><c t='e'/><c t='e'/><c t='e'/></row>", "without a value"),
        ("MOST_ROWS", 4, "<row r='4'><c><v>1</v></c></row>",
         "<row r='5'><c><v>1</v></c></row>", "stands too far down"),
        ("MOST_MERGED", 1, ONE + "</sheetData><mergeCell ref='A1'/><sheetData>",
         ONE + "</sheetData><mergeCell ref='A1'/><mergeCell ref='A1'/><sheetData>", "merged areas"),
    ],
)  # fmt: skip
def test_what_takes_memory_is_counted_to_the_last(
    monkeypatch: pytest.MonkeyPatch, limit: str, most: int, fits: str, more: str, word: str
) -> None:
    monkeypatch.setattr(cells, limit, most)

    assert read_book(book(sheet_xml(fits))).rows
    assert word in refusal(book(sheet_xml(more)))


def test_the_cells_that_merged_areas_cover_are_counted_to_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In 3 rows of 4 columns B1:D3 covers 9 cells, and so does all that lies right of A."""
    row = "".join(f"<c r='{letter}{{0}}'><v>1</v></c>" for letter in "ABCD")
    rows = "".join(f"<row r='{n}'>{row.format(n)}</row>" for n in (1, 3))
    monkeypatch.setattr(cells, "MOST_CELLS", 9)

    def merging(*areas: str) -> Mapping[str, Part]:
        text = "".join(f"<mergeCell ref='{area}'/>" for area in areas)
        return book(sheet_xml(rows, f"<mergeCells>{text}</mergeCells>"))

    for nine in (["B1:D3"], ["B1:XFD1048576"], ["A1:D1", "B3:D3", "C1:C1", "D1:D1"]):
        assert len(read_book(merging(*nine, "A3:A1", "B1:A3")).rows) == 3
        assert "merges too many cells" in refusal(merging(*nine, "A1:A1"))


@pytest.mark.parametrize("part", ["_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels",
                                  "xl/sharedStrings.xml", "xl/styles.xml"])  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_in_every_part(part: str, encoding: str) -> None:
    parts = book(
        sheet_xml("<row><c t='s'><v>0</v></c></row>"), strings=b"<sst><si><t>x</t></si></sst>",
        styles=b"<styleSheet/>",
    )  # fmt: skip
    text = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>' + bytes(parts[part]).decode()
    assert "declares XML entities" in refusal({**parts, part: text.encode(encoding)})


def test_sheets_and_links_without_end_are_refused() -> None:
    listed = b"<workbook><sheets>" + b"".join(
        b"<sheet name='%d'/>" % number for number in range(5_001)
    )
    parts = book(sheet_xml(""))
    assert "more than 5,000 sheets" in refusal({**parts, "xl/workbook.xml": listed})


def test_the_limits_are_those_that_are_documented() -> None:
    text = (Path(__file__).parents[2] / "docs/config.md").read_text("utf-8")
    assert (books.MOST_BYTES, elements.MOST_TAGS) == (200_000_000, 40_000_000)
    assert (formats.MOST_FORMATS, cells.MOST_CHARACTERS) == (100_000, 50_000_000)
    assert f"{books.MOST_BYTES // 1_000_000} MB when unpacked" in text
    assert f"{cells.MOST_CELLS // 1_000_000} million cells" in text
