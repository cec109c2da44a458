"""Tables in CSV: what the columns mean, and what each slip is met with, at its cell."""
# ruff: noqa: E501

from __future__ import annotations

import bz2
import dataclasses
import gzip
import lzma
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from riskengine.config import load
from riskengine.config.layers.tables import cell_value
from riskengine.config.schema.kinds import Flag, Integer, Node, Number, Text
from riskengine.config.schema.scalars import number_hint, quoted
from riskengine.config.sources import grids
from riskengine.config.sources.files import UnreadableError, decode
from riskengine.config.sources.grids import BadValueError
from riskengine.errors import Fault, format_path
from riskengine.model.distributions import Distribution, constant
from riskengine.model.notices import scenario_notices

FaultsOf = Callable[..., tuple[Fault, ...]]
Write = Callable[..., Path]
Table = Callable[..., Path]


@pytest.fixture
def table(small: str, write: Write) -> Table:
    """A config with one table, which may be any bytes; returns the path of the config."""

    def with_table(content: str | bytes, name: str = "sources") -> Path:
        write(content, "tables/t.csv")
        return write(f'{small}[tables]\n{name} = "tables/t.csv"\n')

    return with_table


def test_rows_fill_their_material(table: Table) -> None:
    path = table(
        "material,country,share,boycott_cut,note\ngallium,Laos,0.01,0.5,guess\ngallium,Peru,.02,,\n"
    )

    scenario = load(path)

    sources = scenario.materials["gallium"].sources
    assert list(sources) == ["Laos", "Peru", "China", "Vietnam"]
    assert (sources["Laos"].share, sources["Laos"].boycott_cut) == (0.01, constant(0.5))
    assert sources["Peru"].boycott_cut == constant(0.0)
    assert scenario.document["materials"]["gallium"]["sources"]["Laos"]["note"] == "guess"
    assert [name for name, _ in scenario.files] == ["small.toml", "tables/t.csv"]


def test_the_file_s_own_tables_win_over_rows(table: Table) -> None:
    path = table("material,country,share,boycott_cut\ngallium,China,0.1,0.7\n")

    china = load(path).materials["gallium"].sources["China"]

    assert (china.share, china.boycott_cut) == (0.90, constant(0.7))


@pytest.mark.parametrize(
    ("name", "content", "read", "value"),
    [
        ("alternatives", "material,alternative,capacity,lead_time.lognormal.median,lead_time.lognormal.p90\ngallium,a,0.1,30,30\n",
         lambda s: s.materials["gallium"].alternatives["a"].lead_time, constant(30)),
        ("alternatives", 'material,name,capacity,lead_time\ngallium,a,"{ uniform = { low = 0, high = 1 } }",5\n',
         lambda s: s.materials["gallium"].alternatives["a"].capacity, Distribution(family="uniform", parameters=(0.0, 1.0))),
        ("alternatives", "material,name,capacity,lead_time.exponential.mean,lead_time\ngallium,a,0.1,3,\ngallium,b,0.1,,4\n",
         lambda s: [a.lead_time for a in s.materials["gallium"].alternatives.values()][:2],
         [Distribution(family="exponential", parameters=(3.0,)), constant(4)]),
        ("stocks", "material,tier,days,max_release\ngallium,private,1e1,0.5\n",
         lambda s: list(s.materials["gallium"].stocks), ["private", "public"]),
        ("stocks", "material,tier,days,build_rate,target_days\ngallium,private,10,0.25,180\ngallium,traders,10,,\n",
         lambda s: [(t.build_rate, t.target_days) for t in s.materials["gallium"].stocks.values()], [(0.25, 180.0), (0.0, None), (0.0, None)]),
        ("alternatives", "material,alternative,capacity,lead_time,lead_from\ngallium,a,0.1,30,start\ngallium,b,0.1,30,\n",
         lambda s: [a.lead_from for a in s.materials["gallium"].alternatives.values()], ["start", "first-cut", "first-cut"]),
        ("materials", 'material,importer,cut.licensing,cut."full-ban",spend_per_year\nzinc,Japan,0.1,1,7\n',
         lambda s: s.materials["zinc"].cut, {"licensing": constant(0.1), "full-ban": constant(1)}),
        ("materials", "name\n00123\n", lambda s: list(s.materials), ["00123", "gallium"]),
        ("materials", "name\nNA\nNone\nnan\nTRUE\n1e5\n", lambda s: list(s.materials)[:5], ["NA", "None", "nan", "TRUE", "1e5"]),
        ("materials", "name,importer\nzinc,\n", lambda s: s.materials["zinc"].importer, "Korea"),
        ("materials", "name,price_elasticity\n", lambda s: list(s.materials), ["gallium"]),
        ("materials", "name\r\nzinc\r\n\r\n,\r\n", lambda s: list(s.materials), ["zinc", "gallium"]),
        ("materials", "name, \nzinc,\n , \n\u00a0,\t\n", lambda s: list(s.materials), ["zinc", "gallium"]),
        ("materials", "name\rzinc\r", lambda s: list(s.materials), ["zinc", "gallium"]),
        ("materials", "\ufeffname\n zinc ", lambda s: list(s.materials), ["zinc", "gallium"]),
        ("materials", 'name,note\nzinc,"a ""b""\nc"\n', lambda s: s.document["materials"]["zinc"]["note"], 'a "b"\nc'),
        ("industries", "industry,value_added_per_year\ncars,5\n", lambda s: list(s.industries), ["cars", "chips"]),
        ("uses", "industry,material,share,dependence\nchips,gallium,0.1,0.1\n",
         lambda s: s.industries["chips"].uses["gallium"].share, 0.5),
    ],
)  # fmt: skip
def test_a_table_is_read(
    table: Table, name: str, content: str, read: Callable[[Any], Any], value: Any
) -> None:
    assert read(load(table(content, name))) == value


