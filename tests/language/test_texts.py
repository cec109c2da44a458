"""The catalogues: nothing missing in either language, nothing that no code says, places agree."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from riskengine.language.catalogue import PLACE, Entry, read_catalogue
from riskengine.language.languages import LANGUAGES

ROOT = Path(__file__).parents[2] / "riskengine"
_MOST_PIECES = 4  #: of code that a text between two places is put together of
OTHERS = [code for code in LANGUAGES if code != "en"]


def _key(entry: Entry) -> tuple[str, str]:
    return entry.context, entry.english


@cache
def _said_in_code() -> str:
    """Every text that stands in the package, an end mark after each; `first_trial` as words."""
    found = (
        node.value
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return "\0".join(found).replace("_", " ").casefold()


def _is_said(text: str) -> bool:
    """Whether a text stands in the code, or is put together of few texts that do."""
    words = re.split(r"(?<=[ ;:,.()%?'\"])|(?=[ ;:,.()%?'\"])", text.replace("_", " ").casefold())
    for _ in range(_MOST_PIECES):
        end = next((n for n in range(len(words), 0, -1) if _stands("".join(words[:n]))), 0)
        words = words[end:]
        if not words or not end:
            break
    return not words


def _stands(piece: str) -> bool:
    return piece.strip(' .;:,()%0123456789"') in _said_in_code()


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_is_translated(code: str) -> None:
    assert [e.english for e in read_catalogue(code) if not e.translation.strip()] == []


def test_all_languages_have_the_same_texts() -> None:
    first, *others = ([_key(entry) for entry in read_catalogue(code)] for code in OTHERS)
    assert all(other == first for other in others)


@pytest.mark.parametrize("code", OTHERS)
def test_a_text_stands_once_in_a_catalogue(code: str) -> None:
    counts = Counter(map(_key, read_catalogue(code)))
    assert [key for key, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_has_the_places_of_its_text(code: str) -> None:
    for entry in read_catalogue(code):
        wanted, found = (
            {name for name, _ in PLACE.findall(text)} for text in (entry.english, entry.translation)
        )
        assert found == wanted, entry.english
        assert "{" not in PLACE.sub("", entry.translation), entry.english


@pytest.mark.exhaustive
def test_every_text_of_a_catalogue_is_said_somewhere_in_the_code() -> None:
    chunks = {
        chunk.strip()
        for entry in read_catalogue(OTHERS[0])
        for chunk in PLACE.sub("\0", entry.english).split("\0")
    }
    assert sorted(chunk for chunk in chunks if not _is_said(chunk)) == []


@pytest.mark.parametrize("code", OTHERS)
def test_names_of_sheets_are_such_as_a_workbook_can_have(code: str) -> None:
    names = [e.translation for e in read_catalogue(code) if e.context == "sheet"]
    assert len({name.casefold() for name in names}) == len(names)
    assert [name for name in names if len(name) > 31 or re.search(r"[\[\]:*?/\\']", name)] == []


def test_korean_is_written_in_hangul_and_japanese_without_it() -> None:
    """A translation that was filled in on the wrong line."""
    for code, foreign in (("ko", "[ぁ-んァ-ヶ]"), ("ja", "[가-힣]")):
        wrong = [e.translation for e in read_catalogue(code) if re.search(foreign, e.translation)]
        assert wrong == []
