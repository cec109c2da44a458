"""Texts that are no TOML, no UTF-8 or no files: each is met in plain words, never a traceback."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from riskengine.config import load
from riskengine.config.sources import files
from riskengine.errors import Fault

FaultsOf = Callable[..., tuple[Fault, ...]]

TEXTS = [
    ("a = ", 1, "a text needs quotes"),
    ("x = 1\na b = 1", 2, "a key needs ="),
    ("x = 1 2", 1, "something follows"),
    ("[run", 1, "not closed by ]"),
    ('x = 1\ny = "abc\nz = 1', 2, "closing quote"),
    ("x = [1, 2\ny = 3", 2, "never closed by ]"),
    ("x = {a = 1\n}", 1, "never closed by }"),
    ("x = 1,5", 1, "1.5, not 1,5"),
    ("x = True", 1, "write true or false"),
    ("갈륨 = 1", 1, "need quotes"),
    ("x = \u201ca\u201d", 1, "curly"),
    ('x = "\\q"', 1, "backslash"),
    ("[run]\nx = 1\n\n[run]\ny = 1", 4, "first in line 1"),
    ("[run]\nx = 1\nx = 2", 3, "run.x appears twice"),
    ("a = { b = 1, b = 2 }", 1, "a.b appears twice"),
    ("a.b = 1\n[a]\nc = 1", 2, "appears twice"),
    ("x = " + "9" * 5000, 1, "too long"),
    ("x = " + "[" * 3000, 1, "levels deep"),
    ("\n" + ".".join("a" * 100_000) + " = 1", 2, "levels deep"),
    ("x = " + "{a=" * 60 + "1" + "}" * 60, 1, "levels deep"),
    ("x = 1\n\x1b[2J", 2, "TOML"),
]


@pytest.mark.parametrize(("text", "line", "word"), TEXTS, ids=[text[:20] for text, _, _ in TEXTS])
def test_a_text_that_is_no_toml_is_met_with_its_line_and_a_plain_reason(
    write: Callable[..., Path], faults: FaultsOf, text: str, line: int, word: str
) -> None:
    found = faults(write(text))

    fault = next(fault for fault in found if fault.line)
    assert (fault.line, fault.file[-10:]) == (line, "small.toml")
    assert word in " ".join((fault.found, fault.allowed, fault.hint))
    assert "\x1b" not in fault.text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf_8_is_read_with_and_without_a_byte_order_mark(
    small: str, write: Callable[..., Path], encoding: str
) -> None:
    assert load(write(small.encode(encoding))).stem == "small"


def test_windows_line_ends_are_read(small: str, write: Callable[..., Path]) -> None:
    assert load(write(small.replace("\n", "\r\n"))).run.trials == 1000


@pytest.mark.parametrize(
    ("encoding", "word"),
    [
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16 without a byte-order mark"),
        ("cp949", "it looks like CP949 (Korean Windows)"),
    ],
)
def test_another_encoding_is_named(
    write: Callable[..., Path], faults: FaultsOf, encoding: str, word: str
) -> None:
    found = faults(write('[run]\ntitle = "한국의 갈륨"\n'.encode(encoding)))

    assert word in found[0].found
    assert found[0].hint == "save it as UTF-8"


def test_bytes_in_no_known_encoding_are_met_with_their_line(
    write: Callable[..., Path], faults: FaultsOf
) -> None:
    assert "0xff in line 2" in faults(write(b'[run]\ntitle = "\xff"\n'))[0].found


def test_a_missing_file_is_met_with_a_near_name(
    small: str, write: Callable[..., Path], faults: FaultsOf
) -> None:
    write(small, "korea.toml")

    assert (
        'did you mean "korea.toml"?' in faults(write("", "x/y").parents[1] / "koera.toml")[0].hint
    )


def test_only_regular_files_are_read(tmp_path: Path, faults: FaultsOf) -> None:
    os.mkfifo(tmp_path / "pipe.toml")

    assert "not a regular file" in faults(tmp_path / "pipe.toml")[0].found
    assert "is a folder" in faults(tmp_path)[0].found
    assert "not a regular file" in faults("/dev/zero")[0].found


def test_a_file_beyond_the_size_limit_is_refused(
    small: str, write: Callable[..., Path], faults: FaultsOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 100)

    assert "larger" in faults(write(small))[0].found


@pytest.mark.parametrize("path", ["", "a\0b.toml", "x" * 5000])
def test_a_path_that_can_be_no_file_is_refused(faults: FaultsOf, path: str) -> None:
    assert faults(path)
