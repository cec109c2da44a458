"""The line of every key: checked against what tomllib finds in the same text."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskengine.config.sources.names import normal
from riskengine.config.toml.positions import DepthError, positions, read_key

TEXT = '''\
a = 1  # b = 2
"quoted.key" = { x = 1, 'y' = [1,
  { z = 2 } ], "w\\u00e9" = """
not_a_key = 3
[nor.a.header]
""" }

[h.'i j'.k]   # comment
l.m = "[x] # y"
n = [
  "a", # p = 1
  "b",
]
lit = \'\'\'
q = 4\'\'\'
[ spaced . out ]
r = 2026-01-08 10:00:00
'''


def test_every_key_has_the_line_it_stands_on() -> None:
    lines = dict(reversed(positions(TEXT)))

    assert lines["a",] == 1
    assert lines["quoted.key", "x"] == 2
    assert lines["quoted.key", "y", "[]", "z"] == 3
    assert lines["quoted.key", "wé"] == 3
    assert lines["h", "i j", "k"] == 8
    assert lines["h", "i j", "k", "l", "m"] == 9
    assert lines["h", "i j", "k", "n"] == 10
    assert lines["h", "i j", "k", "lit"] == 14
    assert lines["spaced", "out", "r"] == 17
    assert not {key for path in lines for key in path} & {"b", "not_a_key", "nor", "p", "q"}


def test_a_key_is_read_up_to_the_sign_that_ends_it() -> None:
    assert read_key("a . \"b.c\".'d' = 5") == (("a", "b.c", "d"), 14)
    assert read_key("cut.전면금지=1") == (("cut", "전면금지"), 8)
    assert read_key("= 5") == ((), 0)


def paths(data: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield (*path, normal(key))
            yield from paths(value, (*path, normal(key)))
    elif isinstance(data, list):
        for item in data:
            yield from paths(item, path if isinstance(item, dict) and path else (*path, "[]"))


def loosely(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(key for key in path if key != "[]")


PIECES = [
    "a", "b.c", '"d e"', "'f'", " = ", "1", '"x"', "'y'", '"""m\n"""', "'''n\n'''", "[", "]", "{",
    "}", ",", "\n", " # c\n", "[[t]]\n", "[t.u]\n", "true", "2026-01-08", ".", "\\", '"', "'", "é",
]  # fmt: skip


@pytest.mark.exhaustive
@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_the_scanner_ends_on_any_text_and_agrees_with_tomllib_on_toml(text: str) -> None:
    try:
        found = {loosely(path) for path, _ in positions(text)}
    except DepthError:
        return
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert {loosely(path) for path in paths(data)} == found


@pytest.mark.costly
@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8),
        st.integers() | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8),
        max_size=6,
    )
)
def test_keys_of_any_letters_are_found_line_by_line(data: dict[str, Any]) -> None:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    lines = [
        f"{quoted(key)} = {value if isinstance(value, int) else quoted(value)}"
        for key, value in data.items()
    ]

    assert positions("\n".join(lines)) == [
        ((normal(key),), number) for number, key in enumerate(data, start=1)
    ]
