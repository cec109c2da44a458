"""Books as people and spreadsheets leave them: sheets, formats, formulas, damage; each at its cell."""
# ruff: noqa: E501

from __future__ import annotations

import datetime
import io
import random
import struct
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from other_process import said
from raw_workbooks import book as raw_book
from raw_workbooks import packed, relations, sheet_xml
from table_twin import toml
from written_books import sheets_of, write_book

from riskengine.config import load, load_sweep
from riskengine.config.sources.xlsx.cells import SheetCells
from riskengine.config.sources.xlsx.thinning import ThinnedSheet
from riskengine.errors import ConfigFault, Fault

FaultsOf = Callable[..., tuple[Fault, ...]]
Change = Callable[[Any], None]


@cache
def _book_of(config: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        sheets = sheets_of(tomllib.loads(config), Random(3))
        return write_book(Path(folder) / "book.xlsx", sheets).read_bytes()


@pytest.fixture
def book(small: str, tmp_path: Path) -> Callable[[Change], Path]:
    """The small config as a workbook, in which openpyxl changes something; its path."""

    def changed(change: Change) -> Path:
        path = tmp_path / "book.xlsx"
        made = openpyxl.load_workbook(io.BytesIO(_book_of(small)))
        change(made)
        made.save(path)
        return path

    return changed


def find(sheet: Any, row: str, heading: str) -> Any:
    """The cell of a row, by its first cell, under a heading."""
    column = next(cell.column for cell in sheet[1] if cell.value == heading)
    return next(cells[column - 1] for cells in sheet.iter_rows() if cells[0].value == row)


def put(sheet: str, row: str, heading: str, value: Any, style: str = "") -> Change:
    def change(made: Any) -> None:
        cell = find(made[sheet], row, heading)
        cell.value = value
        if style:
            cell.number_format = style

    return change


def add(name: str, *rows: list[Any], state: str = "visible") -> Change:
    def change(made: Any) -> None:
        sheet = made.create_sheet(name)
        sheet.sheet_state = state
        for row in rows:
            sheet.append(row)

    return change


def merged(made: Any) -> None:
    sheet = made["Sources"]
    names = [cell.value for cell in sheet[1]]
    assert names[0] == "material"
    sheet["A3"] = None
    sheet.merge_cells("A2:A3")


@pytest.mark.parametrize(
    ("change", "read", "value"),
    [
        (put("Materials", "gallium", "coverage", 0.95, "0%"), lambda s: s.materials["gallium"].coverage, 0.95),
        (put("Materials", "gallium", "coverage", " 0.25 "), lambda s: s.materials["gallium"].coverage, 0.25),
        (put("Run", "valuation_date", "value", datetime.date(2026, 3, 1)), lambda s: s.run.valuation_date, "2026-03-01"),
        (put("Run", "valuation_date", "value", "2026-03-02"), lambda s: s.run.valuation_date, "2026-03-02"),
        (put("Run", "trials", "value", "9007199254740993"), lambda s: s.run.trials, 2**53 + 1),
        (put("Run", "title", "value", 2026), lambda s: s.run.title, "2026"),
        (put("Run", "title", "value", None), lambda s: s.run.title, ""),
        (put("Run", "trials", "note", "=1/0 is text here: a note is for people"), lambda s: s.run.trials, 1000),
        (lambda b: b["Run"].append(["levels", "[0.5, 0.75]"]), lambda s: s.run.levels, (0.5, 0.75)),
        (lambda b: b["Run"].append(["ladder.licensing.boycott", True]), lambda s: s.ladder["licensing"].boycott, True),
        (lambda b: b["Run"].append(["ladder.licensing.boycott", "TRUE"]), lambda s: s.ladder["licensing"].boycott, True),
        (lambda b: b["Run"].append([" run . tilt ", 0.5]), lambda s: s.run.tilt, 0.5),
        (lambda b: b["Run"].append([None, None, None, "a remark"]), lambda s: s.run.trials, 1000),
        (lambda b: b["Run"].append(["mitigation", False]), lambda s: "mitigation" in s.document, False),
        (lambda b: b["Run"].append(['materials.gallium.stocks."own depot"', "{ days = 5 }"]), lambda s: list(s.materials["gallium"].stocks), ["public", "own depot"]),
        (lambda b: b["Run"].append(["materials.gallium.sources.note", "of the sources"]), lambda s: s.document["materials"]["gallium"]["sources"]["note"], "of the sources"),
        (lambda b: b["Run"].append(["note", "of it all"]), lambda s: s.document["note"], "of it all"),
        (lambda b: b["Run"].append(["run.known_on", datetime.date(2026, 1, 2)]), lambda s: s.document["run"]["known_on"], "2026-01-02"),
        (add("Notes", ["anything"], ["=1+"]), lambda s: s.run.trials, 1000),
        (add("Notes of 2026", [1, 2]), lambda s: s.run.trials, 1000),
        (add("_lists", ["a"]), lambda s: s.run.trials, 1000),
        (add("Sheet1"), lambda s: s.run.trials, 1000),
        (add("Stocks-old", ["material", "nonsense"]), lambda s: s.run.trials, 1000),
        (lambda b: setattr(b["Stocks"], "sheet_state", "hidden"), lambda s: list(s.materials["gallium"].stocks), ["public"]),
        (lambda b: setattr(b["Sources"].auto_filter, "ref", "A1:C3"), lambda s: len(s.materials["gallium"].sources), 2),
        (lambda b: setattr(b["Sources"].row_dimensions[3], "hidden", True), lambda s: len(s.materials["gallium"].sources), 2),
        (lambda b: b.remove(b["Triggers"]), lambda s: s.triggers, {}),
        (lambda b: b["Triggers"].delete_rows(2, 9), lambda s: s.triggers, {}),
        (lambda b: b["Triggers"].delete_rows(1, 9), lambda s: s.triggers, {}),
        (lambda b: b.move_sheet("Run", 5), lambda s: s.run.trials, 1000),
    ],
)  # fmt: skip
def test_a_book_may_look_like_this(
    book: Callable[[Change], Path], change: Change, read: Callable[[Any], Any], value: Any
) -> None:
    assert read(load(book(change))) == value


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        (put("Materials", "gallium", "coverage", "95%"), "Materials", "write 0.95"),
        (put("Materials", "gallium", "coverage", "0,9"), "Materials", "write 0.9"),
        (put("Materials", "gallium", "coverage", 95), "Materials", "did you mean 0.95?"),
        (put("Materials", "gallium", "spend_per_year", "1.234,5"), "Materials", "write 1234.5"),
        (put("Materials", "gallium", "spend_per_year", "40 Mio"), "Materials", "without the unit"),
        (put("Materials", "gallium", "coverage", datetime.date(2026, 1, 1)), "Materials", "is the date or time 2026-01-01"),
        (put("Materials", "gallium", "coverage", "=0.5+0.4"), "Materials", "a formula without a stored value"),
        (put("Materials", "gallium", "coverage", "#N/A"), "Materials", "the spreadsheet error #N/A"),
        (put("Run", "valuation_date", "value", datetime.date(2026, 3, 1), "mmm-yy"), "Run!B", "2026-03"),
        (put("Run", "trials", "value", "=10*100"), "Run!B", "a formula without a stored value"),
        (put("Run", "trials", "value", "#REF!"), "Run!B", "the spreadsheet error #REF!"),
        (put("Run", "trials", "value", "many"), "Run!B", "a whole number"),
        (lambda b: b["Run"].append(["trails", 5]), "Run!A", 'did you mean "trials"?'),
        (lambda b: b["Run"].append(["sweeps.method", "grid"]), "Run!A", 'did you mean "sweep"?'),
        (lambda b: b["Run"].append(["trials", 5]), "Run!A", "has the same key"),
        (lambda b: b["Run"].append(["run", "{ trials = 5 }"]), "Run!A", "has the same key"),
        (lambda b: b["Run"].append(["title.more", "x"]), "Run!A", "is no known key"),
        (lambda b: b["Run"].append(["run.title.more", "x"]), "Run!A", "another row gives as a whole"),
        (lambda b: b["Run"].append([None, 5]), "Run!A", "the key is missing"),
        (lambda b: b["Run"].append([7, 5]), "Run!A", "is 7"),
        (lambda b: b["Run"].append(["a b", 5]), "Run!A", "is no dotted path"),
        (lambda b: b["Run"].append(["tables.stocks", "#Stocks-x"]), "Run!B", "so is the sheet Stocks"),
        (lambda b: b["Run"].append(["levels", "[0.5"]), "Run!B", "never closed"),
        (lambda b: b["Run"].append(["levels", 0.5]), "Run!B", "write [0.5]"),
        (lambda b: b["Run"].append(["extends", "none.toml"]), "Run!B", 'no file "none.toml"'),
        (lambda b: b["Run"].append(["extends", "../x.toml"]), "Run!B", "leaves the folder"),
        (lambda b: b["Run"].append(["seed", 1, None, None, 5]), "Run!E", "without a header"),
        (lambda b: setattr(b["Run"]["C1"], "value", "vlue"), "Run!C1", 'did you mean "value"?'),
        (lambda b: setattr(b["Run"]["B1"], "value", "amount"), "Run!A1", 'there is no column "value"'),
        (lambda b: setattr(b["Run"]["C1"], "value", "key"), "Run!C1", "appears twice"),
        (add("Uzes", ["industry", "material"]), "Uzes!A1", 'did you mean "Uses"?'),
        (add("uses of tin", ["industry", "material"]), "uses of tin!A1", 'the sheet "uses of tin" is not known'),
        (add("Sheet1", [None, None, 3]), "Sheet1!A1", "names that begin with Notes or _ are your own"),
        (add("Data", ["a"], state="hidden"), "Data!A1", "is not known"),
        (add("Run-old", ["a"]), "Run-old!A1", "is not known"),
        (merged, "Sources!A3", "it is merged with A2"),
        (lambda b: setattr(b["Triggers"]["B1"], "value", "wen"), "Triggers!B1", 'did you mean "when"?'),
        (lambda b: b["Triggers"].append(["t2", "china-japan", "full-ban", "china-korea", 2]), "Triggers!", "from 0 to 1"),
        (put("Stocks", "gallium", "tier", None), "Stocks!B2", "the tier has no name"),
    ],
)  # fmt: skip
def test_a_slip_in_a_book_is_met_at_its_cell(
    book: Callable[[Change], Path], faults: FaultsOf, change: Change, place: str, words: str
) -> None:
    path = book(change)
    found = faults(path)
    met = [f for f in found if f.place.startswith(f"{path}#{place}") and f.cell]
    assert met, found
    assert any(words in " ".join((f.found, f.allowed, f.hint)) for f in met), met


