"""CSV that spreadsheets open safely and programs read back exactly."""

from __future__ import annotations

import csv
import io
import math
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.figures.cells import guarded, unguarded
from riskengine.figures.evidence import RowEvidence
from riskengine.figures.metrics import Figure, figures
from riskengine.model.losses import Losses
from riskengine.store.provenance import Provenance
from riskengine.store.results import load_results, save
from riskengine.store.sheets import read_rows, to_csv

PROVENANCE = Provenance(started="2026-01-08T00:00:00+00:00", seconds=1.0)
FORMULAS = [
    "=cmd|'/c calc'!A1",
    *("+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "\0"),
    *("＝1", "－1", "＋1", "＠x"),
]


def figure(name: str, value: float) -> Figure:
    return Figure(
        scope="industry", name=name, component="all", measure="mean", level=None,
        value=value, lower=math.nan, upper=value, unit="EUR",
    )  # fmt: skip


@pytest.mark.parametrize("name", FORMULAS)
def test_a_name_that_would_start_a_formula_is_made_harmless(name: str) -> None:
    assert guarded(name) == "'" + name


@pytest.mark.exhaustive
@given(st.text())
def test_no_cell_starts_a_formula_however_it_is_folded(name: str) -> None:
    written = to_csv(Figure, [figure(name, 1.0)]).decode()
    cells = [cell for row in csv.reader(io.StringIO(written, newline="")) for cell in row]
    for cell in cells:
        assert unicodedata.normalize("NFKC", cell[:1]) not in {"=", "+", "-", "@", "\t", "\r", "\0"}


@given(st.text(st.sampled_from("'=+-@ax,\"\r\n\t＝")))
def test_the_guard_comes_off_again(name: str) -> None:
    assert unguarded(guarded(name)) == name


@pytest.mark.costly
@given(st.text(), st.floats(allow_nan=False, allow_infinity=False))
def test_any_name_and_any_double_come_back_as_they_were(name: str, value: float) -> None:
    for excel in (False, True):
        (back,) = read_rows(Figure, to_csv(Figure, [figure(name, value)], excel=excel))
        assert back.name == name
        assert math.copysign(1.0, back.value) == math.copysign(1.0, value)
        assert back.value == value
        assert math.isnan(back.lower)


def test_a_negative_number_stays_a_number() -> None:
    assert b",-1.5," in to_csv(Figure, [figure("a", -1.5)])


def test_excel_gets_a_byte_order_mark_and_its_line_ends() -> None:
    written = to_csv(Figure, [figure("갈륨", 1.0)], excel=True)
    assert written.startswith(b"\xef\xbb\xbfscope,name,")
    assert written.count(b"\r\n") == written.count(b"\n") == 2


def test_a_machine_gets_neither() -> None:
    written = to_csv(Figure, [figure("갈륨", 1.0)])
    assert written.startswith(b"scope,name,")
    assert b"\r" not in written


def test_quotes_commas_and_line_breaks_are_quoted() -> None:
    written = to_csv(Figure, [figure('a "b", c\rd', 1.0)]).decode()
    assert '"a ""b"", c\rd"' in written


@pytest.mark.parametrize("mark", [",", '"', "\r", "\n"])
def test_each_mark_alone_is_quoted(mark: str) -> None:
    written = to_csv(Figure, [figure(f"a{mark}b", 1.0)]).decode()
    assert f',"a{mark.replace(chr(34), chr(34) * 2)}b",' in written


@pytest.mark.parametrize("cell", ['"EUR"x', '"EUR'])
def test_quotes_that_a_table_of_ours_cannot_hold_are_refused(cell: str) -> None:
    written = to_csv(Figure, [figure("a", 1.0)])
    assert read_rows(Figure, written.replace(b"EUR", b'"EUR"'))[0].unit == "EUR"
    with pytest.raises(ValueError, match="line"):
        read_rows(Figure, written.replace(b"EUR", cell.encode()))


def test_what_does_not_exist_is_an_empty_cell() -> None:
    assert (
        to_csv(Figure, [figure("a", 2.0)]).decode().splitlines()[1].endswith("mean,,2.0,,2.0,EUR")
    )


@pytest.mark.parametrize("name", ["=1+1", 'ga,ll"ium', "갈륨", "'=x", "-"])
def test_results_with_strange_names_come_back_whole(
    tmp_path: Path, renamed: Callable[[str], Losses], name: str
) -> None:
    losses = renamed(name)
    stored = load_results(save(losses, tmp_path / "run", PROVENANCE))
    assert repr(stored.figures()) == repr(figures(RowEvidence(losses)))
    assert f"industry:{name}" in stored.table("losses.parquet").column_names
