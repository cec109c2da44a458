"""Reports other than those of runs in Korean and Japanese: no English left, the same figures."""

from __future__ import annotations

import pytest
from language.reading import english_left, texts_of_page, words_of

from riskengine.cli.answers.check import check_page, checked
from riskengine.config import load_whole

OTHERS = ("ko", "ja")

pytestmark = pytest.mark.whole


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize(
    ("config", "settings"),
    [
        ("korea-japan-2026", []),  # pools, classes of firms
        ("company", ["run.tilt=0.5"]),
        ("minimal", ["run.sampling=sobol", "run.given_onset=true", "run.trials=33554432"]),
        ("sweep-korea-stockpiles", []),
        ("mitigation-korea-2026", []),
    ],
)
def test_no_english_is_left_on_the_page_of_a_config(
    config: str, settings: list[str], code: str
) -> None:
    found = load_whole(f"configs/{config}.toml", [*settings, f"run.language={code}"])
    described = checked(found)
    page = check_page(described)
    assert f'<html lang="{code}">' in page
    own = [*words_of(found.scenario.document), *words_of(found.scenario.files)]
    own += [*words_of(found.swept.files), "grid"] if found.swept else []
    own += ["korea", "japan", "mitigate", "keep", "none", "GB"]  # parts, and our commands
    assert english_left(texts_of_page(page), own) == []
    # The screen has the same tables in English.
    assert described.tables[0].title == "Disputes"