def test_formulas_have_the_values_that_the_spreadsheet_stored(small: str, tmp_path: Path) -> None:
    sheets = sheets_of(tomllib.loads(small), Random(3))
    made = xlsxwriter.Workbook(tmp_path / "b.xlsx")
    for name, rows in sheets.items():
        sheet = made.add_worksheet(name)
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, bool):
                    sheet.write_formula(row, column, f"={str(cell).upper()}", None, cell)
                elif isinstance(cell, int | float):
                    sheet.write_formula(row, column, f"={cell}*1", None, cell)
                elif isinstance(cell, datetime.date):
                    day = made.add_format({"num_format": "d. mmmm yyyy"})
                    sheet.write_datetime(
                        row, column, datetime.datetime.combine(cell, datetime.time()), day
                    )
                elif cell is not None:
                    sheet.write_formula(row, column, '="x"', None, cell)
    made.close()
    assert load(tmp_path / "b.xlsx").document == load(tomllib.loads(small)).document


def _odd_text(draw: random.Random) -> str:
    letters = "ab \t\"'=+-@#{}[],.;0123456789%한中é\u0301\n\\\u200b_x000D_"
    return "".join(draw.choice(letters) for _ in range(draw.randrange(0, 12)))


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", range(20))
def test_texts_and_numbers_come_back_exactly(small: str, tmp_path: Path, seed: int) -> None:
    """Numbers of more digits than a cell keeps are texts, and odd texts stand in quotes."""
    draw = random.Random(seed)
    config: dict[str, Any] = tomllib.loads(small)
    industries = {}
    for number in range(20):
        value = draw.choice(
            [draw.random() * 10 ** draw.randrange(0, 20), draw.randrange(10**18), 0.1 + 0.2]
        )
        industries[f"i{number}"] = {"value_added_per_year": value, "note": _odd_text(draw)}
    config["industries"] |= industries
    config["run"]["seed"] = draw.randrange(2**63)
    config["run"]["title"] = _odd_text(draw).replace("\n", "")
    book = write_book(tmp_path / "b.xlsx", sheets_of(config, draw))

    ours, theirs = load(book), load(config)

    assert ours.document == theirs.document
    assert ours.industries == theirs.industries


