"""Page and workbook of a batch in Korean and Japanese: all of it, and the same figures."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from language.reading import cells_of, english_left, texts_of_book, texts_of_page, words_of

import riskengine

LANGUAGES = ("en", "ko", "ja")
#: The second is milder than the first, and the third is as long in one batch and not in the other
SCENARIOS = {
    "first": "",
    "stocked": "[materials.ndfeb-magnets.stocks.private]\ndays = 90\n",
    "third": "",
}
WEIGHTS = {"first": 0.5, "stocked": 0.3, "third": 0.2}
#: Names and paths of the configs
OWN = [
    *("automobile", "ndfeb-magnets", "materials.ndfeb-magnets.stocks.private.days"),
    *("run.horizon_days", "run.language", '"ko"', '"ja"', "minimal", "broken"),
]

pytestmark = pytest.mark.whole


def _write_scenario(folder: Path, name: str, code: str, more: str, run: str = "") -> None:
    text = f'extends = "minimal.toml"\n[run]\ntrials = 400\nlanguage = "{code}"\n{run}{more}'
    (folder / f"{name}.toml").write_text(text, "utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A weighted batch in each language, and one after it: without weights, one scenario failed."""
    home = tmp_path_factory.mktemp("batches")
    for code in LANGUAGES:
        folder = home / code
        folder.mkdir()
        shutil.copy("configs/minimal.toml", folder)
        for name, more in SCENARIOS.items():
            _write_scenario(folder, name, code, more)
        parts = [
            f'[batch.scenarios.{name}]\nconfig = "{name}.toml"\n' + f"weight = {weight}\n"
            for name, weight in WEIGHTS.items()
        ]
        head = '[batch]\nreference = "first"\n'
        (folder / "one.toml").write_text(head + "".join(parts), "utf-8")
        riskengine.batch(str(folder / "one.toml"), out=str(folder / "one"))

        _write_scenario(folder, "third", code, "", "horizon_days = 300\n")
        _write_scenario(folder, "broken", code, "[materials.ndfeb-magnets]\nimporter = 3\n")
        plain = re.sub(r"weight = .*\n", "", "".join(parts))
        plain += '[batch.scenarios.added]\nconfig = "stocked.toml"\n'
        plain += '[batch.scenarios.broken]\nconfig = "broken.toml"\n'
        text = head + 'previous = "one"\n' + plain
        (folder / "two.toml").write_text(text, "utf-8")
        riskengine.batch(str(folder / "two.toml"), out=str(folder / "two"))
    return home


@pytest.mark.parametrize("which", ["one", "two"])
@pytest.mark.parametrize("code", ["ko", "ja"])
def test_no_english_is_left_in_a_batch(made: Path, code: str, which: str) -> None:
    folder = made / code / which
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest.pop("notices", None)
    own = [*words_of(manifest), *OWN]
    page = (folder / "batch.html").read_text("utf-8")
    assert f'<html lang="{code}">' in page
    for texts in (texts_of_page(page), texts_of_book((folder / "batch.xlsx").read_bytes())):
        shown = (text.replace(str(made / code), "") for text in texts)
        # What is wrong with a config is said in English.
        assert english_left((t for t in shown if ".toml:" not in t), [*own, "/one"]) == []


@pytest.mark.parametrize("which", ["one", "two"])
@pytest.mark.parametrize("code", ["ko", "ja"])
def test_the_figures_of_a_batch_are_those_of_the_english_one(
    made: Path, code: str, which: str
) -> None:
    books = [(made / each / which / "batch.xlsx").read_bytes() for each in ("en", code)]
    english, other = (list(cells_of(book).values()) for book in books)
    assert len(english) == len(other) > 5
    for sheet, translated in zip(english, other, strict=True):
        assert list(map(_figures, translated)) == list(map(_figures, sheet))


def _figures(row: list[object]) -> list[object]:
    return [cell if isinstance(cell, int | float) else bool(cell) for cell in row]
