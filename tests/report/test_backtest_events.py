"""What set in on the day of a case is told in sentences, in the page and in the workbook."""
# ruff: noqa: E501

from __future__ import annotations

import re
from pathlib import Path

import pytest
from backtest.suite_worlds import CONFIG, SUITE, write_suite
from language.reading import english_left

from riskengine.backtests.suites import load_suite
from riskengine.language.speaking import speaking
from riskengine.reports.backtest.events import NOTHING, events_text
from riskengine.reports.backtest.tables import cases_table
from riskengine.reports.html.parts import table_html

SHIPPED = Path(__file__).parents[2] / "configs" / "backtests"
SET = '"ladder.stop.sojourn" = 400'
TWO_METALS = CONFIG.replace(
    "[tables]",
    '[materials."rare earth"]\ncut = { stop = 1.0 }\nsources.China.share = 0.5\n\n'
    '[triggers.again]\nwhen = "china-japan"\nreaches = "stop"\nstarts = "china-japan"\n\n[tables]',
)


def told(folder: Path, happened: str, config: str = TWO_METALS) -> str:
    suite = SUITE.replace('"disputes.china-japan.active" = { level = "stop" }\n', "")
    assert SET in suite
    path = write_suite(folder, suite.replace(SET, happened), config)
    return events_text(load_suite(path, ["estimate"]).cases["estimate"])


TOLD = [
    ('"disputes.china-japan.active" = { level = "stop", materials = ["metal", "rare earth"] }',
     "The dispute china-japan (China against Japan) is at the level stop and covers metal and rare earth."),
    ('"disputes.china-japan.active" = { level = "slow", elapsed_days = 30 }',
     "The dispute china-japan (China against Japan) is at the level slow (for 30 days by then); chance decides which materials it covers."),
    ('"disputes.china-japan.active.level" = "stop"\n"disputes.china-japan.active.materials" = ["metal"]',
     "The dispute china-japan (China against Japan) is at the level stop and covers metal."),
    ('"disputes.china-japan.rate_per_year" = 0', "No new outbreak of china-japan."),
    ('"disputes.china-japan.rate_per_year" = 0.5', "china-japan breaks out 0.5 times a year while it is calm."),
    ('"disputes.china-japan.entry" = { slow = 0.4, stop = 0.6 }',
     "A new outbreak of china-japan begins at slow, with a chance of 40 %. A new outbreak of china-japan begins at stop, with a chance of 60 %."),
    ('"disputes.china-japan" = { coercer = "China", target = "Japan", entry = { stop = 1 }, active = { level = "stop" } }',
     "Country that restricts its exports (dispute china-japan): China. Country that imports (dispute china-japan): Japan. "
     "A new outbreak of china-japan begins at stop, with a chance of 100 %. "
     "The dispute china-japan (China against Japan) is at the level stop; chance decides which materials it covers."),
    ('"run.horizon_days" = 100', "Each trial lasts 100 days."),
    ('"ladder.stop.sojourn" = 400', "Time spent on the level stop: 400 days."),
    ('"ladder.stop.sojourn.exponential.mean" = 90\n"ladder.stop.sojourn.max" = 200',
     "Time spent on the level stop: exponential, mean 90, at most 200 (days)."),
    ('"ladder.slow.next" = { resolved = 0.9, stop = 0.1 }',
     "After slow comes resolved, with a chance of 90 %. After slow comes stop, with a chance of 10 %."),
    ('"materials.metal.cut.stop" = 0.7\n"materials.\\"rare earth\\".cut.stop" = 0.7',
     "Cut at the level stop: 70 % of the flow of metal and rare earth."),
    ('"materials.metal.cut.stop" = { uniform = { low = 0.5, high = 1 } }',
     "Cut at the level stop: uniform, low 0.5, high 1 (fraction) of the flow of metal."),
    ('"materials.metal.sources" = { China = { share = 0.8 }, Chile = { share = 0.2, note = "new" } }',
     "China supplies 80 % of demand for metal. Chile supplies 20 % of demand for metal."),
    ('"materials.metal.sources" = {}', "Countries of normal supply (material metal): none."),
    ('"materials.metal.stocks.state" = { days = 90 }', "Stock held at time 0 (material metal, stock tier state): 90 days of demand."),
    ('"materials.metal.price_elasticity" = 0.3', "Price elasticity (material metal): 0.3."),
    ('"materials.metal.spend_per_year" = 40', "Normal spend (material metal): 40 USD million per year."),
    ('"industries.motors.uses.metal.dependence" = 0.5', "Share of the industry's output that stops without it (industry motors, material metal): 50 % of output."),
    ('"ladder.stop.boycott" = true', "Third countries stop re-exporting on this level (level stop): yes."),
    ('"correlation.coverage" = 1', "Whether materials are covered (correlation): 1."),
    ('"triggers.again.probability" = 0', "Never set off: the trigger again."),
    ('"triggers.again.probability" = 0.25', "Set off with a chance of 25 %: the trigger again."),
]  # fmt: skip
EACH = pytest.mark.parametrize(
    ("happened", "sentence"), TOLD, ids=lambda text: re.sub(r"[^\w.]+", " ", text)[:40]
)


@EACH
def test_what_a_suite_sets_is_told_in_plain_words(
    tmp_path: Path, happened: str, sentence: str
) -> None:
    assert told(tmp_path, happened) == sentence


#: Names in the suite and its config, sections of a config, and the words of distributions
NAMES = [
    *("china-japan", "China", "Japan", "Chile", "USD million", "metal", "rare earth", "motors"),
    *("stop", "slow", "resolved", "state", "again", "correlation", "exponential", "uniform"),
    *("mean", "low", "high"),
]


@pytest.mark.parametrize("code", ["ko", "ja"])
@EACH
def test_sentences_are_told_in_korean_and_japanese(
    tmp_path: Path, happened: str, sentence: str, code: str
) -> None:
    with speaking(code):
        words = told(tmp_path, happened)
    assert english_left([words], NAMES) == []
    figures = re.findall("[0-9][0-9.]*(?<![.])", sentence.replace("time 0", ""))
    assert [figure for figure in figures if figure not in words] == []


def test_a_threat_is_told_as_one(tmp_path: Path) -> None:
    assert events_text(load_suite(write_suite(tmp_path), ["threat"]).cases["threat"]) == NOTHING


@pytest.mark.costly
def test_no_shipped_case_shows_its_config_as_it_was_typed() -> None:
    for case in load_suite(SHIPPED).cases.values():
        words = events_text(case)
        assert not re.search(r'[={}\[\]"_]|\w\.\w', words), words
        assert words.endswith(".")
        assert (words == NOTHING) == (not case.what_happened)


def test_names_of_a_config_stay_text_in_the_page(tmp_path: Path) -> None:
    nasty = "<script>alert(1)</script>"
    config = TWO_METALS.replace('"rare earth"', f'"{nasty}"')
    suite = SUITE.replace(SET, f"""'materials."{nasty}".cut.stop' = 1""")
    (case,) = load_suite(write_suite(tmp_path, suite, config), ["estimate"]).cases.values()
    page = table_html(cases_table([case]))
    assert "<script" not in page
    assert f"flow of {nasty}".replace("<", "&lt;").replace(">", "&gt;") in page
