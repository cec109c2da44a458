"""Files that are not those of the trade database are refused in a sentence, and nothing is left."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

import riskengine
from riskengine.errors import RiskengineError

GOOD = "t,i,j,k,v,q\n2024,156,410,280530,10.5,2.0\n"


def _refused(tmp_path: Path, *files: Path) -> str:
    with pytest.raises(RiskengineError) as caught:
        riskengine.update_trade(tmp_path / "mine", files)
    assert not (tmp_path / "mine").exists()
    said = str(caught.value)
    assert said.isprintable()
    return said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not a CSV file"),
        ("year,from,to\n1,2,3\n", "has no column t, i, j, k, v, q"),
        ("t,i,j,k,v\n2024,156,410,280530,1\n", "has no column q"),
        ("t,i,j,k,v,q\n2024,156,410,280530,abc,2.0\n", 'column v holds "abc"'),
        ("t,i,j,k,v,q\n2024,156,410,280530,,2.0\n", 'column v holds ""'),
        ("t,i,j,k,v,q\n2024,156,410,280530,-1,2.0\n", 'column v holds "-1"'),
        ("t,i,j,k,v,q\n2024,156,410,280530,nan,2.0\n", 'column v holds "nan"'),
        ("t,i,j,k,v,q\n2024,156,410,280530,inf,2.0\n", 'column v holds "inf"'),
        ("t,i,j,k,v,q\n2024,China,410,280530,1,2.0\n", 'column i holds "China"'),
        ("t,i,j,k,v,q\nlast,156,410,280530,1,2.0\n", 'column t holds "last"'),
        ("t,i,j,k,v,q\n2024,156,410,010121,1,2.0\n", "no trade under the customs codes"),
        ("t,i,j,k,v,q\n2024,156,999999,280530,1,2.0\n", "no trade of an economy"),
        ("t,i,j,k,v,q\n2024,156,410\n", "not a CSV file"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "BACI.csv"
    path.write_text(text, "utf-8")
    assert words in _refused(tmp_path, path)


def test_no_file_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    assert "no file of the trade database" in _refused(tmp_path)
    assert "there is no file" in _refused(tmp_path, tmp_path / "none.csv")
    assert "there is no file" in _refused(tmp_path, tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert "there is no file" in _refused(tmp_path, tmp_path / "pipe")


def test_a_year_in_two_files_would_count_twice(tmp_path: Path) -> None:
    for name in ("one.csv", "two.csv"):
        (tmp_path / name).write_text(GOOD, "utf-8")
    said = _refused(tmp_path, tmp_path / "one.csv", tmp_path / "two.csv")
    assert "both hold the year 2024" in said
    # The same file twice is a year twice as well.
    assert "2024" in _refused(tmp_path, tmp_path / "one.csv", tmp_path / "one.csv")


def test_an_archive_that_is_damaged_or_holds_something_else_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("country_codes.csv", "country_code,country_name\n4,Afghanistan\n")
    assert "holds no CSV file with the columns" in _refused(tmp_path, tmp_path / "other.zip")

    with zipfile.ZipFile(tmp_path / "good.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("BACI.csv", GOOD * 50)
    data = bytearray((tmp_path / "good.zip").read_bytes())
    data[45:60] = bytes(15)
    (tmp_path / "bad.zip").write_bytes(data)
    assert "cannot be read" in _refused(tmp_path, tmp_path / "bad.zip")


def test_a_name_of_a_file_moves_no_cursor(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[2Jb.csv"
    path.write_text("x\n", "utf-8")
    _refused(tmp_path, path)


def test_codes_without_leading_zeros_dates_in_quotes_and_a_byte_order_mark_are_read(
    tmp_path: Path,
) -> None:
    path = tmp_path / "BACI.csv"
    text = '"t","i","j","k","v","q"\r\n"2024",156,410,"280530",  10.500,   2.000\r\n'
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    made = riskengine.update_trade(tmp_path / "mine", [path])
    assert (made.years, made.importers, made.codes) == ((2024,), 1, 1)