CELLS = [
    ("material,country,share\ngallium,Laos,35%\n", "C2", "write 0.35"),
    ("material,country,share\ngallium,Laos,\"1,5\"\n", "C2", "write 1.5"),
    ("material,country,share\ngallium,Laos,1_000\n", "C2", "without _"),
    ("material,country,share\ngallium,Laos,１\n", "C2", "digits 0-9"),
    ("material,country,share\ngallium,Laos,inf\n", "C2", "finite"),
    ("material,country,share\ngallium,Laos,1e999\n", "C2", "not finite"),
    ("material,country,share\ngallium,Laos,true\n", "C2", "a number"),
    ("material,country,share\ngallium,Laos,2\n", "C2", "from 0 to 1"),
    ("material,country,share\ngallium,Laos,\n", "C2", "is missing"),
    ("material,country,share\n\n\ngallium,Laos,2\n", "C4", "from 0 to 1"),
    ('material,country,share\n"gallium",Laos,"0.01"\ngallium,Laos,0.01\n', "B3", "row 2 has the same name"),
    ("material,country,share\n,Laos,0.01\n", "A2", "no name"),
    ("material,country,share\ngallium,,0.01\n", "B2", "no name"),
    ("material,country,share\ngallium,La\x1bos,0.01\n", "B2", "control character"),
    ("material,country,share\ngallium,Laos,0.01,5\n", "D2", "without a header"),
    ("material,country,share,\ngallium,Laos,0.01,5\n", "D2", "without a header"),
    ("material,country,share,share\ngallium,Laos,0.01,5\n", "D1", "twice"),
    ("material,country,share,shar\ngallium,Laos,0.01,5\n", "D1", "share"),
    ("material,country,share,a b\ngallium,Laos,0.01,5\n", "D1", "no column name"),
    ("material,country,share,share.x\ngallium,Laos,0.01,5\n", "D1", "not known"),
    ("material,country,share,boycott_cut.unifrm.low\ngallium,Laos,0.01,5\n", "D1", "uniform"),
    ("material,country,share,boycott_cut.uniform.lo\ngallium,Laos,0.01,5\n", "D1", "low"),
    ("material,country,share,boycott_cut.uniform.low.x\ngallium,Laos,0.01,5\n", "D1", "not known"),
    ("material,country,share,boycott_cut.uniform.low\ngallium,Laos,0.01,0.5\n", "D2", "{low, high}"),
    ("material,country,share,boycott_cut,boycott_cut.min\ngallium,Laos,0.01,0.5,0\n", "E2", "another column"),
    ("material,country,share,boycott_cut\ngallium,Laos,0.01,\"{ uniform = { low = 0 }\"\n", "D2", "TOML"),
    ("material,country,share,boycott_cut\ngallium,Laos,0.01,\"{ }\ny = 5\"\n", "D2", "TOML inline table"),
    ("country,share\nLaos,0.01\n", "A1", 'no column "material"'),
    ("material;country;share\ngallium;Laos;0,01\n", "A1", "separated by semicolons"),
    ("material\tcountry\tshare\ngallium\tLaos\t0.01\n", "A1", "separated by tabs"),
    ("sep=;\nmaterial;country;share\n", "A1", "separator line"),
    ("sep=,\nmaterial,country,share\ngallium,Laos,0.01\n", "A1", "delete this line"),
    ('"sep=,"\r\nmaterial,country,share\r\n', "A1", "delete this line"),
    ("\ufeffSEP=\t\nmaterial\tcountry\n", "A1", "delete this line"),
    ("material,country,share\ngallium,Laos,0,01\n", "D2", "write 0.01"),
    ("material,country,share\ngallium,Laos,\"0.01\",x y\n", "D2", "needs quotes"),
    ("material,country,share\ngallium,Laos,#N/A\n", "C2", "spreadsheet error #N/A"),
    ("material,country,share\ngallium, #REF! ,0.01\n", "B2", "spreadsheet error #REF!"),
    ("material,country,share,note\ngallium,Laos,0.01,Err:502\n", "D2", "spreadsheet error Err:502"),
    ("material,country,share\ngallium,Laos,NA\n", "C2", "leave out what is not known"),
    ("material,country,share\ngallium,Laos,\"1.234,5\"\n", "C2", "write 1234.5"),
    ("material,country,share\ngallium,Laos,0.01\n,Peru,0.01\n", "A3", "merged cell"),
    ('material,country,share\ngallium,"Laos,0.01\n', "A2", "never closed"),
    ('material,country,share\ngallium,"La"os,0.01\n', "A2", "no valid CSV"),
    ("\nmaterial,country,share\ngallium,Laos,0.01\n", "A1", "no column"),
    ("material,country,share\ngalium,Laos,0.01\n", "A2", "gallium"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "cell", "word"), CELLS, ids=[text for text, _, _ in CELLS])
