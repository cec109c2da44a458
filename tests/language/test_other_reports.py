"""Reports other than those of runs in Korean and Japanese: no English left, the same figures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner
from language.reading import cells_of, english_left, texts_of_book, texts_of_page, words_of

from riskengine.cli import root
from riskengine.cli.answers.check import check_page, checked
from riskengine.config import load, load_whole
from riskengine.economies.concentration import concentration
from riskengine.language.speaking import speaking
from riskengine.verbs.calibrate import calibrate, fit_files
from riskengine.verbs.jobs.suppliers import write_concentration

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
    assert {"ko": "단계", "ja": "段階"}[code] in texts_of_page(page)  # not the level of a figure
    # The screen has the same tables in English.
    assert described.tables[0].title == "Disputes"


def assert_same_figures(english: bytes, other: bytes) -> None:
    """The same figures in the same cells, and the same texts are formulas."""
    pair = (list(cells_of(book).values()) for book in (english, other))
    for sheet, translated in zip(*pair, strict=True):
        shapes = [[_kept(cell) for cell in row] for row in sheet]
        assert [[_kept(cell) for cell in row] for row in translated] == shapes


def _kept(cell: object) -> object:
    return cell[:1] == "=" if isinstance(cell, str) else cell


#: Who published the tables of production and trade, and under what
PUBLISHED = "US Geological Survey Mineral Commodity Summaries CEPII BACI Gaulier Zignago EU CRMA"


@pytest.mark.parametrize("config", ["korea-japan-2026", "minimal", "importers/japan/japan"])
def test_no_english_is_left_in_a_report_of_concentration(tmp_path: Path, config: str) -> None:
    files: dict[str, Mapping[str, bytes]] = {}
    for code in ("en", *OTHERS):
        scenario = load(f"configs/{config}.toml", [f"run.language={code}"])
        folder = tmp_path / code
        said = write_concentration(scenario, str(folder))
        files[code] = {each.name: each.read_bytes() for each in folder.iterdir()}
    stages = concentration(scenario).stages
    goods = [stage.stage.rpartition(", ")[2] for stage in stages if stage.kind == "imports"]
    countries = [each.country for stage in stages for each in stage.suppliers]
    marks = ["tiny", "unstable", *(each.quality for each in stages)]  # explained under these names
    names = [*words_of(scenario.document), *goods, *countries, *marks, *PUBLISHED.split()]
    own = [*names, "http data.europa.eu eli reg oj docs data.md"]
    for code in OTHERS:
        page = files[code]["concentration.html"].decode()
        assert f'<html lang="{code}">' in page
        assert english_left(texts_of_page(page), own) == []
        assert english_left(texts_of_book(files[code]["concentration.xlsx"]), own) == []
        assert_same_figures(files["en"]["concentration.xlsx"], files[code]["concentration.xlsx"])
    # The screen says it in English.
    assert "One third country supplies more than 65 % of the demand" in " ".join(said.sentences)


#: The words of distributions and tests that are the same in every language
FAMILIES = "weibull lognormal gamma loglogistic exponential AICc Jeffreys Kaplan-Meier"


@pytest.mark.parametrize(
    "asked",
    [
        {"by": "instrument"},
        {"quantity": "flow", "by": "trigger"},
        {"family": "weibull", "as_of": "2019-08-01", "by": "coercer"},
        {"quantity": "flow", "as_of": "2012-01-01"},
    ],
    ids=lambda asked: "-".join(asked),
)
def test_no_english_is_left_in_a_calibration(asked: dict[str, str]) -> None:
    made = calibrate("configs/history/episodes.csv", **asked)  # type: ignore[arg-type]
    table = made.calibration.table
    rows = [[each.id, each.cluster, *each.cells.values()] for each in table.episodes]
    own = [*words_of(rows), *table.headings, table.name, *FAMILIES.split(), "quantity", "flow"]
    files = {}
    for code in ("en", *OTHERS):
        with speaking(code):
            files[code] = fit_files(made.calibration, made.notices, excel_csv=False)
    for code in OTHERS:
        page = files[code]["fit.html"].decode()
        assert f'<html lang="{code}">' in page
        shown = (re.sub("[0-9.]+e-[0-9]+", "", each) for each in texts_of_page(page))
        shown = (text.replace(table.sha256, "") for text in shown)
        assert english_left(shown, own) == []
        cells = (text.replace(table.sha256, "") for text in texts_of_book(files[code]["fit.xlsx"]))
        assert english_left(cells, own) == []
        assert_same_figures(files["en"]["fit.xlsx"], files[code]["fit.xlsx"])
        for name in ("fit.csv", "fit.toml"):  # what programs read
            assert files[code][name] == files["en"][name]


def test_a_calibration_is_written_in_the_language_asked_for(tmp_path: Path) -> None:
    asked = ["calibrate", "configs/history/episodes.csv", "--family", "exponential"]
    done = CliRunner().invoke(root, [*asked, "--language", "ja", "--out", str(tmp_path / "fit")])
    assert done.exit_code == 0, done.output
    assert '<html lang="ja">' in (tmp_path / "fit" / "fit.html").read_text("utf-8")
    assert "Time in force, days" in done.stdout  # the screen stays English