def test_a_text_in_quotes_is_the_text_and_no_more(small: str, tmp_path: Path) -> None:
    sheets = sheets_of(tomllib.loads(small), Random(3))
    sheets["Run"] = [row for row in sheets["Run"] if row[0] != "title"]
    for written, meant in [
        ('" a "', " a "),
        ('"', '"'),
        ('"a" and "b"', '"a" and "b"'),
        ('"\\"a\\""', '"a"'),
        ("'a'", "'a'"),
    ]:
        sheets["Run"].append(["title", written, None, None])
        assert load(write_book(tmp_path / "b.xlsx", sheets)).run.title == meant
        sheets["Run"].pop()


BROKEN: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda data: b"", "damaged, encrypted or no workbook"),
    "cut": (lambda data: data[:-200], "damaged, encrypted or no workbook"),
    "encrypted": (lambda data: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4000), "damaged, encrypted or no workbook"),
    "toml": (lambda data: b"[run]\ntrials = 5\n", "damaged, encrypted or no workbook"),
    "another archive": (lambda data: packed([("a.txt", b"x")]), "is no workbook with sheets"),
    "xlsb": (lambda data: packed([("_rels/.rels", relations({"r": ("officeDocument", "xl/workbook.bin")}))]), "binary workbook (.xlsb)"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_no_workbook_is_said_to_be_none(
    small: str, faults: FaultsOf, tmp_path: Path, name: str
) -> None:
    make, words = BROKEN[name]
    path = write_book(tmp_path / "b.xlsx", sheets_of(tomllib.loads(small), Random(3)))
    path.write_bytes(make(path.read_bytes()))
    (found,) = faults(path)
    assert words in found.found
    assert found.file == str(path)


def _rewritten(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    return packed([(name, change(content) if name == part else content) for name, content in parts])


def test_a_broken_sheet_is_named_and_the_others_are_read(
    small: str, faults: FaultsOf, tmp_path: Path
) -> None:
    sheets = sheets_of(tomllib.loads(small), Random(3))
    path = write_book(tmp_path / "b.xlsx", sheets)
    number = list(sheets).index("Triggers") + 1
    data = _rewritten(
        path.read_bytes(),
        f"xl/worksheets/sheet{number}.xml",
        lambda xml: xml.replace(b"</c>", b"</d>", 1),
    )
    path.write_bytes(data)
    made = openpyxl.load_workbook  # the book cannot be opened whole any more
    assert made is not None

    found = faults(path, ["materials.gallium.coverage=95"])

    assert [f.file for f in found] == [f"{path}#Triggers", "--set materials.gallium.coverage=95"]
    assert "broken XML" in found[0].found


def test_a_bomb_is_refused_before_it_is_unpacked(faults: FaultsOf, tmp_path: Path) -> None:
    data = packed(raw_book({"Run": sheet_xml(""), "Uses": sheet_xml(" " * 5000)}).items())
    at = data.rindex(b"xl/worksheets/sheet2.xml") - 46
    data = data[: at + 24] + struct.pack("<I", 2**31) + data[at + 28 :]
    path = tmp_path / "b.xlsx"
    path.write_bytes(data)
    found = faults(path)
    assert "zip bomb" in found[0].found
    assert found[0].file == f"{path}#Uses"


@pytest.mark.parametrize("name", ["b.toml", "b.ods", "b.xls"])
def test_a_workbook_of_another_name_is_no_config(
    small: str, faults: FaultsOf, tmp_path: Path, name: str
) -> None:
    path = write_book(tmp_path / "b.xlsx", sheets_of(tomllib.loads(small), Random(3)))
    other = path.rename(tmp_path / name)
    (found,) = faults(other)
    assert found.found == "is a workbook, but is not called .xlsx"
    assert "save it as .xlsx" in found.hint


def test_a_workbook_with_macros_is_a_config_whose_macros_nobody_runs(
    small: str, tmp_path: Path
) -> None:
    path = write_book(tmp_path / "b.xlsx", sheets_of(tomllib.loads(small), Random(3)))
    assert load(path.rename(tmp_path / "b.XLSM")).document == load(tomllib.loads(small)).document


def test_a_sweep_names_a_sheet_that_is_not_there(small: str, tmp_path: Path) -> None:
    sheets = sheets_of(tomllib.loads(small), Random(2))
    sheets["Stocks-low"] = [sheets["Stocks"][0]]
    sheets["Run"].append(["sweep.method", "grid", None, None])
    sheets["Sweep"] = [["path", "values"], ["tables.stocks", '["#Stocks-lo"]']]
    path = write_book(tmp_path / "b.xlsx", sheets)
    with pytest.raises(ConfigFault) as caught:
        load_sweep(path)
    (found,) = caught.value.faults
    assert found.place == f"{path}#Sweep!B2"
    assert 'there is no sheet "Stocks-lo"' in found.found
    assert found.hint == 'did you mean "Stocks-low"?'


_SCRIPT = """
import resource
resource.setrlimit(resource.RLIMIT_AS, (2_500_000_000, 2_500_000_000))
from riskengine.config import load
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = load({path!r}).materials["gallium"].coverage
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024, found)
"""


@pytest.mark.processes
def test_a_million_formatted_rows_on_every_sheet_cost_no_memory(small: str, tmp_path: Path) -> None:
    path = write_book(tmp_path / "b.xlsx", sheets_of(tomllib.loads(small), Random(3)))
    rows = b"".join(b'<row r="%d" s="1" customFormat="1"/>' % n for n in range(100, 400_000))
    data = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    for part in parts[:6]:
        data = _rewritten(
            data, part, lambda xml: xml.replace(b"</sheetData>", rows + b"</sheetData>")
        )
    path.write_bytes(data)

    taken, found = said(_SCRIPT.format(path=str(path))).split()

    assert float(found) == 0.9
    assert int(taken) < 100


def _sheet(draw: random.Random) -> bytes:
    """A sheet with rows and cells in every notation that spreadsheets use."""
    rows = []
    style = draw.choice(["", ' s="1"'])
    for number in range(1, draw.randrange(2, 60)):
        name = f' r="{number}"' if draw.random() < 0.97 else ""
        name += draw.choice(
            ["", ' spans="1:3"', ' s="1" customFormat="1"', ' ht="12.8" hidden="false"']
        )
        cells = []
        for letter in "ABC"[: draw.randrange(4)]:
            place = (
                f' r="{letter}{number}"' if name.startswith(" r=") and draw.random() < 0.95 else ""
            )
            cells.append(
                draw.choice(
                    [
                        f"<c{place}{style}/>", f"<c{place}{style} />", f"<c{place}{style}></c>",
                        f'<c{place} t="e"/>', f"<c{place}><f>1</f></c>", f"<c{place}><f>1</f><v>2</v></c>",
                        f"<c{place}{style}><v>{draw.randrange(9)}</v></c>",
                        f'<c{place}{style} t="{draw.choice("bnsex")}"><v>{draw.randrange(3)}</v></c>',
                        f'<c{place} t="str"><v>{draw.choice(["a b", "&amp;", "&#65;", "#N/A", "_x0041_", " ", "é", "1]]", ""])}</v></c>',
                        f'<c{place} t="n"><v>{draw.choice(["1e5", "inf", "1_0", " 7 ", "-0", "x", "1e999"])}</v></c>',
                        f'<c r="{letter}{number + draw.randrange(2)}"><v>4</v></c>', f'<c r="AB{number}"><v>1</v></c>',
                        f'<c{place} t="inlineStr"><is><t>&lt;row r="1"/&gt;</t></is></c>',
                    ]
                )
            )  # fmt: skip
        rows.append(
            draw.choice(
                [
                    f"<row{name}>{''.join(cells)}</row>",
                    f"<row{name}/>" if not cells else f"<row{name}>{''.join(cells)}</row>",
                ]
            )
        )
    inside = draw.choice(["", "<!-- <row r='9'/> -->", '<!-- <row r="9"/><row r="8"/> -->'])
    return sheet_xml(inside + "".join(rows))


class Slowly:
    """A stream that hands out a few bytes at a time."""

    def __init__(self, data: bytes, draw: random.Random) -> None:
        self._stream, self._draw = io.BytesIO(data), draw

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(self._draw.randrange(1, 200))


def _cells(stream: Any) -> tuple[Any, ...]:
    try:
        cells = SheetCells.read(stream, [], counts_from_1904=False)
    except Exception as error:
        return type(error).__name__, str(error)
    return cells.rows({}), {at: bad.found for at, bad in cells.bad.items()}


@pytest.mark.parametrize(
    "seed",
    [*range(40), *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in range(40, 400))],
)
def test_rows_read_without_a_parser_are_read_alike(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from riskengine.config.sources.xlsx import cells

    """Expat reads every row of the second reading, and only unusual ones of the first."""
    data = _sheet(random.Random(seed))
    thinned = _cells(Slowly(data, random.Random(seed)))
    monkeypatch.setattr(cells, "ThinnedSheet", lambda stream, _: stream)
    assert thinned == _cells(io.BytesIO(data))


def test_fifty_thousand_empty_rows_do_not_reach_the_parser() -> None:
    def pieces() -> Iterator[bytes]:
        yield b'<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        for start in range(2, 50_000, 1000):
            yield b"".join(
                b'<row r="%d" s="1"><c r="A%d" s="1"/><c r="B%d" s="2"></c></row>' % (n, n, n)
                for n in range(start, start + 1000)
            )
        yield b"</sheetData></worksheet>"

    thinned = ThinnedSheet(io.BytesIO(b"".join(pieces())), lambda row: False)
    assert sum(map(len, iter(thinned.read, b""))) < 10_000


def test_the_twin_writes_toml_that_reads_back() -> None:
    value = {"a b": [1, 0.1, True, 'x"\\\n'], "c": {"d": datetime.date(2026, 1, 2)}}
    assert tomllib.loads(f"v = {toml(value)}")["v"] == value