def test_a_slip_in_a_table_is_met_at_its_cell(
    table: Table, faults: FaultsOf, content: str, cell: str, word: str
) -> None:
    found = faults(table(content))

    met = [fault for fault in found if fault.cell == cell]
    assert met, found
    assert all(fault.file.endswith("tables/t.csv") for fault in met)
    assert any(word in " ".join((f.found, f.allowed, f.hint)) for f in met), met


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        ("material,country\n갈륨,중국\n".encode("cp949"), "CP949"),
        ("material,country\n갈륨,중국\n".encode("utf-16"), "UTF-16"),
        (b"material,country\nx\0y,z\n", "NUL"),
        (b"PK\x03\x04", "is a workbook or an archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old workbook (.xls)"),
        (gzip.compress(b"material,country\n", mtime=0), "compressed (gzip)"),
        (bz2.compress(b"material,country\n"), "compressed (bzip2)"),
        (lzma.compress(b"material,country\n"), "compressed (xz)"),
        (b"%PDF-1.7\n", "a PDF"),
        ("material,note\ngallium,国家備蓄の量\n".encode("euc_jp"), "EUC-JP (Japanese)"),
        ("material,note\ngallium,国家備蓄の量\n".encode("cp932"), "Shift-JIS (Japanese Windows)"),
        ("material,note\ngallium,国家储备\n".encode("gb18030"), "GB18030 (Chinese Windows)"),
        ("material,note\ngallium,國家儲備\n".encode("big5"), "Big5 (traditional Chinese)"),
        (
            "material,note\ngallium,Größe für später\n".encode("cp1252"),
            "looks like Windows-1252 (Western)",
        ),
        (b"\xff\xff\n", "UTF-8"),
    ],
)
def test_a_file_that_is_no_table_is_named(
    table: Table, faults: FaultsOf, content: bytes, word: str
) -> None:
    fault = faults(table(content))[0]

    assert fault.file.endswith("tables/t.csv")
    assert word in fault.found


