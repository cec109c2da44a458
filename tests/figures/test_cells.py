"""Text cells: what a CSV file holds is what it was given, and no formula."""

from __future__ import annotations

import csv
import io

import pytest

from riskengine.figures.cells import csv_text, guarded, unguarded

TEXTS = [
    "gallium",
    'the "5N" grade',
    "a, b",
    "two\nlines",
    "=1+1",
    "'=1",
    '-5, "net"',
    "\uff1d1",
    "'",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_cell_is_read_back_as_it_was(text: str) -> None:
    line = io.StringIO(csv_text(text) + ",1\r\n", newline="")
    ((cell, one),) = csv.reader(line, strict=True)
    assert unguarded(cell) == text
    assert one == "1"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t1", "\uff0b1"])
def test_a_formula_has_an_apostrophe_in_front(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["gallium", "a=b", "'quoted'", "1-2"])
def test_other_text_is_left_alone(text: str) -> None:
    assert guarded(text) == unguarded(text) == text
