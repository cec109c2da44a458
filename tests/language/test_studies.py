"""Page and workbook of a mitigation study in Korean and Japanese, and its stories side by side."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

import pytest
from language.reading import cells_of, english_left, texts_of_book, texts_of_page, words_of

import riskengine
from riskengine.verbs.explain import explain

OTHERS = ("ko", "ja")
SHIPPED = Path("examples/mitigation")
#: As they are typed, in a remark
COMMANDS = re.compile("--at var99 --with PORTFOLIO|mitigate CONFIG --write PORTFOLIO FILE")

pytestmark = pytest.mark.whole


class Studied(NamedTuple):
    """The folder of the same study in each language, and what is not ours to translate."""

    home: Path
    own: list[str]

    def page(self, code: str) -> str:
        return Path(self.home, code, "mitigation.html").read_text("utf-8")

    def book(self, code: str) -> bytes:
        return Path(self.home, code, "mitigation.xlsx").read_bytes()


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Studied:
    home = tmp_path_factory.mktemp("studies")
    worlds = (SHIPPED / "worlds.toml").read_text("utf-8").replace("trials = 2_000", "trials = 200")
    (home / "worlds.toml").write_text(worlds, "utf-8")
    text = (SHIPPED / "what-to-buy.toml").read_text("utf-8")
    for code in ("en", *OTHERS):
        run = f'trials = 1_000\nlanguage = "{code}"'
        spoken = home / f"{code}.toml"
        spoken.write_text(text.replace("trials = 20_000", run), "utf-8")
        riskengine.mitigate(str(spoken), out=str(home / code))
    manifest = json.loads((home / "ko" / "manifest.json").read_text("utf-8"))
    del manifest["notices"]
    return Studied(home, [*words_of(manifest), *(f"{code}.toml" for code in OTHERS)])


@pytest.mark.parametrize("code", OTHERS)
def test_no_english_is_left_in_a_study(studied: Studied, code: str) -> None:
    page, book = studied.page(code), studied.book(code)
    assert f'<html lang="{code}">' in page
    for texts in (texts_of_page(page), texts_of_book(book)):
        assert english_left((COMMANDS.sub("", text) for text in texts), studied.own) == []


@pytest.mark.parametrize("code", OTHERS)
def test_the_figures_of_a_study_are_those_of_the_english_one(studied: Studied, code: str) -> None:
    english, other = (list(cells_of(studied.book(c)).values()) for c in ("en", code))
    assert len(english) == len(other) > 5
    for sheet, translated in zip(english, other, strict=True):
        assert list(map(_figures, translated)) == list(map(_figures, sheet))


def _figures(row: list[object]) -> list[object]:
    return [cell if isinstance(cell, int | float) else bool(cell) for cell in row]


@pytest.mark.parametrize("code", OTHERS)
def test_no_english_is_left_where_two_stories_stand_side_by_side(
    studied: Studied, code: str
) -> None:
    portfolio = "magnets-30-days + qualify-japan"
    for name in (None, portfolio):
        page = explain(str(studied.home / code), at="var99", portfolio=name).page()
        assert f'lang="{code}"' in page
        assert english_left(texts_of_page(page), [*studied.own, portfolio]) == []


def test_what_programs_read_of_a_study_is_the_same_in_every_language(studied: Studied) -> None:
    for file in ("frontier.csv", "options.csv", "finalists.csv", "information.csv"):
        found = {Path(studied.home, code, file).read_bytes() for code in ("en", *OTHERS)}
        assert len(found) == 1, file