def test_faults_come_in_the_order_main_file_tables_command_line(
    table: Table, faults: FaultsOf, small: str
) -> None:
    path = table("material,country,share\ngallium,Laos,-1\ngallium,Peru,-2\n")
    path.write_text(path.read_text().replace("days = 60", "days = -60"))

    found = faults(path, ["run.seed=-1"])

    assert [fault.place.rpartition("/")[2].rpartition("small.toml")[2] for fault in found] == [
        ":63", "t.csv!C2", "t.csv!C3", "--set run.seed=-1",
    ]  # fmt: skip


def test_a_row_whose_value_another_layer_gives_is_blamed_where_it_was_given(
    table: Table, faults: FaultsOf
) -> None:
    path = table("material,country,boycott_cut\ngallium,China,7\n")
    path.write_text(path.read_text().replace("share = 0.90", "share = 1.90"))

    places = {format_path(fault.path)[-10:]: fault.place for fault in faults(path)}

    assert places["hina.share"].endswith("small.toml:50")
    assert places["oycott_cut"].endswith("t.csv!C2")


def test_propagation_is_read_from_a_table(small: str, write: Write) -> None:
    write("from,to,coefficient,note\nchips,chips,0.2,x\n", "io.csv")

    scenario = load(write(small + '[propagation]\nfile = "io.csv"\n'))

    assert scenario.propagation == {"chips": {"chips": 0.2}}
    assert scenario.document["propagation"] == {"coefficients": {"chips": {"chips": 0.2}}}
    again = dataclasses.replace(load(scenario.document), stem="small", files=scenario.files)
    assert again == scenario


@pytest.mark.parametrize(
    ("content", "cell", "word"),
    [
        ("from,to,coefficient\nchips,cars,0.2\n", "C2", "no industry"),
        ("from,to,coefficient\nchips,chips,\n", "C2", "is missing"),
        ("from,to,coefficient\nchips,chips,x\n", "C2", "a number"),
        ("from,to,coef\nchips,chips,1\n", "C1", "coefficient"),
    ],
)
def test_a_slip_in_the_propagation_table_is_met_at_its_cell(
    small: str, write: Write, faults: FaultsOf, content: str, cell: str, word: str
) -> None:
    write(content, "io.csv")

    found = faults(write(small + '[propagation]\nfile = "io.csv"\n'))

    met = [fault for fault in found if fault.cell == cell]
    assert any(word in " ".join((f.found, f.allowed, f.hint)) for f in met), found


def test_a_sample_is_read_from_a_column_and_kept_in_the_document(small: str, write: Write) -> None:
    write("day,x\n1,30\n2,\n3,10\n", "data/s.csv")
    text = small.replace(
        "sojourn = { lognormal = { median = 150, p90 = 540 } }",
        'sojourn = { empirical = { file = "data/s.csv", column = "x" }, max = 40 }',
    )

    scenario = load(write(text))

    assert scenario.ladder["licensing"].sojourn.values == (10.0, 30.0)
    assert scenario.document["ladder"]["licensing"]["sojourn"] == {
        "empirical": {"values": [30, 10]},
        "max": 40,
    }
    assert [name for name, _ in scenario.files] == ["small.toml", "data/s.csv"]


