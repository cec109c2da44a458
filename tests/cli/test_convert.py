"""`riskengine convert`, and `check --annotate`: what they print, write and refuse."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook

from riskengine.cli import root
from riskengine.cli.exits import exit_code

MINIMAL = Path(__file__).parents[2] / "configs" / "minimal.toml"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(MINIMAL, tmp_path / "minimal.toml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(arguments: str) -> int:
    return exit_code(root, arguments.split())


def test_the_last_lines_name_the_file_and_what_to_do_next(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert call("convert minimal.toml minimal.xlsx") == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "Please note: Comments of TOML files are not in it.",
        "Config: minimal.xlsx",
        "Next: riskengine check minimal.xlsx",
    ]
    assert err == ""


def words(shown: str) -> list[str]:
    """The words of an answer but the files that were read; levels after a level in any order."""
    text = re.sub(r"minimal\.\w+ +[0-9a-f]{64}", "", shown).replace(",", " ")
    return sorted(text.split())


def test_the_book_is_checked_like_the_file_it_came_from(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call("check minimal.toml")
    before, _ = capsys.readouterr()
    call("convert minimal.toml minimal.xlsx")
    capsys.readouterr()
    assert call("check minimal.xlsx") == 0
    after, _ = capsys.readouterr()
    assert words(after) == words(before)


def test_a_file_that_is_there_needs_force(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("convert minimal.toml minimal.toml") == 2
    assert "--force replaces it" in capsys.readouterr()[1]
    assert call("convert minimal.toml minimal.toml --force") == 0


def broken(project: Path) -> Path:
    """A book with two mistakes: a share in percent, and a material that is spelled otherwise."""
    call("convert minimal.toml minimal.xlsx")
    book = load_workbook(project / "minimal.xlsx")
    uses, stocks = book["Uses"], book["Stocks"]
    titles = {cell.value.split("\n")[0]: cell.column for cell in uses[1]}
    uses.cell(2, titles["dependence"]).value = 80
    stocks["A2"].value = "ndfeb-magnet"
    book.save(project / "bad.xlsx")
    return project / "bad.xlsx"


@pytest.mark.costly
def test_annotate_writes_a_copy_with_each_message_at_its_cell(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = broken(project).read_bytes()
    capsys.readouterr()
    assert call("check bad.xlsx --annotate marked.xlsx") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "2 problems found; nothing was run." in err
    assert err.splitlines()[-1] == "Copy with messages at 2 cells: marked.xlsx"
    assert (project / "bad.xlsx").read_bytes() == before
    marked = load_workbook(project / "marked.xlsx")
    (uses,) = (cell for row in marked["Uses"].iter_rows(min_row=2) for cell in row if cell.comment)
    assert uses.value == 80
    assert "did you mean 0.8?" in uses.comment.text
    assert "from 0 to 1 (share of output)" in uses.comment.text
    assert 'did you mean "ndfeb-magnets"?' in marked["Stocks"]["A2"].comment.text


def test_a_book_without_mistakes_is_not_copied(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call("convert minimal.toml minimal.xlsx")
    assert call("check minimal.xlsx --annotate marked.xlsx") == 0
    assert "no copy was written" in capsys.readouterr()[1]
    assert not (project / "marked.xlsx").exists()


def test_what_is_no_workbook_at_all_is_not_copied(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "text.xlsx").write_text("a,b")
    assert call("check text.xlsx --annotate marked.xlsx") == 1
    assert capsys.readouterr()[1].endswith("it is damaged or encrypted\n")
    os.mkfifo(project / "pipe.xlsx")
    assert call("check pipe.xlsx --annotate marked.xlsx") == 1
    assert capsys.readouterr()[1].endswith("is not a regular file\n")
    assert not (project / "marked.xlsx").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("check minimal.toml --annotate marked.xlsx", "minimal.toml is no workbook"),
        ("check minimal.xlsx --annotate marked.toml", "must end in .xlsx"),
        ("check minimal.xlsx --annotate minimal.xlsx", "is there already"),
    ],
)
def test_a_copy_that_cannot_be_is_refused_first(
    arguments: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    call("convert minimal.toml minimal.xlsx")
    capsys.readouterr()
    assert call(arguments) == 2
    assert words in capsys.readouterr()[1]


def test_the_schema_is_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("schema") == 0
    assert capsys.readouterr()[0].startswith('{\n  "$schema": "https://json-schema.org/')