@pytest.mark.parametrize(
    ("content", "cell", "word"),
    [
        ("day,y\n1,30\n", "A1", 'no column "x"'),
        ("x,x\n1,30\n", "A1", "several columns"),
        ("x\n1\nabc\n", "A3", "abc"),
        ("x\n1\n{5\n", "A3", "no valid TOML"),
        ("x\n1,5\n2,75\n", "B2", "stands in a column without a header"),
        ("x,y\n1,5\n2,75,3\n", "C3", "stands in a column without a header"),
        ("x\n1\n#DIV/0!\n", "A3", "spreadsheet error #DIV/0!"),
        ("x\n", "", "empty list"),
    ],
)
def test_a_slip_in_a_sample_is_met(
    small: str, write: Write, faults: FaultsOf, content: str, cell: str, word: str
) -> None:
    write(content, "s.csv")

    found = faults(
        write(small), ['ladder.licensing.sojourn.empirical={file="s.csv",column="x"}',
                       "ladder.licensing.sojourn={empirical={file='s.csv',column='x'}}"]
    )  # fmt: skip

    assert len({fault.cell for fault in found}) == 1
    assert found[0].cell == cell
    assert word in found[0].found
    assert not any("Malformed" in fault.found for fault in found)


@pytest.mark.parametrize("name", ["\u00e9", "e\u0301", "\u00e9e\u0301"])
def test_names_of_files_are_looked_up_as_they_are_spelt(
    small: str, write: Write, name: str
) -> None:
    """With letters composed, decomposed, or one of each: most file systems compare bytes."""
    write("material,tier,days\ngallium,lent,9\n", f"{name}.csv")
    write("from,to,coefficient\n", f"{name}-io.csv")
    write("days\n3\n4\n", f"{name}-days.csv")
    sample = f'{{ empirical = {{ file = "{name}-days.csv", column = "days" }} }}'
    text = small.replace("days = 60", f"days = {sample}")
    text += f'[tables]\nstocks = "{name}.csv"\n[propagation]\nfile = "{name}-io.csv"\n'
    write(text, f"{name}.toml")

    found = load(write(f'extends = "{name}.toml"\n', "upper.toml"))

    assert {file for file, _ in found.files} == {
        "upper.toml", f"{name}.toml", f"{name}.csv", f"{name}-io.csv", f"{name}-days.csv",
    }  # fmt: skip
    assert found.materials["gallium"].stocks["public"].days.values == (3.0, 4.0)


@pytest.mark.parametrize(("file", "column"), [("3", '"x"'), ('"s.csv"', "3")])
def test_a_sample_whose_file_or_column_is_no_text_is_met(
    small: str, write: Write, faults: FaultsOf, file: str, column: str
) -> None:
    write("x\n1\n", "s.csv")
    sample = f"ladder.licensing.sojourn={{empirical={{file={file},column={column}}}}}"

    (fault,) = faults(write(small), [sample])

    assert fault.allowed == "two texts"
    assert " = 3" in fault.found


@pytest.mark.parametrize(
    ("row", "days", "cell"),
    [("gallium,public,x", "-60", ""), ("gallium,public,x,", "-60", ""),
     ("gallium,public,x,-60", "", "D2"), ("gallium,public,x", "", "D2"), ("gallium,public", "", "D2")],
)  # fmt: skip
def test_a_fault_is_shown_in_the_file_that_has_the_value(
    small: str, write: Write, faults: FaultsOf, row: str, days: str, cell: str
) -> None:
    """A row may end before a column that the config has a value for."""
    write(f"material,tier,note,days\n{row}\n", "s.csv")
    tier = (
        "[materials.gallium.stocks.public]\ndays = 60\nrelease_lag_days = 14\nmax_release = 0.5\n"
    )
    assert tier in small
    text = small.replace(tier, tier.replace("60", days) if days else "")

    (fault,) = faults(write(text + '[tables]\nstocks = "s.csv"\n'))

    assert format_path(fault.path) == "materials.gallium.stocks.public.days"
    assert (fault.cell, bool(fault.line)) == (cell, not cell)


def test_a_target_without_a_pace_is_met_at_its_cell(
    write: Write, faults: FaultsOf, small: str
) -> None:
    write("material,tier,days,build_rate,target_days\ngallium,private,30,,180\n", "s.csv")

    (fault,) = faults(write(small + '[tables]\nstocks = "s.csv"\n'))

    assert format_path(fault.path) == "materials.gallium.stocks.private.target_days"
    assert (fault.cell, fault.found) == ("E2", "has no effect while build_rate is 0")


def _written(number: float, thousands: str, mark: str) -> str:
    return f"{number:,.3f}".replace(",", "T").replace(".", mark).replace("T", thousands)


@pytest.mark.parametrize("unit", ["", " t", " days"])
@pytest.mark.parametrize(
    ("thousands", "mark"),
    [
        (",", "."),
        (".", ","),
        (" ", ","),
        ("\u00a0", ","),
        ("\u202f", ","),
        ("'", "."),
        ("\u2019", "."),
        ("", ","),
    ],
)
@pytest.mark.parametrize("number", [1234.5, -1234567.25, 12.125, 0.5])
def test_a_number_of_any_country_is_met_with_the_number_to_write(
    number: float, thousands: str, mark: str, unit: str
) -> None:
    hint = number_hint(_written(number, thousands, mark) + unit)

    found = re.search(r"write (-?[0-9.]+)( or (-?[0-9.]+))?", hint)
    if found is None:
        pytest.fail(hint)
    meant = {float(found[1]), float(found[3] or found[1])}
    assert number in meant
    # 12,125 alone may mean either: every other way of writing leaves one number
    assert len(meant) == (2 if (number, mark) == (12.125, ",") else 1)
    assert ("without the unit" in hint) == bool(unit)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("1,234", "write 1234 or 1.234, without a comma"), ("0,001", "write 0.001"), ("1e3", "write 1000, a number without quotes"),
        ("1.234.567", "write 1234567"), ("35 %", "write 0.35"), ("1,5 %", "write 0.015"), ("\u22121,5", "write -1.5"),
        ("\u20ac1.234,50", "write 1234.5, without the unit"), ("3 mn", "write the number in full, with all its zeros"),
        ("inf", "numbers must be finite"), ("n/a", "leave out what is not known: the cell is then empty"),
        ("1-5", ""), ("10\u201320", ""), ("1/2", ""), ("~5", ""), ("<5", ""), ("1.2.3", ""), ("12,34,567", ""),
        ("1.5e3 t", ""), ("5 m2", ""), ("USD 5 mn", ""), ("abc", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_hint_for_a_number_is_right_or_absent(text: str, hint: str) -> None:
    assert number_hint(text) == hint


@pytest.mark.parametrize("lines", [0, 1, 5_000, 40_000])
@pytest.mark.parametrize("after", [b"", b"\ngallium,1\n" * 20_000])
def test_an_encoding_is_told_from_the_place_where_it_shows(
    table: Table, faults: FaultsOf, lines: int, after: bytes
) -> None:
    before = b"material,note\n" + b"gallium,plain\n" * lines
    fault = faults(table(before + "gallium,한국의 비축 물량".encode("cp949") + after))[0]

    assert f"in line {lines + 2}; it looks like CP949 (Korean Windows)" in fault.found
    assert fault.hint == 'save it as "CSV UTF-8"'


@pytest.mark.parametrize("before", [b"", "물질,비고\n재고,갈륨\n".encode()], ids=["first", "third"])
def test_an_encoding_shows_from_the_first_byte_of_a_line_on(before: bytes) -> None:
    """The lines before may be UTF-8 and end in a letter of several bytes."""
    with pytest.raises(UnreadableError) as caught:
        decode(before + "한국의 비축 물량".encode("cp949"))

    line = before.count(b"\n") + 1
    assert f"in line {line}; it looks like CP949 (Korean Windows)" in caught.value.found


@pytest.mark.parametrize("first", [0, 1], ids=["even", "odd"])
def test_text_is_utf_16_when_zeros_stand_in_more_than_an_eighth_of_its_first_4000_bytes(
    first: int,
) -> None:
    """In every other byte: as many in the bytes between, or in those after, are not counted."""
    text = bytearray(b"x" * 4002)
    text[first:1000:2] = bytes(500)
    text[1 - first : 1001 - first : 2] = bytes(500)
    text[first + 4000] = 0
    assert len(decode(bytes(text))) == 4002

    text[first + 1000] = 0
    with pytest.raises(UnreadableError, match="UTF-16 without"):
        decode(bytes(text))


@pytest.mark.parametrize("ascii_bytes", [0, 1])
def test_a_line_beyond_what_is_looked_at_is_cut_within_a_letter_or_between_two(
    ascii_bytes: int,
) -> None:
    with pytest.raises(UnreadableError) as caught:
        decode(b"x" * ascii_bytes + "한국의 비축 물량 ".encode("cp949") * 10_000)

    assert "it looks like CP949 (Korean Windows)" in caught.value.found


def test_bytes_of_no_script_are_not_named() -> None:
    with pytest.raises(UnreadableError) as caught:
        decode(b"a,b\n\xa4\xa1\xff\xfe,1\n")
    assert caught.value.found == "is no UTF-8 text: byte 0xa4 in line 2"


@pytest.mark.parametrize(
    ("node", "text", "value"),
    [
        (Flag(), "TRUE", True), (Flag(), " false ", False), (Flag(), "maybe", "maybe"), (Flag(), "1", 1),
        (Number(), "true", "true"), (Number(), "1e3", 1000.0), (Number(), "-0.0", 0.0), (Number(), "007", 7),
        (Integer(high=9), 5.0, 5), (Integer(high=9), 5.5, 5.5), (Number(), 5.0, 5), (Number(), 2.0**53, 2.0**53), (Text(), 2.0**53 - 1, str(2**53 - 1)),
    ],
)  # fmt: skip
def test_a_cell_is_what_its_column_takes(node: Node, text: Any, value: Any) -> None:
    found = cell_value(node, text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("raw", [2.0**53, -(2.0**53), 1.5, True, float("inf"), float("nan")])
def test_a_number_that_is_no_exact_text_is_no_name(raw: object) -> None:
    with pytest.raises(BadValueError, match="not a text"):
        cell_value(Text(), raw)


def test_a_long_text_is_shown_cut() -> None:
    assert quoted("x" * 60) == f'"{"x" * 60}"'
    assert quoted("y" * 61) == f'"{"y" * 60}..."'


def test_a_table_with_a_million_problems_is_reported_in_part(
    table: Table, faults: FaultsOf
) -> None:
    found = faults(table("material,country,share\n" + "gallium,Laos,x\n" * 3_000))

    assert len(found) == 1_002
    assert "the rows from here on were not read" in found[-1].found
    assert found[-1].cell == "A1003"  # rows 3 to 1002 name what row 2 names


def test_rows_without_end_are_refused(
    table: Table, faults: FaultsOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grids, "MOST_CELLS", 9)
    monkeypatch.setattr(grids, "MOST_BAD", 2)
    path = table("material,country,share\ngallium,Laos,0.01\ngallium,Peru,0.01\n")
    assert "Laos" in load(path).materials["gallium"].sources

    assert (
        "has some 10 cells"
        in faults(table("material,country,share\n" + "a,b,1\n" * 2 + "\r"))[0].found
    )
    assert (
        "more than 2 cells hold"
        in faults(table("material,country,share\n#N/A,#N/A,#N/A\n"))[0].found
    )


def test_an_industry_that_uses_nothing_is_remarked(table: Table) -> None:
    scenario = load(table("industry,value_added_per_year\nTotal,40000\n", "industries"))

    (notice,) = [n for n in scenario_notices(scenario) if n.code == "industry-without-use"]
    assert notice.message.endswith(": Total.")


def test_an_industry_that_only_others_hit_is_not_remarked(table: Table, write: Write) -> None:
    write("from,to,coefficient\nchips,cars,0.2\nchips,Total,0\n", "io.csv")
    path = table("industry,value_added_per_year\ncars,5\nTotal,40000\n", "industries")
    path.write_text(path.read_text() + '[propagation]\nfile = "io.csv"\n')

    (notice,) = [n for n in scenario_notices(load(path)) if n.code == "industry-without-use"]
    assert notice.message.endswith(": Total.")


def test_a_row_for_a_material_that_there_is_not_is_met_at_the_name_of_the_material(
    small: str, write: Write, faults: FaultsOf
) -> None:
    write("industry,material,share,dependence\nchips,galium,0.1,0.2\n", "u.csv")
    (fault,) = faults(write(small + '[tables]\nuses = "u.csv"\n'))
    assert (fault.found, fault.cell) == ('there is no material "galium"', "B2")
